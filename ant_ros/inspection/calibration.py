# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Limits that good parts set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ['Limits', 'limit_from_peaks', 'limits_for_rate', 'parts_needed', 'stated_limits',
           'wake_limit']

_USUAL_FRR = 0.005
_MARGIN_SPREADS = 4.1   # for that rate
_WOKEN_MARGIN_SPREADS = 5.0
_USUAL_SPREAD = 0.13
_PRIOR_PARTS = 15.0
_FAR_SPREADS = 2.0
_WAKE_SHARE = 0.999
_WAKE_RANGE = (3.5, 8.5)
_WAKE_MARGIN = 1.12
_LEAST_LIMIT = 1e-3


@dataclass(frozen=True)
class Limits:
    """Evidence from which on something happens, in learned spreads.

    Attributes:
        wake: A tile wakes the deep stage.
        look: Stage 0 alone says unusual: score 1.
        lines: A line says unusual.
        features: The sampled features say unusual.
        review: Score from which a person should look.
        reject: Score from which a part is rejected.
    """

    wake: float
    look: float
    lines: float
    features: float
    review: float = 1.0
    reject: float = 1.1


def limit_from_peaks(peaks: Sequence[float], *, woken: bool = False) -> float:
    """Return a limit that the next good parts stay below, from each good part's largest value.

    Ten parts say nothing about one in a thousand by counting. The logarithm of a largest value
    spreads little and much the same everywhere, so the limit is the median plus some spreads,
    with the spread drawn towards the usual one. Each value must come from a model that the part
    was left out of; the most extreme of few parts is then judged too hard, for what it would
    have taught is missing, so that values far above the median count as less far.

    Args:
        peaks: One per good part.
        woken: They come from woken tiles, that is from where a part surprised already: the first
            look has had its say, and a second chance of a false alarm costs more than it finds.
    """
    middle, spread = _middle_and_spread(peaks)
    return float(np.exp(middle + (_WOKEN_MARGIN_SPREADS if woken else _MARGIN_SPREADS) * spread))


def limits_for_rate(peaks: Sequence[float], target_frr: float) -> tuple[float, float]:
    """Return the scores for review and reject at which a share of good parts is stopped.

    A score of 1 is where `limit_from_peaks` lies. Another rate moves it as far as it moves the
    quantile of a largest value (Gumbel, Statistics of extremes, 1958).

    Args:
        peaks: As for `limit_from_peaks`.
        target_frr: Share of good parts, 0 .. 1.
    """
    share = _above_median(target_frr) / _above_median(_USUAL_FRR)
    review = float(np.exp(_MARGIN_SPREADS * (share - 1) * _middle_and_spread(peaks)[1]))
    return review * Limits.review, review * Limits.reject


def _above_median(rate: float) -> float:
    """Return by how much a share of largest values exceeds their median, in spreads."""
    return float(np.sqrt(6) / np.pi * (np.log(np.log(2)) - np.log(-np.log1p(-rate))))


def _middle_and_spread(peaks: Sequence[float]) -> tuple[float, float]:
    """Return median and spread of the logarithm of largest values."""
    logs = np.log(np.maximum(peaks, 1e-6))
    middle = float(np.median(logs))
    # How far below it some lie says nothing about the next large one.
    reach = _FAR_SPREADS * _USUAL_SPREAD
    logs = np.clip(logs, middle - reach, middle + reach)
    degrees = len(logs) - 1
    variance = (degrees * float(((logs - middle) ** 2).mean())
                + _PRIOR_PARTS * _USUAL_SPREAD**2) / (degrees + _PRIOR_PARTS)
    return middle, float(np.sqrt(variance))


def wake_limit(tile_peaks: np.ndarray) -> float:
    """Return the evidence that wakes a tile: few tiles of a good part reach it."""
    # Ten parts show less than the next ones will.
    return float(np.clip(_WAKE_MARGIN * np.quantile(tile_peaks, _WAKE_SHARE), *_WAKE_RANGE))


def stated_limits(scores: Sequence[float], target_frr: float) -> tuple[float, float]:
    """Return the limits for review and reject that the scores of good parts bear out.

    With `parts_needed` good parts both are a conformal quantile (Vovk et al., Algorithmic
    learning in a random world, 2005): at most `target_frr` of the next good parts reach it,
    whatever the scores' distribution. With fewer, reject is an extrapolation: as if scores above
    the median fell off exponentially, as the largest of many nearly independent values do. From
    a score on that one in so many good parts reaches, a person should look.

    Args:
        scores: One per good part, not negative, each from a model that the part was left out of.
        target_frr: Share of good parts, 0 .. 1.
    """
    count = len(scores)
    if count >= parts_needed(target_frr):
        rank = int(np.ceil((count + 1) * (1 - target_frr) - 1e-9))
        limit = max(float(np.nextafter(np.sort(scores)[rank - 1], np.inf)), _LEAST_LIMIT)
        return limit, limit
    middle, high = np.quantile(scores, [0.5, 0.9])
    limits = []
    for rate in (max(target_frr, 1 / (count + 1)), target_frr):
        reach = max(0.0, float(np.log(0.5 / rate) / np.log(0.5 / 0.1)))
        limits.append(max(float(middle + reach * (high - middle)), _LEAST_LIMIT))
    return limits[0], limits[1]


def parts_needed(target_frr: float) -> int:
    """Return how many good parts it takes to guarantee a false reject rate.

    >>> parts_needed(0.005), parts_needed(0.02)
    (199, 49)
    """
    return int(np.ceil(1 / target_frr - 1 - 1e-9))

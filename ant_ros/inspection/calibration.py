# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Limits that good parts set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ['Limits', 'limit_from_peaks', 'wake_limit']

_MARGIN_SPREADS = 4.0
_USUAL_SPREAD = 0.13
_PRIOR_PARTS = 15.0
_FAR_SPREADS = 2.0
_WAKE_SHARE = 0.995
_WAKE_RANGE = (3.5, 5.5)


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


def limit_from_peaks(peaks: Sequence[float]) -> float:
    """Return a limit that the next good parts stay below, from each good part's largest value.

    Ten parts say nothing about one in a thousand by counting. The logarithm of a largest value
    spreads little and much the same everywhere, so the limit is the median plus four spreads,
    with the spread drawn towards the usual one. Each value must come from a model that the part
    was left out of; the most extreme of few parts is then judged too hard, for what it would
    have taught is missing, so that values far above the median count as less far.
    """
    logs = np.log(np.maximum(peaks, 1e-6))
    middle = float(np.median(logs))
    logs = np.minimum(logs, middle + _FAR_SPREADS * _USUAL_SPREAD)
    degrees = len(logs) - 1
    variance = (degrees * float(((logs - middle) ** 2).mean())
                + _PRIOR_PARTS * _USUAL_SPREAD**2) / (degrees + _PRIOR_PARTS)
    return float(np.exp(middle + _MARGIN_SPREADS * np.sqrt(variance)))


def wake_limit(tile_peaks: np.ndarray) -> float:
    """Return the evidence that wakes a tile: few tiles of a good part reach it."""
    return float(np.clip(np.quantile(tile_peaks, _WAKE_SHARE), *_WAKE_RANGE))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What teaching and inspecting took: times, the share of the network that woke, its work."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.resampling import LEAST_OF_A_KIND
from ant_ros.bench.evaluation.resampling import Resampling
from ant_ros.bench.evaluation.split_run import Judged
from ant_ros.bench.evaluation.split_run import SplitRun

__all__ = ['COSTS', 'cost_figures']

COSTS = ('teach_seconds', 'ms_p50', 'ms_p99', 'ms_good_p50', 'cpu_ms_good_p50',
         'wake_rate_good_parts', 'wake_rate_good_tiles', 'macs_good', 'macs_dense')
"""Figures of cost in the order in which they are shown."""

_RATES = ('wake_rate_good_parts', 'wake_rate_good_tiles')
_TIMINGS_FOR_P99 = 100


@dataclass(frozen=True)
class _Cost:
    """A figure of cost.

    Attributes:
        value: The figure.
        samples: The images that it rests on [N].
        drawn: The figure [D] of weights [D, N]: how often each image counts in D draws.
    """

    value: float
    samples: Sequence[Sample]
    drawn: Callable[[np.ndarray], np.ndarray]

    @property
    def images(self) -> int:
        """Number of different images."""
        return len({one.path for one in self.samples})


def cost_figures(
    runs: Sequence[SplitRun], seed: int
) -> tuple[dict[str, float | None], dict[str, list[float]], dict[str, str]]:
    """Return what teaching and inspecting took, 95 % intervals, and what is lacking.

    Medians and rates are taken over the images of all splits, good and bad ones apart.

    Args:
        runs: The splits.
        seed: Of the draws that the intervals come from.
    """
    judged = [one for run in runs for one in run.judged]
    good = [one for one in judged if not one.sample.bad]
    bad = [one for one in judged if one.sample.bad]
    costs = {'ms_p50': _times(judged, 50), 'ms_p99': _times(judged, 99),
             **_times_of('good', good), **_times_of('bad', bad), **_work_costs(good)}
    lacking = _lacking(costs, len(judged), len({one.sample.path for one in good}))
    resampling = Resampling.draw([one.sample for one in judged], seed)
    figures: dict[str, float | None] = {
        'teach_seconds': float(np.median([run.teach_seconds for run in runs]))}
    intervals: dict[str, list[float]] = {}
    for name, cost in costs.items():
        told = cost is not None and name not in lacking
        figures[name] = cost.value if cost is not None and told else None
        if cost is not None and told and cost.images >= LEAST_OF_A_KIND:
            interval = resampling.interval([cost.samples], [cost.drawn], share=name in _RATES)
            if interval:
                intervals[name] = [min(interval[0], cost.value), max(interval[1], cost.value)]
    return figures, intervals, lacking


def _lacking(costs: Mapping[str, _Cost | None], judged: int, good: int) -> dict[str, str]:
    """Return why figures cannot be told."""
    reasons = {}
    if judged < _TIMINGS_FOR_P99:
        reasons['ms_p99'] = (f'{judged} timings do not resolve one in a hundred: at least '
                             f'{_TIMINGS_FOR_P99} are needed')
    for name, cost in costs.items():
        if name in COSTS and cost is None:
            reasons[name] = ('the detector does not count its work' if good else
                             'no good image could be inspected')
        elif name in _RATES and good < LEAST_OF_A_KIND:
            reasons[name] = (f'{good} good images could be inspected: with fewer than '
                             f'{LEAST_OF_A_KIND} a single one moves it by more than a quarter')
    return reasons


def _times_of(kind: str, judged: Sequence[Judged]) -> dict[str, _Cost | None]:
    """Return the medians of good or of bad parts."""
    return {f'ms_{kind}_p50': _times(judged, 50),
            f'cpu_ms_{kind}_p50': _percentile(
                [one.sample for one in judged], [one.cpu_seconds for one in judged], 50)}


def _times(judged: Sequence[Judged], percentile: float) -> _Cost | None:
    return _percentile([one.sample for one in judged], [one.seconds for one in judged], percentile)


def _percentile(
    samples: Sequence[Sample], seconds: Sequence[float], percentile: float
) -> _Cost | None:
    """Return a percentile of times in milliseconds; None without any."""
    if not samples:
        return None
    times = 1e3 * np.array(seconds)
    order = np.argsort(times)

    def drawn(weights: np.ndarray) -> np.ndarray:
        grown = np.cumsum(weights[:, order], axis=1)
        level = percentile / 100 * grown[:, -1:]
        below = np.argmax(grown >= level, axis=1)
        above = np.argmax(grown > level, axis=1)
        return (times[order][below] + times[order][above]) / 2
    return _Cost(float(np.percentile(times, percentile)), samples, drawn)


def _work_costs(good: Sequence[Judged]) -> dict[str, _Cost | None]:
    """Return what the network did for good parts, where that is counted."""
    samples = [one.sample for one in good if one.work is not None]
    works = [one.work for one in good if one.work is not None]
    units, of = [work.units for work in works], [work.units_total for work in works]
    return {
        'wake_rate_good_parts': _ratio(samples, [unit > 0 for unit in units]),
        'wake_rate_good_tiles': _ratio(samples, units, of),
        'macs_good': _ratio(samples, [work.macs for work in works]),
        'macs_dense': _ratio(samples, [work.macs_dense for work in works]),
        'network_ms_good_p50': _percentile(samples, [work.seconds for work in works], 50)}


def _ratio(
    samples: Sequence[Sample], values: Sequence[float], of: Sequence[float] | None = None
) -> _Cost | None:
    """Return the sum of values over the sum of others, else over their number; None without."""
    above = np.array(values, float)
    below = np.ones(len(samples)) if of is None else np.array(of, float)
    if not below.any():
        return None

    def drawn(weights: np.ndarray) -> np.ndarray:
        with np.errstate(invalid='ignore'):
            return weights @ above / (weights @ below)
    return _Cost(float(above.sum() / below.sum()), samples, drawn)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation, and why some of them cannot be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial

import numpy as np

from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.evaluation.resampling import Resampling
from ant_ros.bench.evaluation.split_run import Judged
from ant_ros.bench.evaluation.split_run import SplitRun

__all__ = ['FIGURES', 'accuracy_figures', 'cost_figures', 'decision_counts', 'number',
           'one_value']

Figures = dict[str, 'float | None']
Reasons = dict[str, str]

_RANKED: dict[str, Callable[[Ranking, np.ndarray | None], np.ndarray]] = {
    'image_auroc': lambda ranking, weights: ranking.auroc(weights),
    'average_precision': lambda ranking, weights: ranking.average_precision(weights),
    'frr_at_zero_escapes': lambda ranking, weights: ranking.frr_at_zero_escapes(weights),
    'recall_at_frr_5pct': lambda ranking, weights: ranking.recall_at_frr(0.05, weights),
    'recall_at_frr_1pct': lambda ranking, weights: ranking.recall_at_frr(0.01, weights),
}
_GOOD_NEEDED = {'recall_at_frr_5pct': 20, 'recall_at_frr_1pct': 100}
_LOCATED = ('pixel_auroc', 'aupro')
_COST = ('teach_seconds', 'ms_p50', 'ms_p99', 'ms_good_p50', 'cpu_ms_good_p50',
         'wake_rate_good_parts', 'wake_rate_good_tiles', 'macs_good', 'macs_dense')
_TIMINGS_FOR_P99 = 100

FIGURES = (*_RANKED, *_LOCATED, 'background_only_auroc', *_COST)
"""The figures of an evaluation, in the order in which they are shown."""


def one_value(values: Sequence[float | None]) -> float | None:
    """Return the mean over the splits; None where a split has no value."""
    known = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(known)) if values and len(known) == len(values) else None


def accuracy_figures(
    runs: Sequence[SplitRun], seed: int
) -> tuple[Figures, dict[str, list[float | None]], dict[str, list[float]], Reasons]:
    """Return means over the splits, the values of each, 95 % intervals, and what is lacking.

    Args:
        runs: The splits.
        seed: Of the draws that the intervals come from.
    """
    ranked = [[one.sample for one in run.judged] for run in runs]
    resampling = Resampling.draw([sample for samples in ranked for sample in samples], seed)
    rankings = [Ranking([one.score for one in run.judged], [one.sample.bad for one in run.judged])
                for run in runs]
    per_split: dict[str, list[float | None]] = {}
    intervals: dict[str, list[float]] = {}
    reasons: Reasons = {}
    for name, figure in _RANKED.items():
        lacking = _lacking(name, ranked)
        if lacking:
            reasons[name] = lacking
        per_split[name] = [None if lacking else number(figure(ranking, None))
                           for ranking in rankings]
        interval = None if lacking else resampling.interval(
            ranked, [partial(figure, ranking) for ranking in rankings])
        if interval:
            intervals[name] = list(interval)
    _add_located(runs, resampling, per_split, intervals, reasons)
    figures = {name: one_value(values) for name, values in per_split.items()}
    return figures, per_split, intervals, reasons


def _add_located(
    runs: Sequence[SplitRun], resampling: Resampling, per_split: dict[str, list[float | None]],
    intervals: dict[str, list[float]], reasons: Reasons,
) -> None:
    """Add the figures of the anomaly maps."""
    located = [run.located for run in runs if run.located is not None]
    samples = [run.located_samples for run in runs]
    for name in _LOCATED:
        if len(located) < len(runs):
            per_split[name] = [None] * len(runs)
            reasons[name] = 'no image of a bad part has a mask in ground_truth'
            continue
        figures = [one.auroc if name == 'pixel_auroc' else one.aupro for one in located]
        per_split[name] = [number(figure(None)) for figure in figures]
        interval = resampling.interval(samples, figures)
        if interval:
            intervals[name] = list(interval)


def _lacking(name: str, splits: Sequence[Sequence[Sample]]) -> str:
    """Say why images do not suffice for a figure; nothing where they do."""
    good = min(sum(not sample.bad for sample in samples) for samples in splits)
    bad = min(sum(sample.bad for sample in samples) for samples in splits)
    if not good or not bad:
        return f'{good} good and {bad} bad images could be inspected: at least one of each is ' \
               'needed'
    needed = _GOOD_NEEDED.get(name, 1)
    if good < needed:
        return f'{good} good test images resolve an FRR of {1 / good:.1%} at best: ' \
               f'{1 / needed:.0%} needs at least {needed}'
    return ''


def cost_figures(runs: Sequence[SplitRun]) -> tuple[Figures, Reasons]:
    """Return what teaching and inspecting took, good and bad parts apart, and what is lacking.

    Medians and rates are taken over the images of all splits.
    """
    judged = [one for run in runs for one in run.judged]
    good = [one for one in judged if not one.sample.bad]
    bad = [one for one in judged if one.sample.bad]
    enough = len(judged) >= _TIMINGS_FOR_P99
    figures: Figures = {
        'teach_seconds': float(np.median([run.teach_seconds for run in runs])),
        'ms_p50': _milliseconds(judged, 'seconds', 50),
        'ms_p99': _milliseconds(judged, 'seconds', 99) if enough else None}
    for kind, ones in (('good', good), ('bad', bad)):
        figures[f'ms_{kind}_p50'] = _milliseconds(ones, 'seconds', 50)
        figures[f'cpu_ms_{kind}_p50'] = _milliseconds(ones, 'cpu_seconds', 50)
    figures |= _work_figures(good)
    reasons = {} if enough else {
        'ms_p99': f'{len(judged)} timings do not resolve one in a hundred: at least '
                  f'{_TIMINGS_FOR_P99} are needed'}
    for name in _COST:
        if figures[name] is None and name not in reasons:
            reasons[name] = 'no good image could be inspected' if not good else \
                'the detector does not count its work'
    return figures, reasons


def _work_figures(good: Sequence[Judged]) -> Figures:
    works = [one.work for one in good if one.work is not None]
    if not works:
        return dict.fromkeys(('wake_rate_good_parts', 'wake_rate_good_tiles', 'macs_good',
                              'macs_dense', 'network_ms_good_p50'))
    units_total = sum(work.units_total for work in works)
    return {
        'wake_rate_good_parts': float(np.mean([work.units > 0 for work in works])),
        'wake_rate_good_tiles':
            sum(work.units for work in works) / units_total if units_total else None,
        'macs_good': float(np.mean([work.macs for work in works])),
        'macs_dense': float(np.mean([work.macs_dense for work in works])),
        'network_ms_good_p50': 1e3 * float(np.median([work.seconds for work in works]))}


def decision_counts(runs: Sequence[SplitRun]) -> dict[str, dict[str, int]]:
    """Return how often good and bad parts got each decision, over all splits."""
    counts: dict[str, Counter[str]] = {'good': Counter(), 'bad': Counter()}
    for run in runs:
        for one in run.judged:
            if one.decision is not None:
                counts['bad' if one.sample.bad else 'good'][one.decision] += 1
    return {kind: dict(sorted(count.items())) for kind, count in counts.items()}


def _milliseconds(judged: Sequence[Judged], what: str, percentile: float) -> float | None:
    if not judged:
        return None
    return 1e3 * float(np.percentile([getattr(one, what) for one in judged], percentile))


def number(value: np.ndarray) -> float | None:
    """Return the one value of a figure; None where there is none."""
    one = float(value[0])
    return None if np.isnan(one) else one

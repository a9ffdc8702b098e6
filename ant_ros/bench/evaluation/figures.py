# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation, and why some of them cannot be told.

A figure is told where it rests on so many images that no single one is worth more than a quarter
of it, and where they can resolve the rate that it is about: a share of 1 in 100 needs 100.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial

import numpy as np

from ant_ros.bench.evaluation.costs import COSTS
from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.evaluation.resampling import LEAST_OF_A_KIND
from ant_ros.bench.evaluation.resampling import Resampling
from ant_ros.bench.evaluation.split_run import SplitRun

__all__ = ['FIGURES', 'accuracy_figures', 'background_figures', 'decision_counts', 'number',
           'one_value']

Figures = dict[str, 'float | None']
Intervals = dict[str, 'list[float]']
Reasons = dict[str, str]

_RANKED: dict[str, Callable[[Ranking, np.ndarray | None], np.ndarray]] = {
    'image_auroc': lambda ranking, weights: ranking.auroc(weights),
    'average_precision': lambda ranking, weights: ranking.average_precision(weights),
    'frr_at_zero_escapes': lambda ranking, weights: ranking.frr_at_zero_escapes(weights),
    'recall_at_frr_5pct': lambda ranking, weights: ranking.recall_at_frr(0.05, weights),
    'recall_at_frr_1pct': lambda ranking, weights: ranking.recall_at_frr(0.01, weights),
}
_LEAST_WITH_MASK = 2
_GOOD_NEEDED = {'recall_at_frr_5pct': 20, 'recall_at_frr_1pct': 100}
_LOCATED = ('pixel_auroc', 'aupro')
FIGURES = (*_RANKED, *_LOCATED, 'background_only_auroc', *COSTS)
"""The figures of an evaluation, in the order in which they are shown."""


def one_value(values: Sequence[float | None]) -> float | None:
    """Return the mean over the splits; None where a split has no value."""
    known = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(known)) if values and len(known) == len(values) else None


def accuracy_figures(
    runs: Sequence[SplitRun], seed: int
) -> tuple[Figures, dict[str, list[float | None]], Intervals, Reasons]:
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
    intervals: Intervals = {}
    reasons: Reasons = {}
    for name, figure in _RANKED.items():
        lacking = _lacking(name, ranked)
        if lacking:
            reasons[name] = lacking
        per_split[name] = [None if lacking else number(figure(ranking, None))
                           for ranking in rankings]
        interval = None if lacking else resampling.interval(
            ranked, [partial(figure, ranking) for ranking in rankings], share=True)
        if interval:
            intervals[name] = list(interval)
    _add_located(runs, resampling, per_split, intervals, reasons)
    figures = {name: one_value(values) for name, values in per_split.items()}
    return figures, per_split, intervals, reasons


def _add_located(
    runs: Sequence[SplitRun], resampling: Resampling, per_split: dict[str, list[float | None]],
    intervals: Intervals, reasons: Reasons,
) -> None:
    """Add the figures of the anomaly maps."""
    located = [run.located for run in runs if run.located is not None]
    samples = [run.located_samples for run in runs]
    masked = min(sum(one.mask is not None for one in kept) for kept in samples)
    for name in _LOCATED:
        if len(located) < len(runs) or masked < _LEAST_WITH_MASK:
            per_split[name] = [None] * len(runs)
            reasons[name] = (f'{masked or "no"} image of a bad part has a mask in ground_truth: '
                             f'at least {_LEAST_WITH_MASK} are needed')
            continue
        figures = [one.auroc if name == 'pixel_auroc' else one.aupro for one in located]
        per_split[name] = [number(figure(None)) for figure in figures]
        interval = resampling.interval(samples, figures, share=True)
        if interval:
            intervals[name] = list(interval)


def background_figures(
    scored: Sequence[tuple[Sample, float]], lacking: str, seed: int
) -> tuple[Figures, Intervals, Reasons]:
    """Return how well the backgrounds alone tell good from bad, its interval, or why not.

    Args:
        scored: Images with the scores of their backgrounds.
        lacking: Why there are none.
        seed: Of the draws that the interval comes from.
    """
    name, samples = 'background_only_auroc', [sample for sample, _ in scored]
    lacking = lacking or _lacking(name, [samples])
    if lacking:
        return {name: None}, {}, {name: lacking}
    ranking = Ranking([score for _, score in scored], [one.bad for one in samples])
    interval = Resampling.draw(samples, seed).interval([samples], [ranking.auroc], share=True)
    return {name: number(ranking.auroc())}, {name: list(interval)} if interval else {}, {}


def _lacking(name: str, splits: Sequence[Sequence[Sample]]) -> str:
    """Say why images do not suffice for a figure; nothing where they do."""
    good = min(sum(not sample.bad for sample in samples) for samples in splits)
    bad = min(sum(sample.bad for sample in samples) for samples in splits)
    if min(good, bad) < LEAST_OF_A_KIND:
        return f'{good} good and {bad} bad images could be inspected: with fewer than ' \
               f'{LEAST_OF_A_KIND} of each a single one moves it by more than a quarter'
    needed = _GOOD_NEEDED.get(name, 1)
    if good < needed:
        return f'{good} good test images resolve an FRR of {1 / good:.1%} at best: ' \
               f'{1 / needed:.0%} needs at least {needed}'
    return ''


def decision_counts(runs: Sequence[SplitRun]) -> dict[str, dict[str, int]]:
    """Return how often good and bad parts got each decision, over all splits."""
    counts: dict[str, Counter[str]] = {'good': Counter(), 'bad': Counter()}
    for run in runs:
        for one in run.judged:
            if one.decision is not None:
                counts['bad' if one.sample.bad else 'good'][one.decision] += 1
    return {kind: dict(sorted(count.items())) for kind, count in counts.items()}


def number(value: np.ndarray) -> float | None:
    """Return the one value of a figure; None where there is none."""
    one = float(value[0])
    return None if np.isnan(one) else one

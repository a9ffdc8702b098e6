# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Temporal neurons: digits with dendrites against point neurons, and clusters of time series.

Digits: scikit-learn's, every pixel an on/off pair. The test part is the same in all runs, seeds
draw the order of the samples and the steps. Numbers of every network were chosen on validation
parts of the rest. Time series: those of equal length that aeon carries with it, no download.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
import statistics
import time
from typing import Any

import numpy as np

from ant_ros.bench.training.series_files import aeon_folder
from ant_ros.bench.training.series_files import read_series
from ant_ros.network.temporal.clustering import TemporalClusters
from ant_ros.network.temporal.column import TemporalColumn
from ant_ros.network.temporal.decoder import TallyDecoder
from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.encoding import on_off
from ant_ros.network.temporal.plasticity import Plasticity
from ant_ros.network.temporal.pruning import prune_temporal

__all__ = ['measure', 'measure_pruning']

_SIDE = 8
_CLASSES = 10
_TICKS = 8
_LARGEST = 7
_BRIGHT = 8.0  # of 16: pixels from here on are on
_COOLED = 0.3
SERIES = ('ACSF1', 'ArrowHead', 'BasicMotions', 'Covid3Month_disc', 'GunPoint',
          'ItalyPowerDemand', 'OSULeaf')
TOLERANCES = (0.08, 0.11, 0.15, 0.2, 0.27)
"""Tried on each time series; the one with the least mean distance to the clusters is kept."""


@dataclass(frozen=True)
class Digits:
    """Spike times `[N, 128]` and labels `[N]` for training and testing."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """How a network did: right of all, its synapses, and its speed in samples per second."""

    accuracy: float
    synapses: int
    learned_per_s: float
    answered_per_s: float


def measure(quick: bool) -> dict[str, Any]:
    """Return accuracies on digits, adjusted Rand indices on time series, and speeds.

    On digits all networks have the same number of synapses. `point_neurons` is the column of
    point neurons as published; the other two say what the dendrites' lead is made of: with
    local inputs alone (`point_neurons_in_local_columns`, a tally of nine columns' winners), and
    with labels alone (`point_neurons_pooled_by_label`). `dendrites_ahead_points` is the lead in
    percentage points, below 0 where there is none.

    Args:
        quick: fewer seeds, passes and series.
    """
    return {'digits': _digits(quick), 'series': _series(quick)}


def measure_pruning(quick: bool) -> dict[str, Any]:
    """Return what pruning the dendrites' network for digits costs and saves.

    Accuracy loss is in percentage points, on the test part; time saved in parts of the processor
    time that the whole network takes for the test part, medians of alternating runs.

    Args:
        quick: fewer seeds.
    """
    digits = load_digits()
    fractions = (0.3, 0.4, 0.5)
    losses: dict[float, list[float]] = {fraction: [] for fraction in fractions}
    saved: dict[float, list[float]] = {fraction: [] for fraction in fractions}
    removed = dict.fromkeys(fractions, 0.0)
    for seed in range(1 if quick else 8):
        column = train_dendrites(digits, seed, 4 if quick else 12)
        whole = _right(column, digits)
        for fraction in fractions:
            pruned = prune_temporal(column, fraction, digits.train, digits.train_labels)
            losses[fraction].append(100.0 * (whole - _right(pruned, digits)))
            saved[fraction].append(_time_saved(column, pruned, digits.test))
            removed[fraction] = 1.0 - pruned.synapses / column.synapses
    return {f'{fraction:.0%}': {
        'synapses_removed': removed[fraction], 'loss_points': _spread(losses[fraction]),
        'time_saved': _spread(saved[fraction])} for fraction in fractions}


def load_digits() -> Digits:
    """Return the digits as on/off pairs; the same 30 % are for testing, always.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    values, labels = datasets.load_digits(return_X_y=True)
    times = on_off(values, _BRIGHT)
    train, test, train_labels, test_labels = train_test_split(
        times, labels, test_size=0.3, random_state=0, stratify=labels)
    return Digits(train, train_labels, test, test_labels)


def patches() -> np.ndarray:
    """Return the lines of nine overlapping patches of 4x4 pixels, on and off, `[9, 32]`."""
    pixels = np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    fields = np.stack([pixels[row:row + 4, column:column + 4].ravel()
                       for row in (0, 2, 4) for column in (0, 2, 4)])
    return np.concatenate([fields, fields + _SIDE * _SIDE], axis=1)


def train_dendrites(digits: Digits, seed: int, epochs: int = 12) -> TemporalColumn:
    """Return ten neurons, one for each class, of nine dendrites with four segments each."""
    distal = Dendrites(patches(), _CLASSES, 4, thresholds=78, ticks=_TICKS, largest=_LARGEST)
    column = TemporalColumn(
        distal, soma_threshold=400, seed=seed,
        plasticity=Plasticity(0.1, 0.1, 0.1, search=0.1, reversal=0.3))
    _train(column, digits.train, digits.train_labels, seed, epochs, 0)
    return column


def _digits(quick: bool) -> dict[str, Any]:
    digits = load_digits()
    methods: dict[str, Callable[[Digits, int, bool], Outcome]] = {
        'dendrites': _run_dendrites, 'point_neurons': _run_points,
        'point_neurons_in_local_columns': _run_local_points,
        'point_neurons_pooled_by_label': _run_pools}
    figures: dict[str, Any] = {'train': len(digits.train), 'test': len(digits.test)}
    run = 0.0
    for name, method in methods.items():
        method(digits, 0, True)  # compiles
        runs = [method(digits, seed, quick) for seed in range(2 if quick else 6)]
        figures[name] = {
            'synapses': runs[0].synapses, 'accuracy': _spread([r.accuracy for r in runs]),
            'learned_per_s': statistics.median(r.learned_per_s for r in runs),
            'answered_per_s': statistics.median(r.answered_per_s for r in runs)}
        mean = figures[name]['accuracy']['mean']
        run = run or mean
        figures[name]['dendrites_ahead_points'] = 100.0 * (run - mean)
    return figures


def _run_dendrites(digits: Digits, seed: int, quick: bool) -> Outcome:
    """One neuron for each class; its label enables it, local dendrites drive it."""
    epochs = 4 if quick else 12
    started = time.perf_counter()
    column = train_dendrites(digits, seed, epochs)
    learned = time.perf_counter() - started
    return _by_neuron(column, digits, epochs * len(digits.train) / learned)


def _run_pools(digits: Digits, seed: int, quick: bool) -> Outcome:
    """Nine point neurons for each class, which its label enables; each sees all pixels.

    The first of them speaks for the class: a neuron with one dendrite of nine segments.
    """
    epochs = 4 if quick else 12
    distal = Dendrites(np.arange(digits.train.shape[1])[None], _CLASSES, 9, thresholds=358,
                       ticks=_TICKS, largest=_LARGEST)
    column = TemporalColumn(distal, seed=seed, plasticity=Plasticity(
        0.3, 0.3, 0.3, search=0.1, reversal=0.3))
    started = time.perf_counter()
    _train(column, digits.train, digits.train_labels, seed, epochs, 2)
    learned = time.perf_counter() - started
    return _by_neuron(column, digits, epochs * len(digits.train) / learned)


def _run_points(digits: Digits, seed: int, quick: bool) -> Outcome:
    """A column of 90 point neurons that learns without labels, and a tally of its winners."""
    lines = np.arange(digits.train.shape[1])[None]
    return _run_tally(digits, lines, 90, 380, seed, 4 if quick else 12, 0)


def _run_local_points(digits: Digits, seed: int, quick: bool) -> Outcome:
    """Columns of 40 point neurons, one for each patch, and one tally of all their winners."""
    return _run_tally(digits, patches(), 40, 100, seed, 2 if quick else 4, 1 if quick else 2)


def _run_tally(digits: Digits, lines: np.ndarray, neurons: int, threshold: int, seed: int,
               epochs: int, cooled: int) -> Outcome:
    columns = [TemporalColumn.of_point_neurons(
        len(read), neurons, threshold=threshold, ticks=_TICKS, largest=_LARGEST, seed=seed,
        plasticity=Plasticity(0.3, 0.3, 0.3, search=0.1)) for read in lines]
    started = time.perf_counter()
    for column, read in zip(columns, lines):
        _train(column, digits.train[:, read], None, seed, epochs, cooled)
    decoder = TallyDecoder(len(columns))
    for winners, label in zip(_winners(columns, lines, digits.train), digits.train_labels):
        decoder.learn(winners, int(label))
    learned = time.perf_counter() - started
    started = time.perf_counter()
    answers = [decoder.decide(winners) for winners in _winners(columns, lines, digits.test)]
    answered = time.perf_counter() - started
    return Outcome(float(np.mean(np.array(answers) == digits.test_labels)),
                   sum(column.synapses for column in columns),
                   epochs * len(digits.train) / learned, len(digits.test) / answered)


def _winners(columns: list[TemporalColumn], lines: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the winner of each column `[N, columns]`."""
    return np.stack([column.winners(times[:, read]) for column, read in zip(columns, lines)], 1)


def _train(column: TemporalColumn, times: np.ndarray, labels: np.ndarray | None, seed: int,
           epochs: int, cooled: int) -> None:
    """Learn the samples in random order; in the last `cooled` passes in smaller steps."""
    rng = np.random.default_rng(seed)
    for epoch in range(epochs):
        if cooled and epoch == epochs - cooled:
            column.plasticity = Plasticity(**{
                name: value * (_COOLED if name not in ('search', 'least') else 1.0)
                for name, value in vars(column.plasticity).items()})
        order = rng.permutation(len(times))
        column.learn_many(times[order], None if labels is None else labels[order])


def _by_neuron(column: TemporalColumn, digits: Digits, learned_per_s: float) -> Outcome:
    started = time.perf_counter()
    accuracy = _right(column, digits)
    answered = time.perf_counter() - started
    return Outcome(accuracy, column.synapses, learned_per_s, len(digits.test) / answered)


def _right(column: TemporalColumn, digits: Digits) -> float:
    return float(np.mean(column.winners(digits.test) == digits.test_labels))


def _time_saved(whole: TemporalColumn, pruned: TemporalColumn, times: np.ndarray) -> float:
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(15):
        for column, taken in zip((whole, pruned), seconds):
            started = time.thread_time()
            column.winners(times)
            taken.append(time.thread_time() - started)
    return 1.0 - statistics.median(seconds[1]) / statistics.median(seconds[0])


def _series(quick: bool) -> dict[str, Any]:
    """Compare with k-means, the best of ten starts, on the same standardised series."""
    folder = aeon_folder()
    if folder is None:
        return {'missing': 'the files of aeon are not installed: pip install --no-deps aeon'}
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score
    figures: dict[str, Any] = {}
    for name in SERIES[1:3] if quick else SERIES:
        loaded = _load_series(folder, name)
        if loaded is None:
            figures[name] = {'missing': 'not among the files of this aeon'}
            continue
        series, labels = loaded
        count = len(np.unique(labels))
        found: dict[str, list[float]] = {'temporal': [], 'kmeans': []}
        speeds = []
        for seed in range(2 if quick else 10):
            clusters, speed = _cluster(series, count, seed)
            found['temporal'].append(adjusted_rand_score(labels, clusters))
            speeds.append(speed)
            means = KMeans(count, n_init=10, random_state=seed).fit_predict(series)
            found['kmeans'].append(adjusted_rand_score(labels, means))
        figures[name] = {'series': len(series), 'length': series.shape[1], 'classes': count,
                         **{method: _spread(values) for method, values in found.items()},
                         'learned_per_s': statistics.median(speeds)}
    for method in ('temporal', 'kmeans'):
        figures[f'mean_{method}'] = float(np.mean([
            entry[method]['mean'] for entry in figures.values()
            if isinstance(entry, dict) and method in entry]))
    return figures


def _cluster(series: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, float]:
    """Return the nearest cluster of every series `[N]`, and patterns learned per second."""
    low, high = np.percentile(series, [1, 99], axis=0)
    high = np.maximum(high, low + 1e-3)
    rng = np.random.default_rng(seed)
    passes = 2
    found = []
    started = time.perf_counter()
    for tolerance in TOLERANCES:
        clusters = TemporalClusters(low, high, tolerance=tolerance, limit=count, rate=0.2,
                                    levels=_LARGEST, seed=seed)
        for _ in range(passes):
            for i in rng.permutation(len(series)):
                clusters.learn(series[i])
        found.append(clusters)
    speed = passes * len(found) * len(series) / (time.perf_counter() - started)
    distances = min((clusters.distances(series) for clusters in found),
                    key=lambda distance: float(distance.min(axis=1).mean()))
    return distances.argmin(axis=1), speed


def _load_series(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return standardised series `[N, length]`, channels in a row, and their classes."""
    files = [folder / name / f'{name}_{part}.ts' for part in ('TRAIN', 'TEST')]
    if not all(file.exists() for file in files):
        return None
    values, labels = (np.concatenate(parts) for parts in zip(*map(read_series, files)))
    flat = values.reshape(len(values), -1)
    spread = flat.std(axis=1, keepdims=True)
    return (flat - flat.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9), labels


def _spread(values: list[float]) -> dict[str, float]:
    return {'mean': float(np.mean(values)), 'std': float(np.std(values)),
            'least': float(min(values)), 'most': float(max(values))}

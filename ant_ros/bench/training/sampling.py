# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what sampled weights are worth: accuracy and seconds against five rivals.

All times are CPU seconds of one thread: on a quiet machine the same as wall time, on a busy one
still comparable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import functools
import importlib
import statistics
import time
from typing import Any

import numpy as np
from scipy.stats import t
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from ant_ros.bench.training.adam import AdamConfig
from ant_ros.bench.training.adam import race
from ant_ros.bench.training.adam import search
from ant_ros.bench.training.adam import Task
from ant_ros.network.sampled.estimators import SampledClassifier
from ant_ros.network.sampled.estimators import SampledRegressor
from ant_ros.network.sampled.least_squares_head import LeastSquaresHead
from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = ['PROBLEMS', 'measure']

_SLACK = 0.01  # one point of accuracy, 0.01 of R²
_SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Problem:
    """A data set by name, and the width of the networks that are tried on it."""

    name: str
    regression: bool
    width: int
    make: Callable[[], tuple[np.ndarray, np.ndarray]]


def _checkerboard(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points on a board of 8 x 8 fields, with their colours."""
    points = np.random.default_rng(0).uniform(0, 8, (samples, 2))
    return points, np.floor(points).sum(axis=1).astype(int) % 2


def _s_curve(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of a rolled sheet in space, classed into ten stripes along it."""
    points, along = datasets.make_s_curve(samples, noise=0.1, random_state=0)
    return points, np.digitize(along, np.quantile(along, np.arange(1, 10) / 10))


def _spirals(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points on two spirals of two turns each, with the number of their spiral."""
    rng = np.random.default_rng(0)
    turn = 4 * np.pi * np.sqrt(rng.uniform(0.02, 1, samples))
    arm = rng.integers(0, 2, samples)
    points = np.stack([np.cos(turn + np.pi * arm), np.sin(turn + np.pi * arm)], axis=1)
    return turn[:, None] * points + rng.normal(0, 0.3, (samples, 2)), arm


def _robot_arm(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return six joint angles and how far the hand of that planar arm is from its foot."""
    angles = np.random.default_rng(0).uniform(-np.pi / 2, np.pi / 2, (samples, 6))
    along = np.exp(1j * np.cumsum(angles, axis=1)) * [1.0, 0.9, 0.8, 0.6, 0.4, 0.3]
    return angles, np.abs(along.sum(axis=1))


_LARGE = 12_500
# Widths were fixed beforehand on seed 0: of the powers of two up to 512 the narrowest that costs
# less than a point.
PROBLEMS = (
    Problem('digits', False, 256, lambda: datasets.load_digits(return_X_y=True)),
    Problem('breast_cancer', False, 64, lambda: datasets.load_breast_cancer(return_X_y=True)),
    Problem('wine', False, 64, lambda: datasets.load_wine(return_X_y=True)),
    Problem('diabetes', True, 64, lambda: datasets.load_diabetes(return_X_y=True)),
    Problem('classification', False, 512, lambda: datasets.make_classification(
        _LARGE, 20, n_informative=10, n_classes=4, random_state=0)),
    Problem('moons', False, 32, lambda: datasets.make_moons(
        _LARGE, noise=0.15, random_state=0)),
    Problem('checkerboard', False, 512, lambda: _checkerboard(_LARGE)),
    Problem('s_curve', False, 64, lambda: _s_curve(_LARGE)),
    Problem('spirals', False, 256, lambda: _spirals(_LARGE)),
    Problem('robot_arm', True, 256, lambda: _robot_arm(_LARGE)),
    Problem('friedman1', True, 512, lambda: datasets.make_friedman1(
        _LARGE, noise=0.5, random_state=0)),
    Problem('friedman2', True, 64, lambda: datasets.make_friedman2(
        _LARGE, noise=10, random_state=0)),
    Problem('friedman3', True, 256, lambda: datasets.make_friedman3(
        _LARGE, noise=0.05, random_state=0)),
)
_QUICK = ('breast_cancer', 'wine', 'diabetes', 'moons', 'friedman2', 'friedman3')


def measure(quick: bool) -> dict[str, Any]:
    """Return the scores (accuracy, or R²) and times on each data set.

    Args:
        quick: Six data sets, two seeds and a shorter race.
    """
    seeds = range(2 if quick else 5)
    factor = 10.0 if quick else 110.0
    chosen = [one for one in PROBLEMS if not quick or one.name in _QUICK]
    with threadpool_limits(1):
        figures = {one.name: _measure(one, seeds, factor) for one in chosen}
    large = [one for one in figures.values() if one['samples'] >= 10_000]
    return {
        'seeds': len(seeds), 'threads': 1, 'seconds': 'CPU seconds of one thread',
        'sets': figures,
        **{f'large_sets_{name}': _spread([one[name]['adam_to_sampled_time'] for one in large])
           for name in ('nearly_same_score', 'same_score')},
        'authors_package': _authors_summary(figures),
    }


def _spread(ratios: list[float]) -> dict[str, Any]:
    return {'sets': len(ratios), 'smallest_ratio': min(ratios),
            'median_ratio': statistics.median(ratios), 'largest_ratio': max(ratios),
            'sets_from_100': sum(ratio >= 100 for ratio in ratios)}


@dataclass(frozen=True)
class _Split:
    """Standardised training and test data of one seed."""

    points: np.ndarray
    targets: np.ndarray
    test_points: np.ndarray
    test_targets: np.ndarray
    regression: bool

    @classmethod
    def of(cls, points: np.ndarray, targets: np.ndarray, regression: bool, seed: int) -> _Split:
        train, test, train_targets, test_targets = train_test_split(
            points, targets, test_size=0.2, random_state=seed,
            stratify=None if regression else targets)
        scaler = StandardScaler().fit(train)
        if regression:
            mean, spread = train_targets.mean(), train_targets.std()
            train_targets = (train_targets - mean) / spread
            test_targets = (test_targets - mean) / spread
        return cls(scaler.transform(train).astype(np.float32), train_targets,
                   scaler.transform(test).astype(np.float32), test_targets, regression)

    def inner(self) -> _Split:
        """Return the training data, split again to tune on."""
        return _Split.of(self.points, self.targets, self.regression, 0)

    def task(self) -> Task:
        """Return the data as Adam wants them."""
        if self.regression:
            targets = self.targets[:, None].astype(np.float32)
            return Task(self.points, targets, self.test_points,
                        lambda outputs: float(r2_score(self.test_targets, outputs[:, 0])))
        return Task(self.points, self.targets.astype(np.int64), self.test_points,
                    lambda outputs: float((outputs.argmax(axis=1) == self.test_targets).mean()))

    def fitted(self, model: Any) -> tuple[float, float]:
        """Return the test score of the model and the CPU seconds of its fit."""
        started = time.process_time()
        model.fit(self.points, self.targets)
        spent = time.process_time() - started
        return float(model.score(self.test_points, self.test_targets)), spent


def _measure(problem: Problem, seeds: range, factor: float) -> dict[str, Any]:
    points, targets = problem.make()
    splits = [_Split.of(points, targets, problem.regression, seed) for seed in seeds]
    estimator = SampledRegressor if problem.regression else SampledClassifier
    trees = (HistGradientBoostingRegressor if problem.regression
             else HistGradientBoostingClassifier)
    ours = functools.partial(estimator, problem.width)
    ours(random_state=0).fit(splits[0].points, splits[0].targets)  # load what loads once
    scale, gaussian_search_s = _tuned_scale(splits[0].inner(), ours)
    results = {
        'sampled': [_steady(split, functools.partial(ours, random_state=seed))
                    for seed, split in zip(seeds, splits)],
        'uniform_pairs': [split.fitted(ours(density='uniform', random_state=seed))
                          for seed, split in zip(seeds, splits)],
        'tuned_gaussian': [split.fitted(ours(density='gaussian', scale=scale, random_state=seed))
                           for seed, split in zip(seeds, splits)],
        'gradient_boosting': [split.fitted(trees(random_state=seed))
                              for seed, split in zip(seeds, splits)],
    }
    figures: dict[str, Any] = {
        'kind': 'regression' if problem.regression else 'classification',
        'samples': len(points), 'inputs': points.shape[1], 'width': problem.width,
        'score': 'R2' if problem.regression else 'accuracy',
        **{name: _summary(result) for name, result in results.items()},
    }
    figures['tuned_gaussian'] |= {'scale': scale, 'search_s': gaussian_search_s}
    figures |= _against_adam(problem.width, splits, results['sampled'], factor)
    figures['authors_package'] = _against_authors(problem, splits)
    return figures


def _steady(split: _Split, make: Callable[[], Any]) -> tuple[float, float]:
    """Fit three times and return the score and the median of the times."""
    fits = [split.fitted(make()) for _ in range(3)]
    return fits[0][0], statistics.median(spent for _, spent in fits)


def _summary(results: list[tuple[float, float]]) -> dict[str, float]:
    scores = [score for score, _ in results]
    return {'score': statistics.mean(scores), 'sd': statistics.stdev(scores),
            'fit_s': statistics.median(spent for _, spent in results)}


def _tuned_scale(split: _Split, ours: Callable[..., Any]) -> tuple[float, float]:
    """Return the best scale of Gaussian weights on a validation set, and what that took."""
    tried = [split.fitted(ours(density='gaussian', scale=scale, random_state=0))
             for scale in _SCALES]
    return (_SCALES[int(np.argmax([score for score, _ in tried]))],
            sum(spent for _, spent in tried))


def _against_adam(width: int, splits: list[_Split], sampled: list[tuple[float, float]],
                  factor: float) -> dict[str, Any]:
    """Return how Adam fares, and how much longer it takes to (nearly) the same score."""
    fit_s = statistics.median(spent for _, spent in sampled)
    cap_s = factor * max(fit_s, 0.01)
    config, searched = _search(width, splits[0], sampled[0][0], cap_s)
    races = [race(split.task(), width, config, wanted=(score - _SLACK, score), cap_s=cap_s,
                  seed=seed)
             for seed, (split, (score, _)) in enumerate(zip(splits, sampled))]
    figures: dict[str, Any] = {'adam': {
        'score': statistics.mean(one.final for one in races),
        'sd': statistics.stdev(one.final for one in races),
        'best_ever': statistics.mean(one.best for one in races),
        'cap_s': cap_s, 'spent_s': statistics.median(one.spent_s for one in races), **searched}}
    for goal, name in enumerate(('nearly_same_score', 'same_score')):
        reached = [one.reached_s[goal] for one in races]
        figures[name] = {
            'adam_s': reached,
            'adam_to_sampled_time': statistics.median(
                (one or run.spent_s) / spent
                for one, run, (_, spent) in zip(reached, races, sampled)),
            'ratio_is_lower_bound': reached.count(None) > len(reached) // 2}
    return figures


def _search(width: int, split: _Split, wanted: float,
            cap_s: float) -> tuple[AdamConfig, dict[str, Any]]:
    return search(split.inner().task(), width, wanted=wanted - _SLACK, cap_s=cap_s / 4)


def _against_authors(problem: Problem, splits: list[_Split]) -> dict[str, Any] | None:
    """Compare layer and head with the authors' ones; None where they are not installed.

    Both in float64, and without the checks that scikit-learn makes of samples.
    """
    try:
        swim = importlib.import_module('swimnetworks')
    except ImportError:
        print("swimnetworks is not installed: the comparison with the authors' package is left "
              'out; pip install swimnetworks')
        return None
    ours, theirs = [], []
    for seed, split in enumerate(splits):
        wide = _Split(split.points.astype(np.float64), split.targets,
                      split.test_points.astype(np.float64), split.test_targets, split.regression)
        theirs.append(_steady(wide, functools.partial(_Authors, swim, problem, seed)))
        ours.append(_steady(wide, functools.partial(_LayerAndHead, problem, seed)))
    gains = [mine[0] - other[0] for mine, other in zip(ours, theirs)]
    noise = float(t.ppf(0.975, len(gains) - 1)) * statistics.stdev(gains) / len(gains)**0.5
    seconds = (statistics.median(spent for _, spent in ours),
               statistics.median(spent for _, spent in theirs))
    return {'score': statistics.mean(score for score, _ in theirs), 'fit_s': seconds[1],
            'our_score': statistics.mean(score for score, _ in ours), 'our_fit_s': seconds[0],
            'gain': statistics.mean(gains), 'noise': noise,
            'times_faster': seconds[1] / seconds[0]}


class _LayerAndHead:
    """Our layer and head with their own defaults, as one estimator."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._seed = seed
        self._head = LeastSquaresHead()

    def fit(self, points: np.ndarray, targets: np.ndarray) -> None:
        if not self._problem.regression:
            self._classes = np.unique(targets)
            targets = (targets[:, None] == self._classes).astype(np.float64)
        self._layer = SampledLayer.from_pairs(
            points, self._problem.width, targets, rng=np.random.default_rng(self._seed))
        self._head.fit(self._layer(points), targets)

    def score(self, points: np.ndarray, targets: np.ndarray) -> float:
        answers = self._head.predict(self._layer(points))
        if self._problem.regression:
            return float(r2_score(targets, answers[:, 0]))
        return float((self._classes[answers.argmax(axis=1)] == targets).mean())


class _Authors:
    """The authors' layer and head with their own defaults, as one estimator."""

    def __init__(self, swim: Any, problem: Problem, seed: int) -> None:
        self._regression = problem.regression
        self._layer = swim.Dense(
            layer_width=problem.width, activation='tanh', parameter_sampler='tanh',
            random_seed=seed, is_classifier=not problem.regression)
        self._head = swim.Linear(is_classifier=not problem.regression)

    def fit(self, points: np.ndarray, targets: np.ndarray) -> None:
        self._head.fit(self._layer.fit_transform(points, targets), targets)

    def score(self, points: np.ndarray, targets: np.ndarray) -> float:
        answers = self._head.transform(self._layer.transform(points))[:, 0]
        if self._regression:
            return float(r2_score(targets, answers))
        return float((answers == targets).mean())


def _authors_summary(figures: dict[str, Any]) -> dict[str, Any] | str:
    compared = [one['authors_package'] for one in figures.values() if one['authors_package']]
    if not compared:
        return 'not installed'
    return {
        'sets': len(compared),
        'sets_with_lower_score_beyond_noise': sum(
            one['gain'] < -one['noise'] for one in compared),
        'lowest_gain': min(one['gain'] for one in compared),
        'least_times_faster': min(one['times_faster'] for one in compared),
    }

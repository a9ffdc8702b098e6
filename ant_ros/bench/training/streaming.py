# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure whether learning one by one, in any order, merged or taken back equals a batch."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.datasets import make_friedman1
from threadpoolctl import threadpool_limits

from ant_ros.network.sampled.least_squares_head import LeastSquaresHead
from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = ['measure']

_RIDGE = 1e-4


def measure(quick: bool) -> dict[str, Any]:
    """Return the largest relative differences of weights and answers from those of a batch.

    Args:
        quick: Smaller layers.
    """
    width = 128 if quick else 512
    digits, labels = load_digits(return_X_y=True)
    curves, values = make_friedman1(2000, noise=0.5, random_state=0)
    with threadpool_limits(1):
        figures: dict[str, Any] = {
            'digits': _compare(digits / 16, np.eye(10)[labels], width),
            'friedman1': _compare(curves, values[:, None], width),
            'digits_class_after_class': _class_after_class(digits / 16, labels, width),
        }
    figures['largest_relative_difference'] = max(
        value for one in figures.values() for name, value in one.items()
        if name.endswith(('weights', 'answers')))
    return figures | {'width': width, 'ridge': _RIDGE, 'allowed': 1e-6}


def _compare(points: np.ndarray, targets: np.ndarray, width: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    half = len(points) // 2
    features = SampledLayer.from_pairs(points, width, targets, rng=rng)(points)
    batch = _head().fit(features, targets)
    started = time.process_time()
    single = _one_by_one(features, targets)
    spent = time.process_time() - started
    order = rng.permutation(len(points))
    shuffled = _one_by_one(features[order], targets[order])
    merged = _head()
    for part in rng.permutation(7):
        chosen = slice(part, None, 7)
        merged.merge(_head().fit(features[chosen], targets[chosen]))
    removed = _head().fit(features, targets)
    kept = _head().fit(features[:half], targets[:half])
    for row in range(half, len(points)):
        removed.remove(features[row:row + 1], targets[row:row + 1])
    figures: dict[str, Any] = {'samples': len(points), 'updates_per_s': len(points) / spent}
    for name, head, wanted in (
            ('one_by_one', single, batch), ('shuffled', shuffled, batch),
            ('merged_of_7', merged, batch), ('half_removed', removed, kept)):
        figures |= _differences(name, head, wanted, features)
    return figures


def _class_after_class(points: np.ndarray, labels: np.ndarray, width: int) -> dict[str, Any]:
    """Learn one class after the other, each a new output, against all at once."""
    features = SampledLayer.from_pairs(
        points, width, density='uniform', rng=np.random.default_rng(0))(points)
    targets = np.eye(10)[labels]
    head = _head().fit(features[labels == 0], targets[labels == 0][:, :1])
    for label in range(1, 10):
        chosen = labels == label
        head.add_outputs().partial_fit(features[chosen], targets[chosen][:, :label + 1])
    batch = _head().fit(features, targets)
    return {'samples': len(points),
            'accuracy_on_what_was_learned': float(
                (head.predict(features).argmax(axis=1) == labels).mean()),
            **_differences('class_after_class', head, batch, features)}


def _head() -> LeastSquaresHead:
    return LeastSquaresHead(ridge=_RIDGE)


def _one_by_one(features: np.ndarray, targets: np.ndarray) -> LeastSquaresHead:
    head = _head()
    for row in range(len(features)):
        head.partial_fit(features[row:row + 1], targets[row:row + 1])
    return head


def _differences(name: str, head: LeastSquaresHead, wanted: LeastSquaresHead,
                 features: np.ndarray) -> dict[str, float]:
    """Return the differences relative to the largest weight and answer."""
    answers = wanted.predict(features)
    return {
        f'{name}_weights': float(np.abs(head.weights - wanted.weights).max()
                                 / np.abs(wanted.weights).max()),
        f'{name}_answers': float(np.abs(head.predict(features) - answers).max()
                                 / np.abs(answers).max())}

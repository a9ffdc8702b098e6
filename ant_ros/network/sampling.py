# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Weights drawn from pairs of data points instead of found by iterations."""

import math

import numpy as np

__all__ = ['sample_tanh_layer']

_SCALE = math.log(3.0)
_SHIFT = math.log(3.0) / 2.0


def sample_tanh_layer(
    points: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the weights of `count` tanh units from pairs of data points.

    A unit that is drawn from the pair (a, b) answers -1/2 at a and +1/2 at b, so its slope
    lies where the data lie. Pairs are drawn uniformly: with no target there is no gradient
    that a pair could be preferred for. Of each candidate pair that differs by less than the
    median distance (noise, mostly) the other half of the candidates is preferred.

    Paper: Bolager, Burak, Datar, Sun, Dietrich, Sampling weights of deep neural networks,
    NeurIPS 2023 (arXiv 2306.16830).

    Args:
        points: Data points [N, D], at least two.
        count: Units wanted.
        rng: Source of the draw; the same state gives the same weights.

    Returns:
        Weights [count, D] and biases [count], both float32, of `tanh(x @ weights.T + biases)`.

    Raises:
        ValueError: fewer than two points.
    """
    if points.ndim != 2 or len(points) < 2:
        raise ValueError(f'points of shape {points.shape}: expected [N, D] with N of at least 2')
    candidates = 2 * count
    first = rng.integers(0, len(points), candidates)
    second = (first + rng.integers(1, len(points), candidates)) % len(points)
    start = points[first].astype(np.float64)
    difference = points[second] - start
    squared = np.maximum((difference**2).sum(axis=1), 1e-10)
    widest = np.sort(np.argsort(-squared, kind='stable')[:count])
    weights = _SCALE * difference[widest] / squared[widest, None]
    biases = -(weights * start[widest]).sum(axis=1) - _SHIFT
    return weights.astype(np.float32), biases.astype(np.float32)

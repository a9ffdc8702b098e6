# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What good pieces of a texture are like: one Gaussian of their features, wherever they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.enough import THIRDS
from ant_ros.inspection.feature_maps import Projection
from ant_ros.inspection.normality import top_mean

__all__ = ['TextureMemory', 'learn_texture']

_RIDGE = 0.01
"""Share of a feature's variance that is added to it."""
_TOP_SHARE = 0.01
_LEAST_TOP = 3


@dataclass(frozen=True)
class TextureMemory:
    """A Gaussian of good features.

    After Defard et al., PaDiM: a patch distribution modeling framework, 2021; but a texture
    looks alike everywhere, so that all positions share one Gaussian and few images suffice. What
    hardly varies in good pieces, as along their grain, counts most.

    Attributes:
        projection: Takes the mean off and brings what is left to unit spread in all directions.
    """

    projection: Projection

    def measure(self, features: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Return the Mahalanobis distance of features [h, w, C] from the mean [h, w].

        Args:
            features: Of one image.
            near: Which positions count [h, w], bool; 0 elsewhere.
        """
        distances = np.zeros(near.shape, np.float32)
        distances[near] = _lengths(self.projection, features[near])
        return distances

    def score(self, unusual: np.ndarray) -> float:
        """Return one number for the image: the mean of its most unusual positions.

        A crack or a pit covers few of them.
        """
        return top_mean(unusual, max(_LEAST_TOP, round(_TOP_SHARE * unusual.size)))


def learn_texture(
    features: Sequence[np.ndarray]
) -> tuple[TextureMemory, list[float], list[float]]:
    """Learn from the features [h, w, C] of good images.

    Returns:
        The memory, each image's score against the others, and against two thirds of all.
    """
    counts = np.array([one.shape[0] * one.shape[1] for one in features], float)
    rows = [one.reshape(-1, one.shape[-1]).astype(np.float64) for one in features]
    sums = np.stack([one.sum(axis=0) for one in rows])
    squares = np.stack([one.T @ one for one in rows])
    totals = [one.sum(axis=0) for one in (counts, sums, squares)]
    memory = TextureMemory(_whitening(*totals))
    numbers = np.arange(len(features))
    told: list[list[float]] = []
    for groups in (len(features), THIRDS):
        scores = np.zeros(len(features))
        for group in range(groups):
            out = numbers % groups == group
            others = TextureMemory(_whitening(*(
                total - one[out].sum(axis=0)
                for total, one in zip(totals, (counts, sums, squares)))))
            for number in numbers[out]:
                one = features[number]
                scores[number] = others.score(others.measure(one, np.ones(one.shape[:2], bool)))
        told.append(scores.tolist())
    return memory, told[0], told[1]


def _whitening(count: float, total: np.ndarray, squares: np.ndarray) -> Projection:
    """Return what whitens features of a count, sum [C] and sum of products [C, C]."""
    mean = total / count
    covariance = squares / count - np.outer(mean, mean)
    variance = np.maximum(np.diag(covariance), 0) + 1e-12
    spread = np.sqrt(variance)
    values, vectors = np.linalg.eigh(covariance / np.outer(spread, spread))
    basis = vectors / np.sqrt(np.maximum(values, 0) + _RIDGE) / spread[:, None]
    return Projection(mean.astype(np.float32), basis.astype(np.float32))


def _lengths(projection: Projection, features: np.ndarray) -> np.ndarray:
    """Return how long features [N, C] are once projected [N], float32."""
    return np.linalg.norm(projection(features), axis=1).astype(np.float32)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What good parts of free shape look like: a Gaussian of features at each place of a cut-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.enough import THIRDS
from ant_ros.inspection.feature_maps import Projection
from ant_ros.inspection.normality import top_mean

__all__ = ['PositionMemory', 'learn_positions']

_RIDGE = 0.05
"""Share of the usual variance of a feature that is added to each."""
_TOP_SHARE = 0.1


@dataclass(frozen=True)
class PositionMemory:
    """A Gaussian of good features at each position.

    After Defard et al., PaDiM: a patch distribution modeling framework, 2021; of parts that are
    shown in all the ways they may lie, so that few of them suffice.

    Attributes:
        projection: Makes features short.
        middle: Their mean [h, w, D].
        whiten: Brings what strays from it to unit spread [h, w, D, D], float32.
    """

    projection: Projection
    middle: np.ndarray
    whiten: np.ndarray

    def measure(self, features: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Return the Mahalanobis distance of features [h, w, C] from the mean [h, w].

        Args:
            features: Of one part.
            near: Where the part is, with its surroundings [h, w], bool; 0 elsewhere.
        """
        strayed = (self.projection(features) - self.middle)[..., None]
        white = np.matmul(self.whiten, strayed)[..., 0]
        return np.where(near, np.sqrt(np.einsum('hwd,hwd->hw', white, white)), 0)

    def score(self, unusual: np.ndarray) -> float:
        """Return one number for the part: the mean of the most unusual tenth."""
        return top_mean(unusual, max(1, round(_TOP_SHARE * unusual.size)))


def learn_positions(
    projection: Projection, features: Sequence[np.ndarray], owners: Sequence[int],
    on_part: Sequence[np.ndarray],
) -> tuple[PositionMemory, list[float], list[float]]:
    """Learn from good parts of free shape.

    Args:
        projection: Makes features short.
        features: Per view [h, w, C]; the first view of each part is how it was seen.
        owners: Which part each view is of, rising from 0.
        on_part: Per part which positions count [h, w], bool.

    Returns:
        The memory, each good part's score against the others, and against two thirds of all.
    """
    grid = features[0].shape[:2]
    # By position, then view: [h * w, N, D].
    views = np.stack([projection(one).reshape(grid[0] * grid[1], -1) for one in features], axis=1)
    views = views.astype(np.float32)
    whose = np.asarray(owners)
    ridge = np.float32(_RIDGE * views.var(axis=(0, 1)).mean() + 1e-12)
    total = _moments(views)
    middle, covariance = _gaussian(total, ridge)
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    memory = PositionMemory(
        projection, middle.reshape(*grid, -1),
        # As the recipe's files hold it, so that a loaded inspector says exactly the same.
        whiten.astype(np.float16).astype(np.float32).reshape(*grid, *whiten.shape[1:]))
    firsts = [owners.index(part) for part in range(len(on_part))]
    told: list[list[float]] = []
    for groups in (len(on_part), THIRDS):
        scores = np.zeros(len(on_part))
        for group in range(groups):
            out = _moments(views[:, whose % groups == group])
            others = _gaussian([one - less for one, less in zip(total, out)], ridge)
            for part in range(group, len(on_part), groups):
                distances = _distances(views[:, firsts[part]], *others).reshape(grid)
                scores[part] = memory.score(np.where(on_part[part], distances, 0))
        told.append(scores.tolist())
    return memory, told[0], told[1]


def _moments(views: np.ndarray) -> list[np.ndarray]:
    """Return count, sum [P, D] and sum of products [P, D, D] of features [P, N, D]."""
    return [np.float32(views.shape[1]), views.sum(axis=1), views.transpose(0, 2, 1) @ views]


def _gaussian(moments: Sequence[np.ndarray], ridge: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Return mean [P, D] and covariance [P, D, D]."""
    count, total, products = moments
    middle = total / count
    covariance = products / count - middle[:, :, None] * middle[:, None, :]
    across = np.arange(covariance.shape[1])
    covariance[:, across, across] += ridge
    return middle, covariance


def _distances(
    features: np.ndarray, middle: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """Return Mahalanobis distances [P] of features [P, D]."""
    strayed = features - middle
    solved = np.linalg.solve(covariance, strayed[..., None])[..., 0]
    return np.sqrt(np.maximum(np.einsum('pd,pd->p', strayed, solved), 0))

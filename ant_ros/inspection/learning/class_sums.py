# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""All that the head needs to know of known defects, by class, and how it adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ant_ros.network.sampled.least_squares_head import LeastSquaresSums

__all__ = ['ClassSums']


@dataclass(frozen=True, eq=False)
class ClassSums:
    """Sums of h hᵀ and h yᵀ with one output for each class, in the order of the alphabet.

    Attributes:
        classes: Names of the classes.
        sums: Least-squares sums with a column for each class.
        squares: Sum of |h|² of each class [C].
    """

    classes: tuple[str, ...]
    sums: LeastSquaresSums
    squares: np.ndarray

    @classmethod
    def none(cls, width: int) -> ClassSums:
        """Return the sums of nothing."""
        return cls((), LeastSquaresSums.none(width, 0), np.zeros(0))

    @classmethod
    def of(cls, vectors: np.ndarray, labels: list[str]) -> ClassSums:
        """Return the sums of scaled vectors [N, F] with a label each."""
        classes = tuple(sorted(set(labels)))
        targets = np.equal.outer(
            np.array(labels, object), np.array(classes, object)).astype(np.float64)
        squares = (np.asarray(vectors, np.float64)**2).sum(axis=1) @ targets
        return cls(classes, LeastSquaresSums.of(vectors, targets), squares)

    def __add__(self, other: ClassSums) -> ClassSums:
        """Return the sums of both."""
        classes = tuple(sorted({*self.classes, *other.classes}))
        squares = np.zeros(len(classes))
        for one in (self, other):
            squares[[classes.index(name) for name in one.classes]] += one.squares
        return ClassSums(classes, self._aligned(classes) + other._aligned(classes), squares)

    @property
    def counts(self) -> np.ndarray:
        """Labelled places of each class [C]."""
        return self.sums.target

    @property
    def means(self) -> np.ndarray:
        """Mean vector of each class [C, F]."""
        return self.sums.feature_target.T / self.counts[:, None]

    @property
    def scatters(self) -> np.ndarray:
        """Sum of squared distances of each class's places from their mean [C]."""
        return np.maximum(self.squares - self.counts * (self.means**2).sum(axis=1), 0)

    def _aligned(self, classes: tuple[str, ...]) -> LeastSquaresSums:
        sums = self.sums
        places = [classes.index(name) for name in self.classes]
        grown = LeastSquaresSums.none(len(sums.feature), len(classes))
        for name in ('target', 'target_squared', 'feature_target'):
            getattr(grown, name)[..., places] = getattr(sums, name)
        return LeastSquaresSums(sums.count, sums.feature, grown.target, grown.target_squared,
                                sums.feature_feature, grown.feature_target)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Features of good parts, wherever they were, arranged so that the nearest is found quickly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ['Bank', 'arrange']

_GROUP = 190
_LEARNED_FROM = 32
_ROUNDS = 6
_SEARCHED = 12


@dataclass(frozen=True)
class Bank:
    """Features sorted into groups of neighbours, so that few have to be looked at.

    Attributes:
        features: [K, D], float32, group after group.
        centres: Of the groups [G, D], float32.
        starts: First feature of each group, and their number [G + 1].
    """

    features: np.ndarray
    centres: np.ndarray
    starts: np.ndarray

    @cached_property
    def _squares(self) -> np.ndarray:
        return np.einsum('kd,kd->k', self.features, self.features)

    def nearest(
        self, features: np.ndarray, owners: np.ndarray | None = None, skip: int = -1
    ) -> np.ndarray:
        """Return the distance to the nearest remembered feature, wherever it was [N].

        Only the groups whose centres are nearest are searched (an inverted file: Jegou, Douze and
        Schmid, Product quantization for nearest neighbor search, 2011), so that now and then a
        distance comes out a little too large.

        Args:
            features: [N, D], float32.
            owners: From which good part each of the bank is [K]; needed to leave one out.
            skip: A part that does not count.
        """
        rows, groups = _searched(_squares(features, self.centres))
        squares = self._squares
        if owners is not None and skip >= 0:
            squares = np.where(owners == skip, np.float32(np.inf), squares)
        nearest = np.full(len(features), np.inf, np.float32)
        bounds = np.searchsorted(groups, np.arange(len(self.centres) + 1))
        for group in range(len(self.centres)):
            asking = rows[bounds[group]:bounds[group + 1]]
            members = slice(self.starts[group], self.starts[group + 1])
            if not len(asking) or members.start == members.stop:
                continue
            found = squares[members] - 2 * (features[asking] @ self.features[members].T)
            nearest[asking] = np.minimum(nearest[asking], found.min(axis=1))
        lost = np.isinf(nearest)  # nothing that counts lies in these groups
        if lost.any():
            nearest[lost] = (squares - 2 * (features[lost] @ self.features.T)).min(axis=1)
        return np.sqrt(np.maximum(nearest + np.einsum('nd,nd->n', features, features), 0))


def arrange(features: np.ndarray, *, seed: int = 0) -> tuple[Bank, np.ndarray]:
    """Sort features [K, D], float32, into groups of neighbours (k-means).

    Returns:
        The bank, and which of the features given each of its own is [K].
    """
    count = max(1, len(features) // _GROUP)
    rng = np.random.default_rng(seed)
    some = features[rng.permutation(len(features))[:_LEARNED_FROM * count]]
    centres = some[:count].copy()
    for _ in range(_ROUNDS):
        nearest = _squares(some, centres).argmin(axis=1)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, some)
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
    centres = centres.astype(np.float32)
    nearest = _squares(features, centres).argmin(axis=1)
    order = np.argsort(nearest, kind='stable')
    starts = np.searchsorted(nearest[order], np.arange(count + 1))
    return Bank(np.ascontiguousarray(features[order]), centres, starts), order


def _searched(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which features ask which groups, ordered by group, from distances [N, G]."""
    count = min(_SEARCHED, squares.shape[1])
    groups = np.argpartition(squares, count - 1, axis=1)[:, :count].ravel()
    rows = np.repeat(np.arange(len(squares)), count)
    order = np.argsort(groups, kind='stable')
    return rows[order], groups[order]


def _squares(features: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return squared distances [N, G], each less the feature's own square."""
    return np.einsum('gd,gd->g', centres, centres) - 2 * (features @ centres.T)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is expected beyond the golden part: places that a person called good after all."""

from __future__ import annotations

import numpy as np

__all__ = ['Widening', 'nearest', 'typical_gap']

_OWN_REACH = 1.5
_LINK = 2.0
_MOST_REACH = 3.0
_SIGMAS = 3.0
_FEWEST = 3
_CHUNK = 512
_ROUNDING = 1e-6


class Widening:
    """Balls around the places called good; what lies in one of them is expected.

    Each place called good has a small ball of its own. Where three or more lie together they are
    one kind of thing, and a larger ball around their mean takes in the next one of the kind. All
    is measured in typical gaps between good places. No ball reaches a known defect: the small
    ones end half the way to it, the large ones half the way between their places and it.

    Args:
        centres: Scaled places called good [G, F].
        defects: Scaled places of known defects [D, F].
        gap: Typical distance of a good place from the next one.
    """

    def __init__(self, centres: np.ndarray, defects: np.ndarray, gap: float) -> None:
        own = np.minimum(_OWN_REACH * gap, nearest(centres, defects) / 2)
        means, reaches = [], []
        for group in _groups(centres, _LINK * gap):
            mean, reach = _ball(centres[group], defects, gap)
            means.append(mean)
            reaches.append(reach)
        self.centres = np.concatenate([centres, np.reshape(means, (-1, centres.shape[1]))])
        rounding = _ROUNDING * (1 + np.linalg.norm(self.centres, axis=1))
        self.radii = np.maximum(np.concatenate([own, reaches]) - rounding, 0)

    def holds(self, scaled: np.ndarray) -> np.ndarray:
        """Say which places [N, F] lie in a ball: bool [N]."""
        held = np.zeros(len(scaled), bool)
        for start in range(0, len(scaled), _CHUNK):
            block = slice(start, start + _CHUNK)
            if len(self.centres):
                held[block] = (_distances(scaled[block], self.centres) < self.radii).any(axis=1)
        return held


def _ball(members: np.ndarray, defects: np.ndarray, gap: float) -> tuple[np.ndarray, float]:
    """Return centre [F] and radius of the ball of places that lie together [N, F]."""
    count = len(members)
    mean = members.mean(axis=0)
    # As far as each lies from the mean of the others.
    distances = np.linalg.norm(members - mean, axis=1) * count / (count - 1)
    typical = float(distances.mean())
    reach = min(typical + _SIGMAS * float(distances.std()) + gap / count, _MOST_REACH * gap)
    defect = float(nearest(mean[None], defects)[0])
    return mean, min(reach, (typical + defect) / 2 if typical < defect else defect / 2)


def _groups(places: np.ndarray, link: float) -> list[np.ndarray]:
    """Return the groups of at least three places that are linked, by their indices."""
    left = np.ones(len(places), bool)
    found = []
    for first in range(len(places)):
        if not left[first]:
            continue
        group, reached = np.zeros(len(places), bool), np.array([first])
        while len(reached):
            left[reached], group[reached] = False, True
            near = np.zeros(len(places), bool)
            for start in range(0, len(reached), _CHUNK):
                rows = reached[start:start + _CHUNK]
                near |= (_distances(places[rows], places) <= link).any(axis=0)
            reached = np.flatnonzero(near & left)
        if group.sum() >= _FEWEST:
            found.append(np.flatnonzero(group))
    return found


def typical_gap(good: np.ndarray) -> float:
    """Return how far good places [G, F] typically lie from the next one."""
    return max(float(np.quantile(nearest(good, good, own=True), 0.9)), 1e-9)


def nearest(points: np.ndarray, others: np.ndarray, *, own: bool = False) -> np.ndarray:
    """Return the distance [N] to the nearest other one; infinite where there is none.

    Args:
        points: [N, F].
        others: [M, F].
        own: Both are the same, and a point is none of the others to itself.
    """
    nearest = np.full(len(points), np.inf)
    if not len(others):
        return nearest
    for start in range(0, len(points), _CHUNK):
        distances = _distances(points[start:start + _CHUNK], others)
        if own:
            rows = np.arange(len(distances))
            distances[rows, start + rows] = np.inf
        nearest[start:start + _CHUNK] = distances.min(axis=1)
    return nearest


def _distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return np.sqrt(np.maximum(squares - 2 * points @ others.T, 0))

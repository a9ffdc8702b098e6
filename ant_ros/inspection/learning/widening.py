# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is expected beyond the golden part: places that a person called good after all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ['Widening', 'nearest', 'typical_gap']

_LINK = 1.25
_LEAST_REACH = 0.75
_MOST_REACH = 1.0
_SIGMAS = 2.0
_FEWEST = 3
_ALMOST = 0.2
_NEARER = 0.7
_CHUNK = 512
_ROUNDING = 1e-6


class Widening:
    """What is like a place called good is expected: in every feature, and to a bounded degree.

    One place called good speaks for what differs from it by no more than the tolerances: a mark
    elsewhere, of another look, or clearly larger or stronger is none of its kind. Where three or
    more lie together they are one kind of thing. What lies between their extremes, or beyond
    them by no more than the tolerances, and as near to one of them as they lie to each other, is
    expected too. Nothing is that is not clearly nearer to a place called good than to a known
    defect, and a place that looks almost like a known defect speaks for nothing.

    Distances are root mean squares of differences in parts of the tolerances.

    Args:
        centres: Scaled places called good [G, F].
        defects: Scaled places of known defects [D, F].
        less: By how much less of each feature a place of the same kind may have [F].
        more: By how much more [F].
    """

    def __init__(
        self, centres: np.ndarray, defects: np.ndarray, less: np.ndarray, more: np.ndarray,
    ) -> None:
        self._unit = (less + more) / 2 * np.sqrt(len(less))
        self._less, self._more = less, more
        self._centres = centres
        self._places = centres / self._unit
        self._defects = defects / self._unit
        self._silent = self.contradicts(centres)
        self._kinds = [
            _Kind(centres[group].min(axis=0), centres[group].max(axis=0), group,
                  _reach(self._places[group])) for group in _groups(self._places)]

    def contradicts(self, scaled: np.ndarray) -> np.ndarray:
        """Say which places [N, F] look almost like a known defect: bool [N]."""
        return nearest(scaled / self._unit, self._defects) < _ALMOST

    def holds(self, scaled: np.ndarray, *, held_out: bool = False) -> np.ndarray:
        """Say which places [N, F] are expected: bool [N].

        Args:
            scaled: The places.
            held_out: Ask of known defects as if each were not known, but all others were.
        """
        held = np.zeros(len(scaled), bool)
        if not len(self._centres):
            return held
        for start in range(0, len(scaled), _CHUNK):
            held[start:start + _CHUNK] = self._hold(scaled[start:start + _CHUNK], held_out)
        return held

    def speaker(self, scaled: np.ndarray) -> int | None:
        """Return the nearest place called good that speaks for a place [F]; None: none does."""
        distances = _distances((scaled / self._unit)[None], self._places)[0]
        distances[self._silent] = np.inf
        speak = (distances <= 1) & self._within(scaled, self._centres, self._centres)
        for kind in self._kinds:
            speak[kind.members] |= distances[kind.members].min() <= kind.reach and bool(
                self._within(scaled[None], kind.low, kind.high)[0])
        return int(np.where(speak, distances, np.inf).argmin()) if speak.any() else None

    def _hold(self, scaled: np.ndarray, held_out: bool) -> np.ndarray:
        places = scaled / self._unit
        distances = _distances(places, self._places)
        distances[:, self._silent] = np.inf
        held = np.zeros(len(scaled), bool)
        for asked, known in _pairs(distances <= 1):
            agree = self._within(scaled[asked], self._centres[known], self._centres[known])
            held[asked[agree]] = True
        for kind in self._kinds:
            near = np.flatnonzero(
                ~held & (distances[:, kind.members].min(axis=1) <= kind.reach))
            held[near] = self._within(scaled[near], kind.low, kind.high)
        sure = np.flatnonzero(held)
        slack = _ROUNDING * (1 + np.linalg.norm(places[sure], axis=1))
        held[sure] = distances[sure].min(axis=1) + slack < _NEARER * nearest(
            places[sure], self._defects, beyond=slack if held_out else None)
        return held

    def _within(self, asked: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Say which of the places [N, F] differ by no more than the tolerances: bool [N]."""
        return ((asked >= low - self._less) & (asked <= high + self._more)).all(axis=1)


@dataclass(frozen=True, eq=False)
class _Kind:
    """Places called good that are one kind of thing.

    Attributes:
        low: Least of each feature [F].
        high: Most of each feature [F].
        members: Their indices.
        reach: How far the next one may lie from the nearest of them.
    """

    low: np.ndarray
    high: np.ndarray
    members: np.ndarray
    reach: float


def _reach(members: np.ndarray) -> float:
    """Return how far places of a kind [N, F] lie from the next one, with room for chance."""
    gaps = nearest(members, members, own=True)
    return float(np.clip(gaps.mean() + _SIGMAS * gaps.std(), _LEAST_REACH, _MOST_REACH))


def _pairs(near: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield row and column numbers of what is true [N, G], some thousands at a time."""
    rows, columns = np.nonzero(near)
    for start in range(0, len(rows), _CHUNK * 16):
        yield rows[start:start + _CHUNK * 16], columns[start:start + _CHUNK * 16]


def _groups(places: np.ndarray) -> list[np.ndarray]:
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
                near |= (_distances(places[rows], places) <= _LINK).any(axis=0)
            reached = np.flatnonzero(near & left)
        if group.sum() >= _FEWEST:
            found.append(np.flatnonzero(group))
    return found


def typical_gap(good: np.ndarray) -> float:
    """Return how far good places [G, F] typically lie from the next one."""
    return max(float(np.quantile(nearest(good, good, own=True), 0.9)), 1e-9)


def nearest(
    points: np.ndarray, others: np.ndarray, *, own: bool = False,
    beyond: np.ndarray | None = None,
) -> np.ndarray:
    """Return the distance [N] to the nearest other one; infinite where there is none.

    Args:
        points: [N, F].
        others: [M, F].
        own: Both are the same, and a point is none of the others to itself.
        beyond: Distances [N] up to which another one is taken for the point itself.
    """
    nearest = np.full(len(points), np.inf)
    if not len(others):
        return nearest
    for start in range(0, len(points), _CHUNK):
        block = slice(start, start + _CHUNK)
        distances = _distances(points[block], others)
        if own:
            rows = np.arange(len(distances))
            distances[rows, start + rows] = np.inf
        if beyond is not None:
            distances[distances <= beyond[block, None]] = np.inf
        nearest[block] = distances.min(axis=1)
    return nearest


def _distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return np.sqrt(np.maximum(squares - 2 * points @ others.T, 0))

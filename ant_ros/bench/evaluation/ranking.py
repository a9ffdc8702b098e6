# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How well scores tell good parts from bad ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ['Ranking']


class Ranking:
    """Parts in the order of their scores, the most unusual first.

    Every figure takes weights [D, N]: how often each part counts, in D draws of a bootstrap;
    without them each counts once. It returns [D]; NaN where a draw holds no part of a kind.

    Args:
        scores: One per part [N].
        bad: Which parts are bad [N], bool.

    >>> ranking = Ranking([0.2, 0.9, 0.4, 0.8], [False, True, True, False])
    >>> float(ranking.auroc()[0]), float(ranking.frr_at_zero_escapes()[0])
    (0.75, 0.5)
    """

    def __init__(self, scores: Sequence[float] | np.ndarray,
                 bad: Sequence[bool] | np.ndarray) -> None:
        values = np.asarray(scores, float)
        self._order = np.argsort(-values, kind='stable')
        self._bad = np.asarray(bad, bool)[self._order]
        ordered = values[self._order]
        # Parts of equal score stand or fall together.
        self._ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))

    def auroc(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the area under the curve of recall over FRR."""
        caught, wrong = self._shares(weights)
        return _area(wrong, caught)

    def average_precision(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the mean precision over the steps of recall."""
        caught, wrong = self._counts(weights)
        with np.errstate(invalid='ignore', divide='ignore'):
            precision = np.where(caught + wrong > 0, caught / (caught + wrong), 0.0)
            steps = np.diff(caught, axis=1, prepend=0.0) / caught[:, -1:]
            mean = np.minimum((steps * precision).sum(axis=1), 1.0)
            return np.where(wrong[:, -1] > 0, mean, np.nan)

    def frr_at_zero_escapes(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the share of good parts that score as high as the least unusual bad one."""
        caught, wrong = self._shares(weights)
        all_caught = np.argmax(caught >= 1.0, axis=1)
        lowest = np.take_along_axis(wrong, all_caught[:, None], axis=1)[:, 0]
        return np.where(np.isnan(caught[:, -1]), np.nan, lowest)

    def recall_at_frr(self, frr: float, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the largest share of bad parts that is found at this FRR or less."""
        caught, wrong = self._shares(weights)
        allowed = np.where(wrong <= frr + 1e-12, caught, 0.0)
        return np.where(np.isnan(wrong[:, -1] + caught[:, -1]), np.nan, allowed.max(axis=1))

    def _shares(self, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Return recall and FRR [D, levels] from each level of the score on."""
        caught, wrong = self._counts(weights)
        with np.errstate(invalid='ignore', divide='ignore'):
            return caught / caught[:, -1:], wrong / wrong[:, -1:]

    def _counts(self, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        if weights is None:
            weights = np.ones((1, len(self._order)))
        ordered = np.asarray(weights, float)[:, self._order]
        caught = np.cumsum(ordered * self._bad, axis=1)[:, self._ends]
        wrong = np.cumsum(ordered * ~self._bad, axis=1)[:, self._ends]
        return caught, wrong


def _area(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the area [D] under curves [D, levels] that start in the origin."""
    rise = up + np.pad(up, ((0, 0), (1, 0)))[:, :-1]
    return (np.diff(across, axis=1, prepend=0.0) * rise).sum(axis=1) / 2

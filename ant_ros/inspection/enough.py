# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the good parts that were shown suffice, by how they look to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ['THIRDS', 'Enough', 'measure_enough']

THIRDS = 3
"""Groups of good parts: each is judged by what was learned from the other two."""

_LITTLE = 0.02
_DOUBT = 2.0
_BOUND = 0.9
_LEAST_SCORE = 1e-6


@dataclass(frozen=True)
class Enough:
    """What the good parts say about themselves, each left out of what it is judged by.

    Attributes:
        parts: How many there are.
        gain: Share by which they score less since the last third of them was added, the median
            over the parts; what is still to be gained by more of them is less.
        gain_least: What that is at least: the parts differ in it, and few tell the median badly.
        gain_most: What it is at most.
        reach: Score of the strangest of them that the false reject rate leaves to pass; a part
            is rejected from 1 on.
    """

    parts: int
    gain: float
    gain_least: float
    gain_most: float
    reach: float

    @property
    def seen_enough(self) -> bool:
        """Whether more good parts would change little."""
        surely = self.gain <= _LITTLE and self.gain_most <= _DOUBT * _LITTLE
        return surely and self.reach < 1

    @property
    def wanted(self) -> tuple[int, int]:
        """How many more good parts are worth showing, at least and at most.

        Gains fall with the number of parts.
        """
        if self.seen_enough:
            return 0, 0
        return self._wanted(self.gain_least), self._wanted(self.gain_most)

    def _wanted(self, gain: float) -> int:
        share = max(gain, 1.5 * _LITTLE) / _LITTLE - 1
        return max(1, int(np.ceil(self.parts * share - 1e-9)))

    @property
    def text(self) -> str:
        """The same as a sentence."""
        measured = (f'the last third of {self.parts} good parts lowered what good parts score by '
                    f'{max(self.gain, 0):.1%}, and the strangest of them reaches '
                    f'{self.reach:.2f} of the reject limit')
        if self.seen_enough:
            return f'seen enough: {measured}'
        least, most = self.wanted
        more = f'{least}' if least == most else f'{least} to {most}'
        return f'not yet: {measured}; show {more} more, {self.parts} parts tell no better'


def measure_enough(
    scores: Sequence[float], by_fewer: Sequence[float], limit: float, target_frr: float
) -> Enough:
    """Return whether so many good parts suffice.

    Args:
        scores: One per good part, by what was learned from the others.
        by_fewer: The same by what was learned from two thirds of them.
        limit: From which on a part is rejected.
        target_frr: Share of good parts that may reach it.
    """
    known, fewer = (np.maximum(one, _LEAST_SCORE) for one in (scores, by_fewer))
    gains = np.sort(1 - known / fewer)
    reach = float(np.quantile(scores, 1 - target_frr, method='higher'))
    return Enough(len(scores), float(np.median(gains)), *_median_bounds(gains), reach / limit)


def _median_bounds(ordered: np.ndarray) -> tuple[float, float]:
    """Return what the median of ordered values is at least and at most, each by 90 %.

    Of independent values as many lie below their true median as coins show heads, whatever their
    distribution (Conover, Practical nonparametric statistics, 1999, section 3.2).
    """
    from scipy.stats import binom
    count = len(ordered)
    above = min(int(binom.ppf(_BOUND, count, 0.5)), count - 1)
    return float(ordered[count - 1 - above]), float(ordered[above])

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
_LEAST_SCORE = 1e-6


@dataclass(frozen=True)
class Enough:
    """What the good parts say about themselves, each left out of what it is judged by.

    Attributes:
        parts: How many there are.
        gain: Share by which they score less since the last third of them was added; what is
            still to be gained by more of them is less.
        reach: Score of the strangest of them that the false reject rate leaves to pass; a part
            is rejected from 1 on.
    """

    parts: int
    gain: float
    reach: float

    @property
    def seen_enough(self) -> bool:
        """Whether more good parts would change little."""
        return self.gain <= _LITTLE and self.reach < 1

    @property
    def wanted(self) -> int:
        """How many more good parts are worth showing; gains fall with their number."""
        if self.seen_enough:
            return 0
        return max(1, int(np.ceil(self.parts * (max(self.gain, 1.5 * _LITTLE) / _LITTLE - 1))))

    @property
    def text(self) -> str:
        """The same as a sentence."""
        measured = (f'the last third of {self.parts} good parts lowered what good parts score by '
                    f'{max(self.gain, 0):.1%}, and the strangest of them reaches '
                    f'{self.reach:.2f} of the reject limit')
        if self.seen_enough:
            return f'seen enough: {measured}'
        return f'not yet: {measured}; show about {self.wanted} more'


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
    gain = 1 - float(np.exp(np.median(np.log(known / fewer))))
    reach = float(np.quantile(scores, 1 - target_frr, method='higher'))
    return Enough(len(scores), gain, reach / limit)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What bounds the learner's memory, its messages and its changes."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields

from ant_ros.inspection.learning.features import MOST_ANSWERS
from ant_ros.inspection.learning.features import MOST_ROWS
from ant_ros.inspection.learning.features import MOST_TEMPLATES

__all__ = ['Limits']

_NAME_BYTES = 800      # of a class or robot: 64 characters, each up to 12 bytes in JSON
_HEADER_BYTES = 5000   # where each array of a state begins


@dataclass(frozen=True)
class Limits:
    """How much is kept; with F features a place takes 4 F bytes, answers of a part up to 8192.

    Attributes:
        parts: Latest parts whose features are kept for late labels.
        vectors: Labelled places that a robot learns from.
        challenge: Parts of the challenge set.
        pending: Labels that wait.
        history: Changes that can be undone one after the other.
        classes: Defect classes.
        robots: Robots in a fleet.
        frr_rise: By how much a change may raise FRR on the challenge set's good parts.
        outvoted: How many times as many parts alike must be called good as are called a defect
            for a label that says so to wait; half as many times for one that says good.
    """

    parts: int = 1000
    vectors: int = 2048
    challenge: int = 400
    pending: int = 32
    history: int = 100
    classes: int = 32
    robots: int = 32
    frr_rise: float = 0.01
    outvoted: float = 2.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name == 'frr_rise' else 1
            if not least <= value < float('inf'):
                raise ValueError(f'{field.name} is {value}: expected a number from {least}')

    def store_bytes(self, width: int) -> int:
        """Return what the features of the latest parts take at most."""
        return self.parts * _part_bytes(width)

    def state_bytes(self, width: int) -> int:
        """Return what one robot's state takes at most in a message."""
        sums = 8 * (width * width + (self.classes + 2) * (width + 3))
        spots = 8 * self.vectors
        templates = MOST_TEMPLATES * (4 * MOST_ANSWERS + 8)
        names = _NAME_BYTES * (2 * self.classes + MOST_TEMPLATES + 2)
        return sums + spots + templates + 4 * self.vectors * width + names + _HEADER_BYTES

    def message_bytes(self, width: int) -> int:
        """Return what a message of a whole fleet takes at most."""
        return self.robots * self.state_bytes(width) + 4096

    def learner_bytes(self, width: int) -> int:
        """Return what a saved learner takes at most."""
        records = self.vectors + self.pending + 2 * self.history + 2 * self.challenge
        return (records * (_part_bytes(width) + 2000)
                + 2 * self.message_bytes(width) + 1_000_000)


def _part_bytes(width: int) -> int:
    return MOST_ROWS * (4 * width + 1) + MOST_ANSWERS

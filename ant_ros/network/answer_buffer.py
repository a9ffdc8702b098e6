# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that cost what was touched, not what is there."""

from __future__ import annotations

import sys

import numpy as np

from ant_ros.network.event_kernels import revert_answers
from ant_ros.network.program import Program

__all__ = ['AnswerBuffer']

_NOTHING = np.zeros(0, np.int32)


class AnswerBuffer:
    """Hand out the answer at rest, to be changed where the events reach it.

    The array of an earlier answer is used again once nobody holds it or a view of it any more:
    then only what was written into it has to be put back. There are two, because a caller often
    holds one answer until he has the next. If both are held, a new one is made.

    Args:
        program: The network, at rest.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rest = program.answers()
        self._arrays = [self._rest.copy(), self._rest.copy()]
        # What was written into them; None from the time they are taken until that is known.
        self._units: list[np.ndarray | None] = [_NOTHING, _NOTHING]
        self._alone = self._holders(0)

    @property
    def bytes(self) -> int:
        """Memory held, in bytes."""
        return 3 * self._rest.nbytes

    def take(self) -> np.ndarray:
        """Return the answer at rest, flat, for the caller to keep and not to change."""
        for place in (0, 1):
            if self._holders(place) == self._alone:
                self._revert(place)
                self._units[place] = None
                return self._arrays[place]
        return self._rest.copy()

    def note(self, answer: np.ndarray, units: np.ndarray) -> None:
        """Remember which units were written into an answer that was taken."""
        for place in (0, 1):
            if self._arrays[place] is answer:
                self._units[place] = units
                return
        # The older of the two stays with whoever holds it; this one may come back.
        self._arrays = [self._arrays[1], answer]
        self._units = [self._units[1], units]

    def _holders(self, place: int) -> int:
        """Return the references to an array, its views among them."""
        return sys.getrefcount(self._arrays[place])

    def _revert(self, place: int) -> None:
        units = self._units[place]
        if units is None:
            self._arrays[place][:] = self._rest
        elif len(units):
            revert_answers(self._program.table.ops, self._rest, units, self._arrays[place])

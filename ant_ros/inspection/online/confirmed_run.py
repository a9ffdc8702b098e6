# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a run, until a person says that they were good."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from ant_ros.inspection.learning import ChallengePart
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import Model
from ant_ros.inspection.learning import PLACE_FEATURES
from ant_ros.inspection.learning.challenge_set import newly_passing
from ant_ros.inspection.learning.features import MOST_PART_ID
from ant_ros.inspection.learning.some_of import some_of

__all__ = ['PEAK', 'GoodRun', 'Run', 'would_pass']

PEAK = PLACE_FEATURES.index('peak')
"""Which feature of a place is the logarithm of its largest score."""

_MOST_PARTS = 10_000
_ROUNDING = 1e-5   # of a peak that is kept as a float32 logarithm


@dataclass(frozen=True)
class GoodRun:
    """What is left of a run without its known defects.

    Attributes:
        scores: Largest score of each part, as it was seen, whatever labels said of it.
        stopped: Parts that did not pass and that nobody has labelled.
        apart: Parts that were stopped for marks that were called good since.
        defects: Parts that were called defects.
    """

    scores: tuple[float, ...]
    stopped: tuple[str, ...]
    apart: int
    defects: int

    @property
    def question(self) -> str:
        """What to ask before stopped parts are taken as good."""
        return (f'{len(self.stopped)} of {len(self.scores)} parts were stopped: '
                f'{some_of(self.stopped)}; label those that are defects, or that bear a harmless '
                'mark; if the rest are good, confirm once more')

    @property
    def text(self) -> str:
        """What was confirmed, in a sentence."""
        stopped = f', of which were stopped: {some_of(self.stopped)}' if self.stopped else ''
        apart = f', {self.apart} more with marks that were called good' if self.apart else ''
        defects = f', {self.defects} defects apart' if self.defects else ''
        return f'{len(self.scores)} good parts confirmed{stopped}{apart}{defects}'


class Run:
    """Remember how good parts scored, each by its latest verdict; at most 10,000 of them.

    Attributes:
        told: Stopped parts that a person was told of before confirming them.
    """

    def __init__(self) -> None:
        self._parts: dict[str, tuple[float, bool]] = {}
        self.told: frozenset[str] = frozenset()

    def add(self, part: str, score: float, *, passed: bool) -> None:
        """Take a part, its largest score, and whether it passed."""
        part = part[:MOST_PART_ID]
        self._parts.pop(part, None)
        self._parts[part] = score, passed
        if len(self._parts) > _MOST_PARTS:
            del self._parts[next(iter(self._parts))]

    def without_defects(self, words: Mapping[str, str]) -> GoodRun:
        """Return the parts that a person may call good.

        Args:
            words: What parts were called, by part.
        """
        scores, stopped = [], []
        apart = defects = 0
        for part, (score, passed) in self._parts.items():
            word = words.get(part)
            if word is not None and word != GOOD:
                defects += 1
            elif word is not None and not passed:
                apart += 1
            else:
                scores.append(score)
                if not passed:
                    stopped.append(part)
        return GoodRun(tuple(scores), tuple(stopped), apart, defects)


def would_pass(
    challenge: Sequence[ChallengePart], model: Model, limit: float,
) -> tuple[str, ...]:
    """Return the known defects that pass only with another limit, or whose like does.

    Args:
        challenge: Parts whose truth is known.
        model: What was learned from labels.
        limit: Score from which a person should look.
    """
    known = [one.features for one in challenge if one.word != GOOD]
    if not known:
        return ()
    least = np.log(limit) + _ROUNDING
    moved = [replace(one, flagged=one.flagged & (one.vectors[:, PEAK] >= least))
             for one in known]
    passing = newly_passing(model, known, moved)
    return tuple(one.part for one, passes in zip(known, passing) if passes)

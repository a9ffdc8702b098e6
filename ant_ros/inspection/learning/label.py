# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An operator's word on a part, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass
import enum

import numpy as np

from ant_ros.inspection.learning.features import PartFeatures

__all__ = ['GOOD', 'Answer', 'Label', 'LabelState']

GOOD = 'good'
"""The word for what is no defect."""


class LabelState(enum.Enum):
    """What became of a label."""

    APPLIED = 'applied'
    PENDING = 'pending'
    REFUSED = 'refused'
    UNKNOWN_PART = 'unknown part'


@dataclass(frozen=True, eq=False)
class Label:
    """A word on a part.

    Attributes:
        number: Counts the labels of this recipe.
        word: 'good' or a defect class.
        by: Who said it.
        features: The part.
        rows: Places of the part that the word is about.
    """

    number: int
    word: str
    by: str
    features: PartFeatures
    rows: tuple[int, ...]

    @property
    def vectors(self) -> np.ndarray:
        """Features of the places that it is about [R, F]."""
        return self.features.vectors[list(self.rows)]

    @property
    def flagged(self) -> np.ndarray:
        """Which of them are at or above the review limit [R]."""
        return self.features.flagged[list(self.rows)]

    def says_the_same_as(self, other: Label | None) -> bool:
        """Say whether another label has the same word on the same places."""
        return other is not None and (self.word, self.rows) == (other.word, other.rows)


@dataclass(frozen=True)
class Answer:
    """What became of a label, an undo or a forget.

    Attributes:
        state: Applied, pending, refused or unknown part.
        version: Version of what was learned, after it.
        text: What happened or why not, in a sentence.
        label: Number of the label; None where there is none.
        also_applied: Numbers of pending labels that could now be applied.
    """

    state: LabelState
    version: int
    text: str
    label: int | None = None
    also_applied: tuple[int, ...] = ()

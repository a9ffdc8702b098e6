# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a label agrees with those on parts that look like it.

Wrong labels are rare and fall anywhere; right ones on parts alike agree. So a label that its
neighbours contradict waits for a second opinion (Wilson: Asymptotic properties of nearest
neighbor rules using edited data, 1972). To call a part good by mistake lets defects pass: it
waits unless more say the same than the contrary. To call one a defect by mistake stops good
parts: it waits when twice as many say the contrary.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ant_ros.inspection.learning.challenge_set import ChallengePart
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.some_of import some_of

__all__ = ['Votes']

_NEAR = 0.75       # of the tolerances: places alike, as what is called good widens
_MOST_NAMED = 3


class Votes:
    """What people said of parts, to be asked whether it agrees with a label.

    Args:
        space: How features are made comparable.
        labels: All words on parts, those that wait included.
        by_hand: Parts of the challenge set added by hand.
        outvoted: See `Limits`.
    """

    def __init__(
        self, space: FeatureSpace, labels: Iterable[Label], by_hand: Iterable[ChallengePart],
        outvoted: float,
    ) -> None:
        self._space, self._outvoted = space, outvoted
        self._unit = space.alike.mean(axis=0) * np.sqrt(space.width)
        told = [(one.features.part, one.word, one.vectors) for one in labels]
        told += [(one.features.part, one.word, _meant(one)) for one in by_hand]
        empty = np.zeros((0, space.width), np.float32)
        self._rows = self._scaled(np.concatenate([empty, *(rows for *_, rows in told)]))
        self._owners = np.repeat(np.arange(len(told)), [len(rows) for *_, rows in told])
        self._parts = np.array([part for part, *_ in told], object)
        self._words = [word for _, word, _ in told]
        self._good = np.array([word == GOOD for word in self._words], bool)

    def near(self, label: Label) -> list[str]:
        """Return the parts that look like the worst place that a label is about, but its own."""
        return [str(part) for part in self._parts[self._near(label)]]

    def against(self, label: Label, *, clearly: bool = False) -> str | None:
        """Say why a label must wait, if those on parts that look like it contradict it.

        Args:
            label: The label.
            clearly: It is in force, and more must contradict it.
        """
        if label.word == GOOD and not label.flagged.any():
            return None  # it lets nothing pass
        near = self._near(label)
        says_good = label.word == GOOD
        opponents = [str(part) for part in self._parts[near[self._good[near] != says_good]]]
        supporters = 1 + len(near) - len(opponents)
        enough = self._outvoted * supporters / (2 if says_good and not clearly else 1)
        if len(opponents) < max(enough, 1):
            return None
        what = 'known defects' if says_good else 'good'
        return (f'{len(opponents)} parts that look like it are {what} '
                f'({some_of(opponents, _MOST_NAMED)}), {supporters} with it as it is called now: '
                'call another one so to confirm it')

    def most_alike(self, label: Label) -> str:
        """Name the part called the contrary that looks most like a label's places, with its word.

        Of what is called good only unusual places count: its others stop no part. It is empty
        where none looks like them.
        """
        vectors = label.vectors[label.flagged] if label.word == GOOD else label.vectors
        contrary = np.flatnonzero((self._good != (label.word == GOOD))
                                  & (self._parts != label.features.part))
        rows = np.flatnonzero(np.isin(self._owners, contrary))
        if not len(rows) or not len(vectors):
            return ''
        places = self._scaled(vectors)[:, None]
        distances = ((places - self._rows[rows])**2).sum(axis=2).min(axis=0)
        if distances.min() > _NEAR**2:
            return ''
        owner = self._owners[rows[distances.argmin()]]
        return f'{self._parts[owner]} ({self._words[owner]})'

    def _near(self, label: Label) -> np.ndarray:
        """Return the indices of the words on other parts that look like a label's worst place."""
        if not len(label.vectors) or not len(self._rows):
            return np.zeros(0, np.intp)
        place = self._scaled(label.vectors[:1])[0]
        near = ((self._rows - place)**2).sum(axis=1) <= _NEAR**2
        words = np.unique(self._owners[near])
        return words[self._parts[words] != label.features.part]

    def _scaled(self, vectors: np.ndarray) -> np.ndarray:
        return self._space.scale(vectors) / self._unit


def _meant(one: ChallengePart) -> np.ndarray:
    """Return the places of a part added by hand that its word is about [R, F]."""
    features = one.features
    return features.vectors[features.flagged] if one.word == GOOD else features.vectors[:1]

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where parts that passed differ as parts did that people called a defect.

A word on a part that passed does not say which place is meant, and the worst one by its score
often is not it. Of all the answers that are measured on a part, those that lie far outside of
what good parts answer are its candidates, several to a part (multiple instances: Dietterich,
Lathrop, Lozano-Perez: Solving the multiple instance problem with axis-parallel rectangles, 1997).
Parts are registered, so that the same answer of the next part is about the same place. Only sums
and extremes of whole numbers are kept: the order of labels does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.learning.features import KINDS
from ant_ros.inspection.learning.features import MOST_SPOTS_PER_LABEL
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.features import STEPS
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label

__all__ = ['Spot', 'Spots', 'Spotter', 'stands_out']

_CLEAR = 5.5       # standard deviations of good parts, which hardly any reaches anywhere
_TOLD = 4.5        # the same from which on the answer of a part called good says something
_SHARE = 0.5
_NEAR_BEST = 0.7
_MOST_CANDIDATES = 4
_FEWEST_ALIKE = 3
_ABOVE_GOOD = 0.5
_MOST_PLACES = 16   # where a class may come: a place that fewer of its parts share is chance

_Key = tuple[str, int, bool, int]


@dataclass(frozen=True, eq=False)
class Spots:
    """Answers of labelled parts that stood out.

    Attributes:
        words: What parts were called, in the order of the alphabet.
        rows: Number of the word, number of the answer, steps of `STEPS`, and rank among those of
            its part, 0 for the strongest [S, 4], int16.
    """

    words: tuple[str, ...]
    rows: np.ndarray

    @classmethod
    def none(cls) -> Spots:
        """Return what is known of nothing."""
        return cls((), np.zeros((0, 4), np.int16))

    @classmethod
    def of(cls, labels: Iterable[Label]) -> Spots:
        """Return what stood out on labelled parts.

        A part called a defect for a place that was seen says nothing of places that were not.
        """
        found = [(label.word, *row) for label in labels for row in _standing_out(label)]
        words = tuple(sorted({word for word, *_ in found}))
        rows = [(words.index(word), *row) for word, *row in found]
        return cls(words, np.array(rows, np.int16).reshape(-1, 4))

    def __add__(self, other: Spots) -> Spots:
        """Return the spots of both."""
        words = tuple(sorted({*self.words, *other.words}))
        return Spots(words, np.concatenate([self._aligned(words), other._aligned(words)]))

    def _aligned(self, words: tuple[str, ...]) -> np.ndarray:
        rows = self.rows.copy()
        numbers = np.array([words.index(word) for word in self.words], np.int16)
        rows[:, 0] = numbers[rows[:, 0]] if len(rows) else 0
        return rows


@dataclass(frozen=True)
class Spot:
    """A place of a part that differs as parts of a class did.

    Attributes:
        label: The class.
        confidence: How clearly, 0.5 to 1.
        answer: Number of the answer that says so.
    """

    label: str
    confidence: float
    answer: int


class Spotter:
    """Tell parts that differ at a place as parts with a defect did.

    An answer counts from half of what parts with the defect answered on average, above all that
    parts called good answered, and far outside of what good parts answer by chance. Where three
    or more parts agree in the kind of what they answer most clearly, the same elsewhere on a
    part counts as well, from where hardly any good part comes anywhere.

    Args:
        spots: What is known; the result does not depend on the order of its rows.
    """

    def __init__(self, spots: Spots) -> None:
        told: dict[_Key, list[int]] = defaultdict(list)
        parts: dict[str, int] = defaultdict(int)
        good: dict[tuple[int, bool, int], int] = defaultdict(int)
        for word, answer, steps, rank in spots.rows.tolist():
            sign, name = (1 if steps > 0 else -1), spots.words[word]
            parts[name] += not rank
            keys = [(answer, False, sign)]
            if name == GOOD or not rank:
                keys.append((answer % KINDS, True, sign))
            for key in keys:
                if name == GOOD:
                    good[key] = max(good[key], abs(steps))
                else:
                    told[(name, *key)].append(abs(steps))
        known = []
        for (name, answer, anywhere, sign), sizes in sorted(told.items()):
            limit = _limit(sizes, good.get((answer, anywhere, sign), 0))
            fewest = _FEWEST_ALIKE if anywhere else parts[name] / _MOST_PLACES
            if limit <= max(sizes) and len(sizes) >= fewest:
                known.append((name, answer, anywhere, sign / limit))
        self.words = tuple(sorted({name for name, *_ in known}))
        self._there = [(name, answer) for name, answer, anywhere, _ in known if not anywhere]
        self._answers = np.array([answer for _, answer in self._there], np.intp)
        self._factors = np.array([factor for *_, anywhere, factor in known if not anywhere])
        self._anywhere = [(name, kind, factor) for name, kind, anywhere, factor in known
                          if anywhere]

    def spot(self, faint: np.ndarray | None) -> Spot | None:
        """Return the clearest spot of a part's answers [K]; None where it has none."""
        if faint is None or not self.words or self._answers.max(initial=0) >= len(faint):
            return None
        times, name, answer = max(self._clearest(faint), key=lambda one: one[0])
        return Spot(name, float(1 - 0.5 / times**2), answer) if times >= 1 else None

    def _clearest(self, faint: np.ndarray) -> Iterator[tuple[float, str, int]]:
        """Yield by how many times the limit is reached where it counts, and by which answer."""
        if self._there:
            times = faint[self._answers] * self._factors
            best = int(times.argmax())
            yield float(times[best]), *self._there[best]
        for name, kind, factor in self._anywhere:
            times = faint[kind::KINDS] * factor
            best = int(times.argmax())
            yield float(times[best]), name, kind + KINDS * best

    def spotted(self, parts: Sequence[PartFeatures]) -> np.ndarray:
        """Say which parts [N] have a spot: bool [N]."""
        return np.array([self.spot(part.faint) is not None for part in parts], bool)


def _limit(steps: Sequence[int], good: int) -> float:
    """Return from how many steps on an answer counts."""
    beyond = good + _ABOVE_GOOD * STEPS if good else 0
    return max(_CLEAR * STEPS, _SHARE * sum(steps) / len(steps), beyond)


def stands_out(faint: np.ndarray | None) -> bool:
    """Say whether any answer [K] lies far outside of what good parts answer."""
    return faint is not None and int(np.abs(faint.astype(np.int16)).max()) >= _CLEAR * STEPS


def _standing_out(label: Label) -> list[tuple[int, int, int]]:
    """Return the answers of a labelled part that stand out, by how many steps, and the rank."""
    faint = label.features.faint
    if faint is None or (label.word != GOOD and label.rows):
        return []
    values = faint.astype(np.int32)
    sizes = np.abs(values)
    if label.word == GOOD:
        least, most = _TOLD * STEPS, MOST_SPOTS_PER_LABEL
    else:
        least, most = max(_CLEAR * STEPS, _NEAR_BEST * int(sizes.max())), _MOST_CANDIDATES
    ranked = np.argsort(-sizes, kind='stable')[:most]
    return [(int(answer), int(values[answer]), rank) for rank, answer in enumerate(ranked)
            if sizes[answer] >= least]

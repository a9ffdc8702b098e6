# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How parts that passed differ in many answers at once, as parts did that were called a defect.

A print that is a little too pale differs everywhere a little and nowhere enough. Weighed by how
the labelled parts differ on average, and by how good parts vary, all its answers together are
plain (Fisher: The use of multiple measurements in taxonomic problems, 1936). What an average owes
to chance is taken off first, answer by answer (soft thresholding: Donoho, Johnstone: Ideal
spatial adaptation by wavelet shrinkage, 1994). Only sums of whole numbers are kept: the order of
labels does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.features import STEPS
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.spots import Spot

__all__ = ['GoodAnswers', 'Matcher', 'Templates']

_LEAST = 1.0      # standard deviations of good parts that an answer must differ by on average
_ERRORS = 2.0     # the same in standard errors of that average
_RARE = 1e-4      # share of good parts that are like a template by chance
_FEWEST_GOOD = 5
_MOST_GOOD = 64


@dataclass(frozen=True, eq=False)
class Templates:
    """Sums of the answers of parts called a defect on which no place was unusual.

    Attributes:
        words: What parts were called, in the order of the alphabet.
        counts: Parts of each [W], int64.
        sums: Sum of their answers, in steps of `STEPS` [W, K], int32; [0, 0] without any.
    """

    words: tuple[str, ...]
    counts: np.ndarray
    sums: np.ndarray

    @classmethod
    def none(cls) -> Templates:
        """Return what is known of nothing."""
        return cls((), np.zeros(0, np.int64), np.zeros((0, 0), np.int32))

    @classmethod
    def of(cls, labels: Iterable[Label], width: int) -> Templates:
        """Return the sums over labelled parts that have so many answers."""
        total = cls.none()
        for label in labels:
            faint = label.features.faint
            if label.word != GOOD and not label.rows and faint is not None and (
                    len(faint) == width):
                total += cls((label.word,), np.ones(1, np.int64), faint[None].astype(np.int32))
        return total

    def __add__(self, other: Templates) -> Templates:
        """Return the sums of both."""
        if not self.words or not other.words:
            return self if self.words else other
        words = tuple(sorted({*self.words, *other.words}))
        counts = np.zeros(len(words), np.int64)
        sums = np.zeros((len(words), self.sums.shape[1]), np.int32)
        for one in (self, other):
            places = [words.index(word) for word in one.words]
            counts[places] += one.counts
            sums[places] += one.sums
        return Templates(words, counts, sums)


class GoodAnswers:
    """How the answers of good parts vary together.

    Args:
        faint: Answers of good parts in steps of `STEPS` [G, K]; the first ones are used.
    """

    def __init__(self, faint: np.ndarray) -> None:
        self._rows = faint[:_MOST_GOOD].astype(np.float64) / STEPS
        self.count, self.width = self._rows.shape
        self.centre = self._rows.mean(axis=0) if self.count else np.zeros(self.width)
        self._rows -= self.centre
        gram = self._rows @ self._rows.T
        self._inverse = np.linalg.inv(self.count * np.eye(self.count) + gram)
        # Each good part had a share in the weights that it is weighed with.
        self._share = np.diagonal(gram @ self._inverse)

    def weigh(self, difference: np.ndarray) -> tuple[np.ndarray, float]:
        """Return weights [K] that tell a difference best, and how those of good parts spread.

        Answers of good parts vary by 1 each, and together as they were seen to. The spread is
        that of parts left out in turn.

        Args:
            difference: From good parts, in their standard deviations [K].
        """
        weights = difference - self._rows.T @ (self._inverse @ (self._rows @ difference))
        left_out = self._rows @ weights / (1 - 1 / self.count - self._share)
        return weights, float(np.sqrt((left_out**2).mean()))


class Matcher:
    """Tell parts that differ in many answers as parts with a defect did.

    A part counts as such where it answers more along a template than all but one in ten thousand
    good parts do, by a t-distribution of those that are known.

    Args:
        templates: What is known.
        good: How good parts vary.
    """

    def __init__(self, templates: Templates, good: GoodAnswers) -> None:
        words, rows = [], []
        if good.count >= _FEWEST_GOOD and templates.sums.shape[1:] == (good.width,):
            beyond = -float(special.stdtrit(good.count - 1, _RARE))
            for word, count, total in zip(templates.words, templates.counts, templates.sums):
                average = total / (STEPS * count) - good.centre
                least = max(_LEAST, _ERRORS / float(np.sqrt(count)))
                sure = np.sign(average) * np.maximum(np.abs(average) - least, 0)
                weights, spread = good.weigh(sure)
                if spread > 0:
                    words.append(word)
                    rows.append(weights / (beyond * spread))
        self.words = tuple(words)
        self._weights = np.array(rows) if rows else np.zeros((0, good.width))
        self._level = self._weights @ good.centre

    def match(self, faint: np.ndarray | None) -> Spot | None:
        """Return what a part's answers [K] are like; None where they are like nothing."""
        if faint is None or not self.words or faint.shape != self._weights.shape[1:]:
            return None
        times = self._times(faint)
        best = int(times.argmax())
        if times[best] < 1:
            return None
        answer = int((self._weights[best] * faint).argmax())
        return Spot(self.words[best], float(1 - 0.5 / times[best]**2), answer)

    def matched(self, parts: Sequence[PartFeatures]) -> np.ndarray:
        """Say which parts [N] are like a template: bool [N]."""
        found = np.zeros(len(parts), bool)
        if self.words:
            asked = [number for number, part in enumerate(parts) if part.faint is not None
                     and part.faint.shape == self._weights.shape[1:]]
            if asked:
                faint = np.stack([parts[number].faint for number in asked])  # type: ignore[misc]
                found[asked] = (self._times(faint) >= 1).any(axis=1)
        return found

    def _times(self, faint: np.ndarray) -> np.ndarray:
        """Return how often each template's limit is reached [..., W]."""
        return faint.astype(np.float64) @ self._weights.T / STEPS - self._level

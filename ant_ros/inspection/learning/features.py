# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the learner gets to see of a part: vectors, one for each unusual place."""

from __future__ import annotations

from dataclasses import dataclass
import hashlib

import numpy as np

__all__ = ['KINDS', 'MOST_ANSWERS', 'MOST_PART_ID', 'MOST_ROWS', 'MOST_SPOTS_PER_LABEL',
           'MOST_TEMPLATES', 'STEPS', 'FeatureSpace', 'PartFeatures']

MOST_SPOTS_PER_LABEL = 8
"""Answers of a labelled part that are learned from at most."""

MOST_PART_ID = 200
"""Characters of a part's ID."""

MOST_ROWS = 8
"""Places of a part that are looked at, worst first; more say no more."""

MOST_ANSWERS = 8192
"""Answers of a part to what is too faint to be a place of its own; each takes a byte."""

MOST_TEMPLATES = 8
"""Defect classes of which the answers of whole parts are learned; each takes 4 bytes an answer."""

KINDS = 6
"""Kinds of answers: those of each place follow on each other."""

STEPS = 8
"""Steps of an answer to a standard deviation of good parts."""

_SHRINKAGE = 0.1
_ALIKE = 3.0
"""Standard deviations by which places of a kind may differ where nothing better is known."""


@dataclass(frozen=True, eq=False)
class PartFeatures:
    """The places of one part, worst first.

    A part that passed has its worst place too: it may turn out to be a defect.

    Attributes:
        part: ID of the part.
        vectors: Fixed features of each place [R, F], float32, 1 to `MOST_ROWS` rows.
        flagged: Places at or above the review limit [R], bool.
        faint: How far each of the answers to what no place of its own tells lies from those of
            good parts, in `STEPS` of their spread [K], int8, up to `MOST_ANSWERS`; None without.
        picture: Name of the picture from which it can be looked at again; empty without.
    """

    part: str
    vectors: np.ndarray
    flagged: np.ndarray
    faint: np.ndarray | None = None
    picture: str = ''

    def __post_init__(self) -> None:
        vectors = np.array(self.vectors, np.float32)
        flagged = np.array(self.flagged, bool)
        if not self.part or len(self.part) > MOST_PART_ID:
            raise ValueError(
                f'part ID {self.part[:50]!r}: expected 1 to {MOST_PART_ID} characters')
        if vectors.ndim != 2 or not 1 <= len(vectors) <= MOST_ROWS or not vectors.shape[1]:
            raise ValueError(f'part {self.part}: features of shape {vectors.shape}: expected '
                             f'[R, F] with 1 to {MOST_ROWS} rows, worst first')
        if flagged.shape != (len(vectors),):
            raise ValueError(f'part {self.part}: {flagged.shape} flags for {len(vectors)} rows')
        if not np.isfinite(vectors).all():
            raise ValueError(f'part {self.part}: features that are not finite')
        vectors.flags.writeable = flagged.flags.writeable = False
        object.__setattr__(self, 'vectors', vectors)
        object.__setattr__(self, 'flagged', flagged)
        object.__setattr__(self, 'faint', _checked(self.part, self.faint))

    @property
    def bytes(self) -> int:
        """Bytes of all features."""
        faint = 0 if self.faint is None else self.faint.nbytes
        return self.vectors.nbytes + self.flagged.nbytes + faint


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """How features are made comparable, from what they are on good parts.

    Attributes:
        digest: Tells spaces apart: only robots with equal ones can learn from each other.
        centre: Mean on good parts [F].
        spread: Standard deviation on good parts, shrunk towards the mean one [F].
        good: Places of the good parts that were taught, in `scale`'s units [G, F].
        alike: By how much less and by how much more of each feature a place may have than one
            of its kind, in `scale`'s units [2, F].
        faint: What good parts answer, see `PartFeatures` [N, K], int8; [0, 0] where that is not
            known.
    """

    digest: str
    centre: np.ndarray
    spread: np.ndarray
    good: np.ndarray
    alike: np.ndarray
    faint: np.ndarray

    @classmethod
    def of(
        cls, good: np.ndarray, source: str, alike: np.ndarray | None = None,
        faint: np.ndarray | None = None,
    ) -> FeatureSpace:
        """Return the space of features.

        Args:
            good: The worst places of good parts, as they will come later [G, F], at least 2.
            source: Hash of all that the features are computed from.
            alike: By how much less and by how much more of each feature a place may have than
                one of its kind [2, F]; None: by three standard deviations of good places.
            faint: What good parts answer [N, K], int8; the source tells of it.

        Raises:
            ValueError: too few, another shape, or numbers that are not finite.
        """
        good = np.asarray(good, np.float64)
        if good.ndim != 2 or len(good) < 2 or not good.shape[1] or not np.isfinite(good).all():
            raise ValueError(f'good places of shape {good.shape}: expected finite numbers [G, F] '
                             'of at least 2 good places')
        centre = good.mean(axis=0)
        variance = good.var(axis=0)
        spread = np.sqrt((1 - _SHRINKAGE) * variance + _SHRINKAGE * variance.mean())
        spread = np.maximum(spread, 1e-6 * max(float(np.abs(good).max()), 1.0))
        parts = (source.encode(), centre.tobytes(), spread.tobytes(), good.tobytes())
        digest = hashlib.sha256(b'|'.join(parts)).hexdigest()
        if alike is None:
            alike = np.stack([_ALIKE * spread] * 2)
        elif alike.shape != (2, good.shape[1]) or not (alike > 0).all():
            raise ValueError(f'tolerances of shape {alike.shape}: expected numbers above 0 '
                             f'[2, {good.shape[1]}]')
        return cls(digest, centre, spread, cls._scaled(good, centre, spread),
                   cls._scaled(alike, np.zeros_like(centre), spread),
                   np.zeros((0, 0), np.int8) if faint is None else faint)

    @property
    def width(self) -> int:
        """Number of features."""
        return len(self.centre)

    def scale(self, vectors: np.ndarray) -> np.ndarray:
        """Return features [N, F] so that good ones lie about 1 from their centre, float64.

        Raises:
            ValueError: another number of features.
        """
        self.check(vectors)
        return self._scaled(vectors, self.centre, self.spread)

    def check(self, vectors: np.ndarray) -> None:
        """Refuse another number of features.

        Raises:
            ValueError: it is another.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.width:
            raise ValueError(f'features of shape {vectors.shape}: expected [N, {self.width}]')

    @staticmethod
    def _scaled(vectors: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
        return (vectors - centre) / (spread * np.sqrt(len(centre)))


def _checked(part: str, faint: np.ndarray | None) -> np.ndarray | None:
    if faint is None:
        return None
    faint = np.array(faint)
    if faint.dtype != np.int8 or faint.ndim != 1 or not 0 < len(faint) <= MOST_ANSWERS:
        raise ValueError(f'part {part}: answers of shape {faint.shape}, {faint.dtype}: expected '
                         f'[K] int8 with 1 to {MOST_ANSWERS}')
    faint.flags.writeable = False
    return faint

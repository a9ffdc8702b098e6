# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Names for places in closed form, from sums alone.

Linear discriminants with one covariance for all classes, kept as sums (Hayes, Kanan: Lifelong
machine learning with deep streaming linear discriminant analysis, 2020). Rare classes weigh as
much as frequent ones. A prior keeps the first label of a class useful: before anything is known
of them, defects of a class vary as good parts do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.learning.class_sums import ClassSums

__all__ = ['UNKNOWN', 'ClassHead', 'Names']

UNKNOWN = 'unknown'
"""What no class is near to."""

_PRIOR_PER_FEATURE = 2.0
_GUESS = 3.0
_GUESS_DEGREES = 5.0
_SIGMAS = 3.0


@dataclass(frozen=True)
class Names:
    """What the head says of places.

    Attributes:
        labels: Name of a defect class or 'unknown' [N].
        confidence: Probability of the class among all classes and good; 0 for 'unknown' [N].
        margin: How much nearer the defect class is than good, in standard deviations of the
            measure; minus infinity for 'unknown' [N].
        leaning: The same, also for 'unknown' [N].
    """

    labels: list[str]
    confidence: np.ndarray
    margin: np.ndarray
    leaning: np.ndarray


class ClassHead:
    """Linear discriminants from sums; good parts lie around 0.

    Good at: an answer in closed form, new classes at any time, order-free, one label of a class
    is enough to begin with. Bad at: classes that fall into several unlike groups.

    Args:
        sums: Of the known defects' scaled vectors.
    """

    def __init__(self, sums: ClassSums) -> None:
        self.classes = sums.classes
        means, counts = sums.means, sums.counts
        width = means.shape[1]
        scatter = sums.sums.feature_feature - (means.T * counts) @ means
        scatter = (scatter + scatter.T) / 2
        degrees = float(sums.sums.count - len(counts))
        # A good place has variance 1 / F in each scaled feature.
        usual = np.eye(width) / width
        prior = _PRIOR_PER_FEATURE * width
        within = (prior * usual + scatter) / (prior + degrees)
        self._whiten = np.linalg.inv(np.linalg.cholesky(within)).T
        self._means = np.concatenate([means, np.zeros((1, width))])  # the last one is good
        self._whitened = self._means @ self._whiten
        self._reach = _reach(
            (_GUESS_DEGREES * _GUESS * usual + scatter) / (_GUESS_DEGREES + degrees),
            (_GUESS_DEGREES * _GUESS + sums.scatters) / (_GUESS_DEGREES + counts - 1), counts)
        # Half the squared distance of a class's own places varies by this.
        self._unit = np.sqrt(width / 2)

    def name(self, scaled: np.ndarray) -> Names:
        """Name scaled vectors [N, F]."""
        count = len(scaled)
        if not self.classes or not count:
            return Names([UNKNOWN] * count, np.zeros(count), *[np.full(count, -np.inf)] * 2)
        distances = _squared_distances(scaled @ self._whiten, self._whitened)
        nearest = distances[:, :-1].argmin(axis=1)
        own = distances[np.arange(count), nearest]
        # Not whitened: what the whitening was fitted to would seem nearer than it is.
        plain = ((scaled - self._means[nearest])**2).sum(axis=1)
        known = plain <= self._reach[nearest]
        logits = -distances / (2 * self._unit)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        confidence = chances[np.arange(count), nearest] / chances.sum(axis=1)
        margin = (distances[:, -1] - own) / (2 * self._unit)
        return Names(
            [self.classes[index] if near else UNKNOWN for index, near in zip(nearest, known)],
            np.where(known, confidence, 0.0), np.where(known, margin, -np.inf), margin)


def _reach(within: np.ndarray, variances: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the squared distance from a class's mean [C] that its own places rarely exceed.

    It is about a chi-squared with as many degrees as the covariance has directions that matter
    (Satterthwaite 1946). How large it is each class says for itself: places of another class that
    are much alike tell nothing of it.
    """
    directions = float(np.trace(within))**2 / float((within**2).sum())
    return variances * (1 + _SIGMAS * np.sqrt(2 / directions)) * (1 + 1 / counts)


def _squared_distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares = np.einsum('nf,nf->n', points, points)[:, None] + (others**2).sum(axis=1)
    return np.maximum(squares - 2 * points @ others.T, 0)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What good parts' features are like: the nearest of them, where it was or wherever it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.enough import THIRDS
from ant_ros.inspection.feature_bank import arrange
from ant_ros.inspection.feature_bank import Bank
from ant_ros.inspection.feature_maps import Projection

__all__ = ['AnywhereMemory', 'PlacedMemory', 'learn_anywhere', 'learn_placed', 'top_mean']

_REACH = 1
_MOST_PARTS = 40
_MOST_FEATURES = 24_000
_SMOOTH = 4.0
_OVERALL = 10.0
_PRIOR_SEEN = 0.1
_PLACED_TOP = 3
_ANYWHERE_TOP_SHARE = 0.1


@dataclass(frozen=True)
class PlacedMemory:
    """Features of registered good parts, each at its place.

    After Cohen and Hoshen, Sub-image anomaly detection with deep pyramid correspondences, 2020,
    but what is good in one place need not be good in another, a few positions away. A place
    where good parts differ from each other, as where leads are bent by hand, counts less:
    distances are taken in units of what good parts show there.

    Attributes:
        projection: Makes features short.
        memory: [h, w, M, D], float32.
        level: Usual distance at each position [h, w].
        weight: 1 / its spread [h, w]; 0 where the part is not.
    """

    projection: Projection
    memory: np.ndarray
    level: np.ndarray
    weight: np.ndarray

    def measure(self, features: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return how unusual features [h, w, C] are, in spreads [h, w]; 0 where not chosen."""
        from ant_ros.inspection.neighbours import nearest_near
        chosen = chosen & (self.weight > 0)
        short = np.zeros((*chosen.shape, self.memory.shape[3]), np.float32)
        short[chosen] = self.projection(features[chosen])
        distances = nearest_near(short, self.memory, chosen, _REACH)
        return np.where(chosen, np.maximum((distances - self.level) * self.weight, 0), 0)

    def score(self, unusual: np.ndarray) -> float:
        """Return one number for the part: the mean of the few most unusual positions."""
        return top_mean(unusual, _PLACED_TOP)


@dataclass(frozen=True)
class AnywhereMemory:
    """Features of good parts of free shape, or of a texture: what was good anywhere is good.

    After Roth et al., Towards total recall in industrial anomaly detection, 2022 (PatchCore).

    Attributes:
        projection: Makes features short.
        bank: Their features.
    """

    projection: Projection
    bank: Bank

    def measure(self, features: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Return the distance of features [h, w, C] from the nearest good ones [h, w].

        Args:
            features: Of one part.
            near: Where the part is, with its surroundings [h, w], bool; 0 elsewhere.
        """
        distances = np.zeros(near.shape, np.float32)
        if near.any():
            distances[near] = self.bank.nearest(self.projection(features[near]))
        return distances

    def score(self, unusual: np.ndarray) -> float:
        """Return one number for the part: the mean of the most unusual tenth."""
        return top_mean(unusual, max(1, round(_ANYWHERE_TOP_SHARE * unusual.size)))


def top_mean(values: np.ndarray, count: int) -> float:
    """Return the mean of the largest values."""
    flat = values.ravel()
    if count >= flat.size:
        return float(flat.mean())
    return float(np.partition(flat, flat.size - count)[flat.size - count:].mean())


def learn_placed(
    projection: Projection, features: Sequence[np.ndarray], mask: np.ndarray,
    added: Sequence[np.ndarray], gated: Sequence[np.ndarray],
) -> tuple[PlacedMemory, list[float], list[float]]:
    """Learn from registered good parts.

    What is usual, and the scores, are those of all of a part. Judged by the few positions alone
    that a gate let through, good parts look more different from each other than they are, and a
    limit that is extrapolated from that lies too high.

    Args:
        projection: Makes features short.
        features: Per part as it is seen without a gate [h, w, C].
        mask: Where the part is [h, w], bool.
        added: Per part what else counts as unusual [h, w].
        gated: Per part as it is seen through the gate [h, w, C], which is good, too; may be empty.

    Returns:
        The memory, each good part's score against the others, and against two thirds of all.
    """
    from ant_ros.inspection.neighbours import nearest_near
    short = [projection(one) for one in features]
    kept = [int(one) for one in np.unique(np.linspace(0, len(short) - 1, min(
        len(short), _MOST_PARTS)).round())]
    remembered = [short[part] for part in kept]
    remembered += [projection(gated[part]) for part in kept if gated]
    owners = np.array(kept * (2 if gated else 1))
    memory = _as_stored(np.ascontiguousarray(np.stack(remembered, axis=2)))
    distances, with_fewer = (
        np.stack([nearest_near(one, memory, mask, _REACH, owners % groups, part % groups)
                  for part, one in enumerate(short)]) for groups in (len(short), THIRDS))
    level, weight = _usual(distances, mask)
    scores: list[float] = []
    by_fewer: list[float] = []
    for part, more in enumerate(added):
        # What this part alone showed of how far good parts stray would make it look usual.
        its_level, its_weight = _usual(np.delete(distances, part, axis=0), mask)
        for far, told in ((distances, scores), (with_fewer, by_fewer)):
            strayed = np.maximum((far[part] - its_level) * its_weight, 0)
            told.append(top_mean(strayed + more, _PLACED_TOP))
    return PlacedMemory(projection, memory, level, weight), scores, by_fewer


def learn_anywhere(
    projection: Projection, features: Sequence[np.ndarray], owners: Sequence[int],
    near: Sequence[np.ndarray], *, seed: int = 0,
) -> tuple[AnywhereMemory, list[float], list[float]]:
    """Learn from good parts of free shape.

    Args:
        projection: Makes features short.
        features: Per view [h, w, C]; the first view of each part is how it was seen.
        owners: Which part each view is of, rising from 0.
        near: Per part where it is, with its surroundings [h, w], bool.
        seed: Seed of the features that are kept where they are many.

    Returns:
        The memory, each good part's score against the others, and against two thirds of all.
    """
    short = [projection(one.reshape(-1, one.shape[-1])) for one in features]
    bank = np.concatenate(short)
    whose = np.repeat(owners, [len(one) for one in short])
    if len(bank) > _MOST_FEATURES:
        chosen = np.random.default_rng(seed).choice(len(bank), _MOST_FEATURES, replace=False)
        bank, whose = bank[np.sort(chosen)], whose[np.sort(chosen)]
    arranged, order = arrange(_as_stored(bank), seed=seed)
    whose = whose[order]
    learned = AnywhereMemory(projection, arranged)
    firsts = [owners.index(part) for part in range(max(owners) + 1)]
    scores, by_fewer = (
        [learned.score(arranged.nearest(short[first], whose % groups, part % groups)
                       * near[part].ravel()) for part, first in enumerate(firsts)]
        for groups in (len(firsts), THIRDS))
    return learned, scores, by_fewer


def _usual(distances: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the usual distance at each position [h, w], and 1 / how far good parts stray from it.

    Args:
        distances: Per good part [N, h, w]; 0 where the part is not.
        mask: Where the part is [h, w], bool; elsewhere nothing counts.
    """
    seen = len(distances) * mask.astype(np.float32)
    total = max(float(seen.sum()), 1.0)
    share = _blurred(seen) + _PRIOR_SEEN
    middle = distances.sum() / total
    level = (_blurred(distances.sum(axis=0)) + _PRIOR_SEEN * middle) / share
    squares = ((distances - level)**2).sum(axis=0) * mask
    overall = squares.sum() / total
    drawn = (_blurred(squares) + _PRIOR_SEEN * overall) / share
    spread = np.sqrt(drawn + _OVERALL * overall + 1e-12)
    return level.astype(np.float32), (mask / spread).astype(np.float32)


def _as_stored(memory: np.ndarray) -> np.ndarray:
    """Round as the recipe's files do, so that a loaded inspector says exactly the same."""
    return memory.astype(np.float16).astype(np.float32)


def _blurred(plane: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(plane.astype(np.float32), (0, 0), _SMOOTH)

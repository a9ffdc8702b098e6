# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn both stages without a pretrained backbone from registered good parts."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.calibration import limit_from_peaks
from ant_ros.inspection.calibration import Limits
from ant_ros.inspection.calibration import limits_for_rate
from ant_ros.inspection.calibration import wake_limit
from ant_ros.inspection.deep_stage import ask_all
from ant_ros.inspection.deep_stage import cut_tiles
from ant_ros.inspection.deep_stage import DeepStage
from ant_ros.inspection.deep_stage import learn_deep_stage
from ant_ros.inspection.deep_stage import TaughtAnswers
from ant_ros.inspection.deep_stage import TILE
from ant_ros.inspection.enough import THIRDS
from ant_ros.inspection.expectation import edge_strength
from ant_ros.inspection.expectation import learn_spread
from ant_ros.inspection.local_shift import left_out_differences
from ant_ros.inspection.surprise import glance
from ant_ros.inspection.surprise import Glances
from ant_ros.inspection.surprise import learn_slopes
from ant_ros.inspection.surprise import learn_surprise
from ant_ros.inspection.surprise import Surprise
from ant_ros.inspection.surprise import tile_peaks
from ant_ros.inspection.whitening import learn_whitening
from ant_ros.inspection.whitening import White
from ant_ros.inspection.whitening import Whitening
from ant_ros.network.patch_features import PatchFeatures

__all__ = ['Sampled', 'TaughtLook', 'learn_first_look', 'learn_sampled']

_FEATURES = 32
_POOL_PX = 5
_FOLDS = 10
_LEAST_LEVEL = 0.1
_EDGE_MARGIN = 1.2
_PRINT_EASE = 0.2   # from ten parts; the more there are, the more they show


@dataclass(frozen=True)
class TaughtLook:
    """What the first look learned, and what it sees of the good parts.

    Attributes:
        whitening: What makes differences comparable.
        slopes: Of the expected brightness.
        mean: Expected part [3, H, W].
        mask: Where the part is [H, W], bool.
        residuals: Each good part less what the others lead to expect [N, 3, H, W].
        white: The same whitened.
        glances: What is seen of it.
        levels: A factor for each kind of answer.
        surprises: Evidence at each good part, learned from the others [H, W].
        surprise: The first look itself.
    """

    whitening: Whitening
    slopes: np.ndarray
    mean: np.ndarray
    mask: np.ndarray
    residuals: np.ndarray
    white: list[White]
    glances: list[Glances]
    levels: np.ndarray
    surprises: list[np.ndarray]
    surprise: Surprise

    def learned_from(self, parts: Sequence[int]) -> Surprise:
        """Return the first look that some of the good parts teach."""
        return learn_surprise(
            self.whitening, [self.glances[part] for part in parts], self.slopes, self.mean,
            self.mask).levelled(self.levels)


@dataclass(frozen=True)
class Sampled:
    """What is learned without a pretrained backbone, and how the good parts surprise.

    Attributes:
        surprise: The first look.
        deep: What it wakes.
        limits: Of both.
        surprises: Evidence of the first look at each good part [H, W].
        unexplained: Share of the variance of brightness that differs from part to part.
        scores: Largest evidence at each good part, learned from the others.
        by_fewer: The same, learned from two thirds of the good parts.
    """

    surprise: Surprise
    deep: DeepStage
    limits: Limits
    surprises: list[np.ndarray]
    unexplained: float
    scores: list[float]
    by_fewer: list[float]

    @property
    def limit(self) -> float:
        """Score from which on a part is rejected."""
        return self.limits.look * self.limits.reject

    def settle(self, limits: Limits) -> Limits:
        """Return limits as they are."""
        return limits


def learn_sampled(
    stack: np.ndarray, mean: np.ndarray, mask: np.ndarray, moving: np.ndarray, reach_px: float,
    target_frr: float,
) -> Sampled:
    """Learn both stages from registered good parts [N, 3, H, W], prints `moving` on them."""
    first = learn_first_look(stack, mean, mask, moving, reach_px)
    residuals, white, surprises = first.residuals, first.white, first.surprises
    left_out = len(stack) / (len(stack) - 1)
    settled = mean + residuals / left_out
    tiles = np.argwhere(tile_peaks(mask.astype(np.uint8), TILE) > 0)
    answers = ask_all(
        PatchFeatures.sample(settled, _FEATURES), settled, [one.planes for one in white], tiles,
        edge_strength(mean[:1], 3)[0], mask)
    limits = _calibrate(answers, surprises, settled, white, target_frr)
    own = float((residuals[:, 0, mask]**2).mean())
    unexplained = own / (own + float(mean[0, mask].var()) + 1.0)
    return Sampled(
        first.surprise, learn_deep_stage(answers, range(len(stack))), limits, surprises,
        unexplained, [float(one.max()) for one in surprises], _scores_by_fewer(first))


def _scores_by_fewer(first: TaughtLook) -> list[float]:
    """Return the largest evidence at each good part, learned from the other two thirds."""
    count = len(first.white)
    left_out = count / (count - 1)
    scores = [0.0] * count
    for third in range(THIRDS):
        others = [part for part in range(count) if part % THIRDS != third]
        look = first.learned_from(others)
        # What the mean of fewer parts is further from the next part.
        further = np.sqrt((1 + 1 / len(others)) / left_out)
        for part in range(third, count, THIRDS):
            scores[part] = float(further * look.look(first.white[part]).max())
    return scores


def learn_first_look(
    stack: np.ndarray, mean: np.ndarray, mask: np.ndarray, moving: np.ndarray, reach_px: float
) -> TaughtLook:
    """Learn the first look from registered good parts [N, 3, H, W], prints `moving` on them."""
    residuals = left_out_differences(stack, mean, reach_px)
    weights = mask / learn_spread(
        (residuals**2).mean(axis=0), len(stack), edge_strength(mean, 1), mask, _POOL_PX)
    whitening = learn_whitening(residuals, weights)
    left_out = len(stack) / (len(stack) - 1)
    white = [whitening.apply(list(one), left_out * (seen - mean[0]))
             for one, seen in zip(residuals, stack[:, 0])]
    slopes = learn_slopes(mean, weights)
    glances = [glance(one, slopes) for one in white]
    looks = [learn_surprise(whitening, [glances[other] for other in others], slopes, mean, mask)
             for _, others in _folds(len(stack))]
    levels = _levels(looks, white)
    surprises = [look.levelled(levels).look(white[part])
                 for (held, _), look in zip(_folds(len(stack)), looks) for part in held]
    # Few parts do not show how prints look at every part of a pixel that they lie beside.
    ease = np.float32(_PRINT_EASE * min(1.0, 10 / len(stack)))
    surprise = learn_surprise(
        whitening, glances, slopes, mean, mask).levelled(levels).eased(ease * moving)
    return TaughtLook(
        whitening, slopes, mean, mask, residuals, white, glances, levels, surprises, surprise)


def _folds(count: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield good parts to look at, and those to learn from."""
    for held in np.array_split(np.arange(count), min(count, _FOLDS)):
        yield held.tolist(), [part for part in range(count) if part not in held]


def _levels(looks: Sequence[Surprise], white: Sequence[White]) -> np.ndarray:
    """Return a factor for each kind of answer that lets good parts reach much the same.

    Args:
        looks: First looks, one per fold, learned from the other good parts.
        white: Good parts' whitened differences.
    """
    peaks = []
    for (held, _), surprise in zip(_folds(len(white)), looks):
        peaks += [surprise.peaks(white[part]) for part in held]
    limits = np.array([limit_from_peaks(kind) for kind in np.transpose(peaks)])
    # How far edges shift depends on where a part lies; ten parts do not show it everywhere.
    limits[5:] *= _EDGE_MARGIN
    return limits[1] / np.maximum(limits, _LEAST_LEVEL)


def _calibrate(
    answers: TaughtAnswers, surprises: Sequence[np.ndarray], settled: np.ndarray,
    white: Sequence[White], target_frr: float,
) -> Limits:
    """Return the limits by looking at each good part with a model that was learned from others.

    Args:
        answers: Of all good parts.
        surprises: Evidence of the first look at each good part [H, W].
        settled: Good parts without their small shifts [N, 3, H, W].
        white: Their whitened differences.
        target_frr: Share of good parts that may be stopped.
    """
    tiles = answers.tiles
    inside = cut_tiles(answers.mask, tiles, TILE)
    lines, features = [], []
    for held, others in _folds(len(white)):
        deep = learn_deep_stage(answers, others)
        for part in held:
            found = deep.examine(
                list(settled[part]), white[part].planes, tiles, len(tiles))
            lines.append(float((found.lines * inside).max()))
            features.append(float(found.features.max()))
    peaks = [float(one.max()) for one in surprises]
    review, reject = limits_for_rate(peaks, target_frr)
    return Limits(
        wake=wake_limit(np.concatenate([
            tile_peaks(one, TILE)[tuple(tiles.T)] for one in surprises])),
        look=limit_from_peaks(peaks), lines=limit_from_peaks(lines, woken=True),
        features=limit_from_peaks(features, woken=True), review=review, reject=reject)

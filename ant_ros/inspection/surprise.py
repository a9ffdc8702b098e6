# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stage 0: a cheap look at every position, in units of the learned spread."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.expectation import edge_strength
from ant_ros.inspection.expectation import learn_spread
from ant_ros.inspection.lines import line_filters

__all__ = ['Glances', 'Surprise', 'glance', 'learn_surprise', 'tile_peaks']

_SIDE_PX = 3
_POOLS_PX = (5, 7)
_LINES = line_filters(7, 8, sides_px=2)[:8]
_HALF_POOLS_PX = (7, 9)


@dataclass(frozen=True)
class Surprise:
    """How far good parts lie from the mean, at each position and scale.

    Attributes:
        weights: 1 / spread of the answers [2 * 3, H, W], float32; 0 outside of the part.
        half_weights: 1 / spread of the answers at half size [3 + D, H / 2, W / 2].
    """

    weights: np.ndarray
    half_weights: np.ndarray

    def look(self, difference: Sequence[np.ndarray]) -> np.ndarray:
        """Return the largest deviation over scales, channels and lines [H, W], in spreads.

        Args:
            difference: Seen less expected, three planes [H, W].
        """
        evidence = _largest(_answers(difference), self.weights)
        half = _largest(_half_answers(difference), self.half_weights)
        height, width = evidence.shape
        return np.maximum(
            evidence, cv2.resize(half, (width, height), interpolation=cv2.INTER_NEAREST))


@dataclass(frozen=True)
class Glances:
    """Squared answers to the difference of one or more good parts from the others.

    Attributes:
        full: [2 * 3, H, W].
        half: [3 + D, H / 2, W / 2].
    """

    full: np.ndarray
    half: np.ndarray


def glance(residual: np.ndarray) -> Glances:
    """Return what the first look sees of a part's difference [3, H, W], squared."""
    planes = list(residual)
    return Glances(np.stack([*_answers(planes)]) ** 2, np.stack([*_half_answers(planes)]) ** 2)


def learn_surprise(glances: Sequence[Glances], mean: np.ndarray, mask: np.ndarray) -> Surprise:
    """Learn the spreads from what was seen of good parts.

    Args:
        glances: One per good part.
        mean: Expected part [3, H, W].
        mask: Where the part is [H, W], bool.
    """
    count = len(glances)
    full = np.mean([one.full for one in glances], axis=0)
    half = np.mean([one.half for one in glances], axis=0)
    half_mask = _halved(mask.astype(np.float32)) == 1
    edges = [edge_strength(mean, side) for side in (1, _SIDE_PX)]
    wide_edges = np.stack([_halved(plane) for plane in edge_strength(mean, 2 * _SIDE_PX + 1)])
    line_edges = np.stack([_halved(edges[1][0])] * len(_LINES))
    weights = [mask / learn_spread(full[:3], count, edges[0], mask, _POOLS_PX[0]),
               mask / learn_spread(full[3:], count, edges[1], mask, _POOLS_PX[1])]
    half_weights = [
        half_mask / learn_spread(half[:3], count, wide_edges, half_mask, _HALF_POOLS_PX[0]),
        half_mask / learn_spread(half[3:], count, line_edges, half_mask, _HALF_POOLS_PX[1])]
    return Surprise(np.concatenate(weights).astype(np.float32),
                    np.concatenate(half_weights).astype(np.float32))


def tile_peaks(evidence: np.ndarray, tile: int) -> np.ndarray:
    """Return the largest value in each tile [H / tile, W / tile]."""
    height, width = evidence.shape
    # Rows first: one pass over whole rows is much faster than one over both sides of a tile.
    rows = evidence.reshape(height // tile, tile, width).max(axis=1)
    return rows.reshape(height // tile, width // tile, tile).max(axis=2)


def _answers(difference: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Answer at full size: each channel by pixel, then each in a small square."""
    yield from difference
    for plane in difference:
        yield cv2.blur(plane, (_SIDE_PX, _SIDE_PX))


def _half_answers(difference: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Answer at half size: each channel in a square, then the brightness along short lines."""
    halves = [_halved(plane) for plane in difference]
    for half in halves:
        yield cv2.blur(half, (_SIDE_PX, _SIDE_PX))
    for line in _LINES:
        yield cv2.filter2D(halves[0], -1, line)


def _largest(answers: Iterable[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return the largest size of the weighted answers at each position."""
    largest = np.zeros_like(weights[0])
    for answer, weight in zip(answers, weights):
        deviation = cv2.multiply(answer, weight)
        np.abs(deviation, out=deviation)
        np.maximum(largest, deviation, out=largest)
    return largest


def _halved(plane: np.ndarray) -> np.ndarray:
    return cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2),
                      interpolation=cv2.INTER_AREA)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stage 0: a cheap look at every position, in units of the learned spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.expectation import edge_strength
from ant_ros.inspection.expectation import learn_spread
from ant_ros.inspection.lines import line_filters

__all__ = ['SCALES_PX', 'Glances', 'Surprise', 'glance', 'learn_surprise', 'tile_peaks']

SCALES_PX = (1, 3, 7)
_POOL_PX = {1: 5, 3: 7, 7: 15}
_LINES = line_filters(7, 8, sides_px=2)[:8]
_LINE_POOL_PX = 9


@dataclass(frozen=True)
class Surprise:
    """How far good parts lie from the mean, at each position and scale.

    Attributes:
        weights: 1 / spread per scale [S, 3, H, W], float32; 0 outside of the part.
        line_weights: 1 / spread of sums along short lines at half size [D, H / 2, W / 2].
    """

    weights: np.ndarray
    line_weights: np.ndarray

    def look(self, difference: Sequence[np.ndarray]) -> np.ndarray:
        """Return the largest deviation over scales, channels and lines [H, W], in spreads.

        Args:
            difference: Seen less expected, three planes [H, W].
        """
        evidence = np.zeros_like(difference[0])
        for side, scale in zip(SCALES_PX, self.weights):
            for plane, weight in zip(difference, scale):
                _take_larger(evidence, cv2.multiply(_blurred(plane, side), weight))
        half = _halved(difference[0])
        lines = np.zeros_like(half)
        for line, weight in zip(_LINES, self.line_weights):
            _take_larger(lines, cv2.multiply(cv2.filter2D(half, -1, line), weight))
        height, width = evidence.shape
        return np.maximum(
            evidence, cv2.resize(lines, (width, height), interpolation=cv2.INTER_NEAREST))


@dataclass(frozen=True)
class Glances:
    """Squared differences of one or more good parts from the others.

    Attributes:
        scales: Per scale [S, 3, H, W].
        lines: Per direction at half size [D, H / 2, W / 2].
    """

    scales: np.ndarray
    lines: np.ndarray


def glance(residual: np.ndarray) -> Glances:
    """Return what the first look sees of a part's difference [3, H, W], squared."""
    scales = np.stack([
        np.stack([_blurred(plane, side) for plane in residual]) for side in SCALES_PX])
    half = _halved(residual[0])
    lines = np.stack([cv2.filter2D(half, -1, line) for line in _LINES])
    return Glances(scales**2, lines**2)


def learn_surprise(glances: Sequence[Glances], mean: np.ndarray, mask: np.ndarray) -> Surprise:
    """Learn the spreads from what was seen of good parts.

    Args:
        glances: One per good part.
        mean: Expected part [3, H, W].
        mask: Where the part is [H, W], bool.
    """
    count = len(glances)
    squares = np.mean([one.scales for one in glances], axis=0)
    weights = np.stack([
        mask / learn_spread(squares[index], count, edge_strength(mean, side), mask, _POOL_PX[side])
        for index, side in enumerate(SCALES_PX)])
    half_mask = _halved(mask.astype(np.float32)) == 1
    edges = np.stack([_halved(plane) for plane in edge_strength(mean[:1], 3)])
    lines = np.mean([one.lines for one in glances], axis=0)
    line_weights = half_mask / learn_spread(
        lines, count, np.broadcast_to(edges, lines.shape), half_mask, _LINE_POOL_PX)
    return Surprise(weights.astype(np.float32), line_weights.astype(np.float32))


def tile_peaks(evidence: np.ndarray, tile: int) -> np.ndarray:
    """Return the largest value in each tile [H / tile, W / tile]."""
    height, width = evidence.shape
    return evidence.reshape(height // tile, tile, width // tile, tile).max(axis=(1, 3))


def _take_larger(evidence: np.ndarray, deviation: np.ndarray) -> None:
    """Raise the evidence to the size of a deviation, where that is larger."""
    np.abs(deviation, out=deviation)
    np.maximum(evidence, deviation, out=evidence)


def _blurred(plane: np.ndarray, side: int) -> np.ndarray:
    return plane if side == 1 else cv2.blur(plane, (side, side))


def _halved(plane: np.ndarray) -> np.ndarray:
    return cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2),
                      interpolation=cv2.INTER_AREA)

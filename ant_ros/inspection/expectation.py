# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a good part looks like: mean and spread per position."""

from __future__ import annotations

import cv2
import numpy as np

__all__ = ['edge_strength', 'learn_spread', 'masked_blur']

_PRIOR_PARTS = 6.0
_LEAST_OF_PRIOR = 0.6
_LEAST_LEVEL = 0.25


def edge_strength(mean: np.ndarray, blur_px: int) -> np.ndarray:
    """Return the squared slope per position [C, H, W]: what a shift of one pixel may do."""
    planes = []
    for plane in mean:
        smooth = cv2.blur(plane, (blur_px, blur_px))
        across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
        down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        planes.append(cv2.dilate(across**2 + down**2, np.ones((3, 3), np.uint8)))
    return np.stack(planes)


def learn_spread(
    squares: np.ndarray, count: float, edges: np.ndarray, mask: np.ndarray, pool_px: int
) -> np.ndarray:
    """Learn the spread per position from few parts.

    Ten parts give a poor estimate at one pixel. So neighbours are pooled, and the result is
    drawn towards a law of two numbers learned from all positions: a level that holds
    everywhere, and a part that grows with the slope of the picture, because edges move by
    fractions of a pixel.

    Args:
        squares: Mean squared differences of good parts per position [C, H, W].
        count: Parts they come from.
        edges: Squared slope per position [C, H, W].
        mask: Where the part is [H, W], bool.
        pool_px: Side of the square of neighbours.

    Returns:
        Standard deviation per position [C, H, W], float32.
    """
    spread = np.empty_like(squares)
    halves: tuple[np.ndarray, np.ndarray] | None = None
    for channel, (plane, edge) in enumerate(zip(squares, edges)):
        pooled = masked_blur(plane, mask, pool_px)
        inside = edge[mask]
        if halves is None or edges.strides[0]:  # channels may share their edges
            halves = _flat_and_steep(inside)
        law = _two_number_law(plane[mask], inside, halves, edge)
        drawn = (count * pooled + _PRIOR_PARTS * law) / (count + _PRIOR_PARTS)
        spread[channel] = np.maximum(drawn, _LEAST_OF_PRIOR * law)
    return np.sqrt(spread)


def masked_blur(plane: np.ndarray, mask: np.ndarray, side: int) -> np.ndarray:
    """Return the mean over a square of neighbours, of those that lie on the part."""
    inside = mask.astype(np.float32)
    weight = cv2.blur(inside, (side, side))
    return cv2.blur(plane * inside, (side, side)) / np.maximum(weight, 1e-3)


def _flat_and_steep(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which half of the positions is the flatter, and which tenth the steepest."""
    return (edges <= np.median(edges),
            edges > max(float(np.percentile(edges, 90)), 1e-6))


def _two_number_law(
    squares: np.ndarray, edges: np.ndarray, halves: tuple[np.ndarray, np.ndarray], at: np.ndarray
) -> np.ndarray:
    """Fit squares = level + slope * edges, both not negative, and return it at `at`."""
    flat, steep = halves
    level = max(float(squares[flat].mean()), _LEAST_LEVEL**2)
    slope = 0.0
    if steep.any():
        rise = float(squares[steep].mean()) - level
        slope = max(0.0, rise / float(edges[steep].mean()))
    return level + slope * at

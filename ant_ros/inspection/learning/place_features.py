# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A place of a part as a vector: its shape, how it differs from what is expected, and where."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

__all__ = ['ALIKE', 'PLACE_FEATURES', 'describe_place']

_ALIKE = {
    'length': (0.7, 0.35), 'breadth': (0.7, 0.35), 'elongation': (0.5, 0.5), 'area': (1.2, 0.6),
    'major_axis': (0.7, 0.35), 'minor_axis': (0.7, 0.35), 'peak': (0.7, 0.35),
    'strength': (0.7, 0.25), 'brightness': (0.7, 0.7), 'colour_1': (0.7, 0.7),
    'colour_2': (0.7, 0.7), 'brightness_spread': (0.7, 0.5),
    'colour_1_spread': (0.7, 0.5), 'colour_2_spread': (0.7, 0.5), 'darkest': (0.9, 0.9),
    'brightest': (0.9, 0.9), 'edges': (1.4, 1.0), 'directedness': (0.4, 0.4),
    'at_outline': (0.3, 0.3), 'radius': (0.2, 0.2)}

PLACE_FEATURES = tuple(_ALIKE)
"""What the numbers of a vector are. Change this list, and older recipes' features do not fit."""

ALIKE = np.array(list(_ALIKE.values())).T
"""By how much less and by how much more of each feature a place may have than one of its kind.

Lengths may be half as long again, the strength a quarter higher: smaller and fainter ones of a
kind are as harmless, larger and stronger ones need not be. The peak counts in the noise and grain
that a part has itself, so that of equal marks differs by more than their strength does.
"""

_OUTLINE_PX = 9
_SMOOTH_PX = 1.0
_MARGIN_PX = 6
_SHARE_OF_PEAK = 0.15
_NOISE = 2.0   # grey levels by which means of equal marks differ


def describe_place(
    pixels: np.ndarray, score: np.ndarray, difference: Sequence[np.ndarray], mask: np.ndarray,
    centre: tuple[float, float], radius: float,
) -> np.ndarray:
    """Describe a place independently of how the part was turned.

    What is much fainter than its peak is no part of it: how far a strong mark's evidence is seen
    to spread depends on the noise.

    Args:
        pixels: Columns and rows of the place in the registered image [N, 2], at least one.
        score: Scores [H, W]; pixels count by their score.
        difference: Seen less expected: brightness and two colour planes [H, W].
        mask: Where the part is [H, W], bool.
        centre: Centre of the part.
        radius: Largest distance of the part from it.

    Returns:
        `PLACE_FEATURES` [20], float32; lengths and differences as logarithms.
    """
    scores = score[pixels[:, 1], pixels[:, 0]]
    peak = float(scores.max())
    pixels = pixels[scores >= _SHARE_OF_PEAK * peak]
    columns, rows = pixels.T
    weights = np.maximum(score[rows, columns].astype(np.float64), 1e-6)
    weights /= weights.sum()
    seen = np.stack([plane[rows, columns] for plane in difference]).astype(np.float64)
    means = seen @ weights
    spreads = np.sqrt((seen - means[:, None])**2 @ weights)
    sides = np.array(cv2.minAreaRect(pixels.astype(np.float32))[1]) + 1
    middle = weights @ pixels
    return np.array([
        *np.log([sides.max(), sides.min(), sides.max() / sides.min(), len(pixels)]),
        *np.log(_axes(pixels, weights)), np.log(max(peak, 1e-3)),
        _strength(difference, pixels, peak),
        *_signed_log(means), *np.log1p(spreads), *_signed_log(np.quantile(seen[0], [0.1, 0.9])),
        *_edges(difference[0], pixels, weights), _share_at_outline(mask, pixels),
        float(np.hypot(*(middle - centre))) / radius], np.float32)


def _axes(pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the standard deviations along and across [2]; a pixel is 1 wide."""
    away = pixels - weights @ pixels
    covariance = (away * weights[:, None]).T @ away + np.eye(2) / 12
    return np.sqrt(np.linalg.eigvalsh(covariance)[::-1])


def _strength(difference: Sequence[np.ndarray], pixels: np.ndarray, peak: float) -> float:
    """Return the logarithm of the largest difference of small squares, in grey levels.

    Of parts that are not expected to look so anywhere only the score tells how strong it is.
    """
    low, high = pixels.min(axis=0), pixels.max(axis=0) + 1
    columns, rows = (pixels - low).T
    planes = (cv2.blur(np.ascontiguousarray(plane[low[1]:high[1], low[0]:high[0]], np.float32),
                       (3, 3))[rows, columns] for plane in difference)
    largest = float(np.sqrt(sum(plane**2 for plane in planes)).max())
    return float(np.log1p(largest) if largest else np.log(max(peak, 1e-3)))


def _edges(
    plane: np.ndarray, pixels: np.ndarray, weights: np.ndarray,
) -> tuple[float, float]:
    """Return how strong the edges are, and from 0 to 1 how much they share a direction."""
    low = np.maximum(pixels.min(axis=0) - _MARGIN_PX, 0)
    high = pixels.max(axis=0) + _MARGIN_PX + 1
    window = plane[low[1]:high[1], low[0]:high[0]]
    smooth = cv2.GaussianBlur(np.ascontiguousarray(window, np.float32), (0, 0), _SMOOTH_PX)
    columns, rows = (pixels - low).T
    x, y = (cv2.Sobel(smooth, cv2.CV_32F, *order)[rows, columns] for order in ((1, 0), (0, 1)))
    tensor = np.array([[weights @ x**2, weights @ (x * y)], [weights @ (x * y), weights @ y**2]])
    small, large = np.linalg.eigvalsh(tensor)
    return float(np.log1p(small + large)), float((large - small) / (large + small + 1e-6))


def _share_at_outline(mask: np.ndarray, pixels: np.ndarray) -> float:
    low = np.maximum(pixels.min(axis=0) - _OUTLINE_PX, 0)
    high = pixels.max(axis=0) + _OUTLINE_PX + 1
    window = mask[low[1]:high[1], low[0]:high[0]].astype(np.uint8)
    inner = cv2.erode(window, np.ones((_OUTLINE_PX, _OUTLINE_PX), np.uint8))
    columns, rows = (pixels - low).T
    return float((inner[rows, columns] == 0).mean())


def _signed_log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values) / _NOISE)

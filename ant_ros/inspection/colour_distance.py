# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far colours lie from that of the background, and the light on it (compiled)."""

import numpy as np

from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import summing

__all__ = ['colour_distances', 'light_gain', 'standing_out']

_DARK = np.float32(2)
_MOST_GAIN = np.float32(2)


@summing
def colour_distances(look: np.ndarray, whiten: np.ndarray) -> np.ndarray:
    """Return the size of whitened colours [h, w], float32.

    Args:
        look: [h, w, 3], uint8.
        whiten: Affine map [3, 4] from RGB to a distance of mean 0 and spread 1, float32.
    """
    height, width, _ = look.shape
    distances = np.empty((height, width), np.float32)
    for y in range(height):
        row, answers = look[y], distances[y]
        for x in range(width):
            answers[x] = _distance(row[x, 0], row[x, 1], row[x, 2], whiten)
    return distances


@summing
def standing_out(look: np.ndarray, whiten: np.ndarray, limit: float) -> np.ndarray:
    """Return 255 where whitened colours are farther away than a limit [h, w], uint8, else 0.

    Args:
        look: [h, w, 3], uint8.
        whiten: As for `colour_distances`.
        limit: Below 0 everything is farther away.
    """
    height, width, _ = look.shape
    far = np.empty((height, width), np.uint8)
    square = np.float32(limit * limit if limit >= 0 else -1.0)
    for y in range(height):
        row, answers = look[y], far[y]
        for x in range(width):
            away = _squared_distance(row[x, 0], row[x, 1], row[x, 2], whiten)
            answers[x] = 255 if away > square else 0
    return far


@summing
def light_gain(
    border: np.ndarray, colour: np.ndarray, whiten: np.ndarray, limit: float
) -> np.ndarray:
    """Return the factor per channel [3] that brings the light to that of the background.

    The lamp may be brighter or warmer than it was; what lies along the border tells by how much.
    Part of that may be a rim, or the part itself: the border is believed where it looks more like
    the background in the new light.

    Args:
        border: Pixels along the border [N, 3], uint8.
        colour: Colour of the background [3], float32.
        whiten: As for `colour_distances`.
        limit: Distance from which a pixel belongs to the part.
    """
    gain, lit = np.empty(3, np.float32), whiten.copy()
    for channel in range(3):
        gain[channel] = (colour[channel] + _DARK) / (_middle(border[:, channel]) + _DARK)
        if not 1 / _MOST_GAIN < gain[channel] < _MOST_GAIN:
            return np.ones(3, np.float32)
        lit[:, channel] *= gain[channel]
    most, as_it_is, relit = np.float32(limit), np.float32(0), np.float32(0)
    for one in range(len(border)):
        red, green, blue = border[one, 0], border[one, 1], border[one, 2]
        as_it_is += min(_distance(red, green, blue, whiten), most)
        relit += min(_distance(red, green, blue, lit), most)
    return np.ones(3, np.float32) if as_it_is < relit else gain


@inlined
def _distance(red: int, green: int, blue: int, whiten: np.ndarray) -> float:
    return np.sqrt(_squared_distance(red, green, blue, whiten))


@inlined
def _squared_distance(red: int, green: int, blue: int, whiten: np.ndarray) -> np.float32:
    r, g, b = np.float32(red), np.float32(green), np.float32(blue)
    square = np.float32(0)
    for row in range(3):
        white = whiten[row, 0] * r + whiten[row, 1] * g + whiten[row, 2] * b + whiten[row, 3]
        square += white * white
    return square


@inlined
def _middle(values: np.ndarray) -> int:
    """Return the median of values [N], uint8; the larger of two in the middle."""
    counts = np.zeros(256, np.int64)
    for value in values:
        counts[value] += 1
    level, below = 0, counts[0]
    while below <= len(values) // 2:
        level += 1
        below += counts[level]
    return level

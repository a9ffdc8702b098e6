# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The surroundings of a place in polar coordinates (compiled)."""

import numpy as np

from ant_ros.network.compiled import summing

__all__ = ['polar_sample']


@summing
def polar_sample(
    grey: np.ndarray, x: float, y: float, reach: float, directions: np.ndarray,
    weights: np.ndarray, floor: float,
) -> np.ndarray:
    """Return each radius as it goes round a place [radii, angles], its mean 0, its spread even.

    Args:
        grey: [h, w], float32; beyond its border lies the border's.
        x: Where it is looked around.
        y: Where it is looked around.
        reach: Largest radius.
        directions: Cosine and sine of the angles [2, angles], float32.
        weights: Spread of each radius [radii], from the middle outwards, float32.
        floor: Added to the spread that a radius has before it is evened out.
    """
    bottom, right = grey.shape[0] - 1, grey.shape[1] - 1
    view = np.empty((len(weights), directions.shape[1]), np.float32)
    for radius in range(len(view)):
        row = view[radius]
        away = np.float32(reach * radius / len(view))
        total, power = np.float32(0), np.float32(0)
        for angle in range(len(row)):
            across = min(max(np.float32(x) + away * directions[0, angle], np.float32(0)),
                         np.float32(right))
            down = min(max(np.float32(y) + away * directions[1, angle], np.float32(0)),
                       np.float32(bottom))
            left, top = int(across), int(down)
            beside, below = min(left + 1, right), min(top + 1, bottom)
            u, v = across - np.float32(left), down - np.float32(top)
            upper = (1 - u) * grey[top, left] + u * grey[top, beside]
            lower = (1 - u) * grey[below, left] + u * grey[below, beside]
            row[angle] = (1 - v) * upper + v * lower
            total += row[angle]
        middle = total / np.float32(len(row))
        for angle in range(len(row)):
            row[angle] -= middle
            power += row[angle] * row[angle]
        factor = weights[radius] / np.float32(np.sqrt(power / len(row)) + floor)
        for angle in range(len(row)):
            row[angle] *= factor
    return view

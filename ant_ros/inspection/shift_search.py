# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The shift at which a picture looks most like a template (compiled)."""

import numpy as np

from ant_ros.inspection.brightness_samples import sample_brightness
from ant_ros.network.compiled import kernel
from ant_ros.network.compiled import summing

__all__ = ['likeliest_shift']


@summing
def likeliest_shift(
    picture: np.ndarray, at: np.ndarray, template: np.ndarray, mix: np.ndarray, reach: int
) -> tuple[int, int]:
    """Return the shift to the right and downwards with the largest correlation.

    Args:
        picture: [h, w], uint32, see `packed`.
        at: Map [2, 3] from the template to the picture, float32.
        template: Brightness less its mean [H, W], float32.
        mix: Weights of red, green and blue in the brightness, float32.
        reach: Largest shift in pixels of the template.
    """
    around = _sample_around(picture, at, template.shape, mix, reach)
    best, right, down = np.float32(-np.inf), 0, 0
    for y in range(2 * reach + 1):
        for x in range(2 * reach + 1):
            likeness = _likeness(template, around, x, y)
            if likeness > best:
                best, right, down = likeness, x - reach, y - reach
    return right, down


@kernel
def _sample_around(
    picture: np.ndarray, at: np.ndarray, shape: tuple[int, int], mix: np.ndarray, reach: int
) -> np.ndarray:
    """Return the brightness of where the template and its surroundings lie, less its mean."""
    height, width = shape[0] + 2 * reach, shape[1] + 2 * reach
    columns, rows = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    for y in range(height):
        rows[y] = y - reach
        for x in range(width):
            columns[y, x] = x - reach
    seen = np.empty((height, width), np.float32)
    sample_brightness(picture, at, columns.ravel(), rows.ravel(), mix, seen.ravel())
    return seen


@kernel
def _likeness(template: np.ndarray, around: np.ndarray, left: int, top: int) -> float:
    """Return the correlation but for the spread of the template."""
    total, power, common = np.float32(0), np.float32(0), np.float32(0)
    width = template.shape[1]
    for y in range(len(template)):
        wanted, row = template[y], around[top + y, left:left + width]
        for x in range(width):
            total += row[x]
            power += row[x] * row[x]
            common += row[x] * wanted[x]
    spread = power - total * total / np.float32(template.size)
    return common / np.sqrt(max(spread, np.float32(1)))

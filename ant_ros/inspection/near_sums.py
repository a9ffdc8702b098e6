# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The strongest evidence at each pixel and around it (compiled)."""

import numpy as np

from ant_ros.network.compiled import summing

__all__ = ['strongest_near']


@summing
def strongest_near(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], weights: np.ndarray, spans: np.ndarray
) -> np.ndarray:
    """Return the largest size of a pixel, or a square of nine, times its weight [H, W].

    Args:
        planes: [H, W] each, float32; mirrored at their borders, whose rows do not count twice.
        weights: For the pixels of each plane, then for the squares [6 or more, H, W], float32.
        spans: First column of each row that counts, and the one behind the last [H, 2]; the
            others are 0.
    """
    height, width = planes[0].shape
    largest = np.zeros((height, width), np.float32)
    columns = np.empty(width + 2, np.float32)
    for channel in range(3):
        plane = planes[channel]
        for y in range(height):
            above, here = plane[abs(y - 1)], plane[y]
            below = plane[y + 1 if y + 1 < height else height - 2]
            for x in range(width):
                columns[x + 1] = above[x] + here[x] + below[x]
            columns[0], columns[width + 1] = columns[2], columns[width - 1]
            left, right = spans[y]
            pixels, squares = weights[channel, y, left:right], weights[3 + channel, y, left:right]
            here, row = here[left:right], largest[y, left:right]
            before, middle = columns[left:right], columns[left + 1:right + 1]
            after = columns[left + 2:right + 2]
            for x in range(right - left):
                pixel = abs(here[x]) * pixels[x]
                square = abs(before[x] + middle[x] + after[x]) * squares[x]
                larger = pixel if pixel > square else square
                row[x] = larger if larger > row[x] else row[x]
    return largest

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures made smaller by means over areas (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import kernel
from ant_ros.network.compiled import summing

__all__ = ['area_means', 'halved_less', 'halved_to_four']

_TWO_BYTES = np.uint32(16)
_OPAQUE = np.uint32(255 << 24)


@entry
def halved_to_four(frame: np.ndarray) -> np.ndarray:
    """Return the rounded means of each four pixels of a frame [H, W, 3] uint8.

    They have a fourth channel of 255 [H / 2, W / 2, 4]; an odd last row or column is left out.
    """
    height, width = frame.shape[0] // 2, frame.shape[1] // 2
    small = np.empty((height, width), np.uint32)
    means, half, two = np.zeros(6 * width, np.uint8), np.uint16(2), np.uint16(2)
    pairs = means.view(np.uint16)
    for y in range(height):
        above, below, row = frame[2 * y].ravel(), frame[2 * y + 1].ravel(), small[y]
        # Also between the pairs of pixels, since that is done by vectors.
        for one in range(6 * width - 3):
            means[one] = (np.uint16(above[one]) + np.uint16(above[one + 3])
                          + np.uint16(below[one]) + np.uint16(below[one + 3]) + half) >> two
        for x in range(width):
            row[x] = (np.uint32(pairs[3 * x]) | (np.uint32(pairs[3 * x + 1]) << _TWO_BYTES)
                      | _OPAQUE)
    return small.view(np.uint8).reshape((height, width, 4))


@summing
def halved_less(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], less: np.ndarray
) -> np.ndarray:
    """Return the means of each four pixels of planes less others [3, H / 2, W / 2], float32.

    Args:
        planes: [H, W] each, float32.
        less: What is taken away [3, H / 2, W / 2], float32.
    """
    rest = np.empty(less.shape, np.float32)
    _, height, width = less.shape
    pairs, quarter = np.empty(2 * width, np.float32), np.float32(0.25)
    for channel in range(3):
        for y in range(height):
            above, below = planes[channel][2 * y], planes[channel][2 * y + 1]
            for x in range(2 * width):
                pairs[x] = above[x] + below[x]
            row, wanted = rest[channel, y], less[channel, y]
            for x in range(width):
                row[x] = quarter * (pairs[2 * x] + pairs[2 * x + 1]) - wanted[x]
    return rest


@summing
def area_means(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture [H, W, 3 or more] uint8 at a size [height, width, 3], by means over areas.

    Args:
        picture: About twice as wide and high at most.
        width: At most its own.
        height: At most its own.
    """
    channels = picture.shape[2]
    columns, across = _areas(picture.shape[1], width)
    rows, down = _areas(picture.shape[0], height)
    small = np.empty((height, width, 3), np.uint8)
    sums = np.zeros(picture.shape[1] * channels + 1, np.float32)
    means = np.empty((width, 4), np.float32)
    for y in range(height):
        above, middle = picture[rows[0, y]].ravel(), picture[rows[1, y]].ravel()
        below = picture[rows[2, y]].ravel()
        first, second, third = down[0, y], down[1, y], down[2, y]
        for one in range(len(above)):
            sums[one] = (first * np.float32(above[one]) + second * np.float32(middle[one])
                         + third * np.float32(below[one]))
        for x in range(width):
            left, here, right = (channels * columns[0, x], channels * columns[1, x],
                                 channels * columns[2, x])
            first, second, third = across[0, x], across[1, x], across[2, x]
            # Four at once, though three count: the compiler makes one vector of them.
            for channel in range(4):
                means[x, channel] = (
                    first * sums[left + channel] + second * sums[here + channel]
                    + third * sums[right + channel])
        for x in range(width):
            for channel in range(3):
                small[y, x, channel] = np.uint8(np.int32(means[x, channel] + np.float32(0.5)))
    return small


@kernel
def _areas(size: int, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which three pixels make up each of fewer ones, and their shares [3, wanted]."""
    pixels, shares = np.empty((3, wanted), np.uint32), np.empty((3, wanted), np.float32)
    step = size / wanted
    for one in range(wanted):
        start, end = one * step, (one + 1) * step
        for number in range(3):
            pixel = int(start) + number
            inside = min(end, pixel + 1.0) - max(start, float(pixel))
            pixels[number, one] = min(pixel, size - 1)
            shares[number, one] = max(inside, 0.0)
        whole = shares[0, one] + shares[1, one] + shares[2, one]
        for number in range(3):
            shares[number, one] /= whole
    return pixels, shares

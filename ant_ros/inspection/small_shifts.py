# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums over the three planes of a difference that small shifts are found and undone by (compiled).

What a shift changes is told by the terms [3, 5, H, W] of each plane: its slopes to the right and
downwards, and half of its second derivatives (the mixed one whole).
"""

import numpy as np

from ant_ros.network.compiled import summing

__all__ = ['along_slopes', 'moved_on', 'shift_between', 'without_shift']

_Planes = tuple[np.ndarray, np.ndarray, np.ndarray]
_NEAR, _FAR = np.float32(0.75), np.float32(0.25)


@summing
def along_slopes(planes: _Planes, terms: np.ndarray) -> np.ndarray:
    """Return sums over planes and four pixels of a difference times its slopes [2, H/2, W/2].

    The first are of the slopes to the right, the others of those downwards.
    """
    height, width = planes[0].shape[0] // 2, planes[0].shape[1] // 2
    sums = np.empty((2, height, width), np.float32)
    along = np.empty((2, 2 * width), np.float32)
    right, downwards = along[0], along[1]
    for y in range(height):
        along[:] = 0
        for channel in range(3):
            for row in range(2 * y, 2 * y + 2):
                plane = planes[channel][row]
                across, down = terms[channel, 0, row], terms[channel, 1, row]
                for x in range(2 * width):
                    right[x] += plane[x] * across[x]
                    downwards[x] += plane[x] * down[x]
        for direction in range(2):
            pairs, answers = along[direction], sums[direction, y]
            for x in range(width):
                answers[x] = pairs[2 * x] + pairs[2 * x + 1]
    return sums


@summing
def shift_between(
    along_x: np.ndarray, along_y: np.ndarray, inverse: np.ndarray, reach_px: float
) -> np.ndarray:
    """Return the shift to the right and downwards [2, H, W] that best explains a difference.

    Args:
        along_x: The difference times the slopes to the right, summed up around each place at half
            the size [H / 2, W / 2], float32.
        along_y: The same of the slopes downwards.
        inverse: Of the slopes' common power: xx, xy and yy [3, H / 2, W / 2], float32.
        reach_px: Largest shift.
    """
    height, width = along_x.shape
    small, most = np.empty((2, height, width + 2), np.float32), np.float32(reach_px)
    for y in range(height):
        right, down = small[0, y, 1:width + 1], small[1, y, 1:width + 1]
        x_sums, y_sums = along_x[y], along_y[y]
        xx, xy, yy = inverse[0, y], inverse[1, y], inverse[2, y]
        for x in range(width):
            u = xx[x] * x_sums[x] + xy[x] * y_sums[x]
            v = xy[x] * x_sums[x] + yy[x] * y_sums[x]
            u, v = u if u < most else most, v if v < most else most
            right[x], down[x] = u if u > -most else -most, v if v > -most else -most
    shift = np.empty((2, 2 * height, 2 * width), np.float32)
    row = np.empty(width + 2, np.float32)
    for direction in range(2):
        plane = small[direction]
        plane[:, 0], plane[:, width + 1] = plane[:, 1], plane[:, width]
        for y in range(2 * height):
            near, far = plane[y // 2], plane[min(max(y // 2 + 2 * (y % 2) - 1, 0), height - 1)]
            for x in range(width + 2):
                row[x] = _NEAR * near[x] + _FAR * far[x]
            answers = shift[direction, y]
            for x in range(width):
                answers[2 * x] = _NEAR * row[x + 1] + _FAR * row[x]
                answers[2 * x + 1] = _NEAR * row[x + 1] + _FAR * row[x + 2]
    return shift


@summing
def moved_on(planes: _Planes, expected: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return the difference to what is expected after that was moved [3, H, W].

    Args:
        planes: The difference before [H, W] each, float32.
        expected: What is expected [3, H, W], float32; beyond its border lies the border's.
        shift: By how much, to the right and downwards [2, H, W], float32.
    """
    _, height, width = expected.shape
    rest = np.empty_like(expected)
    for y in range(height):
        for x in range(width):
            across = min(max(x + shift[0, y, x], np.float32(0)), np.float32(width - 1))
            down = min(max(y + shift[1, y, x], np.float32(0)), np.float32(height - 1))
            left, top = min(int(across), width - 2), min(int(down), height - 2)
            u, v = across - np.float32(left), down - np.float32(top)
            for channel in range(3):
                plane = expected[channel]
                upper = plane[top, left] + u * (plane[top, left + 1] - plane[top, left])
                lower = plane[top + 1, left] + u * (
                    plane[top + 1, left + 1] - plane[top + 1, left])
                rest[channel, y, x] = (
                    planes[channel][y, x] + plane[y, x] - (upper + v * (lower - upper)))
    return rest


@summing
def without_shift(
    planes: _Planes, terms: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """Return a difference less what a shift [2, H, W] explains, to the second order [3, H, W]."""
    height, width = planes[0].shape
    rest = np.empty((3, height, width), np.float32)
    for y in range(height):
        shift_x, shift_y = shift[0, y], shift[1, y]
        for channel in range(3):
            plane, left = planes[channel][y], rest[channel, y]
            across, down, bend_xx, bend_xy, bend_yy = (
                terms[channel, 0, y], terms[channel, 1, y], terms[channel, 2, y],
                terms[channel, 3, y], terms[channel, 4, y])
            for x in range(width):
                u, v = shift_x[x], shift_y[x]
                left[x] = plane[x] - (
                    u * (across[x] + u * bend_xx[x] + v * bend_xy[x])
                    + v * (down[x] + v * bend_yy[x]))
    return rest

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums over the three planes of a difference that small shifts are found and undone by (compiled).

What a shift changes is told by the terms [3, 5, H, W] of each plane: its slopes to the right and
downwards, and half of its second derivatives (the mixed one whole).
"""

import numpy as np

from ant_ros.network.compiled import summing

__all__ = ['along_slopes', 'without_shift']

_Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


@summing
def along_slopes(planes: _Planes, terms: np.ndarray) -> np.ndarray:
    """Return a difference times the slopes to the right and downwards, summed up [2, H, W]."""
    height, width = planes[0].shape
    along = np.zeros((2, height, width), np.float32)
    for y in range(height):
        right, downwards = along[0, y], along[1, y]
        for channel in range(3):
            plane = planes[channel][y]
            across, down = terms[channel, 0, y], terms[channel, 1, y]
            for x in range(width):
                right[x] += plane[x] * across[x]
                downwards[x] += plane[x] * down[x]
    return along


@summing
def without_shift(
    planes: _Planes, terms: np.ndarray, right: np.ndarray, downwards: np.ndarray
) -> np.ndarray:
    """Return a difference less what a shift [H, W] explains, to the second order [3, H, W]."""
    height, width = planes[0].shape
    rest = np.empty((3, height, width), np.float32)
    for y in range(height):
        shift_x, shift_y = right[y], downwards[y]
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

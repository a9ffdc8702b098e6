# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The part where it is news, and what is expected elsewhere (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined

__all__ = ['blend']


@entry
def blend(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], matrix: np.ndarray, offset: np.ndarray,
    expected: np.ndarray, close: np.ndarray,
) -> np.ndarray:
    """Return what a network reads of a part [3, H, W], float32, where that is not as expected.

    Args:
        planes: The part [H, W] each, float32.
        matrix: From the planes to what the network reads [3, 3], float32.
        offset: What is added to that [3], float32.
        expected: What the network reads of the expected part [3, H, W], float32.
        close: How much of each pixel is taken from the part [H, W], 0 .. 1, float32.
    """
    blended = np.empty_like(expected)
    for y in range(len(close)):
        shares = close[y]
        left, behind = _taken(shares)
        first, second, third = planes[0][y], planes[1][y], planes[2][y]
        for c in range(3):
            row, usual = blended[c, y], expected[c, y]
            red, green, blue, added = matrix[c, 0], matrix[c, 1], matrix[c, 2], offset[c]
            row[:] = usual
            for x in range(left, behind):
                seen = red * first[x] + green * second[x] + blue * third[x] + added
                row[x] = usual[x] + shares[x] * (seen - usual[x])
    return blended


@inlined
def _taken(shares: np.ndarray) -> tuple[int, int]:
    """Return the first pixel of which something is taken, and the one behind the last."""
    left, behind = 0, len(shares)
    while left < behind and shares[left] == 0:
        left += 1
    while behind > left and shares[behind - 1] == 0:
        behind -= 1
    return left, behind

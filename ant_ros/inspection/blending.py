# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The part where it is news, and what is expected elsewhere (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry

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
    first, second, third = planes
    blended = expected.copy()
    height, width = close.shape
    for y in range(height):
        for x in range(width):
            share = close[y, x]
            if share > 0:
                for c in range(3):
                    seen = (matrix[c, 0] * first[y, x] + matrix[c, 1] * second[y, x]
                            + matrix[c, 2] * third[y, x] + offset[c])
                    blended[c, y, x] += share * (seen - expected[c, y, x])
    return blended

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums of nine positions along lines: three times three (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined

__all__ = ['long_sums', 'short_sums', 'strongest']

# Steps to the right and downwards: short ones, and three long ones for each of them.
_SHORT = ((1, 0), (1, 1), (0, 1), (-1, 1))
_LONG = ((3, -1), (3, 0), (3, 1), (3, 2), (3, 3), (2, 3),
         (1, 3), (0, 3), (-1, 3), (-2, 3), (-3, 3), (-3, 2))


@entry
def short_sums(padded: np.ndarray) -> np.ndarray:
    """Return sums of three neighbours in four directions [4, H, W]; 0 along the border."""
    height, width = padded.shape
    sums = np.zeros((4, height, width), np.float32)
    for short in range(4):
        right, down = _SHORT[short]
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                sums[short, y, x] = padded[y, x] + (
                    padded[y + down, x + right] + padded[y - down, x - right])
    return sums


@entry
def long_sums(sums: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return sums of three short ones in twelve directions [12, height, width]."""
    lines = np.empty((12, height, width), np.float32)
    for direction in range(12):
        for y in range(height):
            middle, after, before = _rows(sums, direction, y, width)
            row = lines[direction, y]
            for x in range(width):
                row[x] = middle[x] + (after[x] + before[x])
    return lines


@entry
def strongest(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the largest size of the long sums, each times its weight [12, H, W]."""
    _, height, width = weights.shape
    largest = np.zeros((height, width), np.float32)
    for y in range(height):
        for direction in range(12):
            middle, after, before = _rows(sums, direction, y, width)
            row, factors = largest[y], weights[direction, y]
            for x in range(width):
                answer = (middle[x] + (after[x] + before[x])) * factors[x]
                row[x] = max(row[x], max(answer, -answer))
    return largest


@inlined
def _rows(
    sums: np.ndarray, direction: int, y: int, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the short sums [W] that make up a row of the long ones."""
    right, down = _LONG[direction]
    margin = (sums.shape[2] - width) // 2
    short, middle = sums[direction // 3], y + margin
    return (short[middle, margin:margin + width],
            short[middle + down, margin + right:margin + right + width],
            short[middle - down, margin - right:margin - right + width])

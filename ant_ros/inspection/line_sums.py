# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums of nine positions along lines: three times three (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import summing

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
            middle, after, before = _rows(sums, direction, y, width, 0, width)
            row = lines[direction, y]
            for x in range(width):
                row[x] = middle[x] + (after[x] + before[x])
    return lines


@summing
def strongest(sums: np.ndarray, weights: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return the largest size of the long sums, each times its weight [12, H, W].

    Args:
        sums: The short ones.
        weights: Per direction and position.
        spans: First column of each row that counts, and the one behind the last [H, 2]; the
            others are 0.
    """
    _, height, width = weights.shape
    largest = np.zeros((height, width), np.float32)
    for y in range(height):
        left, right = spans[y]
        row = largest[y, left:right]
        for short in range(4):
            # Three at once: the compiler makes vectors of that, and not of one after the other.
            first = 3 * short
            middle, after_a, before_a = _rows(sums, first, y, width, left, right)
            _, after_b, before_b = _rows(sums, first + 1, y, width, left, right)
            _, after_c, before_c = _rows(sums, first + 2, y, width, left, right)
            factor_a = weights[first, y, left:right]
            factor_b = weights[first + 1, y, left:right]
            factor_c = weights[first + 2, y, left:right]
            for x in range(right - left):
                a = abs(middle[x] + (after_a[x] + before_a[x])) * factor_a[x]
                b = abs(middle[x] + (after_b[x] + before_b[x])) * factor_b[x]
                c = abs(middle[x] + (after_c[x] + before_c[x])) * factor_c[x]
                a = a if a > b else b
                a = a if a > c else c
                row[x] = a if a > row[x] else row[x]
    return largest


@inlined
def _rows(
    sums: np.ndarray, direction: int, y: int, width: int, left: int, right: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the short sums that make up some columns of a row of the long ones."""
    across, down = _LONG[direction]
    margin = (sums.shape[2] - width) // 2
    short, middle = sums[direction // 3], y + margin
    left, right = left + margin, right + margin
    return (short[middle, left:right], short[middle + down, left + across:right + across],
            short[middle - down, left - across:right - across])

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums of nine positions along lines: three times three (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.compiled import summing

__all__ = ['long_sums', 'raise_to_strongest', 'short_sums']

# Steps to the right and downwards: three long ones for each short one.
_LONG = ((3, -1), (3, 0), (3, 1), (3, 2), (3, 3), (2, 3),
         (1, 3), (0, 3), (-1, 3), (-2, 3), (-3, 3), (-3, 2))


@summing
def short_sums(plane: np.ndarray, across: np.ndarray, reach: int) -> np.ndarray:
    """Return sums of three neighbours in four directions [4, H + 2 reach, W + 2 reach].

    Args:
        plane: [H, W], float32; beyond its borders it counts as 0.
        across: How much of a position and of those beside it counts, in either direction [3],
            float32; for that it is mirrored at its borders.
        reach: How far beyond the borders sums are wanted; those of the outermost are 0.
    """
    padded = _softened(plane, across, reach)
    height, width = padded.shape
    sums = np.zeros((4, height, width), np.float32)
    for y in range(1, height - 1):
        above, here, below = padded[y - 1], padded[y], padded[y + 1]
        level, falling, upright, rising = sums[0, y], sums[1, y], sums[2, y], sums[3, y]
        for x in range(1, width - 1):
            middle = here[x]
            level[x] = middle + (here[x + 1] + here[x - 1])
            falling[x] = middle + (below[x + 1] + above[x - 1])
            upright[x] = middle + (below[x] + above[x])
            rising[x] = middle + (below[x - 1] + above[x + 1])
    return sums


@kernel
def _softened(plane: np.ndarray, across: np.ndarray, reach: int) -> np.ndarray:
    """Return a plane with a little of the neighbours in each position, and zeros around it."""
    height, width = plane.shape
    padded = np.zeros((height + 2 * reach, width + 2 * reach), np.float32)
    row, first, second, third = np.empty(width + 2, np.float32), across[0], across[1], across[2]
    for y in range(height):
        above, here = plane[abs(y - 1)], plane[y]
        below = plane[y + 1 if y + 1 < height else height - 2]
        for x in range(width):
            row[x + 1] = first * above[x] + second * here[x] + third * below[x]
        row[0], row[width + 1] = row[2], row[width - 1]
        answers = padded[reach + y, reach:reach + width]
        for x in range(width):
            answers[x] = first * row[x] + second * row[x + 1] + third * row[x + 2]
    return padded


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
def raise_to_strongest(
    sums: np.ndarray, weights: np.ndarray, spans: np.ndarray, largest: np.ndarray
) -> None:
    """Raise values [H, W] to the largest size of the long sums, each times its weight.

    Args:
        sums: The short ones.
        weights: Per direction and position [12, H, W].
        spans: First column of each row that counts, and the one behind the last [H, 2].
        largest: The values, float32.
    """
    _, height, width = weights.shape
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

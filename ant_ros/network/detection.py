# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Find the tiles of the input that differ from what is expected (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.layout import LANES
from ant_ros.network.run_intrinsics import keep_largest
from ant_ros.network.run_intrinsics import keep_largest_weighted

__all__ = ['find_changes']


@entry
def find_changes(image: np.ndarray, expected: np.ndarray, factors: np.ndarray, threshold: float,
                 shape: tuple[int, int, int], side: int, tiles: np.ndarray,
                 changes: np.ndarray) -> int:
    """List the tiles in which |image - expected| x factor exceeds a threshold or is NaN.

    One pass over the image: what is not finite shows as a change that is not finite.

    Args:
        image: [C x H x W], float32.
        expected: The same of what is expected.
        factors: What differences are multiplied with, likewise; empty where that is 1.
        threshold: Largest difference that is as expected.
        shape: C, H and W.
        side: Side of a tile.
        tiles: Where to list them [tiles], int32.
        changes: Where to write the largest difference of each listed tile [tiles], float32.

    Returns:
        How many they are.
    """
    channels, height, width = shape
    columns = (width + side - 1) // side
    largest = np.zeros(columns * side, np.int32)
    sizes = largest.view(np.float32)
    limit = np.float32(threshold)
    count = 0
    for top in range(0, height, side):
        for x in range(width):
            largest[x] = 0
        for c in range(channels):
            for y in range(top, min(top + side, height)):
                _look_at_row(image, expected, factors, (c * height + y) * width, width, largest)
        for column in range(columns):
            # The bits of floats without sign order as integers do, with NaN above all.
            place = column * side
            for x in range(column * side, (column + 1) * side):
                if largest[x] > largest[place]:
                    place = x
            if not sizes[place] <= limit:
                tiles[count] = top // side * columns + column
                changes[count] = sizes[place]
                count += 1
    return count


@inlined
def _look_at_row(image: np.ndarray, expected: np.ndarray, factors: np.ndarray, start: int,
                 width: int, largest: np.ndarray) -> None:
    """Keep the largest differences of a row of pixels, from `start` on, column by column."""
    whole = width - width % LANES
    if factors.size == 0:
        keep_largest(image, expected, start, whole, largest)
    else:
        keep_largest_weighted(image, expected, start, whole, largest, factors)
    for x in range(whole, width):
        factor = factors[start + x] if factors.size else np.float32(1.0)
        largest[x] = max(largest[x], _bits(
            abs(image[start + x] - expected[start + x]) * factor))


@inlined
def _bits(value: float) -> np.int32:
    return np.float32(value).view(np.int32)

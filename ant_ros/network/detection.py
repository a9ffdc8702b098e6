# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Find the tiles of the input that differ from what is expected (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.layout import LANES
from ant_ros.network.run_intrinsics import exceeds
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
    _, height, width = shape
    largest = np.zeros(-(-width // side) * side, np.int32)
    limit = abs(np.float32(threshold))  # without the sign that a zero can have
    count = 0
    for top in range(0, height, side):
        rows = min(side, height - top)
        # Where there is no spread most rows of tiles are done with in this simpler pass.
        if factors.size or _any_event(image, expected, shape, top, rows, limit):
            _keep_largest_of_rows(image, expected, factors, shape, top, rows, largest)
            count = _list_events(largest, limit, top // side, side, tiles, changes, count)
    return count


@kernel
def _keep_largest_of_rows(image: np.ndarray, expected: np.ndarray, factors: np.ndarray,
                          shape: tuple[int, int, int], top: int, rows: int,
                          largest: np.ndarray) -> None:
    """Write the bits of the largest difference in each column of some rows."""
    channels, height, width = shape
    largest[:] = 0
    for c in range(channels):
        for y in range(top, top + rows):
            _look_at_row(image, expected, factors, (c * height + y) * width, width, largest)


@kernel
def _list_events(largest: np.ndarray, threshold: float, row: int, side: int, tiles: np.ndarray,
                 changes: np.ndarray, count: int) -> int:
    """List the tiles of a row whose largest difference exceeds the threshold."""
    # The bits of floats without sign order as integers do, with NaN above all.
    limit, sizes = _bits(threshold), changes.view(np.int32)
    columns = len(largest) // side
    for column in range(columns):
        size = largest[column * side]
        for x in range(column * side + 1, (column + 1) * side):
            size = max(size, largest[x])
        if size > limit:
            tiles[count] = row * columns + column
            sizes[count] = size
            count += 1
    return count


@inlined
def _any_event(image: np.ndarray, expected: np.ndarray, shape: tuple[int, int, int], top: int,
               rows: int, threshold: float) -> bool:
    """Return whether a change in some rows exceeds the threshold or is not finite."""
    channels, height, width = shape
    length = rows * width
    whole = length - length % LANES
    for c in range(channels):
        start = (c * height + top) * width
        if exceeds(image, start, expected, start, whole, threshold):
            return True
        for place in range(start + whole, start + length):
            if not abs(image[place] - expected[place]) <= threshold:
                return True
    return False


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

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence at parts of the size, and how it is joined with what is seen closely (compiled)."""

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import summing

__all__ = ['halved_sums', 'joined', 'pooled', 'strongest_squares', 'weighed_shifts']

_Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


@summing
def halved_sums(
    planes: _Planes, unsettled: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return means of planes over four pixels, and sums of a plane times two slopes.

    Args:
        planes: [H, W] each, float32.
        unsettled: The plane [H, W], float32.
        slopes: [2, H, W], float32.

    Returns:
        Means [3, H / 2, W / 2] and sums [2, H / 2, W / 2], float32.
    """
    height, width = unsettled.shape[0] // 2, unsettled.shape[1] // 2
    means = np.empty((3, height, width), np.float32)
    sums = np.empty((2, height, width), np.float32)
    pairs = np.empty(2 * width, np.float32)
    for y in range(height):
        for channel in range(3):
            above, below = planes[channel][2 * y], planes[channel][2 * y + 1]
            for x in range(2 * width):
                pairs[x] = np.float32(0.25) * (above[x] + below[x])
            _add_pairs(pairs, means[channel, y])
        above, below = unsettled[2 * y], unsettled[2 * y + 1]
        for direction in range(2):
            upper, lower = slopes[direction, 2 * y], slopes[direction, 2 * y + 1]
            for x in range(2 * width):
                pairs[x] = above[x] * upper[x] + below[x] * lower[x]
            _add_pairs(pairs, sums[direction, y])
    return means, sums


@summing
def pooled(planes: np.ndarray, by: int) -> np.ndarray:
    """Return means over squares [C, H / by, W / by] of planes [C, H, W], float32."""
    count, height, width = planes.shape[0], planes.shape[1] // by, planes.shape[2] // by
    means = np.zeros((count, height, width), np.float32)
    share = np.float32(1 / by**2)
    for channel in range(count):
        for y in range(height * by):
            row, answers = planes[channel, y], means[channel, y // by]
            for x in range(width):
                total = np.float32(0)
                for one in range(by):
                    total += row[by * x + one]
                answers[x] += total * share
    return means


@summing
def strongest_squares(planes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the largest size of a sum over nine places, times its weight [H, W].

    Args:
        planes: [3, H, W], float32; mirrored at their borders, whose rows do not count twice.
        weights: [3, H, W], float32.
    """
    _, height, width = planes.shape
    largest = np.zeros((height, width), np.float32)
    columns = np.empty(width + 2, np.float32)
    for channel in range(3):
        plane = planes[channel]
        for y in range(height):
            above, here = plane[min(abs(y - 1), height - 1)], plane[y]
            below = plane[y + 1 if y + 1 < height else max(height - 2, 0)]
            for x in range(width):
                columns[x + 1] = above[x] + here[x] + below[x]
            columns[0] = columns[2 if width > 1 else 1]
            columns[width + 1] = columns[width - 1 if width > 1 else 1]
            row, factors = largest[y], weights[channel, y]
            before, middle, after = columns[:width], columns[1:width + 1], columns[2:width + 2]
            for x in range(width):
                size = abs(before[x] + middle[x] + after[x]) * factors[x]
                row[x] = size if size > row[x] else row[x]
    return largest


@summing
def weighed_shifts(
    right: np.ndarray, down: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the larger evidence for a shift, and the power of both [H, W].

    Args:
        right: Evidence for shifts to the right [H, W], float32.
        down: Evidence for shifts downwards [H, W], float32.
        weights: On both [2, H, W], float32.
    """
    larger, power = np.empty_like(right), np.empty_like(right)
    for y in range(len(right)):
        across, along = right[y], down[y]
        first, second = weights[0, y], weights[1, y]
        most, squares = larger[y], power[y]
        for x in range(len(across)):
            u, v = abs(across[x] * first[x]), abs(along[x] * second[x])
            most[x] = u if u > v else v
            squares[x] = u * u + v * v
    return larger, power


@entry
def joined(
    evidence: np.ndarray, half: np.ndarray, coarse: tuple[np.ndarray, np.ndarray],
    inside: np.ndarray,
) -> np.ndarray:
    """Raise evidence [H, W] to what is seen at parts of the size, inside of the part; else 0.

    Args:
        evidence: What is seen closely [H, W], float32; changed.
        half: At half of the size.
        coarse: At parts of the size. What is seen closely is not blurred by that: it counts
            where it is the largest of all.
        inside: 1 where the part is [H, W], else 0, float32.
    """
    _raise(evidence, half)
    for one in coarse:
        if one.max() > evidence.max():
            _raise(evidence, one)
    for y in range(len(evidence)):
        row, allowed = evidence[y], inside[y]
        for x in range(len(row)):
            row[x] *= allowed[x]
    return evidence


@inlined
def _raise(evidence: np.ndarray, coarse: np.ndarray) -> None:
    """Raise evidence to what is seen at a part of the size."""
    by = evidence.shape[1] // coarse.shape[1]
    large = np.empty(evidence.shape[1], np.float32)
    for y in range(len(coarse)):
        for x in range(coarse.shape[1]):
            for one in range(by):
                large[by * x + one] = coarse[y, x]
        for one in range(by):
            row = evidence[by * y + one]
            for x in range(len(row)):
                row[x] = large[x] if large[x] > row[x] else row[x]


@inlined
def _add_pairs(pairs: np.ndarray, sums: np.ndarray) -> None:
    for x in range(len(sums)):
        sums[x] = pairs[2 * x] + pairs[2 * x + 1]

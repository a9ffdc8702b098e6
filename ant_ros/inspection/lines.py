# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Neighbours' evidence that adds up along a line."""

import cv2
import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined

__all__ = ['line_filters', 'strongest_along_lines', 'sums_along_lines']

# Steps to the right and downwards: short ones, and three long ones for each of them.
_SHORT = ((1, 0), (1, 1), (0, 1), (-1, 1))
_LONG = ((3, -1), (3, 0), (3, 1), (3, 2), (3, 3), (2, 3),
         (1, 3), (0, 3), (-1, 3), (-2, 3), (-3, 3), (-3, 2))
_ACROSS = np.array([0.12, 0.76, 0.12], np.float32)
_REACH = 4


def line_filters(length_px: int, directions: int, *, sides_px: int) -> np.ndarray:
    """Return filters [2 * directions, length, length] that add up along a line.

    The first half adds up a line less its sides; the second half a line less the line beside it,
    for a scratch that throws a bright and a dark edge.

    A scratch of one pixel's width is weak at every pixel and strong along its length. The sides
    are subtracted so that a smooth shade does not count. White noise of spread 1 gives answers
    of about spread 1.

    Args:
        length_px: Length of the line, odd.
        directions: Number of directions, from horizontal on, evenly over half a turn.
        sides_px: Distance of the sides.
    """
    middle = length_px // 2
    x, y = np.meshgrid(np.arange(length_px) - middle, np.arange(length_px) - middle)
    single, double = [], []
    for angle in np.pi * np.arange(directions) / directions:
        along = x * np.cos(angle) + y * np.sin(angle)
        across = y * np.cos(angle) - x * np.sin(angle)
        inside = np.clip(middle + 0.5 - np.abs(along), 0, 1)
        line = inside * np.clip(1.25 - np.abs(across), 0, 1)
        sides = inside * np.clip(1.25 - np.abs(np.abs(across) - sides_px), 0, 1)
        single.append(_unit(line / line.sum() - sides / sides.sum()))
        double.append(_unit(inside * np.clip(across, -1, 1) * np.clip(2 - np.abs(across), 0, 1)))
    return np.stack(single + double).astype(np.float32)


def _unit(answer: np.ndarray) -> np.ndarray:
    return answer / np.sqrt((answer**2).sum())


def sums_along_lines(plane: np.ndarray) -> np.ndarray:
    """Return sums of nine positions along lines in twelve directions [12, H, W].

    Three times three, and three directions share their short sums. A line rarely runs
    through the middles of pixels, so that a little of the neighbours counts.

    Args:
        plane: [H, W], float32; beyond its borders it counts as 0.
    """
    return _long_sums(_short_sums(_padded(plane)), *plane.shape)


def strongest_along_lines(plane: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the largest size of the sums along lines, each times its weight [H, W].

    Args:
        plane: [H, W], float32.
        weights: One per direction and position [12, H, W], float32.
    """
    return _strongest(_short_sums(_padded(plane)), weights)


def _padded(plane: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(
        cv2.sepFilter2D(plane, -1, _ACROSS, _ACROSS), _REACH, _REACH, _REACH, _REACH,
        cv2.BORDER_CONSTANT)


@entry
def _short_sums(padded: np.ndarray) -> np.ndarray:
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
def _long_sums(sums: np.ndarray, height: int, width: int) -> np.ndarray:
    lines = np.empty((12, height, width), np.float32)
    for direction in range(12):
        for y in range(height):
            middle, after, before = _rows(sums, direction, y, width)
            row = lines[direction, y]
            for x in range(width):
                row[x] = middle[x] + (after[x] + before[x])
    return lines


@entry
def _strongest(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
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
    short, middle = sums[direction // 3], y + _REACH
    return (short[middle, _REACH:_REACH + width],
            short[middle + down, _REACH + right:_REACH + right + width],
            short[middle - down, _REACH - right:_REACH - right + width])

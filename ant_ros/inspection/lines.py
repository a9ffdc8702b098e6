# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Neighbours' evidence that adds up along a line."""

from collections.abc import Iterator

import cv2
import numpy as np

__all__ = ['line_filters', 'sums_along_lines']

# Short steps to the right and downwards, and the long ones of each: twelve directions in all.
_STEPS = (((1, 0), ((3, -1), (3, 0), (3, 1))), ((1, 1), ((3, 2), (3, 3), (2, 3))),
          ((0, 1), ((1, 3), (0, 3), (-1, 3))), ((-1, 1), ((-2, 3), (-3, 3), (-3, 2))))
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


def sums_along_lines(plane: np.ndarray) -> Iterator[np.ndarray]:
    """Yield sums of nine positions along lines in twelve directions [H, W] each.

    Three times three, and three directions share their short sums. A line rarely runs
    through the middles of pixels, so that a little of the neighbours counts.

    Args:
        plane: [H, W], float32; beyond its borders it counts as 0.
    """
    padded = cv2.copyMakeBorder(
        cv2.sepFilter2D(plane, -1, _ACROSS, _ACROSS), _REACH, _REACH, _REACH, _REACH,
        cv2.BORDER_CONSTANT)
    for (x, y), far_steps in _STEPS:
        three = _with_both_sides(padded, x, y, 1)
        for far_x, far_y in far_steps:
            yield _with_both_sides(three, far_x, far_y, _REACH - 1)


def _with_both_sides(plane: np.ndarray, x: int, y: int, margin: int) -> np.ndarray:
    """Add a plane's neighbours at (x, y) and (-x, -y) to it; `margin` is cut off all around."""
    height, width = plane.shape[0] - 2 * margin, plane.shape[1] - 2 * margin

    def part(right: int, down: int) -> np.ndarray:
        return plane[margin + down:margin + down + height, margin + right:margin + right + width]

    return cv2.add(cv2.add(part(0, 0), part(x, y)), part(-x, -y))

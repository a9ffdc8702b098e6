# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Neighbours' evidence that adds up along a line."""

import numpy as np

__all__ = ['line_filters']


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

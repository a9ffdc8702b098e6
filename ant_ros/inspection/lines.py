# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Neighbours' evidence that adds up along a line."""

import numpy as np

__all__ = ['line_filters', 'strongest_along_lines', 'sums_along_lines']

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
    from ant_ros.inspection.line_sums import long_sums  # compiled: a slow import
    from ant_ros.inspection.line_sums import short_sums
    return long_sums(short_sums(plane, _ACROSS, _REACH), *plane.shape)


def strongest_along_lines(
    plane: np.ndarray, weights: np.ndarray, spans: np.ndarray, evidence: np.ndarray
) -> np.ndarray:
    """Raise evidence to the largest size of the sums along lines, each times its weight.

    Args:
        plane: [H, W], float32.
        weights: One per direction and position [12, H, W], float32.
        spans: First column of each row that counts, and the one behind the last [H, 2].
        evidence: What is known already [H, W], float32; changed, and returned.
    """
    from ant_ros.inspection.line_sums import raise_to_strongest
    from ant_ros.inspection.line_sums import short_sums
    raise_to_strongest(short_sums(plane, _ACROSS, _REACH), weights, spans, evidence)
    return evidence

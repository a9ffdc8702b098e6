# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From scores per position to regions and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.verdict import Region

__all__ = ['Mark', 'describe', 'find_marks', 'to_region']

_SHARE_OF_LIMIT = 0.6
_SHARE_OF_PEAK = 0.45
_MOST_MARKS = 20
_THIN = 3.0


@dataclass(frozen=True)
class Mark:
    """A connected place of unusual positions in the registered image.

    Attributes:
        pixels: Columns and rows [N, 2].
        core: Those of them whose scores come near the peak [M, 2]: strong evidence spreads beyond
            what caused it, and this is what did.
        peak: Largest score.
        stage: Stage that found the peak.
        length: Longer side of the core's tightest rectangle, in pixels of the registered image.
        breadth: Shorter side.
        shift: Mean differences of the core from what is expected there: brightness and two
            of colour [3], brightness alone [1] where there is no colour; None where it is not
            known what to expect.
        at_outline: True if most of it lies at the outline of the part.
    """

    pixels: np.ndarray
    core: np.ndarray
    peak: float
    stage: int
    length: float
    breadth: float
    shift: np.ndarray | None
    at_outline: bool


def find_marks(
    score: np.ndarray, deep_score: np.ndarray, limit: float,
    difference: list[np.ndarray] | None, mask: np.ndarray,
) -> list[Mark]:
    """Find the connected places that reach the limit, worst first.

    Args:
        score: Scores of both stages [H, W], float32.
        deep_score: Scores of the deep stage alone [H, W].
        limit: Score that the peak of a mark must reach.
        difference: Seen less expected, three planes [H, W], one without colour; None where that
            is not known.
        mask: Where the part is [H, W], bool.
    """
    above = (score >= _SHARE_OF_LIMIT * limit).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=8)
    inner = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    marks = []
    for label in range(1, count):
        left, top, across, down, _ = stats[label]
        window = (slice(top, top + down), slice(left, left + across))
        inside = labels[window] == label
        peak = float(score[window][inside].max())
        if peak < limit:
            continue
        rows, columns = np.nonzero(inside)
        pixels = np.stack([columns + left, rows + top], axis=1)
        core = pixels[score[window][inside] >= _SHARE_OF_PEAK * peak]
        _, sides, _ = cv2.minAreaRect(core.astype(np.float32))
        shift = None if difference is None else np.array(
            [float(plane[core[:, 1], core[:, 0]].mean()) for plane in difference])
        marks.append(Mark(
            pixels, core, peak, int(deep_score[window][inside].max() >= peak), max(sides) + 1,
            min(sides) + 1, shift, bool((~inner[window][inside]).mean() > 0.7)))
    marks.sort(key=lambda mark: -mark.peak)
    return marks[:_MOST_MARKS]


def to_region(mark: Mark, matrix: np.ndarray, size: tuple[int, int]) -> Region:
    """Return a mark as a region of the frame.

    Its box is that of the core, as length and breadth are.

    Args:
        mark: The mark.
        matrix: Affine map [2, 3] from the registered image to the frame.
        size: Width and height of the frame.
    """
    points = mark.core @ matrix[:, :2].T + matrix[:, 2]
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    low = np.clip(np.floor(points.min(axis=0) - 0.5 * scale + 0.5), 0, np.array(size) - 1)
    high = np.clip(np.ceil(points.max(axis=0) + 0.5 * scale + 0.5), low + 1, size)
    x, y = (int(value) for value in low)
    width, height = (int(value) for value in high - low)
    area = max(1, round(len(mark.pixels) * scale**2))
    brightness, colour = None, None
    if mark.shift is not None:
        brightness = round(float(mark.shift[0]), 2)
        if len(mark.shift) > 1:
            colour = round(float(np.linalg.norm(mark.shift[1:])), 2)
    return Region(x, y, width, height, area, mark.peak, mark.stage,
                  round(mark.length / mark.breadth, 2), colour, brightness)


def describe(mark: Mark, region: Region, scale: float, limit: float, more: int) -> str:
    """Say in a sentence what was found.

    Args:
        mark: The worst mark.
        region: The same in the frame.
        scale: Pixels of the frame per pixel of the registered image.
        limit: Score from which a person should look.
        more: Number of other marks.
    """
    length, breadth = mark.length * scale, mark.breadth * scale
    others = '' if more == 0 else f', and {more} more mark{"s" if more > 1 else ""}'
    x, y = region.x + region.width // 2, region.y + region.height // 2
    return (f'{_kind(mark)} {length:.0f} x {breadth:.0f} px at ({x}, {y}), '
            f'{_times(mark.peak / limit)} times the review limit{others}')


def _times(ratio: float) -> str:
    """Return a ratio with as many digits as tell it from 1."""
    return f'{ratio:.2f}' if ratio < 10 else f'{ratio:.0f}'


def _kind(mark: Mark) -> str:
    if mark.shift is None or not mark.shift.any():
        return 'unusual place,'
    brightness, colour = mark.shift[0], mark.shift[1:]
    if mark.length > _THIN * mark.breadth:
        return 'scratch-like mark'
    if mark.at_outline:
        return 'outline differs,'
    if np.abs(colour).max(initial=0.0) > abs(brightness):
        return 'wrong colour,'
    return 'bright mark' if brightness > 0 else 'dark mark'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Prints that lie beside their place on good parts, put back as a whole before they are judged.

A print is moved against the part that carries it, all of it alike. So its shift is one pair of
numbers, found by matching all of it, and what is damaged in it stays damaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

__all__ = ['NO_PRINTS', 'Print', 'Prints', 'find_prints']

_STEEP = 7.0
_JOIN_PX = 7
_MARGIN_PX = 3
_LEAST_PIXELS = 60
_SPECK_PIXELS = 10
_MOST_SHARE = 0.2
_SEARCH_PX = 4
_LEAST_SPREAD_PX = 0.2
_LEAST_LIKENESS = 0.5
_ROUNDS = 3
_MARGIN_SHARE = 0.75
_LEFT_OVER_PX = 0.5
_SETTLED_PX = 0.05


@dataclass(frozen=True)
class Print:
    """A place of the expected part that good parts show shifted.

    Attributes:
        left: Column of its box in the registered image.
        top: Row of its box.
        template: Expected brightness in the box [h, w], float32.
        weight: How far a pixel belongs to it [h, w], 0 .. 1.
        reach_px: Least and largest shift to the right and downwards on good parts, with a margin
            [2, 2].
    """

    left: int
    top: int
    template: np.ndarray
    weight: np.ndarray
    reach_px: np.ndarray

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of its box."""
        height, width = self.template.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    @property
    def surroundings(self) -> tuple[slice, slice]:
        """Rows and columns of all that it is searched in."""
        height, width = self.template.shape
        return _around(self.left, self.top, width, height)

    @cached_property
    def rest(self) -> np.ndarray:
        """How far a pixel does not belong to it [h, w]."""
        return 1 - self.weight

    @cached_property
    def slopes(self) -> np.ndarray:
        """What makes a small shift of a difference in brightness [2, h * w]."""
        return _learn_slopes(self.template)


@dataclass(frozen=True)
class Prints:
    """All prints of a part, and how to put them back."""

    prints: tuple[Print, ...]

    def cover(self, shape: tuple[int, int]) -> np.ndarray:
        """Return where prints may be [H, W], bool."""
        covered = np.zeros(shape, np.uint8)
        for one in self.prints:
            covered[one.window] |= (one.weight > 0).view(np.uint8)
        return cv2.dilate(covered, np.ones((5, 5), np.uint8)) > 0

    def put_back(
        self, canvas: np.ndarray, picture: np.ndarray, matrix: np.ndarray, mix: np.ndarray,
        blur: tuple[float, float] | None = None,
    ) -> np.ndarray:
        """Return the registered image [H, W, 3] with its prints where they are expected.

        Args:
            canvas: The registered image, uint8.
            picture: What it was cut out of [h, w, 4], uint8.
            matrix: Map [2, 3] from the one to the other.
            mix: Weights of red, green and blue in the brightness [3].
            blur: How the registered image was sampled, see `sample_evenly`.
        """
        if not self.prints:
            return canvas
        canvas = canvas.copy()
        full = np.vstack([matrix[:2], (0, 0, 1)])
        for one in self.prints:
            x, y = _shift_of(one, cv2.transform(canvas[one.surroundings], mix[None]))
            moved = _cut(picture, full, one, (x, y), blur)
            more_x, more_y = _left_over(one.template, one.slopes, cv2.transform(moved, mix[None]))
            if max(abs(more_x), abs(more_y)) > _SETTLED_PX:
                moved = _cut(picture, full, one, (x + more_x, y + more_y), blur)
            box = canvas[one.window]
            box[...] = cv2.blendLinear(moved, np.ascontiguousarray(box), one.weight, one.rest)
        return canvas


NO_PRINTS = Prints(())
"""Nothing on the part moves."""


def _shift_of(one: Print, grey: np.ndarray) -> tuple[float, float]:
    """Return how far a print lies to the right of and below its place.

    Args:
        one: The print.
        grey: Brightness of its surroundings.
    """
    shift = _match(one.template, grey)[:2]
    x, y = np.clip(shift, *one.reach_px)
    return float(x), float(y)


def find_prints(views: np.ndarray, mask: np.ndarray) -> Prints:
    """Find what lies beside its place by more than a little on good parts.

    Args:
        views: Brightness of good parts, registered [N, H, W], float32.
        mask: Where the part is [H, W], bool.
    """
    found = []
    mean = views.mean(axis=0)
    for left, top, inside in _candidates(mean, mask):
        height, width = inside.shape
        window = (slice(top, top + height), slice(left, left + width))
        template = np.ascontiguousarray(mean[window])
        for _ in range(_ROUNDS):
            around = _around(left, top, width, height)
            shifts = np.array([_match(template, view[around]) for view in views])
            slopes = _learn_slopes(template)
            for shift, view in zip(shifts, views):
                seen = _moved(view, left + shift[0], top + shift[1], (width, height))
                shift[:2] += _left_over(template, slopes, seen)
            template = np.mean([_moved(view, left + x, top + y, (width, height))
                                for view, (x, y, _) in zip(views, shifts)], axis=0)
        spreads = shifts[:, :2].std(axis=0)
        if spreads.max() < _LEAST_SPREAD_PX or np.median(shifts[:, 2]) < _LEAST_LIKENESS:
            continue
        # Ten parts do not show the whole range.
        least, largest = shifts[:, :2].min(axis=0), shifts[:, :2].max(axis=0)
        margin = _MARGIN_SHARE * (largest - least)
        reach_px = np.stack([least - margin, largest + margin])
        found.append(Print(left, top, template.astype(np.float32),
                           cv2.blur(inside.astype(np.float32), (5, 5)), reach_px))
    return Prints(tuple(found))


def _candidates(mean: np.ndarray, mask: np.ndarray) -> list[tuple[int, int, np.ndarray]]:
    """Return left, top and pixels [h, w] of the connected steep places well inside the part."""
    smooth = cv2.blur(mean, (3, 3))
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    steep = ((across**2 + down**2 > _STEEP**2) & mask).astype(np.uint8)
    joined = cv2.morphologyEx(
        _without_specks(steep), cv2.MORPH_CLOSE, np.ones((_JOIN_PX, _JOIN_PX), np.uint8))
    grown = cv2.dilate(joined, np.ones((2 * _MARGIN_PX + 1,) * 2, np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    found = []
    for label in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[label])
        left, top, width, height = left - 3, top - 3, width + 6, height + 6
        fits = left >= _SEARCH_PX and top >= _SEARCH_PX and (
            left + width <= mean.shape[1] - _SEARCH_PX) and (
            top + height <= mean.shape[0] - _SEARCH_PX)
        inside = labels == label
        if fits and _LEAST_PIXELS < area < _MOST_SHARE * mask.sum() and not (
                inside & ~inner).any():
            found.append((left, top, inside[top:top + height, left:left + width]))
    return found


def _without_specks(steep: np.ndarray) -> np.ndarray:
    """Leave out of a map [H, W], uint8, what is no larger than the grain in a mean of few parts.

    It would join a print to the edge that it lies beside.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(steep, connectivity=8)
    return steep * (stats[:, cv2.CC_STAT_AREA] >= _SPECK_PIXELS).astype(np.uint8)[labels]


def _around(left: int, top: int, width: int, height: int) -> tuple[slice, slice]:
    """Return rows and columns of a box and of what is searched beside it."""
    return (slice(top - _SEARCH_PX, top + height + _SEARCH_PX),
            slice(left - _SEARCH_PX, left + width + _SEARCH_PX))


def _match(template: np.ndarray, around: np.ndarray) -> tuple[float, float, float]:
    """Return the shift of a template to the right and downwards, and how alike it is there."""
    match = cv2.matchTemplate(around.astype(np.float32), template.astype(np.float32),
                              cv2.TM_CCOEFF_NORMED)
    _, likeness, _, (column, row) = cv2.minMaxLoc(match)
    x = column + _vertex(match[row], column) - _SEARCH_PX
    y = row + _vertex(match[:, column], row) - _SEARCH_PX
    return x, y, likeness


def _cut(
    picture: np.ndarray, full: np.ndarray, one: Print, shift: tuple[float, float],
    blur: tuple[float, float] | None,
) -> np.ndarray:
    """Return what a print's box shows [h, w, 3], uint8, moved to the right and downwards."""
    from ant_ros.inspection.even_sample import sample_evenly  # compiled: a slow import
    to_box = np.array([[1, 0, one.left + shift[0]], [0, 1, one.top + shift[1]], [0, 0, 1.0]])
    height, width = one.template.shape
    return sample_evenly(picture, full @ to_box, (width, height), blur)


def _learn_slopes(template: np.ndarray) -> np.ndarray:
    """Return what makes the shift by least squares of a difference in brightness [2, h * w]."""
    slopes = np.stack([
        cv2.Sobel(template.astype(np.float32), cv2.CV_32F, *axis, ksize=3, scale=1 / 8).ravel()
        for axis in ((1, 0), (0, 1))])
    return np.linalg.solve(slopes @ slopes.T + np.eye(2), slopes).astype(np.float32)


def _left_over(
    template: np.ndarray, slopes: np.ndarray, seen: np.ndarray
) -> tuple[float, float]:
    """Return the small shift to the right and downwards that explains what was seen."""
    (middle, spread), (seen_middle, seen_spread) = (
        [float(value[0, 0]) for value in cv2.meanStdDev(plane)] for plane in (template, seen))
    gain = spread / max(seen_spread, 1.0)
    difference = (template - middle) - gain * (seen.astype(np.float32) - seen_middle)
    x, y = np.clip(slopes @ difference.ravel(), -_LEFT_OVER_PX, _LEFT_OVER_PX).tolist()
    return x, y


def _vertex(values: np.ndarray, peak: int) -> float:
    """Return how far the vertex of the parabola through three values lies from the middle one."""
    if not 0 < peak < len(values) - 1:
        return 0.0
    before, here, after = (float(value) for value in values[peak - 1:peak + 2])
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _moved(view: np.ndarray, left: float, top: float, size: tuple[int, int]) -> np.ndarray:
    to_box = np.array([[1, 0, left], [0, 1, top]])
    return cv2.warpAffine(view, to_box, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_REPLICATE)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small shifts of prints and edges, taken out of a difference before it is judged."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ant_ros.inspection.pyramid import halved

__all__ = ['LocalShift', 'learn_shift', 'left_out_differences', 'settled_mean']

_WINDOW = 5  # pixels of twice the size
_LARGEST_SHIFT_PX = 2.0
_SMALL_SHIFT_PX = 0.5
_ROUNDS = 2
_USUAL_SHIFT_PX = 0.35
_USUAL_NOISE = 16.0
_REACHES_PX = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)
_STEEP_QUANTILE = 0.9
_HARDLY_MORE = 1.06


class LocalShift:
    """Explain differences by small shifts, each place by its own.

    A print may lie a pixel beside its place on a good part, and registration is not perfect.
    The shift in each window is the least-squares solution of `difference = slope * shift`, drawn
    to 0 as if shifts were spread by a third of a pixel; once on a smoothed picture, where slopes
    reach further, then on the picture itself. What is left of the shift is taken away to its
    second order. A missing or damaged feature is no small shift and stays.

    Args:
        mean: Expected part in three planes [3, H, W], H and W even.
        reach_px: Largest shift that good parts show; more is not explained.
    """

    def __init__(self, mean: np.ndarray, reach_px: float) -> None:
        self._reach_px = reach_px
        self._mean = np.ascontiguousarray(mean, np.float32)
        self._coarse = _Slopes([_smooth(plane) for plane in self._mean])
        self._fine = _Slopes(list(self._mean))

    def estimate(self, difference: Sequence[np.ndarray]) -> np.ndarray:
        """Return the shift to the right and downwards [2, H, W] that explains a difference."""
        coarse = self._coarsely(difference)
        return coarse + self._fine.solve(self._moved_on(difference, coarse), self._reach_px)

    def remove(self, difference: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return a difference, three planes [H, W], less what small shifts explain."""
        reach_px = self._reach_px
        if not reach_px:
            return list(difference)
        if reach_px > _SMALL_SHIFT_PX:
            difference = self._moved_on(difference, self._coarsely(difference))
            reach_px = _SMALL_SHIFT_PX
        return self._fine.remove(difference, self._fine.solve(difference, reach_px))

    def _coarsely(self, difference: Sequence[np.ndarray]) -> np.ndarray:
        return self._coarse.solve([_smooth(plane) for plane in difference], self._reach_px)

    def _moved_on(
        self, difference: Sequence[np.ndarray], shift: np.ndarray
    ) -> list[np.ndarray]:
        """Return the difference to the expected part after it was moved."""
        from ant_ros.inspection.small_shifts import moved_on  # compiled: a slow import
        return list(moved_on(_as_planes(difference), self._mean, shift))


def learn_shift(views: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, float]:
    """Learn what is expected [3, H, W] and how far things shift on good parts [N, 3, H, W].

    A larger reach explains more on good parts and hides more on bad ones, such as a hole that is
    a little too small. So it is the smallest one that leaves hardly more than the best at the
    places that show shifts, the steep ones.

    Args:
        views: Good parts.
        mask: Where the part is [H, W], bool.
    """
    plain = views.mean(axis=0)
    slope = sum(across**2 + down**2 for across, down in map(_slopes, plain))
    steep = mask & (slope > np.quantile(slope[mask], _STEEP_QUANTILE))
    tried = []
    for reach_px in _REACHES_PX:
        # Shifts of more than a pixel's part blur a plain mean.
        mean = plain if reach_px <= _SMALL_SHIFT_PX else settled_mean(views)
        left = left_out_differences(views, mean, reach_px)[:, :, steep]
        tried.append((float((left**2).mean()), mean, reach_px))
    least = min(left for left, _, _ in tried)
    _, mean, reach_px = next(one for one in tried if one[0] <= _HARDLY_MORE * least)
    return mean, reach_px


def left_out_differences(views: np.ndarray, mean: np.ndarray, reach_px: float) -> np.ndarray:
    """Return each part's difference from what the *other* parts lead to expect [N, 3, H, W].

    A part compared with a mean that it is in looks better than the next part will.
    """
    count = len(views)
    shift = LocalShift(mean, reach_px)
    differences = (views - mean) * (count / (count - 1))
    return np.stack([np.stack(shift.remove(list(one))) for one in differences])


class _Slopes:
    """Slopes of a picture, and what turns differences into shifts."""

    def __init__(self, planes: Sequence[np.ndarray]) -> None:
        terms = []
        for across, down in map(_slopes, planes):
            bend_xx, bend_xy = _slopes(across)
            terms.append((across, down, 0.5 * bend_xx, bend_xy, 0.5 * _slopes(down)[1]))
        self._terms = np.array(terms, np.float32)
        across, down = self._terms[:, 0], self._terms[:, 1]
        xx, yy, xy = (_pooled((one * other).sum(axis=0)) for one, other in (
            (across, across), (down, down), (across, down)))
        pull = np.float32(_USUAL_NOISE**2 / _USUAL_SHIFT_PX**2)
        xx, yy = xx + pull, yy + pull
        size = xx * yy - xy * xy
        self._inverse = np.stack([yy / size, -xy / size, xx / size])

    def solve(self, difference: Sequence[np.ndarray], reach_px: float) -> np.ndarray:
        """Return the shift to the right and downwards [2, H, W] that explains a difference."""
        from ant_ros.inspection.small_shifts import along_slopes  # compiled: a slow import
        from ant_ros.inspection.small_shifts import shift_between
        along_x, along_y = map(_in_window, along_slopes(_as_planes(difference), self._terms))
        return shift_between(along_x, along_y, self._inverse, reach_px)

    def remove(self, difference: Sequence[np.ndarray], shift: np.ndarray) -> list[np.ndarray]:
        """Return a difference less what a shift [2, H, W] explains, to the second order."""
        from ant_ros.inspection.small_shifts import without_shift
        return list(without_shift(_as_planes(difference), self._terms, shift))


def settled_mean(views: np.ndarray) -> np.ndarray:
    """Return the mean of views [N, 3, H, W] with small shifts between them undone.

    A plain mean of prints that lie a little beside each other is blurred: nothing looks like it.
    """
    mean = views.mean(axis=0)
    rows, columns = np.indices(mean.shape[1:], np.float32)
    for _ in range(_ROUNDS):
        shift = LocalShift(mean, _LARGEST_SHIFT_PX)
        settled = []
        for view in views:
            x, y = shift.estimate(list(view - mean))
            settled.append([cv2.remap(plane, columns - x, rows - y, cv2.INTER_CUBIC,
                                      borderMode=cv2.BORDER_REPLICATE) for plane in view])
        mean = np.mean(settled, axis=0)
    return mean


def _as_planes(difference: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    return tuple(np.ascontiguousarray(plane, np.float32) for plane in difference)


def _slopes(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the slope to the right and downwards, per pixel."""
    return (cv2.Sobel(plane, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8),
            cv2.Sobel(plane, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8))


def _smooth(plane: np.ndarray) -> np.ndarray:
    return cv2.blur(plane, (5, 5))


def _pooled(plane: np.ndarray) -> np.ndarray:
    """Sum up in a window, as blur times area: the pull then counts once per window.

    Such sums change slowly, and are held at half of the size.
    """
    return _in_window(4 * halved(plane))


def _in_window(sums: np.ndarray) -> np.ndarray:
    return cv2.boxFilter(sums, -1, (_WINDOW, _WINDOW), normalize=False)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small shifts of prints and edges, taken out of a difference before it is judged."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

__all__ = ['LocalShift', 'settled_mean']

_WINDOW_PX = 11
_LARGEST_SHIFT_PX = 1.5
_ROUNDS = 2
_USUAL_SHIFT_PX = 0.35
_USUAL_NOISE = 3.0


class LocalShift:
    """Explain differences by shifts of a fraction of a pixel, each place by its own.

    A print may lie a little beside its place on a good part, and registration is not perfect.
    The shift in each window is the least-squares solution of `difference = slope * shift`, drawn
    to 0 as if shifts were spread by a third of a pixel. What is taken away goes to the second
    order of the shift, for fine print bends within a pixel. A missing or damaged feature is no
    small shift and stays.

    Args:
        mean: Expected part in three planes [3, H, W].
    """

    def __init__(self, mean: np.ndarray) -> None:
        self._slopes = [_slopes(plane) for plane in mean]
        self._bends = []
        for across, down in self._slopes:
            bend_xx, bend_xy = _slopes(across)
            self._bends.append((0.5 * bend_xx, bend_xy, 0.5 * _slopes(down)[1]))
        xx = _pooled(sum(across * across for across, _ in self._slopes))
        yy = _pooled(sum(down * down for _, down in self._slopes))
        xy = _pooled(sum(across * down for across, down in self._slopes))
        pull = np.float32(_USUAL_NOISE**2 / _USUAL_SHIFT_PX**2)
        xx, yy = xx + pull, yy + pull
        size = xx * yy - xy * xy
        self._inverse = (yy / size, -xy / size, xx / size)

    def estimate(self, difference: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the shift to the right and downwards that best explains a difference [H, W]."""
        along_x = along_y = None
        for plane, (across, down) in zip(difference, self._slopes):
            x, y = cv2.multiply(plane, across), cv2.multiply(plane, down)
            along_x = x if along_x is None else cv2.add(along_x, x, dst=along_x)
            along_y = y if along_y is None else cv2.add(along_y, y, dst=along_y)
        along_x, along_y = _pooled(along_x), _pooled(along_y)
        xx, xy, yy = self._inverse
        shift_x = np.clip(xx * along_x + xy * along_y, -_LARGEST_SHIFT_PX, _LARGEST_SHIFT_PX)
        shift_y = np.clip(xy * along_x + yy * along_y, -_LARGEST_SHIFT_PX, _LARGEST_SHIFT_PX)
        return shift_x, shift_y

    def remove(self, difference: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return a difference, three planes [H, W], less what small shifts explain."""
        x, y = self.estimate(difference)
        xx, xy, yy = x * x, x * y, y * y
        return [plane - across * x - down * y - bend_xx * xx - bend_xy * xy - bend_yy * yy
                for plane, (across, down), (bend_xx, bend_xy, bend_yy)
                in zip(difference, self._slopes, self._bends)]


def settled_mean(views: np.ndarray) -> np.ndarray:
    """Return the mean of views [N, 3, H, W] with small shifts between them undone.

    A plain mean of prints that lie a little beside each other is blurred: nothing looks like it.
    """
    mean = views.mean(axis=0)
    rows, columns = np.indices(mean.shape[1:], np.float32)
    for _ in range(_ROUNDS):
        shift = LocalShift(mean)
        settled = []
        for view in views:
            x, y = shift.estimate(list(view - mean))
            settled.append([cv2.remap(plane, columns - x, rows - y, cv2.INTER_CUBIC,
                                      borderMode=cv2.BORDER_REPLICATE) for plane in view])
        mean = np.mean(settled, axis=0)
    return mean


def _slopes(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the slope to the right and downwards, per pixel."""
    return (cv2.Sobel(plane, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8),
            cv2.Sobel(plane, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8))


def _pooled(plane: np.ndarray) -> np.ndarray:
    """Sum up in a window, as blur times area: the pull then counts once per window."""
    return cv2.boxFilter(plane, -1, (_WINDOW_PX, _WINDOW_PX), normalize=False)

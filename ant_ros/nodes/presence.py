# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tell whether a frame still shows the part of the frame before."""

import cv2
import numpy as np

__all__ = ['Presence']

_MINIATURE_PX = 48


class Presence:
    """Follow one still part over the frames of a free-running camera.

    Two frames show the same part when the second follows the first soon enough and looks alike:
    the part lies still in front of the camera. Good at: stop-and-go lines and parts held up to a
    camera by hand. Bad at: a moving belt, where every frame differs and is a part of its own;
    and where parts are exchanged faster than `gap_s`, it would take the new part for the old one,
    so the gap must be shorter than any exchange. With a gap of 0 every frame is a part: nothing
    can slip through.

    Args:
        gap_s: longest time between two frames of one part.
        change: largest mean difference of grey, as a share of the full range.
    """

    def __init__(self, gap_s: float, change: float):
        self._gap_ns = round(gap_s * 1e9)
        self._change = change
        self._last: tuple[int, np.ndarray] | None = None

    def continues(self, pixels: np.ndarray, stamp_ns: int) -> bool:
        """Return whether a frame [H, W] or [H, W, 3] shows the part of the one before it."""
        if not self._gap_ns:
            return False
        miniature = _miniature(pixels)
        last, self._last = self._last, (stamp_ns, miniature)
        if last is None or not 0 <= stamp_ns - last[0] <= self._gap_ns:
            return False
        return bool(np.abs(miniature - last[1]).mean() <= self._change)


def _miniature(pixels: np.ndarray) -> np.ndarray:
    """Return a small grey copy with values from 0 to 1 (floats keep their range)."""
    small = cv2.resize(np.ascontiguousarray(pixels), (_MINIATURE_PX, _MINIATURE_PX),
                       interpolation=cv2.INTER_AREA)
    full = np.iinfo(pixels.dtype).max if pixels.dtype.kind == 'u' else 1.0
    grey = small if small.ndim == 2 else small.mean(axis=2)
    return grey.astype(np.float32) / np.float32(full)

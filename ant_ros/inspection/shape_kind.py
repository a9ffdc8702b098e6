# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What kind of thing is inspected: it decides where a feature has to look for its like."""

from __future__ import annotations

from collections.abc import Sequence
import enum

import cv2
import numpy as np

__all__ = ['AUTO', 'FIXED_LIKENESS', 'KINDS', 'ShapeKind', 'frame_likeness']

FIXED_LIKENESS = 0.5
"""Correlation of frames from which on things have a fixed place in them."""

_SHADED_SHARE = 1 / 16
"""Share of a frame's longer side that is near; what varies over more of it may be the light."""
_FEW = 4.0
"""Pixels of the shrunken frame that are near: a blur over as many is smooth at linear steps."""


class ShapeKind(enum.Enum):
    """What good parts have in common."""

    REGISTERED = 'registered'
    """Everything has its place on the part, or in the frame where no part stands out."""
    FREE = 'free shape'
    """A part stands out from its background, but no two are alike."""
    TEXTURE = 'texture'
    """It fills the frame and nothing has a place."""


AUTO = 'auto'
"""The good parts tell."""

KINDS = (AUTO, *(kind.value for kind in ShapeKind))
"""What may be asked for when a part is taught."""


def frame_likeness(planes: Sequence[np.ndarray]) -> float:
    """Return the usual correlation of one brightness [H, W] with the mean of the others.

    How the lamp shades a frame is the same in all of them, and says nothing of what they show.
    """
    stack = np.stack([_unshaded(plane)[::2, ::2].ravel() for plane in planes]).astype(np.float64)
    total = stack.sum(axis=0)
    return float(np.median([np.corrcoef(one, total - one)[0, 1] for one in stack]))


def _unshaded(plane: np.ndarray) -> np.ndarray:
    """Return brightness [H, W] less what is usual around each place."""
    bright = np.asarray(plane, np.float32)
    height, width = bright.shape
    near = _SHADED_SHARE * max(height, width)
    # A wide blur on few pixels: on those of a large frame it would take seconds.
    few = max(1.0, near / _FEW)
    small = cv2.resize(bright, (max(1, round(width / few)), max(1, round(height / few))),
                       interpolation=cv2.INTER_AREA)
    shade = cv2.GaussianBlur(small, (0, 0), near / few)
    return bright - cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)

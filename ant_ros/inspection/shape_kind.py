# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What kind of thing is inspected: it decides where a feature has to look for its like."""

from __future__ import annotations

from collections.abc import Sequence
import enum

import numpy as np

__all__ = ['AUTO', 'FIXED_LIKENESS', 'KINDS', 'ShapeKind', 'frame_likeness']

FIXED_LIKENESS = 0.5
"""Correlation of frames from which on things have a fixed place in them."""


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
    """Return the usual correlation of one brightness [H, W] with the mean of the others."""
    stack = np.stack([plane[::2, ::2].ravel() for plane in planes]).astype(np.float64)
    total = stack.sum(axis=0)
    return float(np.median([np.corrcoef(one, total - one)[0, 1] for one in stack]))

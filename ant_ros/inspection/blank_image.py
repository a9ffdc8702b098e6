# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images in which all is lost."""

from __future__ import annotations

import numpy as np

__all__ = ['blankness']

_DARK, _BRIGHT = 24, 245   # grey levels
_STRAY = 0.5              # per cent of the pixels at either end that do not count: hot ones


def blankness(frame: np.ndarray) -> str:
    """Say in which way an image shows nothing; empty where it shows something.

    Args:
        frame: [H, W, 3], uint8.
    """
    low, high = np.percentile(frame, (_STRAY, 100 - _STRAY), axis=(0, 1))
    if high.max() < _DARK:
        return 'black'
    return 'white' if low.min() > _BRIGHT else ''

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what each sight finds unusual to the one map that is shown, with the score as its peak."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

__all__ = ['agreed_map', 'to_score']

_SHOWN_FROM = 0.9
"""Times what a good part's most unusual places usually show, from which on a place stands out."""
_BELOW = 0.1
"""Limits that are shown there."""
_SAME_IN_ALL = 0.8
"""Share of limit, peak and score up to which a map says the same of all parts."""


def agreed_map(
    maps: Sequence[np.ndarray], score: float, limit: float, size: tuple[int, int]
) -> np.ndarray:
    """Return the map [H, W], float32, of what all sights find unusual; 1 is the limit.

    A part that is broken looks unusual in all places, as its pieces lie elsewhere; and a crumb
    is unusual wherever it lies: a place is as unusual as the sight says that finds it least so.
    Only what is near the limit or the peak is moved to meet the score. Were the whole map scaled
    to it, the same place would be shown as more usual in one part than in another.

    Args:
        maps: Per sight, in the usual score of good parts [h, w]. One alone is shown as it is.
        score: The part's score in limits, which becomes the peak.
        limit: Score that counts as 1, in usual scores.
        size: Width and height of the map.
    """
    if len(maps) == 1:
        return to_score(maps[0], score, size)
    grid = max(maps, key=np.size).shape[::-1]
    least = np.minimum.reduce([
        np.asarray(cv2.resize(one.astype(np.float32), grid, interpolation=cv2.INTER_LINEAR))
        for one in maps])
    top = max(limit, 1.0)
    shown = np.where(least < top, np.interp(least, (0, _SHOWN_FROM, top), (0, _BELOW, 1)),
                     least / top)
    peak = max(float(shown.max()), 1e-6)
    same = _SAME_IN_ALL * min(peak, score, 1.0)
    return to_score(np.interp(shown, (0, same, peak), (0, same, score)), score, size)


def to_score(unusual: np.ndarray, score: float, size: tuple[int, int]) -> np.ndarray:
    """Return a map at a size with the part's score as its peak."""
    large = cv2.resize(unusual.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return large * np.float32(score / max(float(large.max()), 1e-6))

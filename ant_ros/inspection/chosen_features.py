# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Features of the few positions that are looked at, from maps of several sizes (compiled)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.compiled import summing

__all__ = ['features_at', 'positions_near']


def features_at(maps: Sequence[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """Return features [h, w, C] of maps [1, C, h, w], float32, as `join_maps` joins them.

    Args:
        maps: As the network gives them, the first at the size of the answer.
        chosen: Positions [h, w], bool; what is returned for others means nothing.
    """
    planes = [np.ascontiguousarray(one.reshape(one.shape[-3:]), np.float32) for one in maps]
    features = np.empty((*chosen.shape, sum(map(len, planes))), np.float32)
    first = 0
    for one in planes:
        _fill(one, chosen, features[..., first:first + len(one)])
        first += len(one)
    return features


@entry
def positions_near(close: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return which of fewer positions [height, width] see a pixel above 0, or are beside one.

    Args:
        close: [H, W], float32.
        height: At most H.
        width: At most W.
    """
    near = np.zeros((height, width), np.bool_)
    down, across = close.shape[0] / height, close.shape[1] / width
    for y in range(height):
        rows = close[int(y * down):int(np.ceil((y + 1) * down))]
        for x in range(width):
            if _any_above(rows[:, int(x * across):int(np.ceil((x + 1) * across))]):
                near[max(y - 1, 0):y + 2, max(x - 1, 0):x + 2] = True
    return near


@inlined
def _any_above(values: np.ndarray) -> bool:
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            if values[y, x] > 0:
                return True
    return False


@summing
def _fill(planes: np.ndarray, chosen: np.ndarray, features: np.ndarray) -> None:
    """Write what planes [C, H, W] show at the chosen positions, bilinear."""
    count, height, width = planes.shape
    rows, columns = chosen.shape
    # The features of a position side by side: it is few of them that are read.
    places = planes.reshape(count, height * width).T.copy()
    for y in range(rows):
        top, below, v = _between(y, rows, height)
        for x in range(columns):
            if not chosen[y, x]:
                continue
            left, right, u = _between(x, columns, width)
            a, b = places[top * width + left], places[top * width + right]
            c, d = places[below * width + left], places[below * width + right]
            answers = features[y, x]
            for one in range(count):
                upper = a[one] + u * (b[one] - a[one])
                lower = c[one] + u * (d[one] - c[one])
                answers[one] = upper + v * (lower - upper)


@kernel
def _between(one: int, count: int, size: int) -> tuple[int, int, np.float32]:
    """Return between which of fewer pixels one of `count` lies, and how far from the first."""
    place = np.float32(min(max((one + 0.5) * size / count - 0.5, 0.0), size - 1.0))
    first = int(place)
    return first, min(first + 1, size - 1), place - np.float32(first)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far features lie from the nearest of the good parts' in the same place (compiled)."""

from __future__ import annotations

import numpy as np

from ant_ros.network.compiled import summing

__all__ = ['nearest_near']


def nearest_near(features: np.ndarray, memory: np.ndarray, chosen: np.ndarray, reach: int,
                 owners: np.ndarray | None = None, skip: int = -1) -> np.ndarray:
    """Return the distance to the nearest remembered feature in the neighbourhood [h, w].

    Args:
        features: [h, w, D], float32.
        memory: Of the good parts [h, w, M, D], float32.
        chosen: Where to look [h, w], bool; elsewhere the distance is 0.
        reach: How many positions to each side count as the same place.
        owners: From which good part each of the M is [M]; needed to leave one out.
        skip: A part that does not count.
    """
    squares = np.where(chosen, np.float32(np.inf), np.float32(0))
    if owners is not None and skip >= 0:
        memory = np.ascontiguousarray(memory[:, :, owners != skip])
    _nearest_near(np.ascontiguousarray(features), memory, chosen, reach, squares)
    return np.sqrt(squares)


@summing
def _nearest_near(features: np.ndarray, memory: np.ndarray, chosen: np.ndarray, reach: int,
                  squares: np.ndarray) -> None:
    """Lower the squares to those of the nearest; what is remembered is read only once."""
    height, width, parts, depth = memory.shape
    for y in range(height):
        for x in range(width):
            for row in range(max(0, y - reach), min(height, y + reach + 1)):
                for column in range(max(0, x - reach), min(width, x + reach + 1)):
                    if not chosen[row, column]:
                        continue
                    feature = features[row, column]
                    least = squares[row, column]
                    for part in range(parts):
                        other = memory[y, x, part]
                        square = np.float32(0)
                        for k in range(depth):
                            square += (feature[k] - other[k]) ** 2
                        least = min(least, square)
                    squares[row, column] = least

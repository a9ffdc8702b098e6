# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far features lie from the nearest of the good parts' (compiled where places count)."""

from __future__ import annotations

import numpy as np

from ant_ros.network.compiled import entry

__all__ = ['nearest_anywhere', 'nearest_near']


def nearest_near(features: np.ndarray, memory: np.ndarray, chosen: np.ndarray, reach: int,
                 skip: int = -1) -> np.ndarray:
    """Return the distance to the nearest remembered feature in the neighbourhood [h, w].

    Args:
        features: [h, w, D], float32.
        memory: Of the good parts [h, w, M, D], float32.
        chosen: Where to look [h, w], bool; elsewhere the distance is 0.
        reach: How many positions to each side count as the same place.
        skip: A part that does not count, to leave it out.
    """
    distances = np.zeros(features.shape[:2], np.float32)
    _nearest_near(np.ascontiguousarray(features), memory, chosen, reach, skip, distances)
    return distances


def nearest_anywhere(features: np.ndarray, bank: np.ndarray, owners: np.ndarray | None = None,
                     skip: int = -1) -> np.ndarray:
    """Return the distance to the nearest remembered feature, wherever it was [N].

    Args:
        features: [N, D], float32.
        bank: [K, D], float32.
        owners: From which good part each of the bank is [K]; needed to leave one out.
        skip: A part that does not count.
    """
    squares = np.einsum('kd,kd->k', bank, bank)
    if owners is not None and skip >= 0:
        squares = np.where(owners == skip, np.float32(np.inf), squares)
    nearest = (squares - 2 * (features @ bank.T)).min(axis=1)
    return np.sqrt(np.maximum(nearest + np.einsum('nd,nd->n', features, features), 0))


@entry
def _nearest_near(features: np.ndarray, memory: np.ndarray, chosen: np.ndarray, reach: int,
                  skip: int, distances: np.ndarray) -> None:
    height, width, parts, depth = memory.shape
    for row in range(height):
        for column in range(width):
            if not chosen[row, column]:
                continue
            feature = features[row, column]
            best = np.float32(np.inf)
            for y in range(max(0, row - reach), min(height, row + reach + 1)):
                for x in range(max(0, column - reach), min(width, column + reach + 1)):
                    for part in range(parts):
                        if part == skip:
                            continue
                        other = memory[y, x, part]
                        # Four sums side by side: one long chain of additions would be slow.
                        a = b = c = d = np.float32(0)
                        for k in range(0, depth, 4):
                            da = feature[k] - other[k]
                            db = feature[k + 1] - other[k + 1]
                            dc = feature[k + 2] - other[k + 2]
                            dd = feature[k + 3] - other[k + 3]
                            a += da * da
                            b += db * db
                            c += dc * dc
                            d += dd * dd
                        best = min(best, a + b + c + d)
            distances[row, column] = np.sqrt(best)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a verdict is based on."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

import numpy as np

__all__ = ['Evidence']


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a verdict was based on, in the registered image.

    Attributes:
        score: How unusual each position is [H, W].
        deep_score: The same by the deep features alone [H, W].
        difference: Seen less expected: brightness and two colour planes [H, W]; all zero for
            parts of free shape and textures, of which no position is expected to look so.
        compared: In how many planes it is known how each position should look: 3, in grey images
            1, for parts of free shape and textures 0.
        mask: Where the part is [H, W], bool; everywhere for parts of free shape and textures.
        outline: The part itself [H, W], bool: of a part of free shape its convex hull; None for
            textures.
        matrix: Affine map [2, 3] from the registered image to the image.
        limit: Score from which a person should look.
        centre: Centre of the part.
        radius: Largest distance of the part from it.
    """

    score: np.ndarray
    deep_score: np.ndarray
    difference: list[np.ndarray]
    compared: int
    mask: np.ndarray
    outline: np.ndarray | None
    matrix: np.ndarray
    limit: float
    centre: tuple[float, float]
    radius: float

    @property
    def flagged(self) -> bool:
        """Whether any position reaches the limit."""
        return float(self.score.max()) >= self.limit

    @property
    def known_difference(self) -> list[np.ndarray] | None:
        """The planes of the difference that tell something; None where none does."""
        return self.difference[:self.compared] or None

    def shift_at(self, pixels: np.ndarray) -> np.ndarray | None:
        """Return the mean known difference [P] at columns and rows [N, 2]; None without."""
        known = self.known_difference
        if known is None:
            return None
        columns, rows = pixels.T
        return np.array([float(plane[rows, columns].mean()) for plane in known])

    def enlarged(self, factor: float) -> Evidence:
        """Return it as if the part had differed so much more from what is expected."""
        return replace(self, score=self.score * factor,
                       difference=[plane * factor for plane in self.difference])

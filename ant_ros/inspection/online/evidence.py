# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a verdict was based on, and an inspector that hands it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.verdict import Verdict
from ant_ros.network.work import Work

__all__ = ['Evidence', 'SeeingInspector']


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a verdict was based on, in the registered image.

    Attributes:
        score: How unusual each position is [H, W].
        deep_score: The same by the deep features alone [H, W].
        difference: Seen less expected: brightness and two colour planes [H, W]; all zero for
            parts of free shape and textures, of which no position is expected to look so.
        mask: Where the part is [H, W], bool.
        matrix: Affine map [2, 3] from the registered image to the image.
        limit: Score from which a person should look.
        centre: Centre of the part.
        radius: Largest distance of the part from it.
    """

    score: np.ndarray
    deep_score: np.ndarray
    difference: Sequence[np.ndarray]
    mask: np.ndarray
    matrix: np.ndarray
    limit: float
    centre: tuple[float, float]
    radius: float

    @property
    def flagged(self) -> bool:
        """Whether any position reaches the limit."""
        return float(self.score.max()) >= self.limit

    def enlarged(self, factor: float) -> Evidence:
        """Return it as if the part had differed so much more from what is expected."""
        return replace(self, score=self.score * factor,
                       difference=[plane * factor for plane in self.difference])


class SeeingInspector(Inspector):
    """An inspector that also says what its verdict was based on; for one thread at a time."""

    _evidence: Evidence | None = None

    def look(self, image: np.ndarray) -> tuple[Verdict, Evidence | None]:
        """Judge one image; the evidence is None where no part was found.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        self._evidence = None
        verdict = self.inspect(image)
        evidence, self._evidence = self._evidence, None
        return verdict, evidence

    def _judge(
        self, matrix: np.ndarray, difference: list[np.ndarray], score: np.ndarray,
        deep_score: np.ndarray, work: Work, size: tuple[int, int],
    ) -> Verdict:
        recipe = self.recipe
        if score.shape == recipe.mask.shape:
            mask, centre, radius = recipe.mask, recipe.centre, recipe.radius
        else:
            height, width = score.shape
            mask = np.ones(score.shape, bool)
            centre, radius = (width / 2, height / 2), max(width, height) / 2
        self._evidence = Evidence(
            score, deep_score, difference, mask, self._to_image(matrix, size),
            recipe.limits.review, centre, radius)
        return super()._judge(matrix, difference, score, deep_score, work, size)

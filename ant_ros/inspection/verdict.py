# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector says about one part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
import enum
from typing import NamedTuple

import numpy as np

from ant_ros.network.work import Work

__all__ = ['Decision', 'PartBox', 'Region', 'Verdict']


class Decision(enum.Enum):
    """What shall become of a part."""

    PASS = 'pass'
    REVIEW = 'review'
    REJECT = 'reject'
    UNINSPECTED = 'uninspected'


@dataclass(frozen=True)
class Region:
    """A connected place that looks unusual, in pixels of the image.

    The box is that of what comes near the peak: strong evidence spreads beyond what caused it.

    Attributes:
        x: Left edge of the bounding box.
        y: Upper edge of the bounding box.
        width: Width of the bounding box.
        height: Height of the bounding box.
        area_px: Pixels above the limit.
        peak: Largest score in it.
        stage: Stage that found it: 0 the cheap look, 1 the deep features.
        elongation: Length by breadth of what comes near the peak.
        colour_shift: Distance in colour from what is expected there, grey levels; None where that
            is not known: on parts of free shape, on textures, and in grey images.
        brightness_shift: How much brighter it is than expected (darker below 0), grey levels; None
            on parts of free shape and textures.
    """

    x: int
    y: int
    width: int
    height: int
    area_px: int
    peak: float
    stage: int
    elongation: float = 1.0
    colour_shift: float | None = None
    brightness_shift: float | None = None


class PartBox(NamedTuple):
    """One of the parts in an image.

    Attributes:
        box: Left, top, width and height in pixels of the image.
        decision: What is thought of this one.
    """

    box: tuple[int, int, int, int]
    decision: Decision


@dataclass(frozen=True)
class Verdict:
    """The answer to one image.

    Attributes:
        decision: Pass, review or reject.
        score: How unusual the part looks; 1 is the largest that a good part is expected to get.
        review_threshold: Score from which a person should look.
        reject_threshold: Score from which the part is rejected.
        regions: What was found, worst first.
        reason: One sentence for the line operator.
        work: What the answer cost in the network; units are tiles.
        stage: Deepest stage that was reached: 0 or 1.
        recipe: Name of the recipe.
        recipe_version: Version of the recipe.
        image_size: Width and height of the image in pixels.
        parts: The parts of which it speaks, from left to right; empty where they were not told
            apart.
        others: Further parts in the image, which were not looked at.
    """

    decision: Decision
    score: float
    review_threshold: float
    reject_threshold: float
    regions: tuple[Region, ...]
    reason: str
    work: Work
    stage: int
    recipe: str
    recipe_version: int
    image_size: tuple[int, int]
    _draw_map: Callable[[], np.ndarray] | None = field(default=None, repr=False, compare=False)
    parts: tuple[PartBox, ...] = ()
    others: int = 0

    @property
    def anomaly_map(self) -> np.ndarray:
        """Scores per pixel of the image [H, W], float32; drawn when asked for."""
        if self._draw_map is None:
            width, height = self.image_size
            return np.zeros((height, width), np.float32)
        return self._draw_map()

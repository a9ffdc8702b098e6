# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several parts in one frame, each shown alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.part_finder import find_parts
from ant_ros.inspection.part_finder import is_too_large
from ant_ros.inspection.part_finder import Placement

__all__ = ['Separated', 'separate']

_AROUND_PX = 9
_KEPT_PX = 5


class Separated(NamedTuple):
    """One of the parts in a frame.

    Attributes:
        box: Left, top, width and height in pixels of the frame.
        frame: The frame with the other parts painted over [H, W, 3], uint8.
        too_large: It is larger than a part, as parts are that touch each other.
    """

    box: tuple[int, int, int, int]
    frame: np.ndarray
    too_large: bool


def separate(frame: np.ndarray, background: Background) -> list[Separated]:
    """Return each part in a frame [H, W, 3] uint8 by itself, from left to right.

    Parts that touch each other are taken for one, which then does not look like a good one.
    """
    found = find_parts(frame, background)
    return [Separated(
        _box(one), _alone(frame, one, [other for other in found if other is not one]),
        is_too_large(one.area_px, background)) for one in found]


def _box(part: Placement) -> tuple[int, int, int, int]:
    left, top, width, height = (round(value / part.scale) for value in part.box)
    return left, top, width, height


def _alone(frame: np.ndarray, part: Placement, others: Sequence[Placement]) -> np.ndarray:
    """Return the frame with the colour of its background where other parts are."""
    if not others:
        return frame
    covered = np.zeros_like(part.mask)
    for other in others:
        covered = cv2.bitwise_or(covered, other.mask)
    # Shadows and soft edges lie around a part.
    covered = cv2.subtract(cv2.dilate(covered, np.ones((_AROUND_PX, _AROUND_PX), np.uint8)),
                           cv2.dilate(part.mask, np.ones((_KEPT_PX, _KEPT_PX), np.uint8)))
    where = cv2.resize(covered, frame.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    painted = frame.copy()
    painted[where] = np.rint(part.surroundings).astype(np.uint8)
    return painted

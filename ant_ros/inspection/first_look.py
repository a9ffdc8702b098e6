# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a part differs from what is expected, before any deep features are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.local_shift import LocalShift
from ant_ros.inspection.pyramid import halved_planes
from ant_ros.inspection.surprise import Surprise
from ant_ros.inspection.viewing import View
from ant_ros.inspection.whitening import White

__all__ = ['FirstLook', 'Glimpse', 'halves']


class Glimpse(NamedTuple):
    """What the first look sees of a part.

    Attributes:
        difference: What is left when the expected part and its small shifts are taken away,
            three planes.
        white: The same in spreads, without the grain of good parts.
        surprise: The largest deviation from good parts, in spreads.
    """

    difference: list[np.ndarray]
    white: White
    surprise: np.ndarray


class FirstLook:
    """Compare parts with what is expected.

    Args:
        mean: Expected part in three planes [3, H, W].
        reach_px: Largest shift that good parts show.
        surprise: How far good parts lie from it, learned at the same size; or at half of it,
            where it need only tell what wakes: everything is then seen at half the size.
    """

    def __init__(self, mean: np.ndarray, reach_px: float, surprise: Surprise) -> None:
        self._surprise = surprise
        self._halves = surprise.slopes.shape[1] < mean.shape[1]
        if self._halves:
            mean, reach_px = halves(mean, reach_px)
        self._mean = mean
        self._shift = LocalShift(mean, reach_px)

    def look(self, view: View) -> Glimpse:
        """Look at a part."""
        unsettled = self._unsettled(view.planes)
        difference = self._shift.remove(unsettled)
        white = self._surprise.whitening.apply(
            difference, unsettled[0], view.lighting.brightening)
        return Glimpse(difference, white, self._surprise.look(white))

    def _unsettled(self, planes: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return planes [H, W] less what is expected, at the size at which that is known."""
        if not self._halves:
            return [cv2.subtract(plane, mean) for plane, mean in zip(planes, self._mean)]
        from ant_ros.inspection.shrinking import halved_less  # compiled: a slow import
        return list(halved_less(
            tuple(np.asarray(plane, np.float32) for plane in planes), self._mean))


def halves(mean: np.ndarray, reach_px: float) -> tuple[np.ndarray, float]:
    """Return what is expected, and how far things shift, at half the size."""
    return halved_planes(mean), reach_px / 2

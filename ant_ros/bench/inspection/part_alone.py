# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The usual detectors, shown the part without what lies around it.

Where the background alone tells good from bad, as where photographs of both were taken on
different days, a detector that sees the whole frame seems better than it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ant_ros.bench.evaluation.split_run import Answer
from ant_ros.bench.evaluation.split_run import Teacher
from ant_ros.inspection import TeachError
from ant_ros.inspection.crops import learn_crop
from ant_ros.inspection.part_finder import learn_background

__all__ = ['PartAlone']

_MARGIN_PX = 9


class PartAlone:
    """A detector that gets to see the convex hull of the part, on one colour.

    Args:
        good: Images of good parts [H, W, 3], uint8.
        teacher: Makes the detector.

    Raises:
        TeachError: no part stands out from its background.
    """

    def __init__(self, good: Sequence[np.ndarray], teacher: Teacher) -> None:
        background = None
        if all(one.ndim == 3 and one.dtype == np.uint8 for one in good):
            background = learn_background(good)
        if background is None:
            raise TeachError('no part stands out from its background: nothing can be hidden')
        self._colour = np.clip(background.colour, 0, 255).astype(np.uint8)
        self._crop = learn_crop(good, background)
        self._detector = teacher([self._hidden(one) for one in good])

    def inspect(self, image: np.ndarray) -> Answer:
        """Judge the part in an image [H, W, 3], uint8."""
        return self._detector.inspect(self._hidden(image))

    def _hidden(self, image: np.ndarray) -> np.ndarray:
        """Return the image with one colour around the part; as it is where none is found."""
        place = self._crop.find(image)
        if place is None or place.outline is None:
            return image
        hull = cv2.fillConvexPoly(
            np.zeros(image.shape[:2], np.uint8), np.round(place.outline).astype(np.int32), 1)
        near = cv2.dilate(hull, np.ones((_MARGIN_PX, _MARGIN_PX), np.uint8))
        return np.where(near[..., None] > 0, image, self._colour)

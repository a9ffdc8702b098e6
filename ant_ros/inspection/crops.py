# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of free shape, cut out around their centre; or the whole frame of a texture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.pyramid import halved
from ant_ros.inspection.pyramid import halvings_for
from ant_ros.inspection.pyramid import scaling

__all__ = ['Crop', 'Place', 'learn_crop']

_MARGIN = 1.35
_FAR_SHARE = 0.98
_NEAR = 0.16
_ON_PART = 0.075
_THIN = 0.5
_FINER = 4


@dataclass(frozen=True)
class Place:
    """Where a part is.

    Attributes:
        x: Its centre in the frame.
        y: Its centre in the frame.
        outline: Corners of its convex hull in the frame [N, 2], float32; None for a texture.
        others: Further parts in the frame.
    """

    x: float
    y: float
    outline: np.ndarray | None
    others: int = 0


@dataclass(frozen=True)
class Crop:
    """How parts are cut out of frames.

    Attributes:
        background: What lies around the part; None to take the whole frame.
        half_px: Half the side of the square around the part's centre, in pixels of the frame.
        frame_size: Width and height of the frames.
    """

    background: Background | None
    half_px: float
    frame_size: tuple[int, int]

    def find(self, frame: np.ndarray) -> Place | None:
        """Return where the part is in a frame [H, W, 3], or None where there is none."""
        if self.background is None:
            return Place((self.frame_size[0] - 1) / 2, (self.frame_size[1] - 1) / 2, None)
        found = find_part(frame, self.background)
        if found is None:
            return None
        body = _body(found.mask)
        corners = cv2.convexHull(cv2.findNonZero(body))[:, 0]
        x, y = ((one + 0.5) / found.scale - 0.5 for one in _centre(body))
        return Place(x, y, ((corners + 0.5) / found.scale - 0.5).astype(np.float32), found.others)

    def matrix(self, place: Place, size: tuple[int, int]) -> np.ndarray:
        """Return the map [2, 3] from the cut-out of a size to the frame."""
        sides = np.array(self.frame_size, float)
        if self.background is not None:
            sides = np.array([2 * self.half_px, 2 * self.half_px])
        grow = sides / size
        start = np.array([place.x, place.y]) - (sides - grow) / 2
        return np.array([[grow[0], 0, start[0]], [0, grow[1], start[1]]])

    def cut(self, frame: np.ndarray, place: Place, size: tuple[int, int]) -> np.ndarray:
        """Return the cut-out [h, w, 3] uint8; beyond the frame its border goes on.

        An edge where the frame ends, as against one usual colour, would be no part's own.
        """
        if self.background is None:
            shrinks = size[0] < frame.shape[1]
            return cv2.resize(
                frame, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        matrix = self.matrix(place, size)
        halvings = halvings_for(1 / float(np.sqrt(matrix[0, 0] * matrix[1, 1])))
        for _ in range(halvings):
            frame = halved(frame)
        at_level = scaling(0.5**halvings) @ np.vstack([matrix, (0, 0, 1)])
        return cv2.warpAffine(
            frame, at_level[:2], size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE)

    def outline(self, place: Place, size: tuple[int, int]) -> np.ndarray | None:
        """Return the part's convex hull in a cut-out [h, w], bool; None for a texture."""
        return None if place.outline is None else self._hull(place.outline, place, size) > 0

    def near(self, place: Place, size: tuple[int, int]) -> np.ndarray:
        """Return which pixels [h, w] of a cut-out show the part or what is near it, bool.

        What lies further away, another part or the edge of the tray, is not the part's fault.
        Gaps in the part count as part of it.
        """
        return self._away(place, size) <= _NEAR

    def on_part(self, place: Place, size: tuple[int, int]) -> np.ndarray:
        """Return which positions [h, w] of a cut-out see the part itself, or its edge, bool.

        What lies beside it may look unusual, but tells nothing of the part.
        """
        return self._away(place, size) <= _ON_PART

    def _away(self, place: Place, size: tuple[int, int]) -> np.ndarray:
        """Return how far positions are from the part's hull, as a share of the side [h, w]."""
        if place.outline is None:
            return np.zeros(size[::-1], np.float32)
        fine = (_FINER * size[0], _FINER * size[1])
        filled = self._hull(place.outline, place, fine)
        distance = cv2.distanceTransform(1 - filled, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        middle = slice(_FINER // 2, None, _FINER)
        return distance[middle, middle] / max(fine)

    def _hull(self, corners: np.ndarray, place: Place, size: tuple[int, int]) -> np.ndarray:
        """Return a cut-out [h, w], uint8, that is 1 inside of corners in the frame [N, 2]."""
        matrix = self.matrix(place, size)
        corners = (corners - matrix[:, 2]) / np.diag(matrix)
        return cv2.fillConvexPoly(
            np.zeros(size[::-1], np.uint8), np.round(corners).astype(np.int32), 1)


def learn_crop(frames: Sequence[np.ndarray], background: Background | None) -> Crop:
    """Learn from frames with one good part each how large a cut-out shows all of it."""
    height, width = frames[0].shape[:2]
    radii = []
    for frame in frames if background is not None else ():
        assert background is not None
        found = find_part(frame, background)
        if found is not None:
            body = _body(found.mask)
            x, y = _centre(body)
            rows, columns = np.nonzero(body)
            distances = np.hypot(columns - x, rows - y)
            radii.append(float(np.quantile(distances, _FAR_SHARE)) / found.scale)
    half = _MARGIN * float(np.median(radii)) if radii else max(width, height) / 2
    return Crop(background, half, (width, height))


def _body(mask: np.ndarray) -> np.ndarray:
    """Return a mask [H, W], uint8, without what is thin beside the part and leaves the picture.

    A shadow may join the part to the rim of a tray, or a cable to the border.
    """
    border = np.ones(mask.shape, bool)
    border[1:-1, 1:-1] = False
    if not mask[border].any():
        return mask
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    thin = _THIN * float(depth.max())
    core = (depth > thin).astype(np.uint8)
    away = cv2.distanceTransform(1 - core, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    _, labels = cv2.connectedComponents(((away > thin) & (mask > 0)).astype(np.uint8))
    leaving = np.setdiff1d(labels[border], [0])
    return np.where(np.isin(labels, leaving), 0, mask).astype(np.uint8)


def _centre(mask: np.ndarray) -> tuple[float, float]:
    """Return the centre of area of a mask."""
    sums = cv2.moments(mask, binaryImage=True)
    return sums['m10'] / sums['m00'], sums['m01'] / sums['m00']

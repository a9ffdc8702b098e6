# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A frame at its size, at half of it, and so on; and maps between them.

Pictures have four channels here, the last without meaning: OpenCV samples them at half the cost
of three.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

__all__ = ['LEVELS', 'halved', 'halved_planes', 'halvings_for', 'make_pyramid', 'sample',
           'scaling', 'shrunk']

LEVELS = 3


def halvings_for(scale: float) -> int:
    """Return how often a frame can be halved until it is nearly as small as `scale` asks for."""
    return max(0, round(float(-np.log2(scale))))


def shrunk(frame: np.ndarray, halvings: int) -> np.ndarray:
    """Return a frame [H, W, 3] uint8, halved so often, with a fourth channel."""
    from ant_ros.inspection.shrinking import halved_to_four  # compiled: a slow import
    for _ in range(halvings - 1):
        frame = halved(frame)
    if not halvings:
        return cv2.cvtColor(frame, cv2.COLOR_RGB2RGBA)
    # The kernel is not compiled for frames that may not be written, or whose rows lie apart.
    return halved_to_four(frame if frame.flags.carray else frame.copy())


def make_pyramid(picture: np.ndarray) -> list[np.ndarray]:
    """Return a picture at three sizes, each half of the one before."""
    levels = [picture]
    for _ in range(1, LEVELS):
        levels.append(halved(levels[-1]))
    return levels


def halved(picture: np.ndarray) -> np.ndarray:
    """Return the mean of each four pixels; an odd last row or column is left out."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    # For a half a linear resize takes the mean of four pixels, too, and is much faster.
    return cv2.resize(picture[:2 * height, :2 * width], (width, height),
                      interpolation=cv2.INTER_LINEAR)


def halved_planes(planes: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return planes [C, H, W] at half the size, float32."""
    return np.stack([halved(np.asarray(plane, np.float32)) for plane in planes])


def scaling(factor: float) -> np.ndarray:
    """Return the map [3, 3] from pixels of a picture to pixels of a `factor` larger one."""
    offset = (factor - 1) / 2
    return np.array([[factor, 0, offset], [0, factor, offset], [0, 0, 1.0]])


def sample(picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the image of `size` whose pixels a map [2, 3] or [3, 3] leads to the picture."""
    return cv2.warpAffine(
        picture, matrix[:2], size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE)

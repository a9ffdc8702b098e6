# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A part as the recipe wants to see it: found, registered, in the expected light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.lighting import apply_lighting
from ant_ros.inspection.lighting import fit_lighting
from ant_ros.inspection.lighting import Lighting
from ant_ros.inspection.lighting import sample_pixels
from ant_ros.inspection.lighting import sample_places
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.registration import make_reference
from ant_ros.inspection.registration import register

__all__ = ['View', 'Viewer', 'brightness', 'scaled']

_DARK = 2.0


@dataclass(frozen=True)
class View:
    """One part, ready to be compared.

    Attributes:
        planes: Brightness and two differences of colour, [H, W] float32 each.
        matrix: Affine map [2, 3] from the registered image to the frame.
        likeness: Correlation with the expected part, -1 .. 1.
        lighting: The light that was taken out.
    """

    planes: list[np.ndarray]
    matrix: np.ndarray
    likeness: float
    lighting: Lighting


class Viewer:
    """Find, register and normalise parts against an expected part.

    Args:
        mean: Expected part in three planes [3, H, W].
        mask: Where the part is [H, W], bool.
        background: What lies around the part; None to take the frame as it is.
        scale: Pixels that are worked on per pixel of the frame, at most 1.
        centre: Centre of area of the part in the registered image.
        radius: Largest distance of the part from it.
        mix: Weights of red, green and blue in the brightness that registration sees [3].
        light_limits: Least and largest factor against the surroundings, as logarithm [2, 3].
    """

    def __init__(
        self, *, mean: np.ndarray, mask: np.ndarray, background: Background | None, scale: float,
        centre: tuple[float, float], radius: float, mix: np.ndarray, light_limits: np.ndarray,
    ) -> None:
        self._background = background
        self._scale = scale
        self._mix = mix
        self._light_limits = light_limits
        rgb = to_rgb(mean)
        self._rgb = rgb
        self._size = (mean.shape[2], mean.shape[1])
        self._samples = sample_pixels(mask)
        self._places = sample_places(self._samples, mask.shape)
        self._expected = rgb.reshape(-1, 3)[self._samples]
        self._reference = None
        if background is not None:
            grey = cv2.transform(rgb, mix[None])
            self._reference = make_reference(
                grey, mask.astype(np.uint8) * 255, centre, radius)

    def view(self, frame: np.ndarray) -> View | None:
        """Return the part in a frame [H, W, 3] uint8, or None where there is none."""
        work = scaled(frame, self._scale)
        surroundings = np.zeros(3)
        if self._background is None or self._reference is None:
            matrix, likeness = np.eye(3)[:2], 1.0
            canvas = cv2.copyMakeBorder(
                work, 0, self._size[1] - work.shape[0], 0, self._size[0] - work.shape[1],
                cv2.BORDER_REPLICATE)
        else:
            placement = find_part(work, self._background)
            if placement is None:
                return None
            surroundings = np.log(
                (self._background.colour + _DARK) / (placement.surroundings + _DARK))
            small = brightness(placement.look, self._mix)
            found = register(brightness(work, self._mix), small, placement, self._reference)
            matrix, likeness = found.matrix, found.likeness
            canvas = cv2.warpAffine(
                work, matrix, self._size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE)
        samples = canvas.reshape(-1, 3)[self._samples].astype(np.float32)
        lighting = fit_lighting(
            samples, self._expected, self._places, surroundings, self._light_limits)
        return View(apply_lighting(canvas, lighting, self._rgb),
                    self._to_frame(matrix, frame, work), likeness, lighting)

    def _to_frame(self, matrix: np.ndarray, frame: np.ndarray, work: np.ndarray) -> np.ndarray:
        across, down = frame.shape[1] / work.shape[1], frame.shape[0] / work.shape[0]
        enlarge = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])
        return enlarge @ np.vstack([matrix, (0, 0, 1)])


def scaled(frame: np.ndarray, scale: float) -> np.ndarray:
    """Return a frame at the scale that is worked on."""
    if scale >= 1:
        return frame
    size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
    # Down to one half every pixel still counts in a linear resize, which is ten times as fast.
    way = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA
    return cv2.resize(frame, size, interpolation=way)


def brightness(rgb: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Return the mix of the channels that registration sees [H, W], uint8."""
    return cv2.transform(rgb, mix[None])

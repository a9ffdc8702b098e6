# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Light taken out of the picture: gain per channel with a slope across the part, and offset."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['Lighting', 'apply_lighting', 'fit_lighting', 'sample_pixels', 'sample_places',
           'to_planes', 'to_rgb']

# Brightness and two differences of colour, orthonormal, so that sensor noise stays even.
_OPPONENT = np.array([
    [1 / np.sqrt(3), 1 / np.sqrt(3), 1 / np.sqrt(3)],
    [1 / np.sqrt(2), -1 / np.sqrt(2), 0],
    [1 / np.sqrt(6), 1 / np.sqrt(6), -2 / np.sqrt(6)]])
_SAMPLES = 1200
_BLOWN = 250
_NOTHING = np.zeros((0, 0, 0), np.float32)


@dataclass(frozen=True)
class Lighting:
    """The light on one part against the expected light.

    Attributes:
        gain: Factor per channel that brings the middle of the part to the expected light [3].
        slope: Change of the factor from the middle to the right and lower edge, as share [2].
        offset: Added afterwards to every channel, in grey levels.
        shift: Logarithm of the factor against that of the surroundings, before it was bounded:
            brightness and two differences of colour [3]; 0 for a part as bright as expected and
            of the expected colour, whatever the lamp does.
    """

    gain: np.ndarray
    slope: np.ndarray
    offset: float
    shift: np.ndarray

    @property
    def brightening(self) -> float:
        """Factor by which the part was brightened, mean of the channels."""
        return float(self.gain.mean())


def sample_pixels(mask: np.ndarray) -> np.ndarray:
    """Choose the pixels on which the light is measured: flat indices, spread evenly."""
    inside = np.flatnonzero(mask)
    return inside[::max(1, len(inside) // _SAMPLES)]


def sample_places(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return where flat indices lie: [N, 2], -1 .. 1 from left to right and top to bottom."""
    height, width = shape
    rows, columns = np.divmod(pixels, width)
    places = np.stack([2 * columns / (width - 1) - 1, 2 * rows / (height - 1) - 1], axis=1)
    return places.astype(np.float32)


def fit_lighting(
    seen: np.ndarray, expected: np.ndarray, places: np.ndarray, surroundings: np.ndarray,
    limits: np.ndarray,
) -> Lighting:
    """Fit the light of a part to the expected part, robust against defects.

    A lamp changes the part and its surroundings alike. So the part may be brighter or of another
    colour than its surroundings tell only as far as the good parts were: a part of the wrong
    colour must not be explained away.

    Args:
        seen: RGB samples of the part [N, 3], float32.
        expected: RGB of the expected part at the same places [N, 3], float32.
        places: Where the samples lie [N, 2].
        surroundings: Logarithm of the factor that brings the surroundings to the expected
            light, per channel [3].
        limits: Least and largest shift against the surroundings in brightness and in two
            differences of colour [2, 3]. Good parts often differ in brightness and hardly in
            colour.
    """
    from ant_ros.inspection.light_fit import fit_light  # compiled: a slow import
    slope, offset, factor = fit_light(seen, expected, places)
    factor = np.log(np.clip(factor, 0.05, 20.0))
    shift = _OPPONENT @ (factor - surroundings)
    gain = np.exp(surroundings + np.clip(shift, *limits) @ _OPPONENT)
    return Lighting(gain.astype(np.float32), slope, offset, shift)


def apply_lighting(
    canvas: np.ndarray, lighting: Lighting, expected: np.ndarray
) -> list[np.ndarray]:
    """Bring a registered image [H, W, 3] to the expected light, as three planes [H, W].

    A value at the end of the sensor's range says "at least this bright": where more is expected,
    it is taken for as bright as expected.

    Args:
        canvas: The registered image, uint8.
        lighting: The light on it.
        expected: RGB of the expected part in three planes [3, H, W], float32.

    Returns:
        Brightness and two differences of colour, float32.
    """
    from ant_ros.inspection.light_fit import relit
    wanted = expected if canvas.max() >= _BLOWN else _NOTHING
    lift = np.float32(_OPPONENT[0].sum() * lighting.offset)
    return list(relit(canvas, (_OPPONENT * lighting.gain).astype(np.float32), lighting.slope, lift,
                      wanted, 1 / lighting.gain, _BLOWN))


def to_planes(rgb: np.ndarray) -> np.ndarray:
    """Return brightness and two differences of colour [3, H, W] of an image [H, W, 3]."""
    return np.stack(cv2.split(cv2.transform(rgb.astype(np.float32), _OPPONENT)))


def to_rgb(planes: np.ndarray) -> np.ndarray:
    """Return the image [H, W, 3], float32, of three planes [3, H, W]."""
    return cv2.transform(np.ascontiguousarray(planes.transpose(1, 2, 0)), _OPPONENT.T)

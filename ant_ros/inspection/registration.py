# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the part lies: rotation, shift and scale against the expected part.

From coarse to fine. The rotation comes from one circular correlation of the part in polar
coordinates, so any angle is found at the same cost and a round part is turned to its texture
or keyway. The shift comes from a template match on an image of a quarter of the size. Both are
refined by a few Gauss-Newton steps on precomputed gradients (the inverse compositional method:
Baker and Matthews, Lucas-Kanade 20 years on, IJCV 2004), together with gain and offset of the
light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.part_finder import Placement

__all__ = ['Reference', 'Registration', 'make_reference', 'polar_view', 'refine', 'register']

ANGLES = 256
RADII = 32
_MARGIN_PX = 5
_RING_FLOOR = 8.0
_PEAKS = 3
_SURE = 0.92
_PEAK_GAP = 8
_LEVELS = 3
_STEPS = (2, 3, 6)
_PIXELS = 2000
_SCALE_LIMIT = 1.15
_SETTLED_PX = 0.03
_CLIP_SPREADS = 2.5
_COARSE = (2, 1)
_FINE = (0,)
_IDENTITY = np.eye(3)


@dataclass(frozen=True)
class Level:
    """The expected part at one scale: what refining needs of it.

    Attributes:
        template: Brightness [h, w], float32.
        points: Where the pixels lie that are compared, x, y and 1 [3, N], float32.
        values: Their brightness less its mean [N].
        spread: Standard deviation of it.
        solver: From differences of brightness to x, y, rotation, scale, gain, offset [6, N].
    """

    template: np.ndarray
    points: np.ndarray
    values: np.ndarray
    spread: float
    solver: np.ndarray


@dataclass(frozen=True)
class Reference:
    """The expected part as registration sees it.

    Attributes:
        size: Width and height of the registered image in pixels.
        centre: Centre of area of the part in it.
        radius: Radius of the polar view, in pixels of the registered image.
        polar: Spectrum of the polar view [ANGLES / 2 + 1, RADII], complex64.
        levels: Finest first.
    """

    size: tuple[int, int]
    centre: tuple[float, float]
    radius: float
    polar: np.ndarray
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Registration:
    """Where a part lies.

    Attributes:
        matrix: Affine map [2, 3] from the registered image to the image given.
        likeness: Correlation with the expected part on its telling pixels, -1 .. 1.
    """

    matrix: np.ndarray
    likeness: float


def make_reference(
    grey: np.ndarray, mask: np.ndarray, centre: tuple[float, float], radius: float
) -> Reference:
    """Prepare the expected part for registration.

    Args:
        grey: Expected brightness [h, w], float32.
        mask: Where the part is [h, w], uint8.
        centre: Centre of area of the part.
        radius: Largest distance of the part from it.
    """
    levels = []
    for step in range(_LEVELS):
        size = (max(8, grey.shape[1] >> step), max(8, grey.shape[0] >> step))
        levels.append(_make_level(
            cv2.resize(grey, size, interpolation=cv2.INTER_AREA),
            cv2.resize(mask, size, interpolation=cv2.INTER_AREA)))
    spectrum = np.fft.rfft(polar_view(grey, centre, radius), axis=0).astype(np.complex64)
    return Reference((grey.shape[1], grey.shape[0]), centre, radius, spectrum, tuple(levels))


def polar_view(grey: np.ndarray, centre: tuple[float, float], radius: float) -> np.ndarray:
    """Return the surroundings of a centre as [ANGLES, RADII], each radius evened out.

    Each radius has mean 0 and much the same spread, else the rim of a round part, a little off
    its centre, would outweigh the marks that tell its rotation.
    """
    # Only what the polar view can reach outside of the picture is added, so that it stays cheap.
    reach = int(np.ceil(max(0.0, radius - centre[0], radius - centre[1],
                            centre[0] + radius - grey.shape[1],
                            centre[1] + radius - grey.shape[0]))) + 1
    wide = cv2.copyMakeBorder(grey, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    view = cv2.warpPolar(wide, (RADII, ANGLES), (centre[0] + reach, centre[1] + reach), radius,
                         cv2.INTER_LINEAR).astype(np.float32)
    view -= view.mean(axis=0)
    view /= np.sqrt((view**2).mean(axis=0)) + _RING_FLOOR
    return view * np.sqrt(np.arange(1, RADII + 1, dtype=np.float32) / RADII)


def register(
    grey: np.ndarray, small: np.ndarray, placement: Placement, reference: Reference
) -> Registration:
    """Register the part in an image.

    Args:
        grey: Brightness [H, W] at the scale of the reference, uint8.
        small: Brightness of the small image in which the part was found, uint8.
        placement: Where it was found.
        reference: The expected part.
    """
    ratio = small.shape[1] / grey.shape[1]
    centre = ((placement.x + 0.5) / ratio - 0.5, (placement.y + 0.5) / ratio - 0.5)
    view = polar_view(small, (placement.x, placement.y), reference.radius * ratio)
    coarse = _pyramid(grey)
    first, *others = [_turned(angle, centre, reference.centre)
                      for angle in _angles(view, reference)]
    rough = _roughly(coarse, first, reference)
    if rough.likeness <= _SURE:
        # Some parts look much the same upside down: where the answer is not sure, ask for all.
        upside_down = rough.matrix @ _half_turn(reference.centre)
        rough = max(rough, *(_roughly(coarse, start, reference)
                             for start in (*others, upside_down)),
                    key=lambda found: found.likeness)
    return refine(coarse, rough.matrix, reference, _FINE)


def _roughly(
    pyramid: list[np.ndarray], matrix: np.ndarray, reference: Reference
) -> Registration:
    """Find the shift for a rotation and refine both on the small images."""
    return refine(pyramid, _shifted(pyramid[-1], matrix, reference), reference, _COARSE)


def _half_turn(centre: tuple[float, float]) -> np.ndarray:
    return np.array([[-1, 0, 2 * centre[0]], [0, -1, 2 * centre[1]], [0, 0, 1]])


def refine(
    pyramid: list[np.ndarray], matrix: np.ndarray, reference: Reference,
    steps: Sequence[int] = range(_LEVELS - 1, -1, -1),
) -> Registration:
    """Refine a start by Gauss-Newton steps, coarse to fine.

    Args:
        pyramid: The image at full size, half of it, and so on.
        matrix: The start.
        reference: The expected part.
        steps: Levels of the pyramid to use, coarsest first.
    """
    full = np.vstack([matrix, (0, 0, 1)])
    likeness = 0.0
    for step in steps:
        level = reference.levels[step]
        to_fine, to_coarse = _scaling(2.0**step), _scaling(2.0**-step)
        at_level = to_coarse @ full @ to_fine
        reach = max(level.template.shape) / 2
        for _ in range(_STEPS[step]):
            change, likeness = _newton_step(pyramid[step], at_level, level)
            moved = at_level @ _undone(change)
            if not _plausible(moved):
                break
            at_level = moved
            largest = np.abs(change - _IDENTITY)[:2].max(axis=0) * (reach, reach, 1)
            if largest.max() < _SETTLED_PX:
                break
        full = to_fine @ at_level @ to_coarse
    return Registration(full[:2].copy(), likeness)


def _undone(change: np.ndarray) -> np.ndarray:
    """Invert a map of rotation, scale and shift."""
    (a, _, x), (b, _, y) = change[0], change[1]
    size = a * a + b * b
    return np.array([[a / size, b / size, -(a * x + b * y) / size],
                     [-b / size, a / size, (b * x - a * y) / size], [0, 0, 1]])


def _pyramid(grey: np.ndarray) -> list[np.ndarray]:
    levels = [grey]
    for _ in range(1, _LEVELS):
        height, width = levels[-1].shape
        # For a half a linear resize takes the mean of four pixels too, and is much faster.
        levels.append(cv2.resize(levels[-1], (max(8, width // 2), max(8, height // 2)),
                                 interpolation=cv2.INTER_LINEAR))
    return levels


def _make_level(template: np.ndarray, mask: np.ndarray) -> Level:
    height, width = template.shape
    across = cv2.Sobel(template, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(template, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    near = cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0
    near[:1], near[-1:], near[:, :1], near[:, -1:] = False, False, False, False
    strength = np.where(near, across**2 + down**2, -1.0)
    # Half of the pixels are the steepest, half are spread evenly: edges give the position,
    # the rest keeps gain and offset honest.
    inside = np.flatnonzero(near)
    steep = np.argsort(-strength, axis=None, kind='stable')[:min(_PIXELS // 2, len(inside))]
    even = inside[::max(1, len(inside) // (_PIXELS // 2))]
    pixels = np.union1d(steep, even)
    rows, columns = np.unravel_index(pixels, template.shape)
    u, v = columns - (width - 1) / 2, rows - (height - 1) / 2
    gx, gy = across.ravel()[pixels], down.ravel()[pixels]
    values = template.ravel()[pixels].astype(np.float32)
    jacobian = np.stack(
        [gx, gy, gy * u - gx * v, gx * u + gy * v, values - values.mean(), np.ones_like(values)],
        axis=1).astype(np.float64)
    normal = jacobian.T @ jacobian
    normal += np.diag(1e-4 * np.diag(normal) + 1e-3)
    solver = np.linalg.solve(normal, jacobian.T).astype(np.float32)
    points = np.stack([columns, rows, np.ones_like(rows)]).astype(np.float32)
    return Level(template, points, values - values.mean(), float(values.std()), solver)


def _newton_step(
    grey: np.ndarray, matrix: np.ndarray, level: Level
) -> tuple[np.ndarray, float]:
    """Return the change of the map [3, 3] that best explains the difference, and likeness."""
    height, width = level.template.shape
    x, y = matrix[:2].astype(np.float32) @ level.points
    values = cv2.remap(grey, x[None], y[None], cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_REPLICATE)[0].astype(np.float32)
    count = len(values)
    values -= values.sum() / count
    spread = float(np.sqrt(values @ values / count))
    expected = level.values
    likeness = float(values @ expected) / (count * max(spread, 1e-3) * max(level.spread, 1e-3))
    difference = values * (level.spread / max(spread, 1.0)) - expected
    sizes = np.abs(difference[::4])
    middle = len(sizes) // 2
    bound = _CLIP_SPREADS * 1.48 * float(np.partition(sizes, middle)[middle]) + 1.0
    np.clip(difference, -bound, bound, out=difference)
    right, down, turn, grow = (level.solver[:4] @ difference).tolist()
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    change = np.array([
        [1 + grow, -turn, right - grow * middle_x + turn * middle_y],
        [turn, 1 + grow, down - turn * middle_x - grow * middle_y],
        [0, 0, 1]])
    return change, likeness


def _angles(view: np.ndarray, reference: Reference) -> list[float]:
    """Return the likeliest rotations of the part against the reference, in radians."""
    spectrum = np.fft.rfft(view, axis=0)
    match = np.fft.irfft((spectrum * np.conj(reference.polar)).sum(axis=1), ANGLES)
    angles = []
    for _ in range(_PEAKS):
        peak = int(np.argmax(match))
        left, middle, right = match[peak - 1], match[peak], match[(peak + 1) % ANGLES]
        bend = left - 2 * middle + right
        fine = peak + (0.5 * (left - right) / bend if bend < 0 and np.isfinite(bend) else 0.0)
        angles.append(fine * 2 * np.pi / ANGLES)
        match[np.arange(peak - _PEAK_GAP, peak + _PEAK_GAP + 1) % ANGLES] = -np.inf
    return angles


def _turned(
    angle: float, centre: tuple[float, float], reference_centre: tuple[float, float]
) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([linear, (np.array(centre) - linear @ reference_centre)[:, None]])


def _shifted(
    coarse: np.ndarray, matrix: np.ndarray, reference: Reference
) -> np.ndarray:
    """Find the shift on the coarsest level by matching the whole template."""
    level = reference.levels[-1]
    to_fine = _scaling(2.0 ** (_LEVELS - 1))
    at_level = _scaling(2.0 ** (1 - _LEVELS)) @ np.vstack([matrix, (0, 0, 1)]) @ to_fine
    margin = np.array([[1, 0, -_MARGIN_PX], [0, 1, -_MARGIN_PX], [0, 0, 1.0]])
    height, width = level.template.shape
    seen = cv2.warpAffine(
        coarse, (at_level @ margin)[:2], (width + 2 * _MARGIN_PX, height + 2 * _MARGIN_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    match = cv2.matchTemplate(
        seen, np.clip(level.template, 0, 255).astype(np.uint8), cv2.TM_CCOEFF_NORMED)
    _, _, _, (left, top) = cv2.minMaxLoc(match)
    shift = np.array([[1, 0, left - _MARGIN_PX], [0, 1, top - _MARGIN_PX], [0, 0, 1.0]])
    return (to_fine @ at_level @ shift @ _scaling(2.0 ** (1 - _LEVELS)))[:2]


def _scaling(factor: float) -> np.ndarray:
    """Return the map from pixels of a smaller level to pixels of a `factor` larger one."""
    offset = (factor - 1) / 2
    return np.array([[factor, 0, offset], [0, factor, offset], [0, 0, 1.0]])


def _plausible(matrix: np.ndarray) -> bool:
    size = np.hypot(matrix[0, 0], matrix[1, 0])
    return bool(1 / _SCALE_LIMIT < size < _SCALE_LIMIT)

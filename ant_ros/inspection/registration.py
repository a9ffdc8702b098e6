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

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.part_finder import Placement
from ant_ros.inspection.pyramid import LEVELS

__all__ = ['SURE', 'Reference', 'Registration', 'Sureness', 'learn_sureness', 'make_reference',
           'polar_view', 'refine', 'register', 'rehearse']

ANGLES = 256
RADII = 32
_MARGIN_PX = 5
_RING_FLOOR = 8.0
_PEAKS = 3
_CLEARLY_LESS = 0.1
_CLOSE = 0.03
_OTHER_WAY = np.cos(np.deg2rad(30))
_PEAK_GAP = 8
_STEPS = (4, 3, 6)   # per level, the finest first: with two there, parts with few edges stop short
_PIXELS = 2000
_COARSE = (2, 1)
_FINE = (0,)
_TURNS = 2 * np.pi * np.arange(ANGLES) / ANGLES
_DIRECTIONS = np.stack([np.cos(_TURNS), np.sin(_TURNS)]).astype(np.float32)
_RING_WEIGHTS = np.sqrt(np.arange(1, RADII + 1, dtype=np.float32) / RADII)


class Sureness(NamedTuple):
    """Likeness from which on one start is enough: a rotation is not in doubt.

    Attributes:
        small: On the small images.
        whole: On the image as it is, which shows what small ones do not, such as print.
    """

    small: float
    whole: float


SURE = Sureness(0.92, 0.0)
"""Where nothing is known of the part."""


@dataclass(frozen=True)
class Level:
    """The expected part at one scale: what refining needs of it.

    Attributes:
        template: Brightness [h, w], float32.
        points: Where the pixels lie that are compared, x and y [2, N], float32.
        values: Their brightness less its mean [N].
        spread: Standard deviation of it.
        solver: From differences of brightness to x, y, rotation and scale [4, N], whatever gain,
            offset and slope of the light are.
    """

    template: np.ndarray
    points: np.ndarray
    values: np.ndarray
    spread: float
    solver: np.ndarray

    @cached_property
    def centred(self) -> np.ndarray:
        """The template as a camera would see it, less its mean."""
        seen = np.clip(self.template, 0, 255)
        return seen - seen.mean()


@dataclass(frozen=True)
class Reference:
    """The expected part as registration sees it.

    Attributes:
        scale: Pixels of the registered image per pixel of the frames to come, 0.5 .. 1.
        mix: Weights of red, green, blue and the fourth channel in the brightness [4].
        centre: Centre of area of the part in it.
        radius: Radius of the polar view, in pixels of the registered image.
        polar: Spectrum of each radius of the polar view, as OpenCV packs it [RADII, ANGLES].
        levels: Finest first.
        sure: Likeness from which on a rotation is not in doubt.
    """

    scale: float
    mix: np.ndarray
    centre: tuple[float, float]
    radius: float
    polar: np.ndarray
    levels: tuple[Level, ...]
    sure: Sureness


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
    rgb: np.ndarray, mask: np.ndarray, centre: tuple[float, float], radius: float, *,
    mix: np.ndarray, scale: float, sure: Sureness = SURE,
) -> Reference:
    """Prepare the expected part for registration.

    Args:
        rgb: Expected part [h, w, 3], float32.
        mask: Where the part is [h, w], uint8.
        centre: Centre of area of the part.
        radius: Largest distance of the part from it.
        mix: Weights of red, green and blue in the brightness [3].
        scale: Pixels of it per pixel of the frames to come, 0.5 .. 1.
        sure: Likeness from which on a rotation is not in doubt.
    """
    grey = cv2.transform(rgb, mix[None])
    levels = []
    for step in range(LEVELS):
        size = (max(8, grey.shape[1] >> step), max(8, grey.shape[0] >> step))
        levels.append(_make_level(
            cv2.resize(grey, size, interpolation=cv2.INTER_AREA),
            cv2.resize(mask, size, interpolation=cv2.INTER_AREA)))
    spectrum = cv2.dft(polar_view(grey, centre, radius), flags=cv2.DFT_ROWS)
    return Reference(scale, np.append(mix, 0).astype(np.float32), centre, radius, spectrum,
                     tuple(levels), sure)


def polar_view(grey: np.ndarray, centre: tuple[float, float], radius: float) -> np.ndarray:
    """Return the surroundings of a centre as [RADII, ANGLES], each radius evened out.

    Each radius has mean 0 and much the same spread, else the rim of a round part, a little off
    its centre, would outweigh the marks that tell its rotation.
    """
    from ant_ros.inspection.polar_sample import polar_sample  # compiled: a slow import
    x, y = centre
    return polar_sample(np.asarray(grey, np.float32), float(x), float(y), float(radius),
                        _DIRECTIONS, _RING_WEIGHTS, _RING_FLOOR)


def register(
    pyramid: Sequence[np.ndarray], placement: Placement, reference: Reference, body: Reference
) -> Registration:
    """Register the part in an image.

    Args:
        pyramid: The image at its size, half of it, and so on, [H, W, 4] uint8.
        placement: Where it was found.
        reference: The expected part, which tells which way round it lies.
        body: What of it tells exactly where it lies; the same where nothing on it moves.
    """
    starts = _starts(pyramid, placement, reference)
    rough = _roughly(pyramid, next(starts), reference)
    if rough.likeness > reference.sure.small:
        whole = refine(pyramid, rough.matrix, reference, _FINE)
        if whole.likeness > reference.sure.whole:
            return _exactly(pyramid, whole, reference, body)
    # Some parts look much the same upside down: where the answer is not sure, ask for all.
    upside_down = rough.matrix @ _half_turn(reference.centre)
    found = [rough, *(_roughly(pyramid, start, reference) for start in (*starts, upside_down))]
    best = max(found, key=lambda one: one.likeness)
    rivals = [one for one in found if _agreement(one, best) < _OTHER_WAY
              and one.likeness > best.likeness - _CLOSE]
    fine = [refine(pyramid, one.matrix, reference, _FINE)
            for one in (best, *sorted(rivals, key=lambda one: -one.likeness)[:1])]
    return _exactly(pyramid, max(fine, key=lambda one: one.likeness), reference, body)


def _exactly(
    pyramid: Sequence[np.ndarray], found: Registration, reference: Reference, body: Reference
) -> Registration:
    """Refine what was found by what does not move."""
    if body is reference:
        return found
    return Registration(refine(pyramid, found.matrix, body, (0,)).matrix, found.likeness)


def learn_sureness(
    pyramids: Sequence[Sequence[np.ndarray]], placements: Sequence[Placement],
    reference: Reference,
) -> Sureness:
    """Learn from good parts how alike the right rotation is, and the likeliest wrong one.

    Returns:
        Likenesses of which no wrong rotation reaches both. They are low for parts that differ
        from each other but look quite unlike in any other direction, so that one start is enough
        for them, and high for parts that look nearly the same upside down.
    """
    right, wrong = [], [(0.0, 0.0)]
    for pyramid, placement in zip(pyramids, placements):
        found = [_roughly(pyramid, start, reference)
                 for start in _starts(pyramid, placement, reference)]
        best = max(found, key=lambda one: one.likeness)
        found.append(_roughly(pyramid, best.matrix @ _half_turn(reference.centre), reference))
        both = [(one, refine(pyramid, one.matrix, reference, _FINE)) for one in found]
        small, whole = max(both, key=lambda pair: pair[1].likeness)
        right.append((small.likeness, whole.likeness))
        wrong += [(one.likeness, other.likeness) for one, other in both
                  if _agreement(other, whole) < _OTHER_WAY]
    right_small, right_whole = np.min(right, axis=0)
    wrong_small, wrong_whole = np.max(wrong, axis=0)
    if right_small - wrong_small < _CLEARLY_LESS:
        sure = max(SURE.small, wrong_small + _CLOSE)
    else:
        sure = min(SURE.small, (right_small + wrong_small) / 2)
    return Sureness(float(sure), float((right_whole + wrong_whole) / 2))


def _agreement(one: Registration, other: Registration) -> float:
    """Return the cosine of the angle between two rotations."""
    a, b = one.matrix[:, 0], other.matrix[:, 0]
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def _starts(
    pyramid: Sequence[np.ndarray], placement: Placement, reference: Reference
) -> Iterator[np.ndarray]:
    """Yield maps for the likeliest rotations, likeliest first."""
    ratio = placement.look.shape[1] / pyramid[0].shape[1]
    centre = ((placement.x + 0.5) / ratio - 0.5, (placement.y + 0.5) / ratio - 0.5)
    small = cv2.transform(placement.look, reference.mix[None, :3])
    view = polar_view(small, (placement.x, placement.y),
                      reference.radius * ratio / reference.scale)
    for angle in _angles(view, reference):
        yield _turned(angle, centre, reference)


def _roughly(
    pyramid: Sequence[np.ndarray], matrix: np.ndarray, reference: Reference
) -> Registration:
    """Find the shift for a rotation and refine both on the small images."""
    return refine(pyramid, _shifted(pyramid[-1], matrix, reference), reference, _COARSE)


def _half_turn(centre: tuple[float, float]) -> np.ndarray:
    return np.array([[-1, 0, 2 * centre[0]], [0, -1, 2 * centre[1]], [0, 0, 1]])


def refine(
    pyramid: Sequence[np.ndarray], matrix: np.ndarray, reference: Reference,
    steps: Sequence[int] = range(LEVELS - 1, -1, -1),
) -> Registration:
    """Refine a start by Gauss-Newton steps, coarse to fine.

    Args:
        pyramid: The image at its size, half of it, and so on.
        matrix: The start.
        reference: The expected part.
        steps: Levels of the pyramid to use, coarsest first.
    """
    from ant_ros.inspection.brightness_samples import packed  # compiled: a slow import
    from ant_ros.inspection.gauss_newton import settle
    likeness = 0.0
    for step in steps:
        level = reference.levels[step]
        height, width = level.template.shape
        matrix, likeness = settle(
            packed(pyramid[step]), np.ascontiguousarray(matrix, np.float64), step, level.points,
            level.values, level.spread, level.solver, ((width - 1) / 2, (height - 1) / 2),
            reference.mix, reference.scale, _STEPS[step])
    return Registration(matrix, likeness)


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
        [gx, gy, gy * u - gx * v, gx * u + gy * v, values - values.mean(), np.ones_like(values),
         values * u / width, values * v / height], axis=1).astype(np.float64)
    normal = jacobian.T @ jacobian
    normal += np.diag(1e-4 * np.diag(normal) + 1e-3)
    # Light from one side brightens edges there, which must not pass for a shift.
    solver = np.linalg.solve(normal, jacobian.T)[:4].astype(np.float32)
    points = np.stack([columns, rows]).astype(np.float32)
    return Level(template, points, values - values.mean(), float(values.std()), solver)


def _angles(view: np.ndarray, reference: Reference) -> Iterator[float]:
    """Yield the likeliest rotations of the part against the reference, in radians."""
    both = cv2.mulSpectrums(cv2.dft(view, flags=cv2.DFT_ROWS), reference.polar, cv2.DFT_ROWS,
                            conjB=True)
    match = cv2.idft(cv2.reduce(both, 0, cv2.REDUCE_SUM))[0]
    for _ in range(_PEAKS):
        peak = int(np.argmax(match))
        left, middle, right = (float(match[one % ANGLES]) for one in (peak - 1, peak, peak + 1))
        bend = left - 2 * middle + right
        fine = peak + (0.5 * (left - right) / bend if bend < 0 and np.isfinite(bend) else 0.0)
        yield fine * 2 * np.pi / ANGLES
        match[np.arange(peak - _PEAK_GAP, peak + _PEAK_GAP + 1) % ANGLES] = -np.inf


def _turned(angle: float, centre: tuple[float, float], reference: Reference) -> np.ndarray:
    """Return the map from the registered image for a rotation about the part's centre."""
    cos, sin = np.cos(angle) / reference.scale, np.sin(angle) / reference.scale
    linear = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([linear, (np.array(centre) - linear @ reference.centre)[:, None]])


def _shifted(
    coarse: np.ndarray, matrix: np.ndarray, reference: Reference
) -> np.ndarray:
    """Find the shift on the coarsest level by matching the whole template."""
    from ant_ros.inspection.brightness_samples import packed
    from ant_ros.inspection.shift_search import likeliest_shift
    factor = 2.0 ** (LEVELS - 1)
    at_level = matrix.copy()
    at_level[:, 2] = (matrix[:, 2] + (matrix[:, :2].sum(axis=1) - 1) * (factor - 1) / 2) / factor
    shift = likeliest_shift(packed(coarse), at_level.astype(np.float32),
                            reference.levels[-1].centred, reference.mix, _MARGIN_PX)
    found = matrix.copy()
    found[:, 2] += factor * (matrix[:, :2] @ shift)
    return found


def rehearse(pyramid: Sequence[np.ndarray], reference: Reference) -> None:
    """Compile what the first part would otherwise wait for."""
    _roughly(pyramid, np.eye(2, 3), reference)

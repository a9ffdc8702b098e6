# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be measured of an unusual region, and what rules may therefore ask for."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import cv2
import numpy as np

from ant_ros.inspection.rules.zones import ELSEWHERE
from ant_ros.inspection.rules.zones import locate
from ant_ros.inspection.rules.zones import Zone

__all__ = ['NUMBERS', 'UNKNOWN_CLASS', 'Found', 'Measured', 'measure', 'needs']

UNKNOWN_CLASS = 'unknown'
"""Class of a region that nothing has a name for."""

NUMBERS: Mapping[str, str] = {
    'length_mm': 'longer side of the tightest rectangle',
    'breadth_mm': 'shorter side of it',
    'size_mm': 'diameter of the circle of equal area',
    'area_mm2': 'area',
    'length_px': 'longer side of the tightest rectangle',
    'breadth_px': 'shorter side of it',
    'size_px': 'diameter of the circle of equal area',
    'area_px': 'area',
    'length_share': "length as a share of the part's own",
    'area_share': "area as a share of the part's own; of free shape, of its convex hull's",
    'elongation': 'length by breadth',
    'colour_shift': 'distance in colour from what is expected, grey levels',
    'brightness_shift': 'brighter (above 0) or darker than expected, grey levels',
    'confidence': 'of the class, 0 to 1',
    'peak': 'times the limit for review',
    'nearest_mm': 'gap to the nearest other region',
    'nearest_px': 'gap to the nearest other region',
}
"""Numbers that rules may ask for; pixels are those of the golden image."""

_NEEDS = {
    'mm': 'millimetres per pixel',
    'mm2': 'millimetres per pixel',
    'share': "the part's outline, which a texture does not have",
    'shift': 'a golden image in colour, which grey images, parts of free shape and textures do '
             'not have',
}


@dataclass(frozen=True)
class Found:
    """An unusual region before it is measured.

    Attributes:
        pixels: Columns and rows in the golden image [N, 2], at least one.
        peak: Largest score in it, in units of the review limit.
        label: Its class, if there is a name for it.
        confidence: How sure the name is, 0 to 1.
    """

    pixels: np.ndarray
    peak: float = 1.0
    label: str = UNKNOWN_CLASS
    confidence: float = 0.0


@dataclass(frozen=True)
class Measured:
    """A region in numbers and words; lengths in pixels of the golden image.

    Attributes:
        label: Class, or 'unknown'.
        confidence: How sure the class is.
        peak: Largest score.
        x: Column of its centre.
        y: Row of its centre.
        length_px: Longer side of the tightest rectangle.
        breadth_px: Shorter side.
        area_px: Pixels.
        orientation_deg: Direction of the longer side, 0 along x, 90 down, below 180.
        brightness_shift: Mean difference of the first plane from what is expected; None where
            that is not known, as on parts of free shape and textures.
        colour_shift: Length of the mean difference of the other planes; None as above, and where
            there are no others.
        zone: Zone that holds most of it, or 'elsewhere'.
        touches: All zones that it touches.
        nearest_px: Gap to the nearest other region, 1 for neighbours; infinite if there is none.
        mm_per_px: Scale of the golden image; None where it is not known.
        part: Length and area of the whole part in the golden image; None where they are not
            known.
    """

    label: str = UNKNOWN_CLASS
    confidence: float = 0.0
    peak: float = 1.0
    x: float = 0.0
    y: float = 0.0
    length_px: float = 1.0
    breadth_px: float = 1.0
    area_px: float = 1.0
    orientation_deg: float = 0.0
    brightness_shift: float | None = 0.0
    colour_shift: float | None = 0.0
    zone: str = ELSEWHERE
    touches: tuple[str, ...] = ()
    nearest_px: float = float('inf')
    mm_per_px: float | None = None
    part: tuple[float, float] | None = None

    @property
    def elongation(self) -> float:
        """Length by breadth, at least 1."""
        return self.length_px / self.breadth_px

    @property
    def size_px(self) -> float:
        """Diameter of the circle of equal area."""
        return float(2 * np.sqrt(self.area_px / np.pi))

    def value(self, name: str) -> float | None:
        """Return one of `NUMBERS`; None if what it needs is not known, see `needs`.

        Raises:
            ValueError: there is no such number.
        """
        if name not in NUMBERS:
            raise ValueError(f'no predicate {name!r}: there are {", ".join(NUMBERS)}')
        stem, _, unit = name.rpartition('_')
        if unit == 'share':
            whole = self.part[stem == 'area'] if self.part else None
            return float(getattr(self, f'{stem}_px')) / whole if whole else None
        if unit not in ('mm', 'mm2'):
            number = getattr(self, name)
            return None if number is None else float(number)
        if self.mm_per_px is None:
            return None
        return float(getattr(self, f'{stem}_px')) * self.mm_per_px ** (2 if unit == 'mm2' else 1)


def needs(name: str) -> str:
    """Return what must be known for one of `NUMBERS`; empty if it always is."""
    return _NEEDS.get(name.rpartition('_')[2], '')


def measure(
    regions: Sequence[Found], seen: np.ndarray, expected: np.ndarray | None, *,
    zones: Mapping[str, Zone] | None = None, mm_per_px: float | None = None,
    mask: np.ndarray | None = None,
) -> tuple[Measured, ...]:
    """Measure the unusual regions of one part.

    Args:
        regions: Where they are, in the golden image.
        seen: The part, registered: brightness and colour planes [P, H, W], brightness alone where
            there is no colour.
        expected: The golden image in the same planes [P, H, W]; None where there is none, as for
            parts of free shape and textures.
        zones: The recipe's table of zones.
        mm_per_px: Millimetres per pixel of the golden image, if known.
        mask: Where the part is in the golden image [H, W], bool; None: not known.

    Raises:
        ValueError: planes that do not fit each other, a region without pixels or outside of
            them, or a scale that is not above 0.
    """
    seen = np.asarray(seen)
    expected = None if expected is None else np.asarray(expected)
    shape = seen.shape if expected is None else expected.shape
    if seen.ndim != 3 or seen.shape != shape:
        raise ValueError(f'planes of shape {seen.shape} seen and {shape} expected: '
                         'give both as [P, H, W]')
    if mm_per_px is not None and not 0 < mm_per_px < np.inf:
        raise ValueError(f'mm_per_px is {mm_per_px}: expected a number above 0, or None')
    for region in regions:
        _check(region, seen.shape[1:])
    gaps, part = _gaps(regions), None
    if mask is not None and mask.any():
        part = _rectangle(np.argwhere(mask)[:, ::-1])[0], float(mask.sum())
    return tuple(
        replace(_measure(region, seen, expected, zones or {}, mm_per_px, gap), part=part)
        for region, gap in zip(regions, gaps))


def _measure(
    region: Found, seen: np.ndarray, expected: np.ndarray | None, zones: Mapping[str, Zone],
    mm_per_px: float | None, gap: float,
) -> Measured:
    columns, rows = region.pixels.T
    brightness, colour = None, None
    if expected is not None:
        there = seen[:, rows, columns].astype(np.float64)
        shift = (there - expected[:, rows, columns]).mean(axis=1)
        brightness = float(shift[0])
        colour = float(np.linalg.norm(shift[1:])) if len(shift) > 1 else None
    length, breadth, orientation = _rectangle(region.pixels)
    zone, touches = locate(zones, region.pixels)
    return Measured(
        label=region.label, confidence=region.confidence, peak=region.peak,
        x=float(columns.mean()), y=float(rows.mean()), length_px=length, breadth_px=breadth,
        area_px=float(len(region.pixels)), orientation_deg=orientation,
        brightness_shift=brightness, colour_shift=colour, zone=zone, touches=touches,
        nearest_px=gap, mm_per_px=mm_per_px)


def _rectangle(pixels: np.ndarray) -> tuple[float, float, float]:
    """Return length, breadth and direction of the tightest rectangle; a pixel is 1 wide."""
    corners = cv2.boxPoints(cv2.minAreaRect(pixels.astype(np.float32)))
    sides = np.diff(corners[:3], axis=0)
    lengths = np.linalg.norm(sides, axis=1)
    across, down = sides[int(lengths.argmax())]
    direction = float(np.degrees(np.arctan2(down, across)) % 180)
    # Rounding must not turn 0 into 180.
    return (float(lengths.max()) + 1, float(lengths.min()) + 1,
            0.0 if direction > 179.999 else direction)


def _gaps(regions: Sequence[Found]) -> list[float]:
    """Return the distance of every region to the nearest other one."""
    if len(regions) < 2:
        return [float('inf')] * len(regions)
    everything = np.concatenate([region.pixels for region in regions])
    low = everything.min(axis=0)
    width, height = everything.max(axis=0) - low + 1
    gaps = np.full((len(regions), len(regions)), np.inf)
    for one, region in enumerate(regions):
        free = np.ones((height, width), np.uint8)
        columns, rows = (region.pixels - low).T
        free[rows, columns] = 0
        distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for other, neighbour in enumerate(regions):
            if other != one:
                columns, rows = (neighbour.pixels - low).T
                gaps[one, other] = distance[rows, columns].min()
    return [float(gap) for gap in gaps.min(axis=1)]


def _check(region: Found, shape: tuple[int, ...]) -> None:
    pixels = region.pixels
    if pixels.ndim != 2 or pixels.shape[1:] != (2,) or not len(pixels):
        raise ValueError(f'a region of pixels of shape {pixels.shape}: expected columns and rows '
                         '[N, 2] of at least one pixel')
    if pixels.dtype.kind not in 'iu' or (pixels < 0).any() or (pixels >= shape[::-1]).any():
        raise ValueError(f'a region of columns and rows {pixels.min(axis=0)} to '
                         f'{pixels.max(axis=0)} is not in the planes of {shape[1]} x {shape[0]}')

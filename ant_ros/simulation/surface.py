# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What surfaces are painted with: grain, mottle, discs, prints and smudges.

A texture is a float32 array [S, S, 3] in grey levels, S = TEXTURE_PX, seen from above: the first
row is the far side (largest y). Masks are [S, S] in 0..1. While it is painted, a texture is a
stack of planes [3, S, S], one for each colour channel: that is several times faster.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ant_ros.simulation.mesh import TEXTURE_PX
from ant_ros.simulation.mesh import TEXTURE_SPAN_MM

__all__ = ['PX_PER_MM', 'Look', 'Smudge', 'add_smudges', 'coloured', 'disc', 'grain', 'grid_mm',
           'hole', 'lay_over', 'lettering', 'moved', 'openings', 'rings', 'texture_of']

PX_PER_MM = TEXTURE_PX / TEXTURE_SPAN_MM
_FIELD_PX = 1024
_INSIDE = np.array([34.0, 36.0, 38.0], np.float32)
"""Colour of what is seen through an opening."""


@dataclass(frozen=True)
class Smudge:
    """A soft, harmless spot."""

    x_mm: float
    y_mm: float
    radius_mm: float
    strength: float


@dataclass(frozen=True)
class Look:
    """How one good part differs from another; `ink` is below 1 only where that is a defect."""

    field_offset: tuple[int, int]
    grain_rad: float
    tone: float
    print_offset_mm: tuple[float, float]
    smudges: tuple[Smudge, ...]
    variation: float
    ink: float = 1.0


@lru_cache(maxsize=1)
def grid_mm() -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of every texel in mm, two arrays [S, S]."""
    centre = (np.arange(TEXTURE_PX, dtype=np.float32) + 0.5) / PX_PER_MM - TEXTURE_SPAN_MM / 2
    x, y = np.meshgrid(centre, -centre)
    return x, y


def coloured(tone: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Return the planes [3, S, S] of a colour [3] in the given tone [S, S]."""
    return colour[:, None, None] * tone


def lay_over(planes: np.ndarray, colour: np.ndarray, cover: np.ndarray) -> None:
    """Cover planes [3, S, S] with a colour [3], as far as `cover` [S, S] says, in place."""
    change = colour[:, None, None] - planes
    change *= cover
    planes += change


def texture_of(planes: np.ndarray) -> np.ndarray:
    """Return the texture [S, S, 3] of planes [3, S, S]."""
    return cv2.merge(list(planes))


def disc(x_mm: float, y_mm: float, radius_mm: float) -> np.ndarray:
    """Return the mask of a disc with soft edges."""
    x, y = grid_mm()
    return np.clip((radius_mm - np.hypot(x - x_mm, y - y_mm)) * PX_PER_MM + 0.5, 0.0, 1.0)


def hole(x_mm: float, y_mm: float, radius_mm: float) -> np.ndarray:
    """Return the depth in mm inside a round hole's edge, [S, S]; positive in the hole."""
    x, y = grid_mm()
    return np.float32(radius_mm) - np.hypot(x - x_mm, y - y_mm)


def openings(depths_mm: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return what chamfered openings do to planes: a factor [S, S] and an offset [3, S, S]."""
    gain = np.ones((TEXTURE_PX, TEXTURE_PX), np.float32)
    offset = np.zeros((3, TEXTURE_PX, TEXTURE_PX), np.float32)
    for depth_mm in depths_mm:
        if depth_mm.max() <= 0.3:
            continue
        slope_y, slope_x = np.gradient(depth_mm)
        # The chamfer faces the light on one side of the opening and turns away on the other.
        facing = (slope_x * 0.6 - slope_y * 0.8) * PX_PER_MM
        chamfer = np.clip(1.0 - np.abs(depth_mm + 0.35) / 0.45, 0.0, 1.0)
        opening = np.clip(depth_mm * PX_PER_MM + 0.5, 0.0, 1.0)
        offset += 55.0 * chamfer * facing
        lay_over(offset, _INSIDE, opening)
        gain *= 1.0 - opening
    return gain, offset


@lru_cache(maxsize=4)
def _noise_field(along_px: float, across_px: float) -> np.ndarray:
    """Return periodic smooth noise [F, F] of mean 0 and deviation 1."""
    noise = np.random.default_rng(2026).standard_normal((_FIELD_PX, _FIELD_PX))
    frequency = np.fft.fftfreq(_FIELD_PX)
    low_pass = np.exp(-2.0 * np.pi**2 * ((frequency[None, :] * along_px)**2
                                         + (frequency[:, None] * across_px)**2))
    field = np.fft.ifft2(np.fft.fft2(noise) * low_pass).real
    return (field / field.std()).astype(np.float32)


def grain(look: Look, *, along_mm: float, across_mm: float) -> np.ndarray:
    """Return the random grain of one part, [S, S] of deviation 1 times the part's variation."""
    field = _noise_field(along_mm * PX_PER_MM, across_mm * PX_PER_MM)
    cos, sin = np.cos(look.grain_rad), np.sin(look.grain_rad)
    to_field = np.array([[cos, -sin, look.field_offset[0]], [sin, cos, look.field_offset[1]]])
    patch = cv2.warpAffine(field, to_field, (TEXTURE_PX, TEXTURE_PX),
                           flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                           borderMode=cv2.BORDER_WRAP)
    return patch * look.variation


@lru_cache(maxsize=1)
def _ring_index() -> np.ndarray:
    x, y = grid_mm()
    return (np.hypot(x, y) * PX_PER_MM).astype(np.int32)


def rings(look: Look, *, across_mm: float) -> np.ndarray:
    """Return the random concentric marks of turning, [S, S], deviation about 1 times variation."""
    field = _noise_field(0.0, across_mm * PX_PER_MM)
    row, column = look.field_offset
    profile = np.roll(field[:, row % _FIELD_PX], column)[:TEXTURE_PX]
    return profile[_ring_index()] * look.variation


def lettering(lines: tuple[tuple[str, float, float, float], ...], *,
              thickness_mm: float) -> np.ndarray:
    """Draw lines of text, each (text, centre x mm, centre y mm, height mm), as a mask."""
    fine = 4
    canvas = np.zeros((TEXTURE_PX * fine, TEXTURE_PX * fine), np.uint8)
    thickness = max(1, round(thickness_mm * PX_PER_MM * fine))
    for text, x_mm, y_mm, height_mm in lines:
        scale = height_mm * PX_PER_MM * fine / 21.0
        (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
        left = (x_mm + TEXTURE_SPAN_MM / 2) * PX_PER_MM * fine - width / 2
        base = (TEXTURE_SPAN_MM / 2 - y_mm + height_mm / 2) * PX_PER_MM * fine
        cv2.putText(canvas, text, (round(left), round(base)), cv2.FONT_HERSHEY_SIMPLEX, scale, 255,
                    thickness, cv2.LINE_AA)
    mask = cv2.resize(canvas, (TEXTURE_PX, TEXTURE_PX), interpolation=cv2.INTER_AREA)
    return mask.astype(np.float32) / 255.0


def moved(mask: np.ndarray, offset_mm: tuple[float, float]) -> np.ndarray:
    """Shift a mask by (x, y) mm."""
    shift = np.array([[1, 0, offset_mm[0] * PX_PER_MM], [0, 1, -offset_mm[1] * PX_PER_MM]])
    return cv2.warpAffine(mask, shift, (TEXTURE_PX, TEXTURE_PX), flags=cv2.INTER_LINEAR)


def add_smudges(planes: np.ndarray, smudges: tuple[Smudge, ...]) -> None:
    """Brighten or darken planes [3, S, S] softly at each smudge, in place."""
    x, y = grid_mm()
    for smudge in smudges:
        reach = 3.0 * smudge.radius_mm
        columns = np.flatnonzero(np.abs(x[0] - smudge.x_mm) < reach)
        rows = np.flatnonzero(np.abs(y[:, 0] - smudge.y_mm) < reach)
        if not len(columns) or not len(rows):
            continue
        across = np.exp(-((x[0, columns] - smudge.x_mm) / smudge.radius_mm)**2)
        along = np.exp(-((y[rows, 0] - smudge.y_mm) / smudge.radius_mm)**2)
        planes[:, rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] += (
            smudge.strength * np.outer(along, across))

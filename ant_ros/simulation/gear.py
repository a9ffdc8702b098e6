# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A turned steel gear with a keyed bore and five lightening holes."""

from functools import lru_cache
import math

import numpy as np

from ant_ros.simulation.family import Absence
from ant_ros.simulation.family import Family
from ant_ros.simulation.family import Shape
from ant_ros.simulation.mesh import lattice
from ant_ros.simulation.mesh import merge
from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.surface import add_smudges
from ant_ros.simulation.surface import coloured
from ant_ros.simulation.surface import disc
from ant_ros.simulation.surface import grain
from ant_ros.simulation.surface import grid_mm
from ant_ros.simulation.surface import hole
from ant_ros.simulation.surface import lettering
from ant_ros.simulation.surface import Look
from ant_ros.simulation.surface import moved
from ant_ros.simulation.surface import openings
from ant_ros.simulation.surface import rings
from ant_ros.simulation.surface import texture_of

__all__ = ['GEAR']

_TIP_MM, _ROOT_MM, _BORE_MM, _HEIGHT_MM = 28.0, 24.2, 6.0, 8.0
_TEETH, _COLUMNS_PER_TOOTH = 24, 8
_BEVEL_MM = 0.4
_HOLES = tuple((15.6 * float(np.cos(a)), 15.6 * float(np.sin(a)), 3.5)
               for a in np.radians(90.0 + 72.0 * np.arange(5)))
_TOOTH_PLACES = (2, 8, 15, 21)
_STEEL = np.array([136.0, 139.0, 144.0], np.float32)


@lru_cache(maxsize=1)
def _marking() -> np.ndarray:
    return lettering((('Z24', 0.0, -15.4, 3.6),), thickness_mm=0.6)


def _openings(absence: Absence | None) -> tuple[np.ndarray, np.ndarray]:
    depths = []
    for place, (x_mm, y_mm, radius_mm) in enumerate(_HOLES):
        if absence is not None and place == absence.place:
            radius_mm *= 1.0 - absence.degree
        depths.append(hole(x_mm, y_mm, radius_mm))
    return openings(depths)


@lru_cache(maxsize=1)
def _good_openings() -> tuple[np.ndarray, np.ndarray]:
    return _openings(None)


@lru_cache(maxsize=1)
def _grooves() -> np.ndarray:
    """Return the factor [S, S] of the two grooves turned around hub and rim."""
    x, y = grid_mm()
    radius = np.hypot(x, y)
    shade = np.ones_like(radius)
    for groove_mm in (9.8, 21.2):
        shade -= 0.30 * np.clip(1.0 - np.abs(radius - groove_mm) / 0.35, 0.0, 1.0)
        shade += 0.15 * np.clip(1.0 - np.abs(radius - groove_mm - 0.55) / 0.3, 0.0, 1.0)
    return shade


@lru_cache(maxsize=1)
def _bearing() -> tuple[np.ndarray, np.ndarray]:
    """Return cosine and sine of twice the polar angle of every texel, two arrays [S, S]."""
    x, y = grid_mm()
    angle = 2.0 * np.arctan2(y, x)
    return np.cos(angle), np.sin(angle)


def _paint(look: Look, tint: np.ndarray, absence: Absence | None) -> np.ndarray:
    turning = rings(look, across_mm=0.14) + 0.5 * grain(look, along_mm=0.5, across_mm=0.5)
    # Turned metal shows a bow tie of light, whose direction follows the grain.
    cos, sin = _bearing()
    bow = 2.0 * (look.grain_rad + 0.7)
    sheen = 0.05 * math.cos(bow) * cos + 0.05 * math.sin(bow) * sin
    tone = (1.0 + look.tone) * (1.0 + 0.028 * turning + sheen) * _grooves()
    tone *= 1.0 - 0.525 * moved(_marking(), look.print_offset_mm)
    planes = coloured(tone, _STEEL * tint)
    add_smudges(planes, look.smudges)
    gain, offset = _good_openings() if absence is None else _openings(absence)
    planes *= gain
    planes += offset
    return texture_of(planes)


@lru_cache(maxsize=1)
def _material() -> np.ndarray:
    return _good_openings()[0] * (disc(0.0, 0.0, 23.2) - disc(0.0, 0.0, 9.0))


def _outline(shape: Shape | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return angle and radius of the toothed outline, and by which angle it is bent."""
    tooth = np.repeat(np.arange(_TEETH), _COLUMNS_PER_TOOTH)
    phase = np.tile(np.arange(_COLUMNS_PER_TOOTH), _TEETH)
    height = np.array([0.0, 0.0, 0.30, 0.85, 1.0, 1.0, 0.85, 0.30])[phase]
    spread = np.array([0.0, 0.14, 0.22, 0.32, 0.38, 0.68, 0.74, 0.84])[phase]
    angle = (tooth + spread) * 2.0 * np.pi / _TEETH
    bend = np.zeros_like(angle)
    if shape is not None:
        place = _TOOTH_PLACES[shape.place % len(_TOOTH_PLACES)]
        chosen = tooth == place
        if shape.kind == 'missing_feature':
            height = np.where(chosen, height * (1.0 - shape.degree), height)
        else:
            bend = chosen * height * (0.010 + 0.130 * shape.degree)
    return angle, _ROOT_MM + (_TIP_MM - _ROOT_MM) * height, bend


def _bore(angle: np.ndarray) -> np.ndarray:
    """Return the radius of the bore with its keyway."""
    return np.where(np.abs(angle - np.pi / 2) < 0.24, _BORE_MM + 2.4, _BORE_MM)


def _build(shape: Shape | None) -> Mesh:
    angle, outer, bend = _outline(shape)
    inner = _bore(angle)
    edge = outer - _BEVEL_MM

    def row(radius: np.ndarray, z_mm: float, bent: float = 1.0) -> np.ndarray:
        turned = angle + bent * bend
        return np.stack([radius * np.cos(turned), radius * np.sin(turned),
                         np.full(angle.shape, z_mm)], axis=1)

    # Short rows render faster than long slivers; the bend fades out below the tooth.
    face = np.stack([row(inner + (edge - inner) * share, _HEIGHT_MM, share**6)
                     for share in np.linspace(0.0, 1.0, 10)])
    bevel = np.stack([row(edge, _HEIGHT_MM), row(outer, _HEIGHT_MM - _BEVEL_MM)])
    flank = np.stack([row(outer, _HEIGHT_MM - _BEVEL_MM), row(outer, 0.0)])
    wall = np.stack([row(inner, 0.0, 0.0), row(inner, _HEIGHT_MM, 0.0)])
    return merge(*(lattice(points, closed=True) for points in (face, bevel, flank, wall)))


GEAR = Family(
    name='gear', size_mm=(2 * _TIP_MM, 2 * _TIP_MM, _HEIGHT_MM), is_round=True, mass_kg=0.105,
    paint=_paint, build=_build, material=_material,
    wrong_tints=((1.12, 0.88, 0.50), (0.58, 0.74, 1.10), (1.05, 0.66, 0.46)),
    soils=((120.0, 60.0, 28.0), (30.0, 26.0, 22.0), (96.0, 78.0, 36.0)),
    painted_features=len(_HOLES), shaped_features=len(_TOOTH_PLACES), bends=len(_TOOTH_PLACES))

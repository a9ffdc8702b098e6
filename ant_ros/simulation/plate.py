# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A brushed aluminium plate with four drilled holes, a slot and a printed number."""

from functools import lru_cache

import numpy as np

from ant_ros.simulation.family import Absence
from ant_ros.simulation.family import Family
from ant_ros.simulation.family import Shape
from ant_ros.simulation.mesh import lattice
from ant_ros.simulation.mesh import merge
from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.surface import add_smudges
from ant_ros.simulation.surface import coloured
from ant_ros.simulation.surface import grain
from ant_ros.simulation.surface import grid_mm
from ant_ros.simulation.surface import hole
from ant_ros.simulation.surface import lay_over
from ant_ros.simulation.surface import lettering
from ant_ros.simulation.surface import Look
from ant_ros.simulation.surface import moved
from ant_ros.simulation.surface import openings
from ant_ros.simulation.surface import texture_of

__all__ = ['PLATE']

_LENGTH_MM, _WIDTH_MM, _HEIGHT_MM = 60.0, 44.0, 3.0
_BEVEL_MM = 0.6
_HOLES = tuple((x, y, 3.1) for y in (15.0, -15.0) for x in (-23.0, 23.0))
_SLOT_HALF_MM, _SLOT_RADIUS_MM = 7.0, 4.0
_ALUMINIUM = np.array([158.0, 160.0, 163.0], np.float32)
_INK = np.array([38.0, 42.0, 60.0], np.float32)


@lru_cache(maxsize=1)
def _print() -> np.ndarray:
    return lettering((('AR-0716', -1.0, 13.6, 3.8), ('6061-T6', 0.0, -14.0, 3.0)),
                     thickness_mm=0.55)


@lru_cache(maxsize=1)
def _slot() -> np.ndarray:
    """Return the signed distance to the slot's edge in mm, positive inside."""
    x, y = grid_mm()
    return _SLOT_RADIUS_MM - np.hypot(np.maximum(np.abs(x) - _SLOT_HALF_MM, 0.0), y)


def _openings(absence: Absence | None) -> tuple[np.ndarray, np.ndarray]:
    depths = [_slot()]
    for place, (x_mm, y_mm, radius_mm) in enumerate(_HOLES):
        if absence is not None and place == absence.place:
            radius_mm *= 1.0 - absence.degree
        depths.append(hole(x_mm, y_mm, radius_mm))
    return openings(depths)


@lru_cache(maxsize=1)
def _good_openings() -> tuple[np.ndarray, np.ndarray]:
    return _openings(None)


def _paint(look: Look, tint: np.ndarray, absence: Absence | None) -> np.ndarray:
    brushing = grain(look, along_mm=5.0, across_mm=0.16)
    tone = (1.0 + look.tone) * (1.0 + 0.034 * brushing)
    planes = coloured(tone, _ALUMINIUM * tint)
    lay_over(planes, _INK, 0.9 * look.ink * moved(_print(), look.print_offset_mm))
    add_smudges(planes, look.smudges)
    gain, offset = _good_openings() if absence is None else _openings(absence)
    planes *= gain
    planes += offset
    return texture_of(planes)


@lru_cache(maxsize=1)
def _material() -> np.ndarray:
    x, y = grid_mm()
    inside = (np.abs(x) < _LENGTH_MM / 2 - 1.5) & (np.abs(y) < _WIDTH_MM / 2 - 1.5)
    return _good_openings()[0] * inside


def _rim(face: np.ndarray, grow_mm: float, z_mm: float) -> np.ndarray:
    """Return the outline [N, 3] of a rectangular lattice, counter-clockwise, grown outwards."""
    outline = np.concatenate([face[0, :-1], face[:-1, -1], face[-1, :0:-1], face[:0:-1, 0]])
    half = np.array([_LENGTH_MM / 2, _WIDTH_MM / 2]) - _BEVEL_MM
    grown = outline.copy()
    grown[:, :2] *= 1.0 + grow_mm / half
    grown[:, 2] = z_mm
    return grown


def _bend(vertices: np.ndarray, shape: Shape) -> np.ndarray:
    """Fold up one corner along a diagonal."""
    sx, sy = ((-1, 1), (1, 1), (-1, -1), (1, -1))[shape.place]
    beyond = (sx * vertices[:, 0] + sy * vertices[:, 1]) / np.sqrt(2.0) - 24.0
    beyond = np.maximum(beyond, 0.0)
    angle = np.radians(2.0 + 46.0 * shape.degree)
    bent = vertices.copy()
    bent[:, 2] += beyond * np.sin(angle)
    inwards = beyond * (1.0 - np.cos(angle)) / np.sqrt(2.0)
    bent[:, 0] -= sx * inwards
    bent[:, 1] -= sy * inwards
    return bent


def _build(shape: Shape | None) -> Mesh:
    x = np.linspace(-1.0, 1.0, 16) * (_LENGTH_MM / 2 - _BEVEL_MM)
    y = np.linspace(-1.0, 1.0, 12) * (_WIDTH_MM / 2 - _BEVEL_MM)
    face = np.stack([*np.meshgrid(x, y), np.full((12, 16), _HEIGHT_MM)], axis=2)
    face[::11, ::15, :2] *= 1.0 - 0.5 / np.array([_LENGTH_MM, _WIDTH_MM])  # rounded corners
    edge, side, foot = (_rim(face, grow_mm, z_mm) for grow_mm, z_mm in (
        (0.0, _HEIGHT_MM), (_BEVEL_MM, _HEIGHT_MM - _BEVEL_MM), (_BEVEL_MM, 0.0)))
    surfaces = [face[::-1], np.stack([edge, side]), np.stack([side, foot])]
    if shape is not None:
        surfaces = [_bend(points.reshape(-1, 3), shape).reshape(points.shape)
                    for points in surfaces]
    return merge(*(lattice(points, closed=index > 0) for index, points in enumerate(surfaces)))


PLATE = Family(
    name='plate', size_mm=(_LENGTH_MM, _WIDTH_MM, _HEIGHT_MM), is_round=False, mass_kg=0.021,
    paint=_paint, build=_build, material=_material,
    wrong_tints=((1.08, 0.86, 0.52), (0.55, 0.80, 1.10), (0.74, 0.62, 0.48)),
    soils=((52.0, 38.0, 24.0), (118.0, 62.0, 30.0), (26.0, 26.0, 30.0)),
    painted_features=len(_HOLES), shaped_features=0, bends=4)

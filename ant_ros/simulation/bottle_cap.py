# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A moulded and printed bottle cap with a knurled skirt."""

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
from ant_ros.simulation.surface import disc
from ant_ros.simulation.surface import grain
from ant_ros.simulation.surface import grid_mm
from ant_ros.simulation.surface import lay_over
from ant_ros.simulation.surface import lettering
from ant_ros.simulation.surface import Look
from ant_ros.simulation.surface import moved
from ant_ros.simulation.surface import PX_PER_MM
from ant_ros.simulation.surface import texture_of

__all__ = ['BOTTLE_CAP']

_RADIUS_MM, _HEIGHT_MM = 27.0, 11.0
_RIBS, _COLUMNS = 48, 96
# (radius, height) outwards; rows of one group share smooth normals.
_FACE_MM, _FACE_HEIGHT_MM = 21.6, 10.6
_RIM = ((21.6, 10.6), (22.1, 11.0), (23.4, 11.0), (24.6, 10.5), (25.3, 9.5))
_SKIRT = ((25.3, 9.5), (25.9, 6.5), (26.6, 2.0), (27.0, 0.0))
_BLUE = np.array([46.0, 98.0, 168.0], np.float32)
_WHITE = np.array([222.0, 226.0, 230.0], np.float32)


@lru_cache(maxsize=1)
def _prints() -> tuple[np.ndarray, ...]:
    """Return the printed features: the name, the emblem with its waves, and the ring."""
    x, y = grid_mm()
    name = lettering((('AQUA', 0.0, -6.6, 6.0), ('VIVA', 0.0, -13.4, 3.8)), thickness_mm=1.0)
    # A drop: a disc whose upper part narrows to a tip.
    narrow = np.clip((y - 7.0) / 8.0, 0.0, 1.0)
    drop = np.clip((5.2 * (1.0 - narrow) - np.hypot(x, np.minimum(y - 7.0, 0.0)))
                   * PX_PER_MM * 0.8 + 0.5, 0.0, 1.0) * (y < 14.5)
    wave = np.abs(y - 6.4 - 0.8 * np.sin(x * 1.1)) - 0.55
    emblem = np.minimum(drop, np.clip(wave * PX_PER_MM + 0.5, 0.0, 1.0))
    ring = disc(0.0, 0.0, 20.2) - disc(0.0, 0.0, 19.2)
    return name, emblem.astype(np.float32), ring


def _ink(absence: Absence | None) -> np.ndarray:
    """Return the mask of all that is printed."""
    strengths = [1.0 - absence.degree if absence and absence.place == place else 1.0
                 for place in range(len(_prints()))]
    return np.max([strength * mask for strength, mask in zip(strengths, _prints(), strict=True)],
                  axis=0)


@lru_cache(maxsize=1)
def _good_ink() -> np.ndarray:
    return _ink(None)


def _paint(look: Look, tint: np.ndarray, absence: Absence | None) -> np.ndarray:
    mottle = grain(look, along_mm=1.1, across_mm=0.7)
    tone = (1.0 + look.tone) * (1.0 + 0.018 * mottle)
    planes = coloured(tone, _BLUE * tint)
    ink = _good_ink() if absence is None else _ink(absence)
    lay_over(planes, _WHITE * np.float32(1.0 + look.tone),
             0.94 * look.ink * moved(ink, look.print_offset_mm))
    add_smudges(planes, look.smudges)
    return texture_of(planes)


@lru_cache(maxsize=1)
def _material() -> np.ndarray:
    return disc(0.0, 0.0, 21.0)


def _rows(profile: tuple[tuple[float, float], ...], knurl_mm: float) -> np.ndarray:
    """Turn a profile into rows of points [rows, columns, 3]."""
    angle = np.linspace(0.0, 2.0 * np.pi, _COLUMNS, endpoint=False)
    ribs = knurl_mm * (np.arange(_COLUMNS) % 2)
    radius = np.array([r for r, _ in profile])[:, None] - ribs
    height = np.broadcast_to(np.array([z for _, z in profile])[:, None], radius.shape)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=2)


def _face() -> np.ndarray:
    """Return the flat top as a square lattice drawn into a disc: it renders faster than a fan."""
    side = np.linspace(-1.0, 1.0, _COLUMNS // 4 + 1)
    u, v = np.meshgrid(side, -side)
    ring = np.maximum(np.abs(u), np.abs(v))
    flat = np.where(np.abs(u) >= np.abs(v), v, u) / np.maximum(ring, 1e-9) * np.pi / 4
    angle = np.where(np.abs(u) >= np.abs(v), np.where(u > 0, flat, np.pi - flat),
                     np.where(v > 0, np.pi / 2 - flat, flat - np.pi / 2))
    return np.stack([_FACE_MM * ring * np.cos(angle), _FACE_MM * ring * np.sin(angle),
                     np.full(u.shape, _FACE_HEIGHT_MM)], axis=2)


def _dent(points: np.ndarray, shape: Shape) -> np.ndarray:
    """Press the side inwards at one of four places."""
    heading = np.pi / 4 + np.pi / 2 * shape.place
    depth_mm = 0.2 + 5.3 * shape.degree
    x, y = points[..., 0], points[..., 1]
    away = np.arctan2(y, x) - heading
    away = (away + np.pi) % (2.0 * np.pi) - np.pi
    pressed = np.exp(-(away / 0.33)**2) * (np.hypot(x, y) / _RADIUS_MM)**4
    dented = points.copy()
    dented[..., 0] -= depth_mm * pressed * np.cos(heading)
    dented[..., 1] -= depth_mm * pressed * np.sin(heading)
    dented[..., 2] -= 0.5 * depth_mm * pressed * (points[..., 2] > 5.0)
    return dented


def _build(shape: Shape | None) -> Mesh:
    surfaces = [_face(), _rows(_RIM, 0.0), _rows(_SKIRT, 0.45)]
    if shape is not None:
        surfaces = [_dent(points, shape) for points in surfaces]
    return merge(*(lattice(points, closed=index > 0) for index, points in enumerate(surfaces)))


BOTTLE_CAP = Family(
    name='bottle_cap', size_mm=(2 * _RADIUS_MM, 2 * _RADIUS_MM, _HEIGHT_MM), is_round=True,
    mass_kg=0.006, paint=_paint, build=_build, material=_material,
    wrong_tints=((0.55, 1.30, 0.55), (2.60, 0.62, 0.55), (1.9, 1.45, 1.12)),
    soils=((44.0, 34.0, 26.0), (150.0, 128.0, 84.0), (20.0, 22.0, 24.0)),
    painted_features=3, shaped_features=0, bends=4)

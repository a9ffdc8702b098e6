# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Defects of a part, and how they change its paint."""

from dataclasses import dataclass
from dataclasses import replace

import cv2
import numpy as np

from ant_ros.simulation.family import Absence
from ant_ros.simulation.family import Family
from ant_ros.simulation.family import Shape
from ant_ros.simulation.family import SHAPE_LEVELS
from ant_ros.simulation.mesh import TEXTURE_PX
from ant_ros.simulation.surface import disc
from ant_ros.simulation.surface import grid_mm
from ant_ros.simulation.surface import Look
from ant_ros.simulation.surface import PX_PER_MM

__all__ = ['DefectPlan', 'paint_part', 'shape_of']

_FINE = 4
"""Thin lines are drawn this much larger and then averaged."""


@dataclass(frozen=True)
class DefectPlan:
    """A defect of one part: its class, severity in 0..1, place on the part, and own seed."""

    kind: str
    severity: float
    place: int
    seed: int


def paint_part(family: Family, look: Look, plan: DefectPlan | None) -> np.ndarray:
    """Return the texture of a part with its defect, as far as the defect is one of the surface."""
    tint, absence = np.ones(3, np.float32), None
    if plan is None:
        return family.paint(look, tint, absence)
    if plan.kind == 'wrong_colour':
        wrong = np.asarray(family.wrong_tints[plan.seed % len(family.wrong_tints)], np.float32)
        tint = 1.0 + np.float32(plan.severity) * (wrong - 1.0)
    if plan.kind == 'missing_feature' and plan.place < family.painted_features:
        absence = Absence(plan.place, plan.severity)
    if plan.kind == 'pale_print':
        look = replace(look, ink=1.0 - plan.severity)
    texture = family.paint(look, tint, absence)
    if plan.kind == 'scratch':
        return _scratch(texture, family, plan)
    if plan.kind == 'contamination':
        return _contamination(texture, family, plan)
    return texture


def shape_of(family: Family, plan: DefectPlan | None) -> Shape | None:
    """Return the mesh variant nearest to a defect, None when the mesh is that of a good part."""
    if plan is None:
        return None
    if plan.kind == 'deformation' or (plan.kind == 'missing_feature'
                                      and plan.place >= family.painted_features):
        return Shape(plan.kind, plan.place, max(1, round(plan.severity * SHAPE_LEVELS)))
    return None


def _scratch(texture: np.ndarray, family: Family, plan: DefectPlan) -> np.ndarray:
    rng = np.random.default_rng(plan.seed)
    length_mm = rng.uniform(6.0, 10.0) + 16.0 * plan.severity
    width_mm = 0.14 + 0.50 * plan.severity
    heading, bow = rng.uniform(0.0, np.pi), rng.uniform(-0.02, 0.02)
    start = _spot(family, rng)
    along = np.linspace(-0.5, 0.5, 33) * length_mm
    angle = heading + bow * along
    path = start + np.stack([np.cumsum(np.cos(angle)), np.cumsum(np.sin(angle))], 1) * (
        length_mm / len(along))
    path -= path.mean(axis=0) - start
    groove = _line(path, width_mm)
    burr = _line(path + np.array([0.22, 0.22]), width_mm)
    surface = family.material()
    depth = 0.05 + 0.85 * plan.severity
    bright, dark = (groove, burr) if rng.random() < 0.5 else (burr, groove)
    texture = texture * (1.0 - (depth * dark * surface)[..., None])
    return texture + (bright * surface * depth)[..., None] * (np.float32(250.0) - texture)


def _line(path_mm: np.ndarray, width_mm: float) -> np.ndarray:
    """Return the mask of a polyline [N, 2] that thins out towards its ends."""
    size = TEXTURE_PX * _FINE
    canvas = np.zeros((size, size), np.uint8)
    points = (path_mm * [1, -1] * PX_PER_MM + TEXTURE_PX / 2) * _FINE
    taper = np.sin(np.pi * (np.arange(1, len(points)) / len(points)))
    for first, last, share in zip(points[:-1], points[1:], taper, strict=True):
        thickness = max(1, round(width_mm * PX_PER_MM * _FINE * (0.4 + 0.6 * share)))
        cv2.line(canvas, np.rint(first).astype(int).tolist(), np.rint(last).astype(int).tolist(),
                 255, thickness)
    mask = cv2.resize(canvas, (TEXTURE_PX, TEXTURE_PX), interpolation=cv2.INTER_AREA)
    return mask.astype(np.float32) / 255.0


def _contamination(texture: np.ndarray, family: Family, plan: DefectPlan) -> np.ndarray:
    rng = np.random.default_rng(plan.seed)
    soil = np.asarray(family.soils[plan.seed % len(family.soils)], np.float32)
    spot = _spot(family, rng)
    radius_mm = 0.4 + 2.7 * plan.severity
    x, y = grid_mm()
    spot_x, spot_y = spot.tolist()
    angle = np.arctan2(y - spot_y, x - spot_x)
    rim = radius_mm * np.ones_like(angle)
    for wave in range(2, 6):
        rim += radius_mm * rng.normal(0.0, 0.16) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    depth_mm = rim - np.hypot(x - spot_x, y - spot_y)
    cover = np.clip(depth_mm / 0.5 + 0.5, 0.0, 1.0)
    for _ in range(4):
        drop_x, drop_y = (spot + rng.normal(0.0, 1.6 * radius_mm, 2)).tolist()
        cover = np.maximum(cover, disc(drop_x, drop_y, radius_mm * rng.uniform(0.1, 0.3)))
    cover *= family.material() * (0.10 + 0.84 * plan.severity)
    return texture + cover[..., None] * (soil - texture)


def _spot(family: Family, rng: np.random.Generator) -> np.ndarray:
    """Pick a point (x, y) in mm that lies well on the part's material."""
    reach = np.array(family.size_mm[:2]) * 0.36
    material = family.material()
    while True:
        spot = rng.uniform(-reach, reach)
        column, row = (spot * [1, -1] * PX_PER_MM + TEXTURE_PX / 2).astype(int)
        if material[row - 9:row + 10, column - 9:column + 10].mean() > 0.97:
            return spot

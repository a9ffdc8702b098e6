# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A task for people, rules and networks alike: what is done with each part.

The truth is a plant's instruction that no learner gets to see, only its answers on labelled
parts. It goes by what is really there on the part, not by what was seen of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.inspection.rules import Disposition
from ant_ros.simulation import Scenario

__all__ = ['PLATES', 'VARIANT', 'Task', 'draw_task', 'mm_per_px', 'true_disposition']

_LONG_SCRATCH_MM = 18.0
_LARGE_SOIL_MM2 = 14.0
_SEVERITIES = (0.35, 1.0)

PLATES = USUAL.model_copy(update={
    'name': 'plates', 'defects': tuple(
        one.model_copy(update={'severity': _SEVERITIES}) for one in USUAL.defects)})
"""The product that is labelled: plates with defects of all sizes."""

VARIANT = PLATES.model_copy(update={'name': 'caps', 'family': 'bottle_cap'})
"""Another product under the same instruction, of which nothing was labelled."""


@dataclass(frozen=True, eq=False)
class Task:
    """Parts, and what is to be done with each."""

    parts: Sequence[LinePart]
    truth: Sequence[Disposition]


def draw_task(scenario: Scenario, seed: int, bad: int, good: int) -> Task:
    """Return so many defective parts, less those whose defect nobody can see, and good ones."""
    parts = [*defects(scenario, seed, bad), *good_parts(scenario, seed + 1, good)]
    parts = [parts[index] for index in np.random.default_rng(seed).permutation(len(parts))]
    scale = mm_per_px(scenario)
    return Task(parts, [true_disposition(part, scale) for part in parts])


def mm_per_px(scenario: Scenario) -> float:
    """Return the scale of the camera's image."""
    return scenario.camera.field_width_mm / scenario.camera.width


def true_disposition(part: LinePart, scale: float) -> Disposition:
    """Return what the plant's instruction asks for.

    A wrong colour and a missing feature are scrap, and so is a long scratch; a short one is
    polished, a bent part straightened, and soil is wiped off: rework. A speck may stay.

    Args:
        part: With its truth.
        scale: Millimetres per pixel.
    """
    kind, mask = part.truth.defect, part.truth.mask
    if kind is None or mask is None:
        return Disposition.ACCEPT
    if kind == 'contamination':
        large = float(mask.sum()) * scale**2 >= _LARGE_SOIL_MM2
        return Disposition.REWORK if large else Disposition.ACCEPT
    if kind == 'scratch':
        return Disposition.SCRAP if _length_px(mask) * scale >= _LONG_SCRATCH_MM else (
            Disposition.REWORK)
    return Disposition.REWORK if kind == 'deformation' else Disposition.SCRAP


def _length_px(mask: np.ndarray) -> float:
    points = np.argwhere(mask)[:, ::-1].astype(np.float32)
    return float(max(cv2.minAreaRect(points)[1])) + 1

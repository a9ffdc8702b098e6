# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated line as each knob is turned up: where FRR and escapes begin to rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.inspection.line import line_figures
from ant_ros.bench.inspection.line import run_shift
from ant_ros.bench.inspection.line import Shift
from ant_ros.bench.inspection.line import SHIFTS
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import LINE_SEED
from ant_ros.simulation import Scenario

__all__ = ['measure', 'turned']

_PARTS = 80
_QUICK_PARTS = 8
_SEED = LINE_SEED + SHIFTS
_LEVELS = (0.5, 1.0, 1.5, 2.0)
_QUICK_KNOB, _QUICK_LEVEL = 'noise', 2.0
_KNOBS: dict[str, tuple[str, ...]] = {
    'noise': ('sigma',), 'texture': ('variation',), 'pose': ('lateral_mm', 'yaw_deg'),
    'lighting': ('drift', 'flicker', 'colour_drift', 'gradient'),
    'cosmetic': ('grain_deg', 'tone', 'print_offset_mm', 'smudge_strength')}


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return a curve per knob of scenario `hard`; at each point the inspector is taught anew.

    The point at level 1 is the scenario as it is, which is the same for all knobs.
    """
    del sets
    if quick:
        return {_QUICK_KNOB: [_point(_QUICK_KNOB, _QUICK_LEVEL, _QUICK_PARTS)]}
    usual = _point('noise', 1.0, _PARTS)
    return {knob: [usual if level == 1 else _point(knob, level, _PARTS) for level in _LEVELS]
            for knob in _KNOBS}


def _point(knob: str, level: float, parts: int) -> dict[str, Any]:
    section = getattr(turned(line_scenario('hard'), knob, level), knob)
    figures = line_figures(run_shift(Shift(_SEED, parts, {knob: section})))
    return {'level': level, **{name: figures[name] for name in (
        'good_parts', 'frr', 'frr_upper_95', 'visible_defects', 'escapes', 'review_rate')}}


def turned(scenario: Scenario, knob: str, level: float) -> Scenario:
    """Return a scenario with all keys of one section times a level, as far as they may go."""
    section = getattr(scenario, knob)
    keys = {}
    for key in _KNOBS[knob]:
        most = [limit.le for limit in type(section).model_fields[key].metadata
                if hasattr(limit, 'le')]
        keys[key] = min([level * getattr(section, key), *most])
    return scenario.model_copy(update={knob: section.model_copy(update=keys)})

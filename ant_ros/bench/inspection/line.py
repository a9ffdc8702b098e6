# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated line with every knob turned up: escapes, FRR and reviews, per class of defect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
import multiprocessing
import os
import time
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import LINE_SEED
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection.score import PartRecord
from ant_ros.inspection.score import rate_upper_bound
from ant_ros.inspection.score import Score
from ant_ros.simulation import DEFECT_CLASSES
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import Scenario
from ant_ros.simulation import Triggered

__all__ = ['Seen', 'Shift', 'measure', 'run_shift', 'turned']

_SHIFTS = 2
_PARTS = 2000
_QUICK_PARTS = 40
_DEFECT_RATE = 0.25
_VISIBLE = 300
_VISIBLE_PER_CLASS = 50
_KNOB_PARTS = 80
_LEVELS = (0.5, 1.0, 1.5, 2.0)
_KNOBS: dict[str, tuple[str, ...]] = {
    'noise': ('sigma',), 'texture': ('variation',), 'pose': ('lateral_mm', 'yaw_deg'),
    'lighting': ('drift', 'flicker', 'colour_drift', 'gradient'),
    'cosmetic': ('grain_deg', 'tone', 'print_offset_mm', 'smudge_strength')}


@dataclass(frozen=True)
class Shift:
    """What to run: a scenario with a knob turned, its seed and its number of parts.

    Attributes:
        seed: The same seed gives the same parts.
        parts: How many are inspected.
        knob: Section of the scenario that is turned; None for none.
        level: How far; 1 leaves it as it is.
    """

    seed: int
    parts: int
    knob: str | None = None
    level: float = 1.0


@dataclass(frozen=True)
class Seen:
    """A part, its class of defect, and what became of it."""

    part_id: str
    defect: str | None
    score: float
    record: PartRecord


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return the figures of scenario `hard` with more defects, and a curve per knob.

    The parts come in lock-step, without ROS, on seeds that development does not use; every
    shift is taught anew. A part escapes when its defect is visible and it passes; bounds are
    one-sided, 95 %. `enough` says whether there were 300 visible defects, 50 of each class.
    """
    del sets
    shifts = [Shift(LINE_SEED + number, _QUICK_PARTS if quick else _PARTS)
              for number in range(_SHIFTS)]
    turns = [] if quick else [Shift(LINE_SEED + _SHIFTS, _KNOB_PARTS, knob, level)
                              for knob in _KNOBS for level in _LEVELS]
    # Simulating takes longer than inspecting, so the shifts share the cores.
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1),
                             multiprocessing.get_context('spawn')) as pool:
        ran = list(pool.map(run_shift, [*shifts, *turns]))
    seen = [one for shift in ran[:_SHIFTS] for one in shift]
    figures = {'scenario': 'hard', 'defect_rate': _DEFECT_RATE,
               'seeds': [shift.seed for shift in shifts], **line_figures(seen),
               'classes': by_class(seen)}
    figures['enough'] = figures['visible_defects'] >= _VISIBLE and all(
        row['visible'] >= _VISIBLE_PER_CLASS for row in figures['classes'].values())
    figures['knobs'] = [_curve_point(turn, shift) for turn, shift in zip(turns, ran[_SHIFTS:])]
    return figures


def run_shift(shift: Shift) -> list[Seen]:
    """Teach on the first parts of scenario `hard`, inspect the rest, say what became of each."""
    scenario = line_scenario('hard', defect_rate=_DEFECT_RATE, parts=shift.parts)
    if shift.knob is not None:
        scenario = turned(scenario, shift.knob, shift.level)
    good: list[np.ndarray] = []
    seen: list[Seen] = []
    inspector = None
    with one_thread(), InspectionLine(scenario, seed=shift.seed) as line:
        while not line.finished:
            for event in line.step():
                if not isinstance(event, Triggered):
                    continue
                if event.truth.role == 'teach':
                    good.append(event.image)
                    continue
                if inspector is None:
                    inspector = inspector_teacher(scenario.name)(good)
                started = time.perf_counter()
                verdict = inspector.inspect(event.image)
                elapsed_ms = 1e3 * (time.perf_counter() - started)
                seen.append(Seen(event.part_id, event.truth.defect, verdict.score, PartRecord(
                    decision=verdict.decision, defective=event.truth.defect is not None,
                    visible=event.truth.visible, latency_ms=elapsed_ms,
                    units=verdict.work.units, units_total=verdict.work.units_total)))
    return seen


def line_figures(seen: Sequence[Seen]) -> dict[str, Any]:
    """Return the figures of one or more shifts."""
    score = Score()
    for one in seen:
        score.add(one.record)
    figures = score.figures()
    return {
        'parts': len(seen), 'good_parts': sum(one.defect is None for one in seen),
        'visible_defects': sum(one.record.visible for one in seen),
        **{name: figures[name] for name in (
            'escapes', 'escape_rate_upper_95', 'false_rejects', 'frr', 'frr_upper_95',
            'review_rate', 'defects_below_visibility', 'escapes_below_visibility',
            'wake_rate_good_parts', 'wake_rate_good_tiles')},
        'inspect_ms_p50': figures['latency_ms_p50'], 'inspect_ms_p99': figures['latency_ms_p99']}


def by_class(seen: Sequence[Seen]) -> dict[str, dict[str, Any]]:
    """Return visible defects and escapes, and those below visibility, per class."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in seen:
        if one.defect is not None:
            kind = 'visible' if one.record.visible else 'below_visibility'
            counts[one.defect, kind] += 1
            counts[one.defect, f'passed_{kind}'] += one.record.accepted
    return {defect: {
        'visible': counts[defect, 'visible'], 'escapes': counts[defect, 'passed_visible'],
        'escape_rate_upper_95': rate_upper_bound(
            counts[defect, 'passed_visible'], counts[defect, 'visible']),
        'below_visibility': counts[defect, 'below_visibility'],
        'passed_below_visibility': counts[defect, 'passed_below_visibility'],
    } for defect in DEFECT_CLASSES}


def _curve_point(turn: Shift, seen: Sequence[Seen]) -> dict[str, Any]:
    figures = line_figures(seen)
    return {'knob': turn.knob, 'level': turn.level, **{name: figures[name] for name in (
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

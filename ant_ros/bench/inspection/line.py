# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated line at its hardest: escapes, FRR and reviews, and each class of defect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import time
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import LINE_SEED
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection.score import PartRecord
from ant_ros.inspection.score import rate_upper_bound
from ant_ros.inspection.score import Score
from ant_ros.simulation import DEFECT_CLASSES
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import Triggered

__all__ = ['SHIFTS', 'Seen', 'Shift', 'by_class', 'line_figures', 'measure', 'run_shift']

SHIFTS = 2
DEFECT_RATE = 0.25

_PARTS = 1600
_QUICK_PARTS = 20
_ENOUGH_PARTS = 3000
_VISIBLE = 300
_VISIBLE_PER_CLASS = 50


@dataclass(frozen=True)
class Shift:
    """What to run.

    Attributes:
        seed: The same seed gives the same parts.
        parts: How many are inspected.
        changes: Keys of scenario `hard` that are others.
    """

    seed: int
    parts: int
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A part, its class of defect, and what became of it."""

    part_id: str
    defect: str | None
    score: float
    record: PartRecord


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return the figures of scenario `hard` with more defects.

    The parts come in lock-step, without ROS, on seeds that development does not use; every
    shift is taught anew. A part escapes when its defect is visible and it passes; bounds are
    one-sided, 95 %.
    """
    del sets
    seeds = [LINE_SEED + number for number in range(1 if quick else SHIFTS)]
    seen = [one for seed in seeds
            for one in run_shift(Shift(seed, _QUICK_PARTS if quick else _PARTS))]
    figures = {'scenario': 'hard', 'defect_rate': DEFECT_RATE, 'seeds': seeds,
               **line_figures(seen), 'classes': by_class(seen)}
    return figures | {'goals': {
        'parts': at_least(_ENOUGH_PARTS, figures['parts']),
        'visible_defects': at_least(_VISIBLE, figures['visible_defects']),
        'visible_defects_of_the_rarest_class': at_least(
            _VISIBLE_PER_CLASS, min(row['visible'] for row in figures['classes'].values())),
        'escapes': at_most(0, figures['escapes']),
        'escape_rate_upper_95': at_most(0.01, figures['escape_rate_upper_95']),
        'frr': at_most(0.005, figures['frr']),
        'review_rate': at_most(0.01, figures['review_rate'])}}


def run_shift(shift: Shift) -> list[Seen]:
    """Teach on the first parts of scenario `hard`, inspect the rest, say what became of each."""
    scenario = line_scenario(
        'hard', **{'defect_rate': DEFECT_RATE, 'parts': shift.parts, **shift.changes})
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

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated line at its hardest: escapes, FRR and reviews, and each class of defect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
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
from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.score import PartRecord
from ant_ros.inspection.score import rate_upper_bound
from ant_ros.inspection.score import Score
from ant_ros.simulation import DEFECT_CLASSES
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import Triggered

__all__ = ['MORE', 'RUN', 'SHIFTS', 'Seen', 'Shift', 'by_class', 'line_figures', 'measure',
           'run_shift', 'run_stages']

SHIFTS = 2
DEFECT_RATE = 0.25
MORE = 20
"""Good parts that are shown after those that were taught from."""
RUN = 300
"""Good parts of a run that is confirmed."""

_PARTS = 2000
_QUICK_PARTS = 20
_QUICK_MORE = 5
_QUICK_RUN = 5
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
    one-sided, 95 %. The same parts are judged once more after an operator has shown further good
    ones, the first of the shift, and then by the limits that a confirmed run bears out; what was
    shown or confirmed does not count.
    """
    del sets
    seeds = [LINE_SEED + number for number in range(1 if quick else SHIFTS)]
    more, run = (_QUICK_MORE, _QUICK_RUN) if quick else (MORE, RUN)
    shifts = [run_stages(Shift(seed, _QUICK_PARTS if quick else _PARTS), more, run)
              for seed in seeds]
    taught, sharpened, confirmed = (
        [one for shift in shifts for one in shift[stage]] for stage in range(3))
    figures = {'scenario': 'hard', 'defect_rate': DEFECT_RATE, 'seeds': seeds,
               **line_figures(taught), 'classes': by_class(taught)}
    later = {'more_good_parts_taught': more, **line_figures(sharpened),
             'classes': by_class(sharpened)}
    last = {'good_parts_confirmed': run, **line_figures(confirmed),
            'classes': by_class(confirmed)}
    return figures | {'sharpened': later, 'confirmed': last, 'goals': {
        'parts': at_least(_ENOUGH_PARTS, figures['parts']),
        'visible_defects': at_least(_VISIBLE, figures['visible_defects']),
        'visible_defects_of_the_rarest_class': at_least(
            _VISIBLE_PER_CLASS, min(row['visible'] for row in figures['classes'].values())),
        **_wanted(figures),
        **{f'sharpened_{name}': goal for name, goal in _wanted(later).items()},
        **{f'confirmed_{name}': goal for name, goal in _wanted(last).items()}}}


def _wanted(figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {'escapes': at_most(0, figures['escapes']),
            'escape_rate_upper_95': at_most(0.01, figures['escape_rate_upper_95']),
            'frr': at_most(0.005, figures['frr']),
            'review_rate': at_most(0.01, figures['review_rate'])}


def run_shift(shift: Shift) -> list[Seen]:
    """Teach on the first parts of scenario `hard`, inspect the rest, say what became of each."""
    return run_stages(shift, 0, 0)[0]


def run_stages(
    shift: Shift, more: int, run: int
) -> tuple[list[Seen], list[Seen], list[Seen]]:
    """Run a shift, and judge its parts also by what further good ones and a run teach.

    Args:
        shift: What to run.
        more: Good parts that sharpen what was taught, the first that come.
        run: Good parts after these that are confirmed.

    Returns:
        What became of each part by what the first parts taught; of those after it was sharpened
        by that; and of those after the run by the limits that it bears out; none where there
        were too few parts.
    """
    scenario = line_scenario(
        'hard', **{'defect_rate': DEFECT_RATE, 'parts': shift.parts, **shift.changes})
    good: list[np.ndarray] = []
    shown: list[np.ndarray] = []
    seen: list[Seen] = []
    seen_later: list[Seen] = []
    inspector = later = None
    with one_thread(), InspectionLine(scenario, seed=shift.seed) as line:
        for event in _photographs(line):
            if event.truth.role == 'teach':
                good.append(event.image)
                continue
            if inspector is None:
                inspector = inspector_teacher(scenario.name)(good)
            seen.append(_see(inspector, event))
            if later is not None:
                seen_later.append(_see(later, event))
            elif event.truth.defect is None and len(shown) < more:
                shown.append(event.image)
                if len(shown) == more:
                    later = inspector.sharpened(shown)[0]
    return seen, seen_later, [] if later is None else _after_a_run(later.recipe, seen_later, run)


def _after_a_run(recipe: Recipe, seen: Sequence[Seen], run: int) -> list[Seen]:
    """Return what becomes of the parts after a run whose good parts were confirmed."""
    good = [number for number, one in enumerate(seen) if one.defect is None][:run]
    if len(good) < max(run, 1):
        return []
    limits = recipe.with_confirmed([seen[number].score for number in good]).limits
    return [replace(one, record=replace(one.record, decision=(
        Decision.PASS if one.score < limits.review else
        Decision.REVIEW if one.score < limits.reject else Decision.REJECT)))
        for one in seen[good[-1] + 1:]]


def _photographs(line: InspectionLine) -> Iterator[Triggered]:
    while not line.finished:
        for event in line.step():
            if isinstance(event, Triggered):
                yield event


def _see(inspector: Inspector, event: Triggered) -> Seen:
    started = time.perf_counter()
    verdict = inspector.inspect(event.image)
    elapsed_ms = 1e3 * (time.perf_counter() - started)
    return Seen(event.part_id, event.truth.defect, verdict.score, PartRecord(
        decision=verdict.decision, defective=event.truth.defect is not None,
        visible=event.truth.visible, latency_ms=elapsed_ms,
        units=verdict.work.units, units_total=verdict.work.units_total))


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

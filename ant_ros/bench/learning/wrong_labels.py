# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Wrong labels among the right ones, with the guard and without."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import statistics
from typing import Any

import numpy as np

from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import described
from ant_ros.bench.learning.labelled import stopped_good_parts
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import new_supplier
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.outcomes import figures_of
from ant_ros.bench.learning.outcomes import inspect_by_all
from ant_ros.bench.learning.outcomes import Outcome
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.bench.learning.taught import snapshot
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online import OnlineVerdict
from ant_ros.simulation import DEFECT_CLASSES

__all__ = ['flipped', 'measure']

_SHARES = (0.0, 0.05, 0.1, 0.2)
_UNGUARDED = Limits(challenge=1, frr_rise=1e9, outvoted=1e9)
"""The least challenge set there can be, no limit to how far FRR may rise, and no votes."""


def measure(quick: bool) -> dict[str, Any]:
    """Return escapes and FRR after 100 labels of which a share is wrong; means over seeds.

    Half of the labels are on defects, half on good parts of a new supplier that are stopped. A
    wrong one calls a defect good, or a good part a defect of some class. The guard has a
    challenge set of parts added by hand; without it there is as good as none.
    """
    few, shares = (5, _SHARES[::3]) if quick else (1, _SHARES)
    least = min(few, 2)
    start = [*defects(USUAL, SEED + 30, 40 // least), *good_parts(USUAL, SEED + 31, 20 // least),
             *good_parts(new_supplier(), SEED + 32, 20 // least)]
    test = [*defects(USUAL, SEED + 33, 200 // few), *good_parts(USUAL, SEED + 34, 150 // few),
            *good_parts(new_supplier(), SEED + 35, 150 // few)]
    labels = [*defects(USUAL, SEED + 36, 60 // few)[:50 // few],
              *stopped_good_parts(
                  new_inspector(), good_parts(new_supplier(), SEED + 37, 300 // few))[:50 // few]]
    eyes = new_inspector()
    seen = {part.part: described(eyes, part) for part in (*start, *labels)}
    runs = [_learn(share, seed, guard, start, labels, seen) for share in shares
            for guard in (True, False) for seed in range(1 if quick or not share else 3)]
    outcomes = inspect_by_all([run.inspector for run in runs], test)
    rows: list[dict[str, Any]] = [{'wrong': share, **{
        name: _mean([_figures(run, told) for run, told in zip(runs, outcomes)
                     if (run.share, run.guard) == (share, guard)])
        for name, guard in (('guarded', True), ('unguarded', False))}} for share in shares]
    first = rows[0]['guarded']
    return {
        'labels': len(labels), 'on_good_parts': sum(part.word == GOOD for part in labels),
        'shares': rows,
        'goals': {f'{row["wrong"]:.0%}': {
            'escapes_more_than_without_wrong_labels': at_most(
                0.0, row['guarded']['escapes'] - first['escapes']),
            'frr_more': at_most(0.01, row['guarded']['frr'] - first['frr']),
            'escapes_more_than_unguarded': at_most(
                0.0, row['guarded']['escapes'] - row['unguarded']['escapes']),
            'frr_more_than_unguarded': at_most(
                0.0, row['guarded']['frr'] - row['unguarded']['frr'])} for row in rows[1:]}}


def flipped(
    parts: Sequence[LinePart], share: float, rng: np.random.Generator,
) -> list[tuple[LinePart, str]]:
    """Return parts in any order with a word each, of which a share is wrong."""
    wrong = set(rng.permutation(len(parts))[:round(share * len(parts))].tolist())
    told = [(part, _wrong_word(part.word, rng) if number in wrong else part.word)
            for number, part in enumerate(parts)]
    return [told[index] for index in rng.permutation(len(told))]


def _wrong_word(word: str, rng: np.random.Generator) -> str:
    return str(rng.choice(DEFECT_CLASSES)) if word == GOOD else GOOD


@dataclass(frozen=True, eq=False)
class _Run:
    """An inspector after all labels, and how many of them were not applied."""

    share: float
    guard: bool
    inspector: OnlineInspector
    not_applied: int


def _learn(
    share: float, seed: int, guard: bool, start: Sequence[LinePart], labels: Sequence[LinePart],
    seen: Mapping[str, OnlineVerdict],
) -> _Run:
    """Let an inspector of its own learn from the labels in some order, a share of them wrong."""
    inspector = new_inspector(limits=None if guard else _UNGUARDED)
    if guard:
        for part in start:
            inspector.add_challenge(seen[part.part], part.word, create=True)
    answers = [inspector.learn(seen[part.part], word, by='operator', create=True)
               for part, word in flipped(labels, share, np.random.default_rng(seed))]
    return _Run(share, guard, snapshot(inspector),
                sum(answer.state is not LabelState.APPLIED for answer in answers))


def _figures(run: _Run, outcomes: Sequence[Outcome]) -> dict[str, float]:
    figures = figures_of(outcomes)
    return {'escapes': figures['escapes'], 'defects': figures['defects'],
            'false_rejects': figures['false_rejects'], 'frr': figures['frr'],
            'not_applied': run.not_applied}


def _mean(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.fmean(run[name] for run in runs) for name in runs[0]}

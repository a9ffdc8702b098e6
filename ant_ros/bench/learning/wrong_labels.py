# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Wrong labels among the right ones, with the guard and without."""

from __future__ import annotations

from collections.abc import Sequence
import statistics
from typing import Any

import numpy as np

from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import add_challenges
from ant_ros.bench.learning.labelled import label
from ant_ros.bench.learning.labelled import stopped_good_parts
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import new_supplier
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.outcomes import figures_of
from ant_ros.bench.learning.outcomes import inspect_all
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import Limits
from ant_ros.simulation import DEFECT_CLASSES

__all__ = ['flipped', 'measure']

_SHARES = (0.0, 0.05, 0.1, 0.2)
_UNGUARDED = Limits(challenge=1, frr_rise=1e9)
"""The least challenge set there can be, and no limit to how far FRR may rise."""


def measure(quick: bool) -> dict[str, Any]:
    """Return escapes and FRR after 100 labels of which a share is wrong; means over seeds.

    Half of the labels are on defects, half on good parts of a new supplier that are stopped. A
    wrong one calls a defect good, or a good part a defect of some class. The guard has a
    challenge set of parts added by hand; without it there is as good as none.
    """
    few = 5 if quick else 1
    start = [*defects(USUAL, SEED + 30, 40), *good_parts(USUAL, SEED + 31, 20),
             *good_parts(new_supplier(), SEED + 32, 20)]
    test = [*defects(USUAL, SEED + 33, 200 // few), *good_parts(USUAL, SEED + 34, 150 // few),
            *good_parts(new_supplier(), SEED + 35, 150 // few)]
    labels = [*defects(USUAL, SEED + 36, 60 // few)[:50 // few],
              *stopped_good_parts(
                  new_inspector(), good_parts(new_supplier(), SEED + 37, 600 // few))[:50 // few]]
    rows: list[dict[str, Any]] = [{'wrong': share, **{
        name: _mean([_run(share, seed, guard, start, labels, test)
                     for seed in range(1 if quick or not share else 3)])
        for name, guard in (('guarded', True), ('unguarded', False))}} for share in _SHARES]
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


def _run(
    share: float, seed: int, guard: bool, start: Sequence[LinePart], labels: Sequence[LinePart],
    test: Sequence[LinePart],
) -> dict[str, float]:
    inspector = new_inspector(limits=None if guard else _UNGUARDED)
    if guard:
        add_challenges(inspector, start)
    answers = [label(inspector, part, word)
               for part, word in flipped(labels, share, np.random.default_rng(seed))]
    figures = figures_of(inspect_all(inspector, test))
    return {'escapes': figures['escapes'], 'defects': figures['defects'],
            'false_rejects': figures['false_rejects'], 'frr': figures['frr'],
            'not_applied': sum(answer != 'applied' for answer in answers)}


def _mean(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.fmean(run[name] for run in runs) for name in runs[0]}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A new supplier's parts are stopped until an operator has called some of them good after all."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import add_challenges
from ant_ros.bench.learning.labelled import label
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import good_parts_as_they_come
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import new_supplier
from ant_ros.bench.learning.line_parts import OTHER_VARIATIONS
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.outcomes import figures_of
from ant_ros.bench.learning.outcomes import inspect_by_all
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.bench.learning.taught import snapshot
from ant_ros.inspection import Decision
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.online import OnlineInspector
from ant_ros.simulation import Scenario

__all__ = ['measure', 'relabel']

_LOOKS = (0, 1, 5, 10, 25, 50)
_MOST_PARTS = 2000


def measure(quick: bool) -> dict[str, Any]:
    """Return false rejects and escapes before and after labels, on parts that nobody labelled.

    First the operator adds a few defects of each class to the challenge set, as at the start of
    a shift. Then the supplier changes, and every part of the new one that is stopped is called
    good after all, in the order in which they come, until 50 are labelled or 2,000 have come:
    a fifth of a shift. Each row says how many had come by then.
    `times_fewer` divides by the false rejects after the labels, at least half a part.
    `other_variations` are other harmless differences, each with an inspector of its own.
    """
    few = 10 if quick else 1
    other = new_supplier()
    inspector = new_inspector()
    add_challenges(inspector, defects(USUAL, SEED + 10, 50 // min(few, 5)))
    bad = [*defects(USUAL, SEED + 11, 160 // few), *defects(other, SEED + 12, 160 // few)]
    new, usual = good_parts(other, SEED + 13, 800 // few), good_parts(
        USUAL, SEED + 14, 200 // few)
    stream = good_parts_as_they_come(other, SEED + 15, 100 if quick else _MOST_PARTS)
    rows, answers = relabel(
        inspector, stream, [*new, *bad], usual, _LOOKS[:4] if quick else _LOOKS)
    before, after = rows[0], rows[-1]
    fewer = before['false_rejects'] / max(after['false_rejects'], 0.5)
    escapes = max(row['escapes'] for row in rows) - before['escapes']
    others = {} if quick else {name: _other(variation, bad)
                               for name, variation in OTHER_VARIATIONS.items()}
    return {
        'after_labels': rows, 'answers': answers, 'times_fewer': fewer,
        'other_variations': others,
        'goals': {'times_fewer': at_least(10.0, fewer), 'frr': at_most(0.005, after['frr']),
                  'new_escapes': at_most(0, escapes),
                  'escapes': at_most(0, max(row['escapes'] for row in rows)),
                  'labels': at_most(50, after['labels'])}}


def _other(variation: Scenario, bad: Sequence[LinePart]) -> dict[str, Any]:
    """Return the figures before and after labels for another variation, on fewer parts."""
    inspector = new_inspector()
    add_challenges(inspector, defects(USUAL, SEED + 10, 50))
    new, usual = good_parts(variation, SEED + 16, 200), good_parts(USUAL, SEED + 14, 200)
    rows, answers = relabel(inspector, good_parts(variation, SEED + 17, 300), [*new, *bad],
                            usual, (0, 50))
    return {'before': rows[0], 'after': rows[-1], 'answers': answers}


def relabel(
    inspector: OnlineInspector, stream: Iterable[LinePart], test: Sequence[LinePart],
    usual: Sequence[LinePart], looks: Sequence[int], *,
    keep: Callable[[OnlineInspector], OnlineInspector] = snapshot,
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Call good parts that are stopped good after all; look at the test parts now and then.

    Args:
        inspector: What learns.
        stream: Good parts as they come.
        test: Parts of the new supplier, and defects.
        usual: Good parts as before.
        looks: After how many labels to look; the first is 0. Where the stream ends before, the
            last look is after what was labelled.
        keep: Returns an inspector that stays as this one is now.

    Returns:
        A row for each look, and how often each answer was given to a label.
    """
    kept = [(0, 0, keep(inspector))]
    answers: dict[str, int] = {}
    labels = seen = 0
    for part in stream:
        if labels >= looks[-1]:
            break
        seen += 1
        if inspector.judge(part.image, part.part).decision is Decision.PASS:
            continue
        answer = label(inspector, part, GOOD)
        answers[answer] = answers.get(answer, 0) + 1
        labels += 1
        if labels in looks:
            kept.append((labels, seen, keep(inspector)))
    if kept[-1][0] != labels:
        kept.append((labels, seen, keep(inspector)))
    inspectors = [one for *_, one in kept]
    rows = [
        {'labels': after, 'parts_seen': came, **figures_of(told),
         'usual_frr': figures_of(told_usual)['frr']}
        for (after, came, _), told, told_usual in zip(
            kept, inspect_by_all(inspectors, test), inspect_by_all(inspectors, usual))]
    return rows, answers

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A kind of defect that nobody knew of and that passes at first: found after a few labels or not.

The stamp runs out of ink: a part's print is paler than it should be, by a tenth to a seventh. That
is visible, by six times the noise and in hundreds of pixels, and nowhere enough to stop a part.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import add_challenges
from ant_ros.bench.learning.labelled import features_of
from ant_ros.bench.learning.labelled import label
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.outcomes import figures_of
from ant_ros.bench.learning.outcomes import inspect_all
from ant_ros.bench.learning.outcomes import inspect_by_all
from ant_ros.bench.learning.outcomes import Outcome
from ant_ros.bench.learning.outcomes import recall
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.bench.learning.taught import snapshot
from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning import Proposals
from ant_ros.inspection.online import OnlineInspector
from ant_ros.simulation import DEFECT_CLASSES
from ant_ros.simulation import Scenario
from ant_ros.simulation.scenario import Defect

__all__ = ['label_one_by_one', 'measure', 'naming', 'naming_accuracy', 'proposals']

NEW = 'pale_print'
"""The class that is new."""

_SEVERITY = (0.10, 0.15)

_LOOKS = (0, 1, 5, 10, 50)
_KNOWN_LABELS = 10
_NAMING_LABELS = (1, 5, 10)
_CHALLENGE = 40
_RECALL = 0.95
_MOST_AT_FIRST = 0.3


def measure(quick: bool) -> dict[str, Any]:
    """Return recall, names and false rejects by labels of a new class, and what was forgotten.

    The five usual classes are known by ten labels each, and good parts are in the challenge set,
    as they are at the start of a shift. A defect that passes has no name and
    counts as named wrong. `forgotten` are defects of the earlier classes that were stopped, or
    stopped and named right, before the new class came and are not after it.
    """
    few = 8 if quick else 1
    figures: dict[str, Any] = {NEW: _one(few)}
    goals = {NEW: _goals(figures[NEW])}
    inspector = new_inspector()
    bad = defects(USUAL, SEED + 28, 300 // few)
    grouped = proposals(features_of(inspector, bad), inspector.learner.space)
    goals['proposals'] = {'against_k_means': at_least(
        grouped['k_means_adjusted_rand'], grouped['adjusted_rand'])}
    return {**figures, 'naming': naming(inspector, defects(USUAL, SEED + 29, 120 // few), bad),
            'proposals': grouped, 'goals': goals}


def _one(few: int) -> dict[str, Any]:
    """Return the figures of the new class."""
    faint = _only(NEW, _SEVERITY)
    inspector, second = new_inspector(), new_inspector(_second_product())
    add_challenges(inspector, good_parts(USUAL, SEED + 19, _CHALLENGE // few))
    _teach_classes(inspector, defects(USUAL, SEED + 20, 100 // few), _KNOWN_LABELS)
    new = defects(faint, SEED + 22, 400 // few)
    old = defects(USUAL, SEED + 23, 150 // few)
    good = good_parts(USUAL, SEED + 24, 300 // few)
    others = [*good_parts(_second_product(), SEED + 25, 40 // few),
              *defects(_second_product(), SEED + 26, 40 // few)]
    before, before_second = snapshot(inspector), inspect_all(second, others)
    stream = defects(faint, SEED + 27, 90 // few)
    rows = label_one_by_one(inspector, stream, [*new, *old, *good], NEW,
                            _LOOKS[:4 if few > 1 else 5])
    before_old, after_old = inspect_by_all([before, snapshot(inspector)], old)
    after_second = inspect_all(second, others)
    changed = sum(one != other for one, other in zip(before_second, after_second))
    return {
        'severity': _SEVERITY, 'test_defects': len(new), 'after_labels': rows,
        'forgotten': {'earlier_defects': len(old), **_lost(before_old, after_old)},
        'second_recipe': {'parts': len(others), 'changed_verdicts': changed}}


def _goals(figures: dict[str, Any]) -> dict[str, Any]:
    rows = figures['after_labels']
    most = max(row['frr'] for row in rows) - rows[0]['frr']
    found = [row['labels'] for row in rows if (row['recall'] or 0) >= _RECALL]
    until = found[0] if found else None
    return {
        'test_defects': at_least(200, figures['test_defects']),
        'recall_at_first': at_most(_MOST_AT_FIRST, rows[0]['recall']),
        'recall': at_least(_RECALL, rows[-1]['recall']),
        'labels_until_recalled': at_most(50, until),
        'labels_until_recalled_aim': at_most(10, until),
        'frr_rise': at_most(0.005, most),
        'forgotten': at_most(0, figures['forgotten']['pass_now']
                             + figures['forgotten']['named_wrong_now']),
        'second_recipe': at_most(0, figures['second_recipe']['changed_verdicts'])}


def naming_accuracy(outcomes: Sequence[Outcome]) -> float | None:
    """Return the share of defects that were stopped and named right; None without any."""
    right = [one.name == one.word for one in outcomes if one.word != GOOD]
    return sum(right) / len(right) if right else None


def naming(
    inspector: OnlineInspector, stream: Sequence[LinePart], test: Sequence[LinePart],
) -> list[dict[str, Any]]:
    """Return the naming accuracy over all classes by labels of each."""
    rows, told = [], 0
    for each in _NAMING_LABELS:
        _teach_classes(inspector, stream, each - told, told)
        told = each
        rows.append({'labels_of_each': each, 'classes': len(inspector.learner.classes),
                     'naming_accuracy': naming_accuracy(inspect_all(inspector, test))})
    return rows


def proposals(words: Sequence[tuple[PartFeatures, str]], space: FeatureSpace) -> dict[str, Any]:
    """Return how well unnamed anomalies were grouped, against k-means told how many there are.

    Both see the worst place of each defect once; the temporal neurons in the order in which the
    parts came, without knowing how many kinds there are. k-means sees the same numbers.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score
    grouping = Proposals(space)
    truth = [word for _, word in words]
    found = [grouping.learn(part.part, part.vectors[0]) for part, _ in words]
    numbers = [-1 if group is None else group.number for group in found]
    rows = space.scale(np.stack([part.vectors[0] for part, _ in words]))
    rows /= space.alike.mean(axis=0)
    means = KMeans(len(set(truth)), n_init=10, random_state=0).fit_predict(rows)
    return {'anomalies': len(words), 'classes': len(set(truth)), 'groups': len(grouping.groups),
            'adjusted_rand': float(adjusted_rand_score(truth, numbers)),
            'k_means_adjusted_rand': float(adjusted_rand_score(truth, means))}


def _only(word: str, severity: tuple[float, float]) -> Scenario:
    defect = Defect.model_validate({'class': word, 'severity': severity})
    return USUAL.model_copy(update={'defects': (defect,)})


def _second_product() -> Scenario:
    return USUAL.model_copy(update={'name': 'caps', 'family': 'bottle_cap'})


def _teach_classes(
    inspector: OnlineInspector, parts: Sequence[LinePart], each: int, after: int = 0,
) -> None:
    """Label so many parts of each class, after the first ones."""
    seen = dict.fromkeys(DEFECT_CLASSES, 0)
    for part in parts:
        seen[part.word] += 1
        if after < seen[part.word] <= after + each:
            label(inspector, part)


def label_one_by_one(
    inspector: OnlineInspector, stream: Sequence[LinePart], test: Sequence[LinePart], word: str,
    looks: Sequence[int], *, keep: Callable[[OnlineInspector], OnlineInspector] = snapshot,
) -> list[dict[str, Any]]:
    """Label parts of a new class as they come; look at the test parts now and then.

    Args:
        inspector: What learns.
        stream: Parts of the new class.
        test: Parts to look at.
        word: The class.
        looks: After how many labels to look.
        keep: Returns an inspector that stays as this one is now.
    """
    kept: list[tuple[int, dict[str, int], OnlineInspector]] = []
    answers: dict[str, int] = {}
    for number, part in enumerate([None, *stream[:looks[-1]]]):
        if part is not None:
            answer = label(inspector, part)
            answers[answer] = answers.get(answer, 0) + 1
        if number in looks or number == len(stream):
            kept.append((number, dict(answers), keep(inspector)))
    looked = inspect_by_all([one for *_, one in kept], test)
    return [{'labels': number, 'answers': told, **_row(outcomes, word)}
            for (number, told, _), outcomes in zip(kept, looked)]


def _row(outcomes: Sequence[Outcome], word: str) -> dict[str, Any]:
    figures = figures_of(outcomes)
    return {
        'recall': recall([one for one in outcomes if one.word == word], word),
        'naming_accuracy': naming_accuracy(outcomes),
        'earlier_naming_accuracy': naming_accuracy(
            [one for one in outcomes if one.word != word]),
        'frr': figures['frr'], 'frr_upper_95': figures['frr_upper_95']}


def _lost(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, int]:
    return {
        'pass_now': sum(not one.passed and other.passed for one, other in zip(before, after)),
        'named_wrong_now': sum(
            one.name == one.word != other.name for one, other in zip(before, after))}

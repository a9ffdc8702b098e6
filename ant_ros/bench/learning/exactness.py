# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learning one by one against all at once, shuffled, taken back, and merged from three robots.

All over the labels that were accepted. Differences are relative to the largest number of what is
compared: sums, labelled places, and what the model says of places that nobody labelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import features_of
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import new_supplier
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import Label
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import Model
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.fleet import decode_states
from ant_ros.inspection.learning.robot_state import RobotState

__all__ = ['compare', 'measure']

_WANTED = 1e-6
_ROBOTS = 3

Word = tuple[PartFeatures, str]


def measure(quick: bool) -> dict[str, Any]:
    """Return the largest relative differences, with the goal for each.

    `labels` are those given, `accepted` those in force at the end of the one-by-one run;
    `refused_in_other_orders` counts accepted ones that another order would have kept waiting.
    """
    inspector = new_inspector()
    few = 8 if quick else 1
    bad = defects(USUAL, SEED + 1, 120 // few)
    strange = good_parts(new_supplier(), SEED + 2, 80 // few)
    words = features_of(inspector, [*bad, *strange])
    asked = [features for features, _ in features_of(
        inspector, [*defects(USUAL, SEED + 3, 80 // few),
                    *good_parts(new_supplier(), SEED + 4, 80 // few)])]
    order = np.random.default_rng(0).permutation(len(words))
    return compare([words[index] for index in order], asked, inspector.learner.space,
                   orders=3 if quick else 20)


def compare(
    words: Sequence[Word], asked: Sequence[PartFeatures], space: FeatureSpace, *, orders: int,
) -> dict[str, Any]:
    """Return the figures for labelled parts, asking about others.

    Args:
        words: Parts, and what they are.
        asked: Other parts of the same product.
        space: Of their features.
        orders: Other orders to try.
    """
    one_by_one = _learned(words, space)
    accepted = [(label.features, label.word) for label in _in_order(one_by_one)]
    batch = RobotState.of(0, one_by_one.labels, space)
    expected = _told(Model(space, {'robot': batch}), asked)
    differences = {'streaming_against_batch': max(
        _state_difference(_state(one_by_one), batch),
        _difference(_told(one_by_one.model, asked), expected))}
    shuffled, waiting = [], 0
    rng = np.random.default_rng(1)
    for _ in range(orders):
        other = _learned([accepted[index] for index in rng.permutation(len(accepted))], space)
        waiting += len(accepted) - len(other.labels)
        if len(accepted) == len(other.labels):
            shuffled.append(_difference(_told(other.model, asked), expected))
            shuffled.append(_state_difference(
                RobotState.of(0, other.labels, space), batch))
    differences['shuffled_orders'] = max(shuffled, default=float('inf'))
    differences['undo'] = _undo(accepted, asked, space)
    differences['forget'] = _forget(accepted, asked, space)
    merged, again = _merge(accepted, asked, space)
    differences['merge_against_joint'] = merged
    return {'labels': len(words), 'accepted': len(accepted), 'orders': orders,
            'refused_in_other_orders': waiting, **differences,
            'merging_twice_changes_nothing': again,
            'goals': {name: at_most(_WANTED, value) for name, value in differences.items()}}


def _learned(words: Sequence[Word], space: FeatureSpace, robot: str = 'robot') -> Learner:
    learner = Learner(space, robot=robot)
    for features, word in words:
        learner.remember(features)
        learner.label(features.part, word, by='operator', create=True)
    return learner


def _in_order(learner: Learner) -> list[Label]:
    return sorted(learner.labels.values(), key=lambda label: label.number)


def _state(learner: Learner) -> RobotState:
    return decode_states(learner.export(), learner.space, learner.limits)[learner.robot]


def _told(model: Model, asked: Sequence[PartFeatures]) -> dict[str, np.ndarray]:
    """Return all that a model says of parts, as arrays."""
    opinions = [opinion for part in asked for opinion in model.judge(part)]
    places = {name: index for index, name in enumerate(model.classes)}
    return {
        'confidence': np.array([one.confidence for one in opinions]),
        'class': np.array([places.get(one.label, -1) for one in opinions], float),
        'accepted': np.array([one.accepted for one in opinions], float),
        'alarmed': np.array([one.alarmed for one in opinions], float)}


def _state_difference(one: RobotState, other: RobotState) -> float:
    """Return the largest relative difference of sums, and of places in any order."""
    return _difference(_arrays(one), _arrays(other))


def _arrays(state: RobotState) -> dict[str, np.ndarray]:
    sums = state.sums.sums
    arrays = {name: getattr(sums, name) for name in (
        'feature', 'target', 'feature_feature', 'feature_target')}
    for name in ('centres', 'spared', 'defects'):
        rows = getattr(state, name)
        arrays[name] = rows[np.lexsort(rows.T)]
    return arrays


def _difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    worst = 0.0
    for name, array in one.items():
        if array.shape != other[name].shape:
            return float('inf')
        if array.size:
            scale = max(float(np.abs(other[name]).max()), 1e-12)
            worst = max(worst, float(np.abs(array - other[name]).max()) / scale)
    return worst


def _undo(accepted: Sequence[Word], asked: Sequence[PartFeatures], space: FeatureSpace) -> float:
    """Undo the second half of the labels; compare with never having heard of them."""
    half = len(accepted) // 2
    learner, never = _learned(accepted, space), _learned(accepted[:half], space)
    while len(learner.labels) > len(never.labels):
        if learner.undo().state is not LabelState.APPLIED:
            return float('inf')
    return max(_difference(_told(learner.model, asked), _told(never.model, asked)),
               _state_difference(_state(learner), _state(never)))


def _forget(
    accepted: Sequence[Word], asked: Sequence[PartFeatures], space: FeatureSpace,
) -> float:
    """Forget every third label; compare with the batch of those that are left."""
    learner = _learned(accepted, space)
    for label in _in_order(learner)[::3]:
        learner.forget(label.number)  # refused where another known defect would then pass
    left = RobotState.of(0, learner.labels, space)
    return max(_state_difference(_state(learner), left), _difference(
        _told(learner.model, asked), _told(Model(space, {'robot': left}), asked)))


def _merge(
    accepted: Sequence[Word], asked: Sequence[PartFeatures], space: FeatureSpace,
) -> tuple[float, bool]:
    """Return the difference of merged robots from one robot with all of their labels.

    And whether merging all again, in another order, leaves version and export as they were.
    """
    robots = [_learned(accepted[number::_ROBOTS], space, f'robot-{number}')
              for number in range(_ROBOTS)]
    together = {}
    for robot in robots:
        together.update(robot.labels)
    joint = Model(space, {'robot': RobotState.of(0, together, space)})
    messages = [robot.export() for robot in robots]
    first = robots[0]
    for message in messages:
        first.merge(message)
    before = first.version, first.export()
    for message in reversed(messages):
        first.merge(message)
    difference = _difference(_told(first.model, asked), _told(joint, asked))
    return difference, before == (first.version, first.export())

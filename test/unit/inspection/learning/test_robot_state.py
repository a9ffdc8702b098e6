# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What one robot has learned, and how states merge."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
import numpy as np
import pytest

from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.robot_state import merge_states
from ant_ros.inspection.learning.robot_state import RobotState

SPACE = FeatureSpace.of(np.random.default_rng(0).normal(size=(9, 2)), 'x')


def label(number, word, *rows, part=None):
    vectors = np.random.default_rng(number).normal(size=(3, 2))
    features = PartFeatures(part or f'p{number}', vectors, [True, False, True])
    return Label(number, word, 'me', features, rows or (0,))


def state(version, seed):
    return RobotState.of(version, {'p': label(seed, 'dent', part='p')}, SPACE)


def test_the_places_that_a_word_is_about_are_sorted_by_what_they_are():
    labels = {one.features.part: one for one in (label(1, 'good', 0, 1, 2), label(2, 'dent'))}
    found = RobotState.of(7, labels, SPACE)
    assert found.version == 7
    assert np.array_equal(found.centres, labels['p1'].features.vectors[[0, 2]])
    assert np.array_equal(found.spared, labels['p1'].features.vectors[[1]])
    assert np.array_equal(found.defects, labels['p2'].features.vectors[[0]])
    assert found.sums.classes == ('dent',)
    assert found.sums.counts.tolist() == [1]


def test_streaming_is_batch_in_any_order():
    labels = [label(number, ('good', 'dent', 'hole')[number % 3]) for number in range(12)]
    batch = RobotState.of(12, {one.features.part: one for one in labels}, SPACE)
    for seed in range(3):
        streamed = RobotState.none(2)
        for number in np.random.default_rng(seed).permutation(12):
            streamed = streamed.with_label(streamed.version + 1, labels[number], SPACE)
        assert streamed.sums.classes == batch.sums.classes
        for name in ('feature', 'feature_feature', 'feature_target'):
            mine, theirs = (getattr(one.sums.sums, name) for one in (streamed, batch))
            assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-12)
        for name in ('centres', 'spared', 'defects'):
            mine, theirs = (np.sort(getattr(one, name), axis=0) for one in (streamed, batch))
            assert np.array_equal(mine, theirs)


STATES = [state(version, seed) for version in range(3) for seed in range(2)]
fleets = strategies.dictionaries(strategies.sampled_from('abc'), strategies.sampled_from(STATES))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(fleets, fleets, fleets)
def test_merging_is_idempotent_commutative_and_associative(one, other, third):
    assert merge_states(one, one) == one
    assert merge_states(one, other) == merge_states(other, one)
    assert merge_states(merge_states(one, other), third) == merge_states(
        one, merge_states(other, third))
    assert merge_states(merge_states(one, other), other) == merge_states(one, other)


def test_the_newest_wins():
    old, new = state(1, 0), state(2, 1)
    assert merge_states({'a': new}, {'a': old})['a'] is new
    assert merge_states({'a': old}, {'a': new})['a'] is new
    assert set(merge_states({'a': old}, {'b': new})) == {'a', 'b'}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What robots tell each other."""

import itertools

import numpy as np
import pytest

from ant_ros.inspection.learning.class_sums import ClassSums
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import MOST_ANSWERS
from ant_ros.inspection.learning.features import MOST_TEMPLATES
from ant_ros.inspection.learning.fleet import decode_states
from ant_ros.inspection.learning.fleet import encode_states
from ant_ros.inspection.learning.fleet import from_tensors
from ant_ros.inspection.learning.fleet import merge_messages
from ant_ros.inspection.learning.fleet import origin_of
from ant_ros.inspection.learning.fleet import to_tensors
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.place_features import PLACE_FEATURES
from ant_ros.inspection.learning.robot_state import RobotState
from ant_ros.inspection.learning.spots import Spots
from ant_ros.inspection.learning.templates import Templates

LIMITS = Limits()


@pytest.fixture
def states(space, line):
    def state(version, **parts):
        labels = {part.part: Label(1, word, '', part, (0,))
                  for word, said in parts.items() for part in said}
        return RobotState.of(version, labels, space)
    return {'a': state(3, good=line.parts('texture', 4), dent=line.parts('dent', 2)),
            'b': state(1, hole=line.parts('hole', 3)), 'c': RobotState.none(space.width)}


def assert_same(one, other):
    assert set(one) == set(other)
    for robot, state in one.items():
        assert state.rank == other[robot].rank
        assert state.sums.sums.count == other[robot].sums.sums.count
        assert np.array_equal(state.sums.sums.feature, other[robot].sums.sums.feature)


def test_what_is_sent_is_received(space, states):
    message = encode_states(states, space.digest)
    assert_same(decode_states(message, space, LIMITS), states)
    assert encode_states(decode_states(message, space, LIMITS), space.digest) == message


def test_messages_merge_in_any_order_and_twice(space, states):
    messages = [encode_states({robot: state}, space.digest) for robot, state in states.items()]
    merged = {merge_messages(order, space, LIMITS)
              for order in itertools.permutations([*messages, messages[0]])}
    assert len(merged) == 1
    assert_same(decode_states(merged.pop(), space, LIMITS), states)


def test_a_message_stays_within_the_size_stated(space, states):
    limits = Limits(vectors=6, robots=3, classes=2)
    assert len(encode_states(states, space.digest)) <= limits.message_bytes(space.width)
    with pytest.raises(MessageError, match='at most'):
        decode_states(b'x' * (limits.message_bytes(space.width) + 1), space, limits)


def full_state(space, limits, names):
    """Return the state of a robot that has learned as much as it can."""
    random, width = np.random.default_rng(0), space.width
    words = sorted(name.ljust(64, 'x') for name in names[:limits.classes])
    defects = random.normal(size=(limits.vectors, width)).astype(np.float32)
    marks = [words[row % len(words)] for row in range(limits.vectors)]
    empty = np.zeros((0, width), np.float32)
    answers = space.faint.shape[1]
    templates = Templates(tuple(words[:MOST_TEMPLATES]), np.full(MOST_TEMPLATES, 9, np.int64),
                          np.full((MOST_TEMPLATES, answers), 99, np.int32))
    spots = Spots(tuple(sorted([*words, 'good'])), np.zeros((limits.vectors, 4), np.int16))
    return RobotState(10**6, ClassSums.of(space.scale(defects), marks), empty, empty, defects,
                      spots, templates)


def test_a_fleet_that_has_learned_all_it_can_fills_a_message_as_stated():
    faint = np.zeros((5, MOST_ANSWERS), np.int8)
    width = len(PLACE_FEATURES)
    space = FeatureSpace.of(np.random.default_rng(1).normal(size=(9, width)), 'x', faint=faint)
    # Outside of Unicode's first plane a sign takes 12 bytes of JSON.
    state = full_state(space, LIMITS, [f'\U0001d7d8{number}'.ljust(64, '\U0001d7d8')
                                       for number in range(LIMITS.classes)])
    message = encode_states({f'robot {number}': state for number in range(LIMITS.robots)},
                            space.digest)
    assert 0.9 * LIMITS.message_bytes(width) < len(message) <= LIMITS.message_bytes(width)
    assert len(decode_states(message, space, LIMITS)) == LIMITS.robots


def test_a_message_tells_where_it_comes_from(space, states):
    assert origin_of(encode_states(states, space.digest, 'a')) == (space.digest, 'a')
    assert origin_of(b'noise') is None
    assert origin_of(pack('another kind', {'space': space.digest}, {})) is None


def test_other_features_are_refused(space, states):
    other = FeatureSpace.of(np.random.default_rng(5).normal(size=(9, space.width)), 'x')
    with pytest.raises(MessageError, match='only robots that share a taught recipe'):
        decode_states(encode_states(states, space.digest), other, LIMITS)


@pytest.mark.parametrize('spoil', [
    lambda header, tensors: tensors.pop('0.defects'),
    lambda header, tensors: header[0].update(version=-1),
    lambda header, tensors: header[0].update(version='x'),
    lambda header, tensors: header[0].update(classes=['good', 'dent']),
    lambda header, tensors: header[0].update(classes=['dent', 'hole']),
    lambda header, tensors: header[0].pop('robot'),
    lambda header, tensors: header.append(header[0]),
    lambda header, tensors: tensors.update({'0.defects': tensors['0.defects'][:-1]}),
    lambda header, tensors: tensors.update({'0.centres': tensors['0.centres'].astype(float)}),
    lambda header, tensors: tensors.update({'0.feature': tensors['0.feature'] * np.nan}),
    lambda header, tensors: tensors.update({'0.feature': tensors['0.feature'][:-1]}),
    lambda header, tensors: tensors.update({'0.target': tensors['0.target'] * 0}),
])
def test_states_that_do_not_fit_together_are_refused(space, states, spoil):
    header, tensors = to_tensors(states)
    spoil(header, tensors)
    with pytest.raises(MessageError):
        from_tensors(header, tensors, space, LIMITS)


def test_what_is_no_list_of_states_is_refused(space):
    for header in (None, 3, 'ab', [3], [{}]):
        with pytest.raises(MessageError):
            from_tensors(header, {}, space, LIMITS)


def test_too_many_robots_are_refused(space, states):
    with pytest.raises(MessageError, match='at most 2'):
        decode_states(encode_states(states, space.digest), space, Limits(robots=2))
    messages = [encode_states({robot: state}, space.digest) for robot, state in states.items()]
    with pytest.raises(MessageError, match='3 robots: at most 2'):
        merge_messages(messages, space, Limits(robots=2))

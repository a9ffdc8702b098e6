# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What nobody has named is grouped, and a person names a group once."""

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.online.patterns import Patterns

SPOT, DENT = np.array([5.0, 0, 0, 0]), np.array([0, 0, 5.0, 5.0])


@pytest.fixture
def patterns():
    rng = np.random.default_rng(0)
    return Patterns(FeatureSpace.of(rng.normal(size=(20, 4)), 'x', np.full((2, 4), 0.5)))


def test_what_is_seen_often_enough_is_a_pattern(patterns):
    assert patterns.say(SPOT, ()) == ''
    patterns.learn('a', SPOT)
    patterns.learn('a', SPOT)  # the same part is one
    patterns.learn('b', SPOT)
    assert patterns.say(SPOT, ()) == '' and patterns.found(()) == ()
    patterns.learn('c', SPOT + 0.1)
    assert patterns.say(SPOT, ()) == 'pattern 1'
    assert patterns.say(DENT, ()) == ''
    assert patterns.members('pattern 1') == ('c', 'b', 'a')
    assert patterns.members('pattern 2') == ()


def test_a_pattern_has_its_name_for_as_long_as_there_is_the_class(patterns):
    for part in 'abc':
        patterns.learn(part, DENT)
    assert patterns.call('b', 'dent') == 'pattern 1'
    assert patterns.call('nobody', 'dent') == ''
    assert patterns.say(DENT, ('dent',)) == 'dent'
    assert patterns.found(('dent',)) == ()
    assert patterns.say(DENT, ()) == 'pattern 1'  # the label was taken back
    assert [group.seen for group in patterns.found(())] == [3]


def test_anomalies_that_look_alike_are_called_a_pattern_until_they_have_a_name(online, plate):
    for seed in range(2000, 2003):
        verdict = online.inspect(plate(seed, defect='scratch'), f's{seed}')
        assert verdict.pattern == '' and verdict.decision is Decision.REJECT
        online.inspect(plate(seed, defect='colour'), f'c{seed}')

    scratch = online.inspect(plate(2003, defect='scratch'), 's2003')
    colour = online.inspect(plate(2003, defect='colour'), 'c2003')

    assert {scratch.pattern, colour.pattern} == {'pattern 1', 'pattern 2'}
    assert scratch.reason.startswith(f'like {scratch.pattern}: scratch-like mark')
    assert scratch.classes == ('unknown',)
    assert online.parts_like(scratch.pattern) == ('s2003', 's2002', 's2001', 's2000')
    assert [group.seen for group in online.patterns] == [4, 4]

    assert online.label('s2001', 'scratch', create=True).state is LabelState.APPLIED

    assert len(online.patterns) == 1
    again = online.inspect(plate(2004, defect='scratch'))
    assert again.classes == ('scratch',) and again.pattern == ''


def test_good_parts_and_what_was_called_good_are_no_pattern(online, plate):
    online.learn(online.inspect(plate(2000, defect='scratch')), 'good')
    for seed in range(2001, 2005):
        online.inspect(plate(seed, defect='scratch'))
        online.inspect(plate(seed))

    assert online.patterns == ()


def test_patterns_outlast_going_back(online, plate):
    for seed in range(2000, 2003):
        online.inspect(plate(seed, defect='scratch'))
    online.restore(online.attachments())

    assert online.inspect(plate(2003, defect='scratch')).pattern == 'pattern 1'

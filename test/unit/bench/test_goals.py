# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.goals import goal_lines


def test_a_goal_says_what_was_wanted_and_whether_it_was_reached():
    assert at_most(0.5, 0.5) == {'measured': 0.5, 'wanted': 'at most 0.5', 'reached': True}
    assert not at_most(0.5, 0.6)['reached']
    assert at_least(10, 10)['reached']
    assert at_least(10, 9) == {'measured': 9, 'wanted': 'at least 10', 'reached': False}


def test_what_was_not_measured_is_missed():
    assert not at_most(1, None)['reached']
    assert not at_least(1, None)['reached']


def test_a_missed_goal_is_said_to_be_missed():
    assert list(goal_lines({'frr': at_most(0.005, 0.25), 'dent': {'recall': at_least(0.9, 1.0)},
                            'never': at_most(1, None)})) == [
        'goal frr: 0.25 (wanted: at most 0.005): MISSED',
        'goal dent recall: 1 (wanted: at least 0.9): reached',
        'goal never: nothing (wanted: at most 1): MISSED']

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.plasticity import follow
from ant_ros.network.temporal.plasticity import Plasticity
from ant_ros.network.temporal.plasticity import reverse
from ant_ros.network.temporal.plasticity import search
from ant_ros.network.temporal.plasticity import stdp

ALWAYS = Plasticity(1.0, 1.0, 1.0, 1.0, 1.0)
INPUTS = np.array([[2, 3, 4, NEVER]])
OUTPUT = np.array([3])


def step(weights, plasticity, rule=stdp, seed=0):
    return rule(np.array([weights], np.int8), INPUTS, OUTPUT, plasticity, 7,
                np.random.default_rng(seed))[0].tolist()


def test_the_four_cases_move_weights_by_one():
    assert step([3, 3, 3, 3], ALWAYS) == [4, 4, 2, 2]
    assert step([3, 3, 3, 3], ALWAYS, reverse) == [2, 2, 4, 4]
    silent = search(np.full((1, 4), 3, np.int8), INPUTS, ALWAYS, 7, np.random.default_rng(0))
    assert silent.tolist() == [[4, 4, 4, 3]]


def test_each_case_has_its_own_probability():
    assert step([3, 3, 3, 3], Plasticity(1.0, 0.0, 0.0)) == [4, 4, 3, 3]
    assert step([3, 3, 3, 3], Plasticity(0.0, 1.0, 0.0)) == [3, 3, 2, 3]
    assert step([3, 3, 3, 3], Plasticity(0.0, 0.0, 1.0)) == [3, 3, 3, 2]


def test_weights_stay_in_their_range():
    assert step([7, 7, 0, 0], ALWAYS) == [7, 7, 0, 0]
    assert step([0, 0, 7, 7], ALWAYS, reverse) == [0, 0, 7, 7]


def test_stabilisation_holds_weights_at_the_bounds():
    sticky = Plasticity(1.0, 1.0, 1.0, least=0.0)
    assert step([0, 0, 7, 7], sticky) == [0, 0, 7, 7]
    assert step([7, 7, 0, 0], sticky) == [7, 7, 0, 0]
    moved = [step([4, 4, 4, 4], sticky, seed=seed) != [4, 4, 4, 4] for seed in range(20)]
    assert all(moved)


def test_weights_follow_to_the_median_of_what_is_left_of_the_cycle():
    rng = np.random.default_rng(0)
    weights = np.array([[0, 7]], np.int8)
    for times in rng.choice([1, 2, 2, 5], 300):
        weights = follow(weights, np.array([[times, NEVER]]), 7, 0.5, rng)
    assert 4 <= weights[0, 0] <= 6
    assert weights[0, 1] == 0


@pytest.mark.parametrize('name', ['capture', 'minus', 'backoff', 'search', 'reversal', 'least'])
@pytest.mark.parametrize('value', [-0.1, 1.1, float('nan')])
def test_what_is_no_probability_is_refused(name, value):
    with pytest.raises(ValueError, match=f'{name} is'):
        Plasticity(**{name: value})

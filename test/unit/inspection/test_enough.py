# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the good parts that were shown suffice."""

import numpy as np
import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection.enough import measure_enough


def test_parts_that_taught_each_other_are_not_enough():
    enough = measure_enough([0.8, 0.9, 0.7], [0.85, 0.95, 0.75], 2.0, 0.005)

    assert not enough.seen_enough
    assert enough.parts == 3
    assert enough.gain == pytest.approx(1 - 0.8 / 0.85)
    assert enough.wanted == (5, 7)
    assert enough.text.startswith('not yet: the last third of 3 good parts lowered')
    assert enough.text.endswith('show 5 to 7 more, 3 parts tell no better')


def test_a_recipe_says_how_many_taught_it(inspector):
    assert inspector.recipe.enough.parts == 10


def test_many_alike_parts_are_enough(plate):
    taught = Inspector.teach([plate(seed, yaw_deg=2.0, gain=1.0) for seed in range(40)])
    enough = taught.recipe.enough

    assert enough.seen_enough
    assert enough.wanted == (0, 0)
    assert enough.reach < 1
    assert enough.text.startswith('seen enough: the last third of 40 good parts')


def test_what_the_last_third_lowered_is_measured():
    enough = measure_enough([0.8, 0.9, 0.7], [1.0, 1.125, 0.875], 2.0, 0.005)

    assert enough.gain == pytest.approx(0.2)
    assert enough.reach == pytest.approx(0.45)
    assert not enough.seen_enough
    assert enough.wanted == (27, 27)
    assert enough.text.endswith('show 27 more, 3 parts tell no better')


def test_a_part_that_would_be_stopped_is_not_enough_seen():
    scores = [1.0] * 19 + [3.0]
    enough = measure_enough(scores, scores, 2.0, 0.005)

    assert enough.gain == pytest.approx(0)
    assert enough.reach == pytest.approx(1.5)
    assert not enough.seen_enough
    assert min(enough.wanted) > 0


def test_few_parts_that_differ_in_what_they_gained_tell_a_wide_range():
    fewer = np.ones(10)
    gains = np.array([0, 0, 0.01, 0.01, 0.015, 0.015, 0.06, 0.08, 0.1, 0.2])
    few = measure_enough(1 - gains, fewer, 2.0, 0.005)
    many = measure_enough(np.tile(1 - gains, 40), np.tile(fewer, 40), 2.0, 0.005)

    assert few.gain == many.gain == pytest.approx(0.015)
    assert (few.gain_least, few.gain_most) == pytest.approx((0.01, 0.08))
    assert not few.seen_enough
    assert few.wanted == (5, 30)
    assert many.seen_enough


def test_the_share_that_may_be_stopped_does_not_count():
    scores = [*np.linspace(0.5, 1.0, 299), 3.0]

    assert measure_enough(scores, scores, 2.0, 0.005).seen_enough


def test_scores_of_nothing_are_no_trouble():
    assert measure_enough([0.0] * 6, [0.0] * 6, 1.0, 0.005).seen_enough

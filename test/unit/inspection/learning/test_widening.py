# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Places called good widen what is expected, and never to a known defect."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
from hypothesis.extra import numpy as arrays
import numpy as np
import pytest

from ant_ros.inspection.learning.widening import nearest
from ant_ros.inspection.learning.widening import typical_gap
from ant_ros.inspection.learning.widening import Widening

NONE = np.zeros((0, 3))
points = arrays.arrays(
    np.float64, strategies.tuples(strategies.integers(0, 8), strategies.just(3)),
    elements=strategies.floats(-5, 5).map(lambda value: round(value, 1)))


def ball(count, seed, centre=(9.0, 0.0, 0.0)):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 3)) * 0.4 + centre


def test_nothing_is_held_before_anything_is_called_good():
    assert not Widening(NONE, NONE, 1.0).holds(np.zeros((4, 3))).any()


def test_one_place_holds_what_is_near_it_only():
    held = Widening(np.zeros((1, 3)), NONE, 1.0).holds(
        np.array([(1.4, 0, 0), (1.6, 0, 0), (0, -1.4, 0)]))
    assert held.tolist() == [True, False, True]


def test_places_of_one_kind_hold_the_next_of_the_kind_and_no_other():
    widening = Widening(ball(6, 0), NONE, 0.4)
    assert widening.holds(ball(300, 1)).mean() > 0.9
    assert not widening.holds(ball(300, 1, (7.0, 3.0, 0.0))).any()
    alone = Widening(ball(6, 0)[:1], NONE, 0.4)
    assert alone.holds(ball(300, 1)).mean() < widening.holds(ball(300, 1)).mean()


def test_two_kinds_have_a_ball_each_and_nothing_between_them_is_held():
    both = np.concatenate([ball(6, 0), ball(6, 1, (-9.0, 0.0, 0.0))])
    widening = Widening(both, NONE, 0.4)
    assert len(widening.radii) == 12 + 2
    assert not widening.holds(np.zeros((1, 3))).any()


def test_a_known_defect_nearby_makes_the_ball_smaller():
    free = Widening(np.zeros((1, 3)), NONE, 1.0)
    near = Widening(np.zeros((1, 3)), np.array([(1.0, 0, 0)]), 1.0)
    places = np.array([(-0.6, 0, 0), (0.4, 0, 0)])
    assert free.holds(places).all()
    assert near.holds(places).tolist() == [False, True]


def test_a_place_that_is_both_good_and_a_defect_widens_nothing():
    place = np.array([(1.0, 2.0, 3.0)])
    assert not Widening(place, place.copy(), 1.0).holds(place).any()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(points, points, strategies.floats(0.01, 10))
def test_no_known_defect_is_ever_held(centres, defects, gap):
    assert not Widening(centres, defects, gap).holds(defects).any()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(points, points, strategies.randoms())
def test_the_order_does_not_matter(centres, defects, random):
    order = random.sample(range(len(centres)), len(centres))
    one = Widening(centres, defects, 1.0)
    other = Widening(centres[order], defects[::-1], 1.0)
    assert sorted(one.radii) == pytest.approx(sorted(other.radii), abs=1e-6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(points, points)
def test_each_place_called_good_is_held_unless_a_defect_is_there(centres, defects):
    away = nearest(centres, defects) > 1e-4
    assert Widening(centres, defects, 1.0).holds(centres)[away].all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(points, strategies.floats(0.01, 3))
def test_the_widening_is_bounded(centres, gap):
    assert (Widening(centres, NONE, gap).radii <= 3 * gap).all()


def test_the_typical_gap_is_that_to_the_next_place():
    row = np.array([(0.0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)])
    assert typical_gap(row) == pytest.approx(1)
    assert typical_gap(np.zeros((3, 3))) > 0


def test_many_places_are_asked_in_blocks():
    rng = np.random.default_rng(0)
    good, asked = rng.normal(size=(1500, 3)), rng.normal(size=(1500, 3)) + 0.5
    direct = np.linalg.norm(asked[:, None] - good, axis=2).min(axis=1)
    assert nearest(asked, good) == pytest.approx(direct, abs=1e-6)
    own = np.linalg.norm(good[:, None] - good, axis=2) + np.where(np.eye(1500), np.inf, 0)
    assert nearest(good, good, own=True) == pytest.approx(own.min(axis=1), abs=1e-6)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Places called good widen what is expected, to a bounded degree and never to a known defect."""

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
LESS, MORE = np.array([1.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.5])
points = arrays.arrays(
    np.float64, strategies.tuples(strategies.integers(0, 8), strategies.just(3)),
    elements=strategies.floats(-5, 5).map(lambda value: round(value, 1)))


def widening(centres, defects=NONE, size=1.0):
    return Widening(np.array(centres, float).reshape(-1, 3), defects, size * LESS, size * MORE)


def cloud(count, seed, centre=(9.0, 0.0, 0.0), size=0.4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 3)) * size + centre


def test_nothing_is_held_before_anything_is_called_good():
    assert not widening(NONE).holds(np.zeros((4, 3))).any()


def test_one_place_speaks_for_what_agrees_with_it_in_every_feature():
    held = widening([(0, 0, 0)]).holds(
        np.array([(0.9, 0, 0), (1.1, 0, 0), (0, -0.9, 0), (0.3, 1.1, 0.1)]))
    assert held.tolist() == [True, False, True, False]


def test_less_is_as_harmless_and_clearly_more_is_not():
    held = widening([(0, 0, 0)]).holds(np.array([(0, 0, -0.7), (0, 0, 0.4), (0, 0, 0.6)]))
    assert held.tolist() == [True, True, False]


def test_a_kind_reaches_no_further_beyond_its_extremes_than_one_place_does():
    kind = widening([(0, 0, 0), (0, 0, 1), (0, 0, 2)])
    held = kind.holds(np.array(
        [(0.0, 0, 0.5), (0, 0, 1.5), (0, 0, 2.4), (0, 0, 2.6), (1.1, 0, 1)]))
    assert held.tolist() == [True, True, True, False, False]


@settings(deadline=None)
@given(points, points)
def test_what_is_held_has_a_place_that_speaks_for_it(centres, asked):
    known = widening(centres)
    speakers = [known.speaker(one) for one in asked] if len(centres) else [None] * len(asked)

    assert [one is not None for one in speakers] == known.holds(asked).tolist()


def test_the_nearest_of_those_that_agree_speaks_for_a_place():
    known = widening([(0, 0, 0), (0, 0, 2), (0.9, 0, 0)])
    assert [known.speaker(np.array(one)) for one in (
        (0.1, 0, 0), (0, 0, 1.8), (0.8, 0.2, 0), (5.0, 0, 0))] == [0, 1, 2, None]


def test_many_labels_in_a_row_do_not_creep():
    """Parts that are accepted are not learned from, so what is expected stays where it was."""
    places = [(0.2 * i, 0.0, 0.0) for i in range(20)]
    held = widening(places).holds(np.array([(3.8 + 0.9, 0, 0), (3.8 + 1.1, 0, 0)]))
    assert held.tolist() == [True, False]


def test_corners_between_extremes_that_no_label_was_near_to_are_not_held():
    rng = np.random.default_rng(0)
    along = rng.uniform(0, 9, 60)
    diagonal = np.stack([along, along, np.zeros(60)], axis=1) + rng.normal(size=(60, 3)) * 0.1
    held = widening(diagonal).holds(np.array([(4.5, 4.5, 0), (8.0, 1.0, 0), (1.0, 8.0, 0)]))
    assert held.tolist() == [True, False, False]


def test_places_of_one_kind_hold_the_next_of_the_kind_and_no_other():
    kind = widening(cloud(6, 0), size=0.8)
    assert kind.holds(cloud(300, 1)).mean() > 0.9
    assert not kind.holds(cloud(300, 1, (7.0, 3.0, 0.0))).any()
    alone = widening(cloud(6, 0)[:1], size=0.8)
    assert alone.holds(cloud(300, 1)).mean() < kind.holds(cloud(300, 1)).mean()


def test_nothing_between_two_kinds_is_held():
    both = np.concatenate([cloud(6, 0), cloud(6, 1, (-9.0, 0.0, 0.0))])
    kinds = widening(both)
    assert not kinds.holds(np.zeros((1, 3))).any()


def test_what_lies_nearer_to_a_known_defect_is_not_held():
    places = np.array([(0.3, 0, 0), (0.6, 0, 0), (-0.6, 0, 0)])
    assert widening([(0, 0, 0)]).holds(places).all()
    held = widening([(0, 0, 0)], np.array([(1.0, 0, 0)])).holds(places)
    assert held.tolist() == [True, False, True]


def test_a_place_that_looks_almost_like_a_known_defect_speaks_for_nothing():
    defect = np.array([(0.1, 0, 0)])
    kept = widening([(0, 0, 0)], defect)
    assert not kept.holds(np.array([(0.0, 0, 0), (-0.5, 0, 0)])).any()
    assert kept.contradicts(np.array([(0.0, 0, 0), (-0.5, 0, 0)])).tolist() == [True, False]


def test_a_place_that_is_both_good_and_a_defect_widens_nothing():
    place = np.array([(1.0, 2.0, 3.0)])
    assert not widening(place, place.copy()).holds(place).any()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(points, points, strategies.floats(0.01, 10))
def test_no_known_defect_is_ever_held(centres, defects, size):
    assert not widening(centres, defects, size).holds(defects).any()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(points, points, points, strategies.randoms())
def test_the_order_does_not_matter(centres, defects, asked, random):
    order = random.sample(range(len(centres)), len(centres))
    one, other = widening(centres, defects), widening(centres[order], defects[::-1])
    assert (one.holds(asked + 1e-3) == other.holds(asked + 1e-3)).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(points, points)
def test_each_place_called_good_is_held_unless_a_defect_is_there(centres, defects):
    away = nearest(centres, defects) > 0.5
    assert widening(centres, defects).holds(centres)[away].all()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(points, points, strategies.floats(0.01, 3))
def test_nothing_is_held_beyond_the_extremes_by_more_than_the_tolerances(centres, asked, size):
    held = widening(centres, size=size).holds(asked)
    if held.any():
        low, high = centres.min(axis=0) - size * LESS, centres.max(axis=0) + size * MORE
        assert (asked[held] >= low - 1e-9).all() and (asked[held] <= high + 1e-9).all()


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
    wide = widening(good, size=0.5)
    assert (wide.holds(asked) == np.concatenate(
        [wide.holds(asked[:700]), wide.holds(asked[700:])])).all()


def test_a_known_defect_can_be_asked_about_as_if_it_were_not_known():
    defects = np.array([(0.8, 0, 0), (0.8, 2.0, 0)])
    kept = widening([(0, 0, 0)], defects)
    assert not kept.holds(defects).any()
    assert kept.holds(defects, held_out=True).tolist() == [True, False]
    crowd = np.array([(0.8, 0, 0), (0.7, 0, 0)])   # the other one of its kind is still known
    assert not widening([(0, 0, 0)], crowd).holds(crowd[:1], held_out=True).any()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A place of a part as a vector."""

import numpy as np
import pytest

from ant_ros.inspection.learning.place_features import describe_place
from ant_ros.inspection.learning.place_features import PLACE_FEATURES

SIDE = 80
CENTRE = ((SIDE - 1) / 2, (SIDE - 1) / 2)
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]
MASK = np.hypot(ROWS - CENTRE[1], COLUMNS - CENTRE[0]) < 36


def scene(left, top, width, height, planes):
    """Return where a rectangle is, its scores, and its differences."""
    inside = np.zeros((SIDE, SIDE), bool)
    inside[top:top + height, left:left + width] = True
    difference = [np.where(inside, value, 0.0).astype(np.float32) for value in planes]
    return inside, np.where(inside, 2.0, 0.0).astype(np.float32), difference


def described(inside, score, difference):
    rows, columns = np.nonzero(inside)
    vector = describe_place(np.stack([columns, rows], axis=1), score, difference, MASK, CENTRE,
                            36.0)
    return dict(zip(PLACE_FEATURES, vector.tolist()))


def test_shape_and_differences_are_told():
    found = described(*scene(20, 38, 40, 4, (-30.0, 5.0, 0.0)))
    assert np.exp(found['length']) == pytest.approx(40)
    assert np.exp(found['breadth']) == pytest.approx(4)
    assert np.exp(found['elongation']) == pytest.approx(10)
    assert np.exp(found['area']) == pytest.approx(160)
    assert np.exp(found['major_axis']) == pytest.approx(40 / np.sqrt(12), rel=0.01)
    assert np.exp(found['peak']) == pytest.approx(2)
    assert np.expm1(found['strength']) == pytest.approx(np.hypot(30, 5))
    assert found['brightness'] == pytest.approx(-np.log(16))
    assert found['colour_1'] == pytest.approx(np.log(3.5))
    assert (found['colour_2'], found['brightness_spread'], found['at_outline']) == (0, 0, 0)
    assert found['radius'] < 0.05
    assert found['directedness'] > 0.8


def test_every_name_has_a_number():
    found = described(*scene(20, 20, 1, 1, (1.0, 0.0, 0.0)))
    assert list(found) == list(PLACE_FEATURES)
    assert np.isfinite(list(found.values())).all()


@pytest.mark.parametrize('turns', [1, 2, 3])
def test_how_the_part_was_turned_does_not_matter(turns):
    rng = np.random.default_rng(0)
    inside, score, difference = scene(25, 50, 18, 5, (20.0, 4.0, -3.0))
    difference = [plane + rng.normal(size=plane.shape).astype(np.float32) for plane in difference]
    straight = described(inside, score, difference)
    turned = described(np.rot90(inside, turns), np.rot90(score, turns),
                       [np.rot90(plane, turns) for plane in difference])
    assert list(turned.values()) == pytest.approx(list(straight.values()), abs=1e-4)


def test_the_outline_is_told_from_the_inside():
    at_edge = described(*scene(2, 36, 4, 8, (20.0, 0.0, 0.0)))
    assert at_edge['at_outline'] > 0.9
    assert at_edge['radius'] > 0.9


def test_a_place_at_the_border_of_the_image_is_described():
    found = described(*scene(0, 0, 3, 3, (20.0, 0.0, 0.0)))
    assert np.isfinite(list(found.values())).all()


def test_without_scores_all_pixels_count_alike():
    inside, score, difference = scene(20, 38, 10, 4, (10.0, 0.0, 0.0))
    found = described(inside, score * 0, difference)
    assert found['brightness'] == pytest.approx(np.log(6))


def test_the_noise_of_a_part_does_not_change_how_strong_its_mark_is():
    inside, score, difference = scene(20, 38, 10, 4, (-30.0, 5.0, 0.0))
    quiet, noisy = described(inside, score * 1.3, difference), described(inside, score, difference)
    assert quiet['peak'] > noisy['peak']
    assert quiet['strength'] == noisy['strength']


def test_where_no_look_is_expected_the_score_tells_how_strong_a_mark_is():
    found = described(*scene(20, 38, 10, 4, (0.0, 0.0, 0.0)))
    assert found['strength'] == found['peak']


def test_faint_evidence_around_a_strong_mark_is_no_part_of_it():
    inside, _, difference = scene(20, 38, 10, 4, (-30.0, 5.0, 0.0))
    around = np.zeros_like(inside)
    around[30:50, 15:40] = True
    spread = np.where(inside, 10.0, np.where(around, 0.8, 0.0)).astype(np.float32)
    found = described(around, spread, difference)
    assert found == pytest.approx(described(inside, spread, difference))
    assert np.exp(found['length']) == pytest.approx(10)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several parts in a frame: each is judged by itself, and says where it is."""

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection.part_finder import learn_background
from ant_ros.inspection.separation import separate

_BELT = (46, 50, 48)


def _beside(*pictures: np.ndarray | None) -> np.ndarray:
    """Return pictures of 320 x 240 in a row; None for an empty belt."""
    rng = np.random.default_rng(0)
    empty = np.clip(rng.normal(_BELT, 2, (240, 320, 3)), 0, 255).astype(np.uint8)
    return np.hstack([empty if one is None else one for one in pictures])


@pytest.fixture(scope='module')
def single(plate):
    return [_beside(None, plate(seed, gain=1.0), None) for seed in range(10)]


@pytest.fixture(scope='module')
def inspector(single):
    return Inspector.teach(single, backbone='sampled')


def test_each_part_is_shown_alone(single, plate):
    background = learn_background(single)
    frame = _beside(plate(20, gain=1.0), None, plate(21, gain=1.0))
    first, second = separate(frame, background)

    assert first.box[0] + first.box[2] < 320 < 640 < second.box[0]
    assert np.array_equal(first.frame[:, :320], frame[:, :320])
    assert np.array_equal(second.frame[:, 640:], frame[:, 640:])
    assert np.abs(first.frame[:, 640:].astype(int) - _BELT).max() < 16
    assert np.abs(second.frame[:, :320].astype(int) - _BELT).max() < 16


def test_a_frame_with_one_part_is_left_as_it_is(single):
    (only,) = separate(single[0], learn_background(single))

    assert only.frame is single[0]


def test_only_the_bad_one_of_three_is_rejected(inspector, plate):
    frame = _beside(plate(30, gain=1.0), plate(31, gain=1.0, defect='spot'), plate(32, gain=1.0))
    parts = inspector.inspect_each(frame)

    assert [one.verdict.decision for one in parts] == [
        Decision.PASS, Decision.REJECT, Decision.PASS]
    left, top, width, height = parts[1].box
    region = parts[1].verdict.regions[0]
    assert left <= region.x <= left + width - region.width
    assert top <= region.y <= top + height - region.height


def test_any_of_them_can_be_the_bad_one(inspector, plate):
    for bad in range(3):
        frame = _beside(*(plate(40 + one, gain=1.0, defect='missing' if one == bad else None)
                          for one in range(3)))
        decisions = [one.verdict.decision for one in inspector.inspect_each(frame)]

        assert [one is Decision.REJECT for one in decisions] == [one == bad for one in range(3)]


def test_an_empty_belt_gets_one_verdict(inspector):
    (only,) = inspector.inspect_each(_beside(None, None, None))

    assert only.box == (0, 0, 960, 240)
    assert only.verdict.decision is Decision.REVIEW
    assert only.verdict.reason == 'no part found'


def test_with_one_part_it_is_the_same_as_inspecting_the_image(inspector, single):
    (only,) = inspector.inspect_each(single[3])

    assert only.verdict == inspector.inspect(single[3])


def test_one_verdict_says_that_there_were_others(inspector, single, plate):
    three = _beside(plate(50, gain=1.0), plate(51, gain=1.0), plate(52, gain=1.0))

    assert inspector.inspect(three).reason.endswith(
        '; 2 other parts in the image were not looked at')
    assert inspector.inspect(single[0]).others == 0
    assert all(one.verdict.others == 0 for one in inspector.inspect_each(three))


def test_a_neighbour_that_is_cut_by_the_border_is_no_other_part(inspector, plate):
    neighbour = np.roll(plate(53, gain=1.0), 160, axis=1)
    neighbour[:, :160] = _beside(None)[:, :160]

    assert inspector.inspect(_beside(None, plate(54, gain=1.0), neighbour)).others == 0


def test_parts_that_touch_do_not_pass_and_do_not_vanish(inspector, plate):
    frame = _beside(plate(55, gain=1.0), None, None)
    body = plate(56, gain=1.0, yaw_deg=0.0)[90:150, 85:235]
    for row in range(4):
        for left in (360, 500, 640):
            frame[60 * row:60 * row + 60, left:left + 150] = body
    good, clump = inspector.inspect_each(frame)

    assert good.verdict.decision is Decision.PASS
    assert clump.verdict.decision is Decision.REVIEW
    assert 'touch' in clump.verdict.reason
    assert clump.box[0] > 320

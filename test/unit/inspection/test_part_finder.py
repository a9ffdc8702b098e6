# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The finder tells parts from belts and belts from textures."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.part_finder import learn_background
from ant_ros.inspection.part_finder import structure_held
from ant_ros.inspection.part_finder import whole_frame


def test_part_is_found_where_it_is(teach_images, plate):
    background = learn_background(teach_images)
    placement = find_part(plate(1000), background)

    assert abs(placement.x / placement.scale - 160) < 16
    assert abs(placement.y / placement.scale - 120) < 16
    assert 0.8 < placement.area_px / background.area_px < 1.25


def test_empty_belt_holds_no_part(teach_images):
    background = learn_background(teach_images)
    belt = np.random.default_rng(1).normal((46, 50, 48), 3, (240, 320, 3))

    assert find_part(belt.astype(np.uint8), background) is None


def test_crumb_is_no_part(teach_images):
    background = learn_background(teach_images)
    belt = np.full((240, 320, 3), (46, 50, 48), np.uint8)
    cv2.circle(belt, (60, 60), 12, (160, 160, 160), -1)

    assert find_part(belt, background) is None


def test_texture_has_no_background():
    rng = np.random.default_rng(2)

    assert learn_background([rng.integers(0, 255, (240, 320, 3), np.uint8)] * 5) is None


def test_joints_between_bricks_are_no_part():
    frames = []
    for shift in range(0, 30, 5):
        frame = np.full((160, 160, 3), 70, np.uint8)
        frame[shift::40], frame[shift + 1::40] = 160, 160
        frame[:, 2 * shift % 50::50], frame[:, 2 * shift % 50 + 1::50] = 160, 160
        frames.append(cv2.dilate(frame, np.ones((3, 3), np.uint8)))

    assert learn_background(frames) is None


def _belt(brightness, rim=None, part=60):
    frame = np.full((160, 200, 3), brightness, np.float32)
    if rim:
        frame[:90, :8], frame[:90, -8:], frame[:8] = rim, rim, rim
    cv2.rectangle(frame, (70, 60), (130, 100), (part, part, part), -1)
    return np.clip(frame + np.random.default_rng(0).normal(0, 2, frame.shape), 0, 255).astype(
        np.uint8)


def test_a_part_nearly_as_bright_as_an_even_belt_is_found_whole():
    rng = np.random.default_rng(0)
    frames = []
    for left in range(60, 80, 4):
        grey = rng.normal(208, 2, (128, 160))
        grey[40:80, left:left + 50] -= 80
        grey[40:80, left:left + 15] += 40   # one end of it is but a little darker than the belt
        frames.append(np.repeat(grey[..., None].astype(np.uint8), 3, axis=2))

    placement = find_part(frames[0], learn_background(frames))

    assert placement.box == (60, 40, 50, 40)


def test_part_is_found_under_another_lamp():
    background = learn_background([_belt(150)] * 5)

    usual, bright = (find_part(_belt(level), background) for level in (150, 200))

    assert abs(bright.area_px / usual.area_px - 1) < 0.05


def test_a_border_that_is_partly_rim_does_not_tell_the_light():
    background = learn_background([_belt(150, part=100)] * 5)

    found = find_part(_belt(150, rim=120, part=100), background)

    assert abs(found.area_px / background.area_px - 1) < 0.05


def test_a_whole_frame_is_a_part_that_fills_it():
    frame = _belt(150)
    background = whole_frame([frame])
    found = find_part(frame, background)

    assert background.is_hidden
    assert found.mask.all()
    assert (found.x, found.y) == (79.5, 63.5)
    assert not learn_background([frame] * 5).is_hidden


def test_shadows_on_a_part_that_fills_the_frame_hold_little_of_its_edges(teach_images):
    rng = np.random.default_rng(3)
    frames = []
    for _ in range(5):
        frame = np.full((160, 160, 3), 140, np.uint8)
        for x, y in rng.integers(0, 160, (35, 2)):
            cv2.circle(frame, (int(x), int(y)), 8, (168, 168, 168), 2)
        cv2.circle(frame, (80, 80), 12, (40, 40, 40), -1)
        frames.append(frame)

    assert structure_held(frames, learn_background(frames)) < 0.5
    assert structure_held(teach_images, learn_background(teach_images)) > 0.9


def _pair(left):
    """Draw two parts of 61 x 41 px, one that begins so far from the left border."""
    frame = _belt(150)
    cv2.rectangle(frame, (left, 110), (left + 60, 150), (60, 60, 60), -1)
    return frame


@pytest.mark.parametrize(('left', 'others'), [(5, 1), (0, 1), (-2, 1), (-30, 0), (-70, 0)])
def test_another_part_at_the_border_counts_unless_it_is_cut(left, others):
    background = learn_background([_belt(150)] * 5)

    found = find_part(_pair(left), background)

    assert found.others == others
    assert 60 < found.y / found.scale < 100

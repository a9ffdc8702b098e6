# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The finder tells parts from belts and belts from textures."""

import cv2
import numpy as np

from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.part_finder import learn_background


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

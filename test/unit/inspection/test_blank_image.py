# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection.blank_image import blankness


@pytest.mark.parametrize(('level', 'said'), [(3, 'black'), (253, 'white'), (46, ''), (235, '')])
def test_only_black_and_white_images_are_blank(level, said):
    noise = np.random.default_rng(1).normal(0, 2, (120, 160, 3))
    image = np.clip(level + noise, 0, 255).astype(np.uint8)
    image[5, 5] = 255 - image[5, 5]  # a pixel that sticks

    assert blankness(image) == said


def test_a_small_part_makes_a_dark_image_no_blank_one():
    image = np.zeros((120, 160, 3), np.uint8)
    image[50:65, 70:85] = 120

    assert blankness(image) == ''


@pytest.mark.parametrize(('level', 'said'), [(0, 'black'), (255, 'white')])
def test_an_image_with_nothing_in_it_goes_to_review_and_says_so(inspector, level, said):
    verdict = inspector.inspect(np.full((240, 320, 3), level, np.uint8))

    assert verdict.decision is Decision.REVIEW
    assert verdict.reason == (
        f'no part found: the image is all {said}; check camera, light and exposure')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images of one form, and those that are not."""

import numpy as np
import pytest

from ant_ros.inspection.frame import FrameFormat
from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.frame import learn_format
from ant_ros.inspection.frame import misfits
from ant_ros.inspection.frame import to_frame

GREY = np.full((40, 60), 100, np.uint8)
RGB = np.full((40, 60, 3), 100, np.uint8)
DEEP = np.full((40, 60, 3), 1000, np.uint16)


def test_the_form_is_that_of_most_images_wherever_they_come():
    assert learn_format([GREY, RGB, RGB]) == FrameFormat(60, 40, 3, 'uint8', 1.0)


def test_values_of_images_of_another_form_do_not_count():
    assert learn_format([DEEP, RGB, DEEP]).gain == pytest.approx(0.23)
    assert learn_format([DEEP, np.full((40, 60), 60000, np.uint16), DEEP]).gain == (
        pytest.approx(0.23))


def test_images_that_differ_from_most_are_told_by_number():
    images = [RGB, GREY, RGB, RGB[:20], np.full((80, 60, 3), 9, np.uint8), RGB, DEEP,
              np.full((60, 90, 3), 9, np.uint8)]

    assert misfits(images) == {
        1: 'an image of grey uint8, but most are of RGB uint8',
        3: 'an image of 60 x 20 px is too small: expected at least 32 px a side',
        4: 'an image of 60 x 80 px, but most are of 60 x 40 px',
        6: 'an image of RGB uint16, but most are of RGB uint8'}
    assert misfits([RGB, RGB]) == {} == misfits([])
    assert list(misfits([RGB[:20], RGB[:9]])) == [0, 1]


@pytest.mark.parametrize('image', [RGB, DEEP])
def test_alpha_is_no_form_of_its_own_and_dropped(image):
    with_alpha = np.dstack([image, np.full(image.shape[:2], 7, image.dtype)])
    form = learn_format([with_alpha, image])

    assert form == learn_format([image]) and not misfits([with_alpha, image, image])
    assert np.array_equal(to_frame(with_alpha, form), to_frame(image, form))


def test_what_no_image_at_all_is_cannot_be_learned_from():
    with pytest.raises(ImageError, match='too small'):
        learn_format([RGB[:20]])

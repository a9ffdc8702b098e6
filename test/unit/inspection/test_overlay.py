# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The overlay is a picture of the verdict."""

import numpy as np
import pytest

from ant_ros.inspection import draw_overlay


@pytest.mark.parametrize(('defect', 'stronger'), [(None, 1), ('missing', 0)])
def test_frame_has_the_colour_of_the_decision(inspector, plate, defect, stronger):
    image = plate(2001, defect=defect)
    kept = image.copy()
    overlay = draw_overlay(image, inspector.inspect(image))

    assert overlay.dtype == np.uint8
    assert overlay.shape[1] >= 480
    assert overlay.shape[0] > overlay.shape[1] * 240 // 320
    assert overlay[-1, overlay.shape[1] // 2].argmax() == stronger
    assert np.array_equal(image, kept)


def test_grey_images_of_more_bits_can_be_drawn(inspector, plate):
    image = plate(2001)
    verdict = inspector.inspect(image)

    for other in (image[..., 0].astype(np.uint16) * 200, image[..., 0] / np.float32(255)):
        assert draw_overlay(other, verdict).shape == draw_overlay(image, verdict).shape

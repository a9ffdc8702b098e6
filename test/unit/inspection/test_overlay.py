# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The overlay is a picture of the verdict."""

from dataclasses import replace

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import draw_overlay
from ant_ros.inspection.verdict import PartBox


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


def test_each_of_several_parts_has_a_box_in_the_colour_of_its_decision(inspector, plate):
    image = np.full((240, 480, 3), 50, np.uint8)
    parts = (PartBox((40, 60, 100, 80), Decision.PASS), PartBox((300, 60, 100, 80),
                                                                Decision.REJECT))
    verdict = replace(inspector.inspect(plate(2001)), image_size=(480, 240), regions=())
    edges = draw_overlay(image, replace(verdict, parts=parts))[-240:][100, [40, 300, 140, 400]]

    assert [int(edge.argmax()) for edge in edges] == [1, 0, 1, 0]
    alone = draw_overlay(image, replace(verdict, parts=parts[:1]))
    assert np.array_equal(alone, draw_overlay(image, verdict))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Registration finds the pose that was drawn."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.part_finder import learn_background
from ant_ros.inspection.pyramid import make_pyramid
from ant_ros.inspection.pyramid import shrunk
from ant_ros.inspection.registration import make_reference
from ant_ros.inspection.registration import register


def _disc_with_keyway() -> np.ndarray:
    image = np.full((240, 320, 3), 40, np.uint8)
    cv2.circle(image, (160, 120), 70, (170, 170, 175), -1, cv2.LINE_AA)
    cv2.circle(image, (160, 120), 22, (40, 40, 40), -1, cv2.LINE_AA)
    cv2.rectangle(image, (155, 90), (165, 110), (40, 40, 40), -1)
    return image


@pytest.mark.parametrize('turn_deg', [0, 14, 100, 180, 251])
@pytest.mark.parametrize('shift_px', [(0.0, 0.0), (17.3, -9.6)])
def test_a_round_part_is_turned_to_its_keyway(turn_deg, shift_px):
    image = _disc_with_keyway()
    background = learn_background([image] * 5)
    here = find_part(image, background)
    grey = image[..., 0]
    mask = np.where(grey > 100, 255, 0).astype(np.uint8)
    centre = ((here.x + 0.5) / here.scale - 0.5, (here.y + 0.5) / here.scale - 0.5)
    reference = make_reference(
        image.astype(np.float32), mask, centre, 72, mix=np.full(3, 1 / 3, np.float32), scale=1.0)
    truth = cv2.getRotationMatrix2D((159.5, 119.5), -turn_deg, 1.0)
    truth[:, 2] += shift_px
    moved = cv2.warpAffine(image, truth, (320, 240), flags=cv2.INTER_CUBIC,
                           borderMode=cv2.BORDER_REPLICATE)

    there = find_part(moved, background)

    found = register(make_pyramid(shrunk(moved, 0)), there, reference)

    rim = np.array([[90, 120, 1], [230, 120, 1], [160, 50, 1], [160, 190, 1]])
    assert rim @ found.matrix.T == pytest.approx(rim @ truth.T, abs=0.35)
    assert found.likeness > 0.97

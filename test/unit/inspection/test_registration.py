# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Registration finds the pose that was drawn."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ant_ros.inspection import registration
from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.part_finder import learn_background
from ant_ros.inspection.pyramid import make_pyramid
from ant_ros.inspection.pyramid import shrunk
from ant_ros.inspection.registration import learn_sureness
from ant_ros.inspection.registration import make_reference
from ant_ros.inspection.registration import register
from ant_ros.inspection.registration import SURE
from ant_ros.inspection.registration import Sureness


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

    found = register(make_pyramid(shrunk(moved, 0)), there, reference, reference)

    rim = np.array([[90, 120, 1], [230, 120, 1], [160, 50, 1], [160, 190, 1]])
    assert rim @ found.matrix.T == pytest.approx(rim @ truth.T, abs=0.35)
    assert found.likeness > 0.97


def _plate(seed: int, *, alike: bool, turn_deg: float = 0.0) -> np.ndarray:
    """Draw a brushed plate that looks nearly, or not at all, the same upside down."""
    rng = np.random.default_rng(seed)
    image = np.full((240, 320, 3), 40, np.float32)
    grain = cv2.blur(rng.normal(0, 1, (240, 320)).astype(np.float32), (41, 1))
    image[60:180, 80:240] = 150 + 40 * grain[60:180, 80:240, None]
    for x, y in ((95, 75), (225, 75), (95, 165), (225, 165)):
        cv2.circle(image, (x, y), 8, (40, 40, 40), -1, cv2.LINE_AA)
    if alike:
        cv2.rectangle(image, (145, 80), (170, 88), (90, 90, 90), -1)
    else:
        cv2.rectangle(image, (95, 85), (225, 115), (60, 60, 60), -1)
    turn = cv2.getRotationMatrix2D((159.5, 119.5), -turn_deg, 1.0)
    turned = cv2.warpAffine(image, turn, (320, 240), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(turned + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)


def _sureness(alike: bool) -> tuple[Sureness, object, object]:
    """Return what is learned from ten plates, the reference with it, and the background."""
    images = [_plate(seed, alike=alike, turn_deg=8 * np.sin(seed)) for seed in range(10)]
    background = learn_background(images)
    upright = np.mean([_plate(seed, alike=alike) for seed in range(10)], axis=0)
    here = find_part(upright.astype(np.uint8), background)
    centre = ((here.x + 0.5) / here.scale - 0.5, (here.y + 0.5) / here.scale - 0.5)
    mask = np.where(upright[..., 0] > 100, 255, 0).astype(np.uint8)
    options = {'mix': np.full(3, 1 / 3, np.float32), 'scale': 1.0}
    rough = make_reference(upright.astype(np.float32), mask, centre, 102, **options)
    sure = learn_sureness(
        [make_pyramid(shrunk(image, 0)) for image in images],
        [find_part(image, background) for image in images], rough)
    return sure, make_reference(
        upright.astype(np.float32), mask, centre, 102, sure=sure, **options), background


def test_one_start_is_enough_for_a_part_that_is_unlike_itself_upside_down():
    unlike, alike = (_sureness(alike=one)[0].small for one in (False, True))

    assert unlike < SURE.small < alike


def test_a_start_that_the_whole_image_belies_is_not_taken(monkeypatch):
    sure, reference, background = _sureness(alike=True)
    image = _plate(100, alike=True, turn_deg=14)
    pyramid, placement = make_pyramid(shrunk(image, 0)), find_part(image, background)

    def turn(whole: float) -> float:
        """Return the rotation that is found when small images never leave a doubt."""
        hasty = replace(reference, sure=Sureness(0.0, whole))
        found = register(pyramid, placement, hasty, hasty)
        return float(np.rad2deg(np.arctan2(found.matrix[1, 0], found.matrix[0, 0])))

    (start, *_) = registration._starts(pyramid, placement, reference)
    upside_down = start @ registration._half_turn(reference.centre)
    monkeypatch.setattr(registration, '_starts', lambda *_: iter([upside_down]))

    assert turn(0.0) == pytest.approx(14 - 180, abs=1)
    assert turn(sure.whole) == pytest.approx(14, abs=1)


@pytest.mark.parametrize('turn_deg', [-12, 5, 14, 170])
def test_a_part_nearly_the_same_upside_down_is_turned_the_right_way(turn_deg):
    _, reference, background = _sureness(alike=True)
    for seed in range(100, 104):
        image = _plate(seed, alike=True, turn_deg=turn_deg)
        found = register(make_pyramid(shrunk(image, 0)), find_part(image, background), reference,
                         reference)
        turn = np.rad2deg(np.arctan2(found.matrix[1, 0], found.matrix[0, 0]))
        assert turn == pytest.approx(turn_deg, abs=1)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import dataclasses

import numpy as np
import pytest

from ant_ros.simulation.defect import DefectPlan
from ant_ros.simulation.families import family_named
from ant_ros.simulation.part_plan import plan_part
from ant_ros.simulation.scenario import load_scenario
from ant_ros.simulation.truth import compare
from ant_ros.simulation.truth import good_part

DEMO = load_scenario('demo')
GOOD = dataclasses.replace(plan_part(DEMO, family_named('plate'), 0, 'inspect', 0), defect=None)
BAD = dataclasses.replace(GOOD, defect=DefectPlan('scratch', 0.7, 0, 1))
SIGMA = DEMO.noise.sigma


def frames(pixels: int, sigmas: float):
    twin = np.full((20, 30, 3), 100.0, np.float32)
    frame = twin.copy()
    frame.reshape(-1, 3)[:pixels, 1] -= sigmas * SIGMA
    return frame, twin


@pytest.mark.parametrize(('pixels', 'sigmas', 'visible'), [
    (12, 5.0, True), (11, 5.0, False), (12, 4.9, False), (200, 4.9, False), (11, 50.0, False)])
def test_visible_means_twelve_pixels_at_five_sigma(pixels, sigmas, visible):
    truth = compare(BAD, *frames(pixels, sigmas), DEMO)
    assert truth.visible is visible
    assert (truth.contrast_sigmas >= 5.0) is visible
    assert truth.visible_pixels == (pixels if sigmas >= 5.0 else 0)


def test_the_mask_marks_what_differs():
    mask = compare(BAD, *frames(17, 3.0), DEMO).mask
    assert mask.shape == (20, 30)
    assert np.count_nonzero(mask) == 17


def test_what_the_sensor_clips_is_not_visible():
    twin = np.full((20, 30, 3), 260.0, np.float32)
    assert not compare(BAD, twin + 80.0, twin, DEMO).visible


def test_without_noise_one_grey_level_is_the_measure():
    silent = DEMO.model_copy(update={'noise': DEMO.noise.model_copy(update={'sigma': 0.0})})
    frame, twin = frames(30, 0.0)
    assert compare(BAD, frame + 5.0, twin, silent).contrast_sigmas == pytest.approx(5.0)


def test_a_good_part_has_no_mask():
    assert compare(GOOD, *frames(30, 9.0), DEMO) == good_part(GOOD)
    assert good_part(GOOD).mask is None
    assert not good_part(GOOD).visible

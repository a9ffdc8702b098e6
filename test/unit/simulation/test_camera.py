# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import dataclasses
import math

import cv2
import numpy as np
import pytest

from ant_ros.simulation.camera import add_noise
from ant_ros.simulation.camera import Camera
from ant_ros.simulation.camera import Pose
from ant_ros.simulation.camera import to_pixels
from ant_ros.simulation.defect import DefectPlan
from ant_ros.simulation.families import family_named
from ant_ros.simulation.part_plan import plan_part
from ant_ros.simulation.scenario import DEFECT_CLASSES
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.scenario import load_scenario

DEMO = load_scenario('demo')


def pose(x_m=0.0, y_m=0.0, yaw_rad=0.0) -> Pose:
    return Pose((x_m, y_m, 0.0), (0.0, 0.0, math.sin(yaw_rad / 2), math.cos(yaw_rad / 2)))


@pytest.fixture(scope='module', params=FAMILIES)
def camera(request):
    family = family_named(request.param)
    camera = Camera(family, DEMO.camera)
    camera.plan = plan_part(DEMO, family, 0, 'teach', 1)
    return camera


def shoot(camera, at=None, *, plan=None, with_defects=True):
    plan = plan or camera.plan
    parts = [] if at is None else [(plan, at)]
    return camera.render(parts, camera.plan.light, 0.3, with_defects=with_defects)


def part_mask(camera, at):
    return np.abs(shoot(camera, at) - shoot(camera)).max(axis=2) > 25


def middle_px(mask):
    rows, columns = np.nonzero(mask)
    return columns.mean(), rows.mean()


def test_a_part_fills_a_good_share_of_the_frame(camera):
    frame = shoot(camera, pose())
    assert frame.shape == (240, 320, 3)
    assert 0.2 < part_mask(camera, pose()).mean() < 0.6
    assert 60 < frame[part_mask(camera, pose())].mean() < 200


def test_a_part_is_seen_where_it_lies(camera):
    x0, y0 = middle_px(part_mask(camera, pose()))
    x1, y1 = middle_px(part_mask(camera, pose(x_m=0.010, y_m=0.005)))
    assert x1 - x0 == pytest.approx(10 / camera.mm_per_px, abs=1.5)
    assert y0 - y1 == pytest.approx(5 / camera.mm_per_px, abs=1.5)


def test_the_camera_matrix_projects_a_point_on_the_belt(camera):
    assert camera.k[0, 0] * 0.010 / 0.360 == pytest.approx(10 / camera.mm_per_px)
    assert 2 * math.degrees(math.atan(120 / camera.k[1, 1])) == pytest.approx(camera.fov_deg)


def test_a_frame_does_not_depend_on_the_one_before(camera):
    first = shoot(camera, pose())
    bent = dataclasses.replace(camera.plan, defect=DefectPlan('deformation', 1.0, 1, 1))
    assert not np.array_equal(shoot(camera, pose(0.01), plan=bent), first)
    assert np.array_equal(shoot(camera, pose()), first)


@pytest.mark.parametrize('kind', DEFECT_CLASSES)
def test_a_defect_is_seen_and_its_twin_is_flawless(camera, kind):
    plan = dataclasses.replace(camera.plan, defect=DefectPlan(kind, 1.0, 0, 9))
    flawless = shoot(camera, pose())
    assert np.count_nonzero(np.abs(shoot(camera, pose(), plan=plan) - flawless).max(2) > 25) >= 12
    assert np.array_equal(shoot(camera, pose(), plan=plan, with_defects=False), flawless)


def test_paint_stays_on_the_part_when_the_part_turns(camera):
    turned = pose(yaw_rad=0.5)
    upright = shoot(camera, pose())
    # Turning the picture of the upright part must give the picture of the turned part.

    turn = cv2.getRotationMatrix2D((159.5, 119.5), math.degrees(0.5), 1.0)
    expected = cv2.warpAffine(upright, turn, (320, 240))
    inner = np.hypot(*np.meshgrid(np.arange(320) - 159.5, np.arange(240) - 119.5)) < 55
    correlation = np.corrcoef(expected[inner].ravel(), shoot(camera, turned)[inner].ravel())[0, 1]
    assert correlation > 0.97


def test_the_belt_moves_with_its_travel(camera):
    light = camera.plan.light
    flat = dataclasses.replace(light, gradient=(0.0, 0.0))
    shift_px = 40
    before, after = (camera.render([], flat, camera.belt_phase(travel_m))[100, :, 1]
                     for travel_m in (0.2, 0.2 + shift_px * camera.mm_per_px / 1000.0))
    moved, still = (np.corrcoef(row, after[shift_px:])[0, 1]
                    for row in (before[:-shift_px], before[shift_px:]))
    assert moved > 0.9
    assert still < 0.6


def test_light_scales_the_whole_frame(camera):
    brighter = dataclasses.replace(camera.plan.light, gain=camera.plan.light.gain * 1.1)
    frame = camera.render([(camera.plan, pose())], brighter, 0.3)
    np.testing.assert_allclose(frame, shoot(camera, pose()) * 1.1, rtol=1e-4, atol=1e-3)


def test_a_part_out_of_view_leaves_the_belt_alone(camera):
    assert np.array_equal(shoot(camera, pose(x_m=0.3)), shoot(camera))


def test_a_part_at_the_edge_is_cut_off(camera):
    mask = part_mask(camera, pose(x_m=0.05))
    assert 0 < np.count_nonzero(mask) < np.count_nonzero(part_mask(camera, pose()))
    assert mask[:, -1].any()


def test_noise_has_the_stated_strength():
    image = add_noise(np.full((200, 200, 3), 120.0, np.float32), 4.0, np.random.default_rng(1))
    assert image.dtype == np.uint8
    assert image.mean() == pytest.approx(120.0, abs=0.1)
    assert image.std() == pytest.approx(4.0, rel=0.02)


def test_pixels_are_rounded_and_clipped():
    assert to_pixels(np.array([-5.0, 0.4, 0.6, 254.6, 300.0])).tolist() == [0, 0, 1, 255, 255]

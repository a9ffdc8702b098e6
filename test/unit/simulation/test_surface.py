# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.simulation.surface import add_smudges
from ant_ros.simulation.surface import disc
from ant_ros.simulation.surface import grain
from ant_ros.simulation.surface import grid_mm
from ant_ros.simulation.surface import lettering
from ant_ros.simulation.surface import Look
from ant_ros.simulation.surface import moved
from ant_ros.simulation.surface import PX_PER_MM
from ant_ros.simulation.surface import rings
from ant_ros.simulation.surface import Smudge


def look(offset=(0, 0), grain_rad=0.0, variation=1.0) -> Look:
    return Look(offset, grain_rad, 0.0, (0.0, 0.0), (), variation)


def middle_mm(mask) -> tuple[float, float]:
    x, y = grid_mm()
    return float((x * mask).sum() / mask.sum()), float((y * mask).sum() / mask.sum())


def test_the_first_row_of_a_texture_is_the_far_side():
    x, y = grid_mm()
    assert x[0, 0] < 0 < y[0, 0]


def test_a_disc_has_its_area_and_place():
    mask = disc(5.0, -8.0, 4.0)
    assert mask.sum() / PX_PER_MM**2 == pytest.approx(np.pi * 16.0, rel=0.01)
    assert middle_mm(mask) == pytest.approx((5.0, -8.0), abs=0.02)


def test_a_moved_mask_lies_where_it_was_moved():
    assert middle_mm(moved(disc(0.0, 0.0, 4.0), (1.5, 2.5))) == pytest.approx((1.5, 2.5), abs=0.05)


def test_lettering_lies_where_it_should():
    mask = lettering((('HHHH', 3.0, 7.0, 5.0),), thickness_mm=0.8)
    assert middle_mm(mask) == pytest.approx((3.0, 7.0), abs=1.0)


def test_grain_is_as_strong_as_its_variation_and_runs_along_x():
    field = grain(look(variation=2.0), along_mm=4.0, across_mm=0.2)
    assert field.std() == pytest.approx(2.0, rel=0.15)
    assert np.abs(np.diff(field, axis=0)).mean() > 3 * np.abs(np.diff(field, axis=1)).mean()


def test_grain_turns_with_its_angle():
    field = grain(look(grain_rad=np.pi / 2), along_mm=4.0, across_mm=0.2)
    assert np.abs(np.diff(field, axis=1)).mean() > 3 * np.abs(np.diff(field, axis=0)).mean()


def test_every_part_has_its_own_grain_and_rings():
    for paint in (lambda part: grain(part, along_mm=1.0, across_mm=1.0),
                  lambda part: rings(part, across_mm=0.2)):
        assert np.abs(paint(look((0, 0))) - paint(look((500, 300)))).mean() > 0.5


def test_a_smudge_is_softest_at_its_edge_and_stays_in_its_place():
    planes = np.zeros((3, 384, 384), np.float32)
    add_smudges(planes, (Smudge(10.0, 5.0, 4.0, 6.0),))
    assert planes.max() == pytest.approx(6.0, rel=0.01)
    assert middle_mm(planes[0]) == pytest.approx((10.0, 5.0), abs=0.1)


def test_a_smudge_beside_the_texture_changes_nothing():
    planes = np.zeros((3, 384, 384), np.float32)
    add_smudges(planes, (Smudge(100.0, 0.0, 4.0, 6.0),))
    assert not planes.any()

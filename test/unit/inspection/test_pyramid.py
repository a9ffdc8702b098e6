# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures are halved to the mean of four pixels, and sampled where a map says."""

import numpy as np
import pytest

from ant_ros.inspection.pyramid import halved
from ant_ros.inspection.pyramid import halvings_for
from ant_ros.inspection.pyramid import make_pyramid
from ant_ros.inspection.pyramid import sample
from ant_ros.inspection.pyramid import scaling
from ant_ros.inspection.pyramid import shrunk


def _frame(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


@pytest.mark.parametrize(('scale', 'halvings'), [
    (1.0, 0), (0.8, 0), (0.6, 1), (0.5, 1), (0.4, 1), (0.3, 2), (0.25, 2)])
def test_halvings_come_close_to_the_scale(scale, halvings):
    assert halvings_for(scale) == halvings


@pytest.mark.parametrize('size', [(48, 64), (49, 65)])
def test_half_is_the_mean_of_four(size):
    frame = _frame(*size)
    four = frame[:48, :64].reshape(24, 2, 32, 2, 3).astype(float).mean(axis=(1, 3))

    assert np.abs(halved(frame) - four).max() <= 0.5
    assert np.array_equal(shrunk(frame, 1)[..., :3], halved(frame))


def test_levels_halve():
    assert [level.shape for level in make_pyramid(shrunk(_frame(48, 64), 0))] == [
        (48, 64, 4), (24, 32, 4), (12, 16, 4)]


def test_scaling_leads_to_the_same_place_in_a_larger_picture():
    ramp = np.add.outer(np.arange(40), np.arange(40)).astype(np.uint8)
    large = np.dstack([2 * ramp] * 4)
    small = halved(large)

    seen = sample(large, scaling(2.0), (20, 20))

    assert np.abs(seen.astype(int) - small).max() <= 1

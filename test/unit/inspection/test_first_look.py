# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A part less what is expected, at the size at which that was learned."""

import numpy as np
import pytest

from ant_ros.inspection.first_look import FirstLook
from ant_ros.inspection.first_look import halves
from ant_ros.inspection.lighting import Lighting
from ant_ros.inspection.pyramid import halved_planes
from ant_ros.inspection.sampled_teaching import learn_first_look
from ant_ros.inspection.viewing import View

MASK = np.zeros((64, 96), bool)
MASK[8:56, 8:88] = True
LIGHT = Lighting(np.ones(3, np.float32), np.zeros(2, np.float32), 0.0, np.zeros(3))


@pytest.fixture(scope='module')
def parts() -> np.ndarray:
    """Return eight good parts [8, 3, 64, 96]: a step of brightness and noise."""
    rng = np.random.default_rng(5)
    expected = np.zeros((3, 64, 96), np.float32)
    expected[0] = 150
    expected[0, :, 48:] = 90
    return (expected + rng.normal(0, 2, (8, 3, 64, 96))).astype(np.float32)


@pytest.fixture(scope='module', params=[False, True], ids=['whole', 'half'])
def first(request: pytest.FixtureRequest, parts: np.ndarray) -> FirstLook:
    """Return a first look at the whole size, or at half of it."""
    mean, moving = parts.mean(axis=0), np.zeros(MASK.shape, bool)
    if not request.param:
        return FirstLook(mean, 0.5, learn_first_look(parts, mean, MASK, moving, 0.5).surprise)
    small, reach_px = halves(mean, 0.5)
    taught = learn_first_look(
        np.stack([halved_planes(part) for part in parts]), small, MASK[::2, ::2],
        moving[::2, ::2], reach_px)
    return FirstLook(mean, 0.5, taught.surprise)


def _view(part: np.ndarray) -> View:
    return View(list(part), np.eye(2, 3), 1.0, LIGHT)


def test_a_spot_surprises_where_it_is(first, parts):
    spoilt = parts[0].copy()
    spoilt[0, 30:36, 20:26] -= 30
    calm, seen = first.look(_view(parts[0])), first.look(_view(spoilt))
    grow = MASK.shape[0] // seen.surprise.shape[0]
    row, column = np.unravel_index(seen.surprise.argmax(), seen.surprise.shape)

    assert 28 <= grow * row <= 37 and 18 <= grow * column <= 27
    assert seen.surprise.max() > 2 * calm.surprise.max()
    assert np.stack(seen.difference).shape == (3, *seen.surprise.shape)
    assert seen.difference[0].min() == pytest.approx(-30, abs=6)


def test_what_lies_outside_of_the_part_does_not_count(first, parts):
    spoilt = parts[0].copy()
    spoilt[0, 60:] += 200

    assert first.look(_view(spoilt)).surprise[-2:].max() == 0


def test_half_of_everything_is_expected():
    mean = np.arange(3 * 4 * 4, dtype=np.float32).reshape(3, 4, 4)
    small, reach_px = halves(mean, 1.0)

    assert reach_px == 0.5
    np.testing.assert_allclose(small, mean.reshape(3, 2, 2, 2, 2).mean(axis=(2, 4)))

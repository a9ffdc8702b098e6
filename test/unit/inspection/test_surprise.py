# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The first look is in units of the learned spread."""

import numpy as np
import pytest

from ant_ros.inspection.surprise import glance
from ant_ros.inspection.surprise import learn_surprise
from ant_ros.inspection.surprise import tile_peaks


@pytest.fixture(scope='module')
def surprise():
    rng = np.random.default_rng(0)
    residuals = rng.normal(0, 2.5, (10, 3, 96, 128)).astype(np.float32)
    mean = np.full((3, 96, 128), 120, np.float32)
    return learn_surprise([glance(one) for one in residuals], mean, np.ones((96, 128), bool))


def _noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2.5, (3, 96, 128)).astype(np.float32)


def test_noise_like_the_good_parts_does_not_surprise(surprise):
    assert max(surprise.look(list(_noise(seed))).max() for seed in range(1, 6)) < 6.5


def test_a_small_spot_surprises_where_it_is(surprise):
    seen = _noise(7)
    seen[0, 40:44, 60:64] += 12.5
    evidence = surprise.look(list(seen))

    assert evidence[38:46, 58:66].max() > 8
    assert evidence[:, :40].max() < 6.5


def test_a_faint_line_surprises(surprise):
    seen = _noise(8)
    seen[0, 50, 30:70] += 10

    assert surprise.look(list(seen))[48:53, 30:70].max() > 6.5


def test_tile_peaks():
    evidence = np.zeros((32, 48), np.float32)
    evidence[17, 40] = 3

    assert tile_peaks(evidence, 16).tolist() == [[0, 0, 0], [0, 0, 3]]

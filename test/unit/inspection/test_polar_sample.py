# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The surroundings of a place in polar coordinates."""

import numpy as np
import pytest

from ant_ros.inspection.polar_sample import polar_sample

_TURNS = 2 * np.pi * np.arange(64) / 64
_DIRECTIONS = np.stack([np.cos(_TURNS), np.sin(_TURNS)]).astype(np.float32)
_WEIGHTS = np.linspace(0.5, 1, 8, dtype=np.float32)


def test_a_slope_becomes_a_wave():
    grey = np.tile(np.arange(80, dtype=np.float32), (60, 1))
    view = polar_sample(grey, 40.0, 30.0, 16.0, _DIRECTIONS, _WEIGHTS, 1e-6)

    for row, weight in zip(view[1:], _WEIGHTS[1:]):
        assert row == pytest.approx(weight * np.sqrt(2) * np.cos(_TURNS), abs=1e-3)


def test_a_spread_below_the_floor_stays_small():
    grey = np.full((60, 80), 100, np.float32)
    grey[:, 40:] += 1
    view = polar_sample(grey, 39.5, 30.0, 16.0, _DIRECTIONS, _WEIGHTS, 8.0)

    assert np.abs(view).max() < 0.1


def test_beyond_the_border_lies_the_borders():
    grey = np.zeros((20, 20), np.float32)
    grey[:, -1] = 50
    view = polar_sample(grey, 10.0, 10.0, 40.0, _DIRECTIONS, _WEIGHTS, 1.0)

    assert np.isfinite(view).all()
    assert view[-1, 0] > 0 > view[-1, 32]

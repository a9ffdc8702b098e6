# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The light is found although some samples show a defect."""

import numpy as np
import pytest

from ant_ros.inspection.light_fit import fit_light
from ant_ros.inspection.light_fit import fit_plane
from ant_ros.inspection.light_fit import match_colours

_RNG = np.random.default_rng(7)
_EXPECTED = _RNG.uniform(40, 220, (1200, 3)).astype(np.float32)
_PLACES = _RNG.uniform(-1, 1, (1200, 2)).astype(np.float32)


def _seen(level: float, across: float = 0.0, down: float = 0.0) -> np.ndarray:
    """Return samples whose light has to be brought to the expected by such factors."""
    return (_EXPECTED / (level * (1 + _PLACES @ (across, down)))[:, None]).astype(np.float32)


def _with_defect(samples: np.ndarray) -> np.ndarray:
    damaged = samples.copy()
    damaged[:120] = 10
    return damaged


@pytest.mark.parametrize('level', [0.7, 1.0, 1.4])
def test_level_and_slope(level):
    found = fit_plane(_seen(level, 0.05, -0.08), _EXPECTED, _PLACES)

    assert found[0] == pytest.approx(level, rel=0.02)
    assert found[1:3] / found[0] == pytest.approx([0.05, -0.08], abs=0.02)


def test_a_tenth_of_damaged_samples_hardly_moves_it():
    clean = fit_plane(_seen(1.2), _EXPECTED, _PLACES)
    damaged = fit_plane(_with_defect(_seen(1.2)), _EXPECTED, _PLACES)

    assert damaged == pytest.approx(clean, rel=0.02, abs=1.0)


def test_a_part_of_one_grey_has_a_level_and_no_offset():
    grey = np.full((1200, 3), 100, np.float32)
    level, across, down, offset = fit_plane(grey * np.float32(0.8), grey, _PLACES)

    assert level == pytest.approx(1.25, rel=0.02)
    assert abs(offset) < 1.0
    assert max(abs(across), abs(down)) < 0.01


def test_a_black_part_stays_finite():
    black = np.zeros((1200, 3), np.float32)

    assert np.isfinite(fit_plane(black, black, _PLACES)).all()
    assert np.isfinite(match_colours(black, black)).all()


def test_colours_are_matched_by_what_is_not_damaged():
    factors = np.array([1.05, 1.0, 0.96], np.float32)
    lit = _with_defect(_EXPECTED / factors)

    assert match_colours(lit, _EXPECTED) == pytest.approx(factors, rel=0.01)


def test_level_slope_and_colours_together():
    factors = np.array([1.1, 1.0, 0.9])
    seen = (_seen(1.2, 0.05, -0.08) / factors).astype(np.float32)
    slope, offset, factor = fit_light(_with_defect(seen), _EXPECTED, _PLACES)

    assert slope == pytest.approx([0.05, -0.08], abs=0.02)
    assert abs(offset) < 3
    assert factor == pytest.approx(1.2 * factors, rel=0.03)


def test_what_no_lamp_does_is_bounded():
    slope, offset, _ = fit_light(_seen(40, 0.9, 0), _EXPECTED, _PLACES)

    assert np.abs(slope).max() <= 0.2 + 1e-6
    assert abs(offset) <= 10

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of ant_ros.inspection.shown_map."""

from __future__ import annotations

import numpy as np
import pytest

from ant_ros.inspection.shown_map import agreed_map
from ant_ros.inspection.shown_map import to_score

SIZE = (80, 40)
LIMIT = 1.3


def sights(fine_peak: float, coarse_peak: float) -> list[np.ndarray]:
    """Return what two sights find: both something on the left, one alone on the right."""
    fine, coarse = np.full((10, 20), 0.7), np.full((5, 10), 0.8)
    fine[2:8, 2:8] = fine_peak
    coarse[1:4, 1:4] = coarse_peak
    fine[2:8, 14:18] = 3.0
    return [fine, coarse]


@pytest.mark.parametrize('score', [0.0, 0.4, 0.99, 1.0, 1.6])
@pytest.mark.parametrize('peaks', [(0.75, 0.85), (1.2, 1.1), (2.5, 1.8)])
def test_the_peak_is_the_score(score: float, peaks: tuple[float, float]) -> None:
    """The decision is taken on the peak of the map."""
    shown = agreed_map(sights(*peaks), score, LIMIT, SIZE)
    assert shown.shape == SIZE[::-1]
    assert shown.dtype == np.float32
    assert shown.max() == pytest.approx(score, abs=1e-6)
    assert shown.min() >= 0


def test_a_place_is_as_unusual_as_all_say() -> None:
    """What one sight alone finds unusual does not stand out."""
    shown = agreed_map(sights(2.0, 1.7), 1.4, LIMIT, SIZE)
    assert shown[:, :40].max() == pytest.approx(1.4, rel=1e-5)
    assert shown[:, 52:].max() < 0.15


def test_the_usual_looks_the_same_in_all_parts() -> None:
    """Below the limit the map does not hang on how bad the part is elsewhere."""
    mild, bad = (agreed_map(sights(peak, peak), score, LIMIT, SIZE)[:, 44:]
                 for peak, score in ((1.35, 1.1), (2.4, 1.4)))
    assert mild.min() > 0.05
    np.testing.assert_allclose(bad, mild, rtol=0.03)


def test_more_unusual_is_never_shown_as_less() -> None:
    """Order is kept, also where the peak is far from the score."""
    ramp = np.linspace(0, 6, 60)[None].repeat(3, axis=0)
    for score in (0.3, 0.9, 1.0, 1.4, 9.0):
        for limit in (0.8, 1.0, 1.3, 2.0):
            shown = agreed_map([ramp, ramp], score, limit, (60, 3))
            assert (np.diff(shown, axis=1) >= -1e-6).all()


def test_one_alone_is_scaled_to_its_score() -> None:
    """Nothing else has to agree."""
    alone = np.random.default_rng(0).random((6, 8))
    np.testing.assert_array_equal(
        agreed_map([alone], 0.7, LIMIT, SIZE), to_score(alone, 0.7, SIZE))
    assert to_score(alone, 0.7, SIZE).max() == pytest.approx(0.7)


def test_nothing_unusual_is_shown_as_nothing() -> None:
    """No division by a peak of zero."""
    nothing = [np.zeros((10, 20)), np.zeros((5, 10))]
    assert not agreed_map(nothing, 0.0, LIMIT, SIZE).any()

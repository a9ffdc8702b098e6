# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The first look is in units of the learned spread."""

import numpy as np
import pytest

from ant_ros.inspection.surprise import glance
from ant_ros.inspection.surprise import learn_slopes
from ant_ros.inspection.surprise import learn_surprise
from ant_ros.inspection.surprise import tile_peaks
from ant_ros.inspection.whitening import learn_whitening


def _mean() -> np.ndarray:
    """Return a bright square on dark ground [3, 96, 128]."""
    mean = np.zeros((3, 96, 128), np.float32)
    mean[0] = 60
    mean[0, 20:76, 20:108] = 180
    return mean


def _noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2.5, (3, 96, 128)).astype(np.float32)


@pytest.fixture(scope='module')
def surprise():
    residuals = np.stack([_noise(100 + seed) for seed in range(10)])
    mask = np.ones((96, 128), bool)
    weights = np.full((3, 96, 128), 1 / 2.5, np.float32)
    whitening = learn_whitening(residuals, weights)
    slopes = learn_slopes(_mean(), weights)
    glances = [glance(whitening.apply(list(one), one[0]), slopes) for one in residuals]
    return learn_surprise(whitening, glances, slopes, _mean(), mask)


def _white(surprise, seen: np.ndarray):
    return surprise.whitening.apply(list(seen), seen[0])


def _look(surprise, seen: np.ndarray) -> np.ndarray:
    return surprise.look(_white(surprise, seen))


def test_noise_like_the_good_parts_does_not_surprise(surprise):
    assert max(_look(surprise, _noise(seed)).max() for seed in range(1, 6)) < 7


def test_a_small_spot_surprises_where_it_is(surprise):
    seen = _noise(7)
    seen[0, 40:44, 60:64] += 12.5
    evidence = _look(surprise, seen)

    assert evidence[38:46, 58:66].max() > 8
    assert evidence[:, :40].max() < 7


def test_a_faint_line_surprises(surprise):
    seen = _noise(8)
    seen[0, 50, 30:70] += 10

    assert _look(surprise, seen)[48:53, 30:70].max() > 8


def test_a_faint_colour_over_a_wide_place_surprises(surprise):
    seen = _noise(9)
    seen[1, 24:64, 30:80] += 1.2
    evidence = _look(surprise, seen)

    assert evidence[32:56, 40:72].max() > 8
    assert surprise.peaks(_white(surprise, seen))[0] < 7   # no pixel tells


def test_an_edge_that_moved_by_a_part_of_a_pixel_surprises(surprise):
    seen = _noise(10)
    seen[0, 19:21, 30:100] += 6
    kinds = surprise.peaks(_white(surprise, seen))

    assert kinds[5] > 7   # shifts
    assert kinds[0] < 7


def test_a_shift_that_was_explained_away_surprises_all_the_same(surprise):
    settled, unsettled = _noise(12), _noise(12)[0]
    unsettled[19:21, 30:100] += 6
    white = surprise.whitening.apply(list(settled), unsettled)

    assert surprise.look(white)[14:26, 30:100].max() > 7
    assert _look(surprise, settled).max() < 7


def test_levels_scale_each_kind_alone(surprise):
    white = _white(surprise, _noise(11))
    levels = np.array([1, 2, 3, 4, 5, 6, 7], float)

    assert np.allclose(surprise.levelled(levels).peaks(white),
                       levels * surprise.peaks(white), rtol=0.05)


def test_what_is_eased_tells_less_but_along_lines(surprise):
    ease = np.zeros((96, 128), np.float32)
    ease[:, 64:] = 1
    eased = surprise.eased(ease)
    spot, line = np.zeros((2, 3, 96, 128), np.float32)
    spot[0, 46:49, 100:103] = 12
    line[0, 70, 80:120] = 10
    plain = surprise.peaks(_white(surprise, spot))

    assert eased.peaks(_white(eased, spot))[:2] == pytest.approx(
        [peak / 2 for peak in plain[:2]], rel=0.05)
    assert eased.peaks(_white(eased, line))[2] == pytest.approx(
        surprise.peaks(_white(surprise, line))[2], rel=0.05)


def test_tile_peaks():
    evidence = np.zeros((32, 48), np.float32)
    evidence[17, 40] = 3

    assert tile_peaks(evidence, 16).tolist() == [[0, 0, 0], [0, 0, 3]]

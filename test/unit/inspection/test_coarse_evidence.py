# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence at parts of the size is what NumPy and OpenCV make of it."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.coarse_evidence import halved_sums
from ant_ros.inspection.coarse_evidence import joined
from ant_ros.inspection.coarse_evidence import pooled
from ant_ros.inspection.coarse_evidence import strongest_squares
from ant_ros.inspection.coarse_evidence import weighed_shifts

_RNG = np.random.default_rng(6)


def _normal(*shape: int) -> np.ndarray:
    return _RNG.normal(size=shape).astype(np.float32)


def _over_four(planes: np.ndarray) -> np.ndarray:
    count, height, width = planes.shape
    return planes.reshape(count, height // 2, 2, width // 2, 2).sum(axis=(2, 4))


def test_means_and_sums_over_four():
    planes, unsettled, slopes = _normal(3, 16, 24), _normal(16, 24), _normal(2, 16, 24)
    means, sums = halved_sums(tuple(planes), unsettled, slopes)

    assert means == pytest.approx(_over_four(planes) / 4, abs=1e-5)
    assert sums == pytest.approx(_over_four(unsettled * slopes), abs=1e-5)


def test_means_over_squares():
    planes = _normal(3, 8, 12)

    expected = planes.reshape(3, 2, 4, 3, 4).mean(axis=(2, 4))
    assert pooled(planes, 4) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize('shape', [(16, 24), (2, 2), (3, 5)])
def test_the_strongest_of_squares(shape):
    planes, weights = _normal(3, *shape), np.abs(_normal(3, *shape))
    squares = np.stack([cv2.boxFilter(one, -1, (3, 3), normalize=False) for one in planes])

    expected = np.abs(squares * weights).max(axis=0)
    assert strongest_squares(planes, weights) == pytest.approx(expected, abs=1e-5)


def test_shifts_are_weighed():
    right, down, weights = _normal(6, 8), _normal(6, 8), np.abs(_normal(2, 6, 8))
    larger, power = weighed_shifts(right, down, weights)
    both = np.abs([right * weights[0], down * weights[1]])

    assert larger == pytest.approx(both.max(axis=0), abs=1e-6)
    assert power == pytest.approx((both**2).sum(axis=0), abs=1e-5)


def _join(evidence: float, half: float, *coarse: float) -> np.ndarray:
    inside = np.ones((16, 16), np.float32)
    inside[:, 12:] = 0
    maps = [np.zeros((16 // by, 16 // by), np.float32) for by in (1, 2, 2, 8)]
    for one, value in zip(maps, (evidence, half, *coarse)):
        one[0, 0] = value
    return joined(maps[0], maps[1], (maps[2], maps[3]), inside)


def test_half_the_size_counts_everywhere():
    found = _join(5, 3, 0, 0)

    assert found[0, 0] == 5
    assert found[1, 1] == 3
    assert found[2:].max() == found[:, 2:].max() == 0


@pytest.mark.parametrize(('value', 'shown'), [(4, 0), (6, 6)])
def test_what_is_seen_from_afar_counts_where_it_is_the_most(value, shown):
    assert _join(5, 0, 0, value)[7, 7] == shown


def test_nothing_counts_outside_of_the_part():
    inside = np.zeros((16, 16), np.float32)
    large = np.full((8, 8), 9, np.float32)

    assert not joined(np.ones((16, 16), np.float32), large, (large, large), inside).any()

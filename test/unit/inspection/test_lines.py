# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence adds up along lines."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.lines import strongest_along_lines
from ant_ros.inspection.lines import sums_along_lines


@pytest.mark.parametrize('angle_deg', range(0, 180, 15))
def test_a_line_in_any_direction_adds_up(angle_deg):
    turn = np.deg2rad(angle_deg)
    reach = 14 * np.array([np.cos(turn), np.sin(turn)])
    fine = np.zeros((64 * 8, 64 * 8), np.float32)
    ends = [tuple(int(v) for v in (32 + sign * reach) * 8) for sign in (-1, 1)]
    cv2.line(fine, ends[0], ends[1], 1.0, 8)
    plane = cv2.resize(fine, (64, 64), interpolation=cv2.INTER_AREA)
    largest = max(float(one.max()) for one in sums_along_lines(plane))

    assert largest > 4.5   # of nine positions, where the line covers them in part


def test_nothing_is_added_from_beyond_the_borders():
    sums = list(sums_along_lines(np.ones((32, 48), np.float32)))

    assert all(one.shape == (32, 48) for one in sums)
    assert max(float(one.max()) for one in sums) == pytest.approx(9, rel=1e-5)
    assert min(float(one[0, 0]) for one in sums) < 5


def test_the_strongest_line_at_each_position():
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(32, 48)).astype(np.float32)
    weights = rng.uniform(size=(12, 32, 48)).astype(np.float32)

    spans = np.array([(row % 5, 48 - row) if row % 7 else (0, 0) for row in range(32)])

    expected = np.abs(sums_along_lines(plane) * weights).max(axis=0)
    for row, (first, behind) in enumerate(spans):
        expected[row, :first] = expected[row, behind:] = 0
    known = rng.uniform(0, 2, size=(32, 48)).astype(np.float32)
    found = strongest_along_lines(plane, weights, spans, known.copy())
    assert found == pytest.approx(np.maximum(expected, known), rel=1e-5)

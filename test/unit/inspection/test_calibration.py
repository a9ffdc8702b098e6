# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Limits from few good parts."""

import numpy as np
import pytest

from ant_ros.inspection.calibration import limit_from_peaks
from ant_ros.inspection.calibration import wake_limit


def test_limit_lies_above_what_good_parts_reach():
    rng = np.random.default_rng(0)
    escaped = 0
    for _ in range(200):
        peaks = np.exp(rng.normal(1.6, 0.12, 1010))
        escaped += (peaks[10:] > limit_from_peaks(peaks[:10])).sum()

    assert escaped / 200_000 < 0.005


def test_limit_is_not_far_above():
    assert limit_from_peaks([5.0, 5.2, 4.9, 5.5, 5.1, 4.8, 5.3, 5.0, 5.2, 5.4]) < 1.8 * 5.1


def test_one_extreme_part_of_ten_does_not_lift_the_limit_to_itself():
    usual = [5.0, 5.2, 4.9, 5.5, 5.1, 4.8, 5.3, 5.0, 5.2]

    assert limit_from_peaks([*usual, 5.4]) < limit_from_peaks([*usual, 15.0]) < 12.0


@pytest.mark.parametrize(('level', 'limit'), [(0.1, 3.5), (100.0, 5.5)])
def test_wake_limit_is_bounded(level, limit):
    assert wake_limit(np.full(100, level)) == limit

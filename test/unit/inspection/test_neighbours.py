# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours against a plain search."""

import numpy as np
import pytest

from ant_ros.inspection.neighbours import nearest_near


def _nearest_by_hand(feature, memory, row, column, reach, skip):
    height, width, parts, _ = memory.shape
    return min(
        np.linalg.norm(feature - memory[y, x, part])
        for y in range(height) for x in range(width) for part in range(parts)
        if abs(y - row) <= reach and abs(x - column) <= reach and part != skip)


@pytest.mark.parametrize(('reach', 'skip'), [(0, -1), (1, -1), (1, 2), (2, 0)])
def test_nearest_in_the_neighbourhood(reach, skip):
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (5, 7, 8)).astype(np.float32)
    memory = rng.normal(0, 1, (5, 7, 3, 8)).astype(np.float32)

    distances = nearest_near(features, memory, np.ones((5, 7), bool), reach,
                             np.arange(3), skip)

    for row in range(5):
        for column in range(7):
            assert distances[row, column] == pytest.approx(_nearest_by_hand(
                features[row, column], memory, row, column, reach, skip), rel=1e-5)


def test_what_is_not_chosen_is_not_looked_at():
    chosen = np.zeros((4, 4), bool)
    chosen[1, 2] = True

    distances = nearest_near(np.ones((4, 4, 4), np.float32), np.zeros((4, 4, 2, 4), np.float32),
                             chosen, 1)

    assert distances[1, 2] == pytest.approx(2)
    assert distances.sum() == pytest.approx(2)

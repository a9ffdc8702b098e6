# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pixels and squares of nine, each in its own spread."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.near_sums import strongest_near


@pytest.mark.parametrize('shape', [(32, 48), (2, 2), (5, 3)])
def test_it_is_the_largest_of_pixels_and_squares(shape):
    rng = np.random.default_rng(0)
    planes = tuple(rng.normal(size=(3, *shape)).astype(np.float32))
    weights = rng.uniform(size=(18, *shape)).astype(np.float32)
    squares = [cv2.boxFilter(plane, -1, (3, 3), normalize=False) for plane in planes]

    spans = np.array([(row % 2, shape[1] - row % 3) for row in range(shape[0])])

    expected = np.abs(np.stack([*planes, *squares]) * weights[:6]).max(axis=0)
    for row, (first, behind) in enumerate(spans):
        expected[row, :first] = expected[row, behind:] = 0
    assert strongest_near(planes, weights, spans) == pytest.approx(expected, abs=1e-5)

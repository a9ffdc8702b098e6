# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Features of a few positions are those that joining all of them gives."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.chosen_features import features_at
from ant_ros.inspection.chosen_features import positions_near
from ant_ros.inspection.feature_maps import join_maps

_RNG = np.random.default_rng(8)


@pytest.mark.parametrize('coarse', [(6, 10), (3, 5), (5, 7), (1, 1)])
def test_features_are_as_joined(coarse):
    maps = [_RNG.normal(size=(1, count, *size)).astype(np.float32)
            for count, size in ((4, (6, 10)), (7, coarse))]
    chosen = _RNG.uniform(size=(6, 10)) < 0.4

    joined, counts = join_maps(maps)
    found = features_at(maps, chosen)
    assert found.shape == (6, 10, sum(counts))
    assert found[chosen] == pytest.approx(joined[chosen], abs=1e-5)


@pytest.mark.parametrize('shape', [(6, 8), (5, 7), (1, 1), (48, 64)])
def test_positions_that_see_a_pixel_and_those_beside_them(shape):
    close = np.where(_RNG.uniform(size=(48, 64)) < 0.005, 0.5, 0).astype(np.float32)
    seen = cv2.resize(close, shape[::-1], interpolation=cv2.INTER_AREA) > 0

    expected = cv2.dilate(seen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    np.testing.assert_array_equal(positions_near(close, *shape), expected)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Maps joined and made short."""

import numpy as np
import pytest

from ant_ros.inspection.backbone import BackboneError
from ant_ros.inspection.feature_maps import DEPTH
from ant_ros.inspection.feature_maps import join_maps
from ant_ros.inspection.feature_maps import learn_projection


def test_maps_are_joined_at_the_size_of_the_first():
    fine = np.arange(2 * 4 * 6, dtype=np.float32).reshape(1, 2, 4, 6)
    coarse = np.full((1, 3, 2, 3), 7, np.float32)

    joined, counts = join_maps([fine, coarse])

    assert joined.shape == (4, 6, 5)
    assert counts == (2, 3)
    assert np.array_equal(joined[..., :2], fine[0].transpose(1, 2, 0))
    assert (joined[..., 2:] == 7).all()


def test_more_planes_than_opencv_resizes_together():
    many = np.arange(600, dtype=np.float32)[None, :, None, None] * np.ones((2, 2), np.float32)

    joined, _ = join_maps([np.zeros((1, 1, 4, 4), np.float32), many])

    assert np.array_equal(joined[1, 2, 1:], np.arange(600))


def test_each_map_counts_the_same():
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (2000, 20)) * np.r_[np.full(4, 100.0), np.full(16, 0.01)]

    projection = learn_projection(features.astype(np.float32), (4, 16))
    few, many = np.zeros((2, 2, 20), np.float32)
    few[1, :4], many[1, 4:] = 100, 0.01

    lengths = [np.linalg.norm(np.diff(projection(two), axis=0)) for two in (few, many)]
    assert lengths[0] == pytest.approx(1, rel=0.05)
    assert lengths[1] == pytest.approx(1, rel=0.05)


def test_what_varies_most_is_kept():
    rng = np.random.default_rng(1)
    hidden = rng.normal(0, 1, (3000, 10))
    features = (hidden @ rng.normal(0, 1, (10, 200))).astype(np.float32)

    projection = learn_projection(features, (200,))
    short = projection(features)

    assert short.shape == (3000, DEPTH)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0) / np.sqrt(200)
    assert np.linalg.norm(short) == pytest.approx(np.linalg.norm(scaled), rel=1e-3)


def test_what_is_no_map_is_refused():
    with pytest.raises(BackboneError, match=r'gives \[1, 1000\]'):
        join_maps([np.zeros((1, 1000), np.float32)])

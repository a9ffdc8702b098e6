# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Patch features: exact on tiles, counted."""

import numpy as np

from ant_ros.network import PatchFeatures


def _features() -> PatchFeatures:
    images = np.random.default_rng(0).normal(100, 20, (4, 3, 48, 64)).astype(np.float32)
    return PatchFeatures.sample(images, 12, seed=3)


def test_a_tile_with_its_halo_gives_what_the_whole_picture_gives():
    features = _features()
    halo = features.HALO
    picture = np.random.default_rng(1).normal(100, 20, (1, 3, 64 + 2 * halo, 64 + 2 * halo))
    picture = picture.astype(np.float32)
    tile = np.ascontiguousarray(picture[:, :, 16:32 + 2 * halo, 32:48 + 2 * halo])

    whole = features.compute(picture)
    assert whole.shape == (1, 12, 16, 16)
    assert np.allclose(features.compute(tile), whole[:, :, 4:8, 8:12], atol=1e-5)


def test_features_use_their_range():
    features = _features()
    picture = np.random.default_rng(1).normal(100, 20, (8, 3, 24, 24)).astype(np.float32)

    assert features.compute(picture).std() > 0.02


def test_macs_are_those_of_the_convolution():
    features = _features()

    assert features.macs(2, 16) == 2 * 8 * 8 * 12 * 3 * 9 * 9
    assert features.stride == 4

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nearest good feature, wherever it was, against a plain search."""

import numpy as np
import pytest

from ant_ros.inspection.feature_bank import arrange


def _by_hand(features, bank):
    return np.linalg.norm(features[:, None] - bank, axis=2)


def _clouds(count, seed):
    """Return features that lie in clouds, as those of parts do."""
    rng = np.random.default_rng(seed)
    places = np.random.default_rng(9).normal(0, 3, (40, 8))
    return (places[rng.integers(0, 40, count)] + rng.normal(0, 1, (count, 8))).astype(np.float32)


def test_a_small_bank_is_searched_whole():
    features, good = _clouds(6, 0), _clouds(50, 1)
    bank, order = arrange(good)
    owners = np.arange(50) % 5

    assert bank.nearest(features) == pytest.approx(
        _by_hand(features, good).min(axis=1), rel=1e-4)
    assert bank.nearest(features, owners[order], 3) == pytest.approx(
        _by_hand(features, good[owners != 3]).min(axis=1), rel=1e-4)
    assert bank.nearest(good[:2]) == pytest.approx(0, abs=1e-2)


def test_in_a_large_bank_nearly_every_nearest_is_found():
    features, good = _clouds(300, 2), _clouds(8000, 3)
    bank, order = arrange(good)
    right = _by_hand(features, good).min(axis=1)
    found = bank.nearest(features)

    assert len(bank.centres) > 30
    assert np.array_equal(bank.features, good[order])
    assert (found > right - 1e-3).all()
    assert np.mean(found < right + 1e-3) > 0.9
    assert found.mean() < 1.02 * right.mean()


def test_equal_features_make_groups_that_are_empty():
    bank, _ = arrange(np.ones((800, 4), np.float32))

    assert bank.nearest(np.zeros((3, 4), np.float32)) == pytest.approx(2, rel=1e-5)


def test_the_same_features_are_arranged_the_same():
    one, other = arrange(_clouds(900, 4))[0], arrange(_clouds(900, 4))[0]

    assert np.array_equal(one.features, other.features)
    assert np.array_equal(one.starts, other.starts)

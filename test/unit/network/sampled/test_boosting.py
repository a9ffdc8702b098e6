# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Residual blocks in closed form."""

import numpy as np
import pytest

from ant_ros.network.sampled import LeastSquaresHead
from ant_ros.network.sampled import ResidualBoost
from ant_ros.network.sampled import SampledLayer


def wave(number: int = 2000, seed: int = 0):
    points = np.random.default_rng(seed).uniform(-1, 1, (number, 4))
    return points, np.sin(2 * points[:, 0] * points[:, 1])[:, None] + points[:, 2:3]**2


def error(features: np.ndarray, targets: np.ndarray, fresh: np.ndarray, wanted: np.ndarray):
    return float(np.sqrt(((LeastSquaresHead().fit(features, targets).predict(fresh) - wanted)**2
                          ).mean()))


def test_blocks_reduce_what_one_layer_leaves_over():
    points, targets = wave()
    fresh, wanted = wave(seed=1)
    first = SampledLayer.from_pairs(points, 40, targets, rng=np.random.default_rng(0))
    boost, features = ResidualBoost.fit(points, 40, targets, steps=5,
                                        rng=np.random.default_rng(0))

    alone = error(first(points), targets, first(fresh), wanted)
    assert error(features, targets, boost(fresh), wanted) < 0.7 * alone


def test_features_of_the_fit_are_those_of_the_call():
    points, targets = wave()
    boost, features = ResidualBoost.fit(points, 20, targets, steps=2,
                                        rng=np.random.default_rng(0))

    assert boost(points) == pytest.approx(features, abs=1e-9)
    assert len(boost.blocks) == 2


def test_one_hot_targets_do_not_blow_it_up():
    points, _ = wave()
    labels = np.eye(4)[points.argmax(axis=1)]
    _, features = ResidualBoost.fit(points, 50, labels, steps=6, rng=np.random.default_rng(0))

    right = LeastSquaresHead().fit(features, labels).predict(features).argmax(axis=1)
    assert (right == points.argmax(axis=1)).mean() > 0.9


def test_targets_may_be_a_single_column():
    points, targets = wave()
    one, two = (ResidualBoost.fit(points, 20, given, steps=2, rng=np.random.default_rng(0))[1]
                for given in (targets, targets[:, 0]))

    assert np.array_equal(one, two)


def test_no_steps_are_refused():
    with pytest.raises(ValueError, match='expected at least 1'):
        ResidualBoost.fit(*wave()[:1], 5, wave()[1], steps=0, rng=np.random.default_rng(0))

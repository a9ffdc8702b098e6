# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Layers drawn from pairs of data points."""

import numpy as np
import pytest

from ant_ros.network import sample_tanh_layer


def test_units_answer_half_at_the_points_they_are_drawn_from():
    points = np.array([[0.0, 0.0], [4.0, 2.0]])
    weights, biases = sample_tanh_layer(points, 8, np.random.default_rng(0))

    answers = np.tanh(points @ weights.T + biases)
    assert np.abs(answers) == pytest.approx(np.full((2, 8), 0.5), abs=1e-6)
    assert (answers[0] * answers[1] < 0).all()


def test_the_same_seed_gives_the_same_weights():
    points = np.random.default_rng(1).normal(size=(50, 9))
    first = sample_tanh_layer(points, 16, np.random.default_rng(2))
    second = sample_tanh_layer(points, 16, np.random.default_rng(2))

    assert first[0].shape == (16, 9)
    assert all(np.array_equal(one, other) for one, other in zip(first, second))


def test_equal_points_give_finite_weights():
    weights, biases = sample_tanh_layer(np.ones((5, 3)), 4, np.random.default_rng(0))

    assert np.isfinite(weights).all()
    assert np.isfinite(biases).all()


def test_one_point_is_refused():
    with pytest.raises(ValueError, match='at least 2'):
        sample_tanh_layer(np.ones((1, 3)), 4, np.random.default_rng(0))

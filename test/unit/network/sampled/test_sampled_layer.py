# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Layers drawn from pairs of data points."""

import numpy as np
import pytest

from ant_ros.network.sampled import sample_layers
from ant_ros.network.sampled import SampledLayer


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def cloud(number: int = 60, width: int = 3, seed: int = 1) -> np.ndarray:
    return rng(seed).normal(size=(number, width))


@pytest.mark.parametrize(('activation', 'first', 'second'), [('tanh', -0.5, 0.5), ('relu', 0, 1)])
@pytest.mark.parametrize('density', ['gradient', 'uniform', 'widest'])
def test_units_answer_the_published_values_at_their_pair(activation, first, second, density):
    points = np.array([[0.0, 0.0], [4.0, 2.0]])
    layer = SampledLayer.from_pairs(points, 8, np.array([0.0, 1.0]), density=density,
                                    activation=activation, rng=rng())

    answers = np.sort(layer(points), axis=0)
    assert answers == pytest.approx(np.tile([[first], [second]], 8), abs=1e-12)


def test_scale_makes_units_gentler_around_the_same_middle():
    points = np.array([[0.0, 0.0], [4.0, 2.0]])
    steep = SampledLayer.from_pairs(points, 4, density='uniform', rng=rng())
    gentle = SampledLayer.from_pairs(points, 4, density='uniform', scale=0.5, rng=rng())

    assert gentle(points.mean(axis=0)[None]) == pytest.approx(np.zeros((1, 4)), abs=1e-12)
    assert gentle.weights == pytest.approx(steep.weights / 2)


def test_gradient_density_prefers_steep_places():
    points = np.linspace(-1, 1, 400)[:, None]
    step = (points[:, 0] > 0.5).astype(float)
    layer = SampledLayer.from_pairs(points, 300, step, rng=rng())

    middles = -layer.biases / layer.weights[:, 0]
    uniform = SampledLayer.from_pairs(points, 300, density='uniform', rng=rng())
    others = -uniform.biases / uniform.weights[:, 0]
    assert np.abs(middles - 0.5).mean() < 0.5 * np.abs(others - 0.5).mean()


def test_a_pair_without_a_change_of_target_is_never_drawn():
    points = cloud()
    targets = np.zeros(60)
    targets[7] = 1.0
    layer = SampledLayer.from_pairs(points, 50, targets, rng=rng())

    at_seven = np.abs(layer(points[7:8]))
    assert at_seven == pytest.approx(np.full((1, 50), 0.5), abs=1e-9)


def test_several_targets_count_by_the_largest_change():
    points = cloud()
    steep = rng(3).normal(size=60)
    one = SampledLayer.from_pairs(points, 20, steep, rng=rng())
    two = SampledLayer.from_pairs(points, 20, np.stack([0.1 * steep, steep], axis=1), rng=rng())

    assert np.array_equal(one.weights, two.weights)


def test_deep_layers_take_distances_in_front_of_them_and_targets_at_the_points():
    points = cloud(200)
    targets = np.sin(points[:, 0])
    layers, answers = sample_layers(points, (40, 30), targets, rng=rng(5))

    again = rng(5)
    first = SampledLayer.from_pairs(points, 40, targets, rng=again)
    second = SampledLayer.from_pairs(first(points), 30, targets, rng=again)
    assert [layer.width for layer in layers] == [40, 30]
    assert np.array_equal(layers[1].weights, second.weights)
    assert np.array_equal(answers, second(first(points)))


def test_the_same_seed_gives_the_same_layer_and_another_seed_another():
    points = cloud()
    first, second, third = (
        SampledLayer.from_pairs(points, 16, density='uniform', rng=rng(s)) for s in (2, 2, 3))

    assert np.array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, third.weights)


def test_it_does_not_mind_shifting_turning_and_scaling_the_data():
    points = cloud()
    turn, _ = np.linalg.qr(rng(9).normal(size=(3, 3)))
    moved = 7.0 * points @ turn + 100.0
    targets = points[:, 0]**2

    one = SampledLayer.from_pairs(points, 30, targets, rng=rng())(points)
    other = SampledLayer.from_pairs(moved, 30, targets, rng=rng())(moved)
    assert one == pytest.approx(other, abs=1e-9)


def test_float32_stays_float32():
    layer = SampledLayer.from_pairs(
        cloud().astype(np.float32), 8, density='uniform', rng=rng())
    wide = SampledLayer.from_pairs(
        cloud().astype(np.float32).astype(np.float64), 8, density='uniform', rng=rng())

    assert layer.weights.dtype == layer(cloud()).dtype == np.float32
    assert layer.weights == pytest.approx(wide.weights, rel=1e-6)


@pytest.mark.parametrize('density', ['gradient', 'uniform', 'widest'])
def test_equal_points_give_constant_finite_units(density):
    layer = SampledLayer.from_pairs(
        np.ones((5, 3)), 4, np.arange(5.0), density=density, rng=rng())

    assert (layer.weights == 0).all()
    assert layer(np.ones((1, 3))) == pytest.approx(np.full((1, 4), -0.5))


@pytest.mark.parametrize('density', ['gradient', 'uniform'])
def test_duplicates_are_not_paired_while_others_are_at_hand(density):
    points = np.zeros((50, 2))
    points[0] = 1.0
    layer = SampledLayer.from_pairs(points, 20, points[:, 0], density=density, rng=rng())

    assert (np.abs(layer.weights).sum(axis=1) > 0).all()


def test_near_duplicates_with_unlike_targets_do_not_take_all_units():
    points = np.vstack([cloud(500), cloud(500)[:5] + 1e-9])
    targets = np.concatenate([np.sin(points[:500, 0]), np.full(5, 10.0)])
    layer = SampledLayer.from_pairs(points, 100, targets, rng=rng())

    assert (np.linalg.norm(layer.weights, axis=1) > 1e6).mean() < 0.2


def test_constant_targets_fall_back_to_uniform_pairs():
    layer = SampledLayer.from_pairs(cloud(), 10, np.ones(60), rng=rng())

    assert (np.abs(layer.weights).sum(axis=1) > 0).all()


def test_more_units_than_points_repeat_pairs():
    layer = SampledLayer.from_pairs(cloud(4), 500, density='uniform', rng=rng())

    assert layer.width == 500
    assert len(np.unique(layer.weights, axis=0)) == 12


def test_gaussian_weights_have_the_scale_asked_for():
    layer = SampledLayer.gaussian(50, 400, scale=0.2, rng=rng())

    assert layer.weights.std() == pytest.approx(0.2, rel=0.02)
    assert np.abs(layer.biases).max() < np.pi


def with_nan(points: np.ndarray) -> np.ndarray:
    points[3, 1] = np.nan
    return points


@pytest.mark.parametrize(('arguments', 'message'), [
    ({'points': np.ones((1, 3))}, 'at least 2'),
    ({'points': np.ones(3)}, r'expected \[N, D\]'),
    ({'points': with_nan(cloud())}, 'points hold 1 values that are NaN'),
    ({'points': np.full((4, 2), np.inf)}, 'points hold 8 values'),
    ({'width': 0}, 'width 0'),
    ({'density': 'steep'}, 'choose gradient, uniform, widest'),
    ({'activation': 'gelu'}, 'choose tanh, relu'),
    ({'density': 'gradient'}, 'no targets'),
    ({'density': 'gradient', 'targets': np.ones(7)}, r'expected \[60, C\]'),
    ({'density': 'gradient', 'targets': np.full(60, np.nan)}, 'targets hold 60'),
    ({'scale': 0.0}, 'above 0'),
])
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SampledLayer.from_pairs(**{
            'points': cloud(), 'width': 4, 'density': 'uniform', 'rng': rng(), **arguments})


def test_no_layers_are_refused():
    with pytest.raises(ValueError, match='no widths'):
        sample_layers(cloud(), (), rng=rng())

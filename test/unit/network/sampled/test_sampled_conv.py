# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions drawn from pairs of patches."""

import numpy as np
import pytest
import torch

from ant_ros.network import PatchFeatures
from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.sampled import SampledConv


def images(number: int = 3, channels: int = 2, size: int = 24) -> np.ndarray:
    return np.random.default_rng(0).normal(100, 20, (number, channels, size, size)).astype('f')


def test_it_is_an_ordinary_convolution():
    conv = SampledConv.sample(images(), 6, (3, 5), seed=1)
    picture = images(1)
    patch = picture[0, :, 4:7, 8:13].ravel()

    answers = conv.to_torch()(torch.from_numpy(picture)).detach().numpy()
    assert answers.shape == (1, 6, 22, 20)
    expected = np.tanh(conv.weight.reshape(6, -1) @ patch + conv.bias)
    assert answers[0, :, 4, 8] == pytest.approx(expected, abs=1e-5)


def test_every_kernel_answers_half_at_two_patches_of_the_images():
    one = images(1, size=4)
    conv = SampledConv.sample(one, 5, 3, density='uniform', seed=2)
    patches = np.stack([one[0, :, y:y + 3, x:x + 3].ravel() for y in (0, 1) for x in (0, 1)])

    answers = np.tanh(patches @ conv.weight.reshape(5, -1).T + conv.bias)
    low = np.isclose(answers, -0.5, atol=1e-5).sum(axis=0)
    high = np.isclose(answers, 0.5, atol=1e-5).sum(axis=0)
    assert (low >= 1).all()
    assert (high >= 1).all()


def test_the_patch_features_of_the_inspector_are_such_a_convolution():
    features = PatchFeatures.sample(images(), 7, seed=5)
    conv = SampledConv.sample(images(), 7, 9, seed=5)

    assert np.array_equal(features.weights, conv.weight)
    assert np.array_equal(features.biases, conv.bias)


@pytest.mark.parametrize('activation', ['tanh', 'relu'])
def test_it_becomes_an_asynchronous_network(activation):
    network = SampledConv.sample(images(), 4, 3, activation=activation).to_torch(
        stride=2, padding=1)
    picture = torch.from_numpy(images(1))
    graph = convert(network, picture)

    answers = run_dense(graph, picture)[0].detach().numpy()
    wanted = network(picture).detach().numpy()
    assert answers == pytest.approx(wanted, abs=1e-5 * np.abs(wanted).max())
    assert np.abs(wanted).max() > 0.1


def test_blank_images_give_constant_finite_features():
    conv = SampledConv.sample(np.zeros((2, 1, 8, 8)), 3)

    assert (conv.weight == 0).all()
    assert np.isfinite(conv.bias).all()


@pytest.mark.parametrize(('given', 'kernel', 'message'), [
    (np.ones((2, 8, 8)), 3, r'expected \[N, C, H, W\]'),
    (np.ones((0, 1, 8, 8)), 3, r'expected \[N, C, H, W\]'),
    (np.ones((1, 1, 8, 8)), 9, 'choose a kernel that fits'),
    (np.full((1, 1, 8, 8), np.nan), 3, 'images hold 64'),
])
def test_bad_input_is_refused(given, kernel, message):
    with pytest.raises(ValueError, match=message):
        SampledConv.sample(given, 4, kernel)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compiled activations against torch."""

import numpy as np
import pytest
import torch

from ant_ros.network.activations import activate
from ant_ros.network.dense import activate as activate_in_torch
from ant_ros.network.graph import ACTIVATIONS
from ant_ros.network.graph import Node


@pytest.mark.parametrize('activation', ACTIVATIONS[1:])
def test_activations_are_those_of_torch(activation):
    values = np.concatenate([np.linspace(-120, 120, 4001), [0.0, -0.0, 1e-30, -1e-30]])
    values = values.astype(np.float32)
    node = Node('a', 'add', (0,), (1, 1, 1), activation=activation, slope=0.3)
    # In double precision: torch's own single precision is further off on some processors.
    wanted = activate_in_torch(node, torch.from_numpy(values).double()).numpy()
    computed = values.copy()
    activate(computed, 0, len(values), ACTIVATIONS.index(activation), np.float32(0.3))
    np.testing.assert_allclose(computed, wanted, rtol=3e-6, atol=3e-7)


def test_only_the_range_is_changed():
    values = np.full(10, -1.0, np.float32)
    activate(values, 3, 6, ACTIVATIONS.index('relu'), np.float32(0))
    assert values.tolist() == [-1] * 3 + [0] * 3 + [-1] * 4


@pytest.mark.parametrize('activation', ['silu', 'sigmoid', 'tanh', 'elu', 'relu', 'hardswish'])
def test_nan_stays_nan(activation):
    values = np.full(16, np.nan, np.float32)
    activate(values, 0, 16, ACTIVATIONS.index(activation), np.float32(1))
    assert np.isnan(values).all()

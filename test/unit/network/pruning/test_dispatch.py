# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One call for every kind of network."""

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.bench.network.networks import resnet_style
from ant_ros.bench.network.networks import texture
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.conversion import convert
from ant_ros.network.pruning import count_synapses
from ant_ros.network.pruning import prune
from ant_ros.network.pruning import PrunedNetwork
from ant_ros.network.temporal.column import TemporalColumn
from ant_ros.network.training import TrainableNetwork

IMAGES = texture(8, 32, 3)


def test_a_module_becomes_a_smaller_module_that_can_be_trained_on():
    net = resnet_style()
    small = prune(net, 0.4, IMAGES)
    assert isinstance(small, PrunedNetwork)
    assert not small.training
    whole = count_synapses(convert(net, IMAGES[:1]))
    assert count_synapses(small.graph) <= 0.6 * whole
    assert small(IMAGES).shape == (8, 10)
    weights = sum(p.numel() for p in small.parameters() if p.ndim > 1)
    assert weights == count_synapses(small.graph)
    before = {key: value.copy() for key, value in small.graph.tensors.items()}
    small(IMAGES).square().sum().backward()
    with torch.no_grad():
        for p in small.parameters():
            p -= 1e-3 * p.grad
    assert any((small.graph.tensors[key] != before[key]).any() for key in before)
    smaller = prune(small, 0.3, IMAGES)
    assert count_synapses(smaller.graph) <= 0.7 * count_synapses(small.graph)


def test_an_asynchronous_network_keeps_its_options():
    graph = convert(resnet_style(), IMAGES[:1])
    tiles = [2] * len(graph.nodes)
    network = AsyncNetwork(graph, IMAGES[0].numpy(), spread=0.5, threshold=0.1, passing=0.2,
                           backend='torch', mode='previous', tile=tiles)
    network.run(IMAGES[1].numpy())
    pruned = prune(network, 0.3, IMAGES)
    assert pruned.threshold == 0.1
    assert pruned.mode == 'previous'
    assert pruned.program.tile == network.program.tile
    assert np.array_equal(pruned.program.expected, IMAGES[0].numpy())
    assert np.array_equal(pruned.program.spread, network.program.spread)
    assert np.array_equal(pruned.program.passing, network.program.passing)
    assert type(pruned._backend) is type(network._backend)
    assert count_synapses(pruned.graph) <= 0.7 * count_synapses(graph)
    assert pruned.run(IMAGES[1].numpy()).output.shape == (1, 10)


def test_a_temporal_column_is_pruned_by_its_own_rule():
    column = TemporalColumn.of_point_neurons(12, 3, threshold=20, ticks=8)
    times = np.random.default_rng(0).integers(0, 8, (30, 12)).astype(np.int16)
    pruned = prune(column, 0.5, times)
    assert isinstance(pruned, TemporalColumn)
    assert pruned.synapses == column.synapses // 2


@pytest.mark.parametrize('fraction', [0.0, 1.0, -0.5, 2.0, float('nan')])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ValueError, match='expected above 0 and below 1'):
        prune(resnet_style(), fraction, IMAGES)


def test_anything_else_is_refused():
    with pytest.raises(TypeError, match='cannot prune a dict: give a torch'):
        prune({}, 0.3, IMAGES)
    graph = convert(resnet_style(), IMAGES[:1])
    with pytest.raises(TypeError, match='to_graph'):
        prune(TrainableNetwork(graph, IMAGES[:1]), 0.3, IMAGES)
    with pytest.raises(ValueError, match='targets were given'):
        prune(graph, 0.3, IMAGES, np.zeros(8))
    with pytest.raises(ValueError, match='expected images'):
        prune(resnet_style(), 0.3, IMAGES[:0])
    with pytest.raises(ValueError, match='training mode'):
        prune(nn.Sequential(nn.Conv2d(3, 4, 1)).train(), 0.3, IMAGES)

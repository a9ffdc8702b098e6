# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Smaller graphs: exact where something is superfluous, consistent everywhere."""

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.bench.network.networks import dilated
from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.networks import recurrent
from ant_ros.bench.network.networks import resnet_style
from ant_ros.bench.network.networks import settling
from ant_ros.bench.network.networks import texture
from ant_ros.bench.network.networks import unet
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.pruning.graphs import prune_graph
from ant_ros.network.pruning.synapses import count_synapses


def spare(seed=0):
    """Return a network of which half of the channels repeat the other half."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Conv2d(2, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 6, 3, stride=2),
                        nn.ReLU(), nn.Flatten(), nn.Linear(6 * 9, 3))
    with torch.no_grad():
        net[0].weight[4:] = net[0].weight[:4] * 2.0
        net[0].bias[4:] = net[0].bias[:4] * 2.0
    return net.eval()


def relative(a, b, images):
    with torch.no_grad():
        x, y = run_dense(a, images)[0], run_dense(b, images)[0]
    return float((x - y).square().mean() / x.var())


def test_what_is_superfluous_goes_without_a_loss():
    images = torch.randn(64, 2, 8, 8)
    net = nn.Sequential(*list(spare())[:4]).eval()
    graph = convert(net, images[:1])
    smaller = prune_graph(graph, 0.3, images)
    assert [node.shape[0] for node in smaller.nodes] == [2, 5, 6]
    smaller = prune_graph(graph, 0.45, images)
    assert [node.shape[0] for node in smaller.nodes] == [2, 4, 6]
    assert relative(graph, smaller, torch.randn(8, 2, 8, 8)) < 1e-4
    assert count_synapses(smaller) == 4 * 2 * 9 + 6 * 4 * 9


@pytest.mark.parametrize('make', [resnet_style, unet, dilated, patch_descriptor, recurrent])
def test_a_smaller_graph_runs_densely_and_by_events(make):
    images = texture(12, 64, 3)
    graph = convert(make(), images[:1])
    before = {key: value.copy() for key, value in graph.tensors.items()}
    smaller = prune_graph(graph, 0.3, images)
    assert count_synapses(smaller) <= 0.7 * count_synapses(graph)
    assert [n.kind for n in smaller.nodes] == [n.kind for n in graph.nodes]
    assert all(np.array_equal(graph.tensors[key], before[key]) for key in before)
    for node in smaller.nodes:
        if node.weight is not None:
            assert smaller.tensors[node.weight].shape[0] == node.shape[0]
    wanted = run_dense(smaller, images[1:2])[0].numpy()
    network = AsyncNetwork(smaller, images[0].numpy(), backend='torch')
    assert np.abs(network.run(images[1].numpy()).output - wanted).max() <= 1e-4 * max(
        1.0, np.abs(wanted).max())


def test_making_up_for_what_is_gone_beats_leaving_it_out():
    images = texture(32, 64, 3)
    graph = convert(patch_descriptor(), images[:1])
    smaller = prune_graph(graph, 0.5, images)
    assert relative(graph, smaller, texture(8, 64, 9)) < 0.2


def test_the_same_data_give_the_same_graph():
    images = texture(12, 64, 3)
    graph = convert(resnet_style(), images[:1])
    one, other = prune_graph(graph, 0.4, images), prune_graph(graph, 0.4, images.numpy())
    assert all(np.array_equal(one.tensors[key], other.tensors[key]) for key in one.tensors)


def test_a_settling_block_keeps_its_weights():
    inner = settling()
    torch.manual_seed(1)
    net = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), nn.ReLU(), nn.Conv2d(24, 3, 1),
                        inner).eval()
    images = texture(8, 32, 2)
    graph = convert(net, images[:1])
    smaller = prune_graph(graph, 0.2, images)
    loop = graph.loops[0]
    for index in range(loop.first, loop.last + 1):
        assert smaller.nodes[index] == graph.nodes[index]
        key = graph.nodes[index].weight
        if key is not None:
            assert np.array_equal(smaller.tensors[key], graph.tensors[key])
    assert count_synapses(smaller) <= 0.8 * count_synapses(graph)
    assert relative(graph, smaller, images) < 0.5


def test_what_can_not_be_removed_is_an_error():
    images = texture(4, 32, 2)
    with pytest.raises(ValueError, match='no more than 0% of the'):
        prune_graph(convert(settling(), images[:1]), 0.3, images)
    with pytest.raises(ValueError, match='too small'):
        prune_graph(convert(spare(), torch.zeros(1, 2, 8, 8)), 0.99, torch.randn(4, 2, 8, 8))


def test_constant_images_still_give_a_network():
    graph = convert(spare(), torch.ones(1, 2, 8, 8))
    smaller = prune_graph(graph, 0.5, torch.ones(3, 2, 8, 8))
    assert relative(graph, smaller, torch.ones(1, 2, 8, 8)) < 1e-3


@pytest.mark.parametrize(('images', 'message'), [
    (torch.zeros(0, 2, 8, 8), 'at least one'), (torch.zeros(2, 3, 8, 8), 'expected'),
    (torch.full((2, 2, 8, 8), torch.nan), 'NaN'), (torch.zeros(2, 8, 8), 'expected')])
def test_bad_images_are_refused(images, message):
    graph = convert(spare(), torch.zeros(1, 2, 8, 8))
    with pytest.raises(ValueError, match=message):
        prune_graph(graph, 0.3, images)
    with pytest.raises(TypeError, match='a str'):
        prune_graph(graph, 0.3, 'images')

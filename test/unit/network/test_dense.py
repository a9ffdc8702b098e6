# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.network.conversion import convert
from ant_ros.network.dense import activate
from ant_ros.network.dense import dense_maps
from ant_ros.network.dense import run_dense
from ant_ros.network.dense import run_node
from ant_ros.network.dense import torch_tensors
from ant_ros.network.graph import ACTIVATIONS
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Loop
from ant_ros.network.graph import Node


def small() -> tuple[nn.Module, Graph]:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 3, 3, 2, 1), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
                           nn.Linear(12, 2)).eval()
    return module, convert(module, torch.randn(1, 2, 8, 8))


def test_a_batch_runs_as_its_images() -> None:
    module, graph = small()
    x = torch.randn(3, 2, 8, 8)
    torch.testing.assert_close(run_dense(graph, x)[0], module(x))


def test_double_precision_and_gradients() -> None:
    _, graph = small()
    tensors = {key: value.requires_grad_(key in graph.trainable)
               for key, value in torch_tensors(graph, torch.float64).items()}
    x = torch.randn(1, 2, 8, 8, dtype=torch.float64, requires_grad=True)
    keys = list(graph.trainable)

    def run(x: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        return run_dense(graph, x, {**tensors, **dict(zip(keys, values))})[0]

    assert torch.autograd.gradcheck(run, (x, *(tensors[key] for key in keys)))


def test_gradients_are_those_of_the_module() -> None:
    module, graph = small()
    tensors = {key: value.requires_grad_() for key, value in torch_tensors(graph).items()}
    x = torch.randn(2, 2, 8, 8)
    run_dense(graph, x, tensors)[0].square().sum().backward()
    module(x).square().sum().backward()
    torch.testing.assert_close(tensors['0.weight'].grad, module[0].weight.grad)
    torch.testing.assert_close(tensors['4.weight'].grad.reshape(2, 12), module[4].weight.grad)


def test_maps_of_all_nodes() -> None:
    _, graph = small()
    maps = dense_maps(graph, torch.randn(1, 2, 8, 8))
    assert [tuple(m.shape[1:]) for m in maps] == [node.shape for node in graph.nodes]


def test_tensors_are_copies() -> None:
    _, graph = small()
    before = graph.tensors['0.weight'].copy()
    torch_tensors(graph)['0.weight'].zero_()
    np.testing.assert_array_equal(graph.tensors['0.weight'], before)


def test_another_size_is_refused() -> None:
    _, graph = small()
    with pytest.raises(ValueError, match=r'\[1, 2, 8, 9\], expected \[N, 2, 8, 8\]'):
        run_dense(graph, torch.zeros(1, 2, 8, 9))


@pytest.mark.parametrize('name', ACTIVATIONS)
def test_activations(name: str) -> None:
    layers = {'none': nn.Identity(), 'relu': nn.ReLU(), 'relu6': nn.ReLU6(), 'silu': nn.SiLU(),
              'sigmoid': nn.Sigmoid(), 'tanh': nn.Tanh(), 'hardswish': nn.Hardswish(),
              'hardsigmoid': nn.Hardsigmoid(), 'leaky_relu': nn.LeakyReLU(0.3),
              'elu': nn.ELU(0.3), 'gelu': nn.GELU()}
    x = torch.linspace(-8, 8, 65)
    node = Node('n', 'add', (0, 0), (1, 1, 1), activation=name, slope=0.3)
    torch.testing.assert_close(activate(node, x), layers[name](x))


def test_padding_of_maxpool_never_wins() -> None:
    x = -torch.rand(1, 1, 4, 4) - 1
    node = Node('n', 'maxpool', (0,), (1, 6, 6), kernel=(3, 3), padding=(2, 2, 2, 2))
    assert float(run_node(node, [x], {}).max()) < -1


def loop_graph(factor: float, max_sweeps: int) -> Graph:
    """Return h = x + factor * h."""
    nodes = (Node('input', 'input', (), (1, 2, 2)),
             Node('back', 'depthwise', (2,), (1, 2, 2), weight='w'),
             Node('sum', 'add', (0, 1), (1, 2, 2)))
    weight = np.full((1, 1, 1, 1), factor, np.float32)
    return Graph(nodes, (2,), ((1, 1, 2, 2),), {'w': weight}, (Loop(1, 2, 1e-6, max_sweeps),))


def test_a_loop_settles_at_its_fixed_point() -> None:
    x = torch.rand(1, 1, 2, 2)
    torch.testing.assert_close(run_dense(loop_graph(0.5, 100), x)[0], 2 * x)


def test_a_loop_stops_at_its_bound() -> None:
    x = torch.rand(1, 1, 2, 2)
    torch.testing.assert_close(run_dense(loop_graph(1.0, 3), x)[0], 3 * x)


def test_a_loop_has_gradients() -> None:
    graph = loop_graph(0.5, 100)
    graph = replace(graph, loops=(replace(graph.loops[0], tolerance=1e-12),))
    x = torch.rand(1, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    run_dense(graph, x)[0].sum().backward()
    torch.testing.assert_close(x.grad, torch.full_like(x, 2.0))

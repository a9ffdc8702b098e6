# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from ant_ros.network.dense import run_node
from ant_ros.network.dense import torch_tensors
from ant_ros.network.graph import footprint
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.graph import resize_taps

SIZE = (13, 11)


def graph_of(node: Node, inputs: int = 1, channels: int = 2) -> Graph:
    """Put a node behind inputs of SIZE; its own shape is found by running it."""
    rng = np.random.default_rng(0)
    first = Node('input', 'input', (), (channels, *SIZE))
    sources = tuple(replace(first, name=f'input_{i}') for i in range(inputs))
    tensors = {}
    if node.kind in ('conv', 'depthwise'):
        shape = (channels, channels // node.groups, *node.kernel)
        tensors['w'] = rng.uniform(0.5, 1.0, shape).astype(np.float32)
        node = replace(node, weight='w')
    graph = Graph((*sources, replace(node, inputs=tuple(range(inputs)))), (inputs,),
                  ((1,),), tensors)
    if node.kind == 'resize':
        return graph
    out = run_node(graph.nodes[-1], [torch.zeros(1, channels, *SIZE)] * inputs,
                   torch_tensors(graph))
    return replace(graph, nodes=(*sources, replace(graph.nodes[-1], shape=tuple(out.shape[1:]))))


def reads(graph: Graph, axis: int) -> np.ndarray:
    """Find by trying which positions change which: [outputs, inputs] along an axis."""
    node = graph.nodes[-1]
    tensors = torch_tensors(graph, torch.float64)
    inputs = [torch.rand(1, *graph.nodes[i].shape, dtype=torch.float64) + 1 for i in node.inputs]
    before = run_node(node, inputs, tensors)
    size = inputs[0].shape[2 + axis]
    found = np.zeros((node.shape[1 + axis], size), bool)
    for position in range(size):
        changed = inputs[0].clone()
        changed.select(2 + axis, position).add_(3.0)
        after = run_node(node, [changed, *inputs[1:]], tensors)
        found[:, position] = (after != before).amax((0, 1, 3 - axis)).numpy()
    return found


def assert_covers(graph: Graph, tight: bool) -> None:
    for axis in (0, 1):
        found = reads(graph, axis)
        outputs, inputs = found.shape
        for start in range(outputs):
            for stop in range(start + 1, min(start + 6, outputs) + 1):
                low, high = footprint(graph, len(graph.nodes) - 1, 0, axis, start, stop)
                needed = np.flatnonzero(found[start:stop].any(0))
                assert low >= 0
                assert high <= inputs
                if len(needed):
                    assert low <= needed[0]
                    assert high > needed[-1]
                    if tight:
                        assert (low, high) == (needed[0], needed[-1] + 1)


@pytest.mark.parametrize('changes', [
    {}, {'kernel': (3, 5)}, {'kernel': (3, 3), 'padding': (1, 1, 1, 1)},
    {'kernel': (3, 4), 'stride': (2, 3), 'padding': (0, 1, 2, 1)},
    {'kernel': (3, 2), 'dilation': (2, 4), 'padding': (2, 0, 2, 1)},
    {'kernel': (1, 1), 'padding': (3, 0, 1, 2)},
    {'kernel': (1, 1), 'stride': (2, 2)},
])
@pytest.mark.parametrize('kind', ['conv', 'depthwise', 'maxpool'])
def test_footprint_of_windows(kind: str, changes: dict) -> None:
    node = Node('n', kind, (0,), (2, 1, 1), groups=2 if kind == 'depthwise' else 1, **changes)
    assert_covers(graph_of(node), tight=node.dilation == (1, 1))


def test_footprint_of_a_negative_padding() -> None:
    for kernel in ((1, 1), (3, 3)):
        node = Node('n', 'conv', (0,), (2, 1, 1), kernel=kernel, padding=(-2, -1, -1, -3))
        assert_covers(graph_of(node), tight=True)


@pytest.mark.parametrize('kind', ['add', 'mul', 'concat'])
def test_footprint_of_positions(kind: str) -> None:
    assert_covers(graph_of(Node('n', kind, (0, 1), (2, 1, 1)), inputs=2), tight=True)


def test_footprint_of_the_mean_is_everything() -> None:
    assert_covers(graph_of(Node('n', 'mean', (0,), (2, 1, 1))), tight=True)


def test_footprint_of_a_vector_that_multiplies_is_the_vector() -> None:
    nodes = (Node('input', 'input', (), (2, 9, 9)), Node('mean', 'mean', (0,), (2, 1, 1)),
             Node('mul', 'mul', (0, 1), (2, 9, 9)))
    graph = Graph(nodes, (2,), ((1, 2, 9, 9),), {})
    assert footprint(graph, 2, 0, 0, 3, 5) == (3, 5)
    assert footprint(graph, 2, 1, 0, 3, 5) == (0, 1)


def test_footprint_in_padding_is_empty() -> None:
    graph = graph_of(Node('n', 'conv', (0,), (2, 1, 1), padding=(4, 4, 4, 4)))
    low, high = footprint(graph, 1, 0, 0, 0, 3)
    assert low >= high


RESIZES = [('nearest', False), ('bilinear', False), ('bilinear', True)]


@pytest.mark.parametrize('target', [(13, 11), (26, 22), (7, 5), (17, 23), (1, 1), (40, 31), (2, 3),
                                    (6, 10)])
@pytest.mark.parametrize(('mode', 'corners'), RESIZES)
def test_footprint_of_resizing(mode: str, corners: bool, target: tuple[int, int]) -> None:
    node = Node('n', 'resize', (0,), (2, *target), resize=mode, align_corners=corners)
    assert_covers(graph_of(node), tight=mode == 'nearest')


@pytest.mark.parametrize(('mode', 'corners'), RESIZES)
def test_taps_are_those_of_torch(mode: str, corners: bool) -> None:
    """All pairs of sizes: no position is off by one, no fraction by more than rounding."""
    for size in range(1, 40):
        x = torch.arange(float(size))[None, None, :, None] ** 2
        for target in range(1, 60):
            node = Node('n', 'resize', (0,), (1, target, 1), resize=mode, align_corners=corners)
            graph = Graph((Node('input', 'input', (), (1, size, 1)), node), (1,), ((1,),), {})
            low, high, fraction = resize_taps(graph, 1, 0)
            values = x[0, 0, :, 0].numpy()
            ours = (1 - fraction) * values[low] + fraction * values[high]
            theirs = F.interpolate(x, size=(target, 1), mode=mode,
                                   align_corners=corners if mode == 'bilinear' else None)
            np.testing.assert_allclose(ours, theirs[0, 0, :, 0].numpy(), rtol=1e-5, atol=1e-3)
            if mode == 'nearest':
                assert (ours == theirs[0, 0, :, 0].numpy()).all(), (size, target)


def test_nearest_taps_at_large_odd_sizes() -> None:
    for size, target in ((333, 999), (1000, 777), (641, 1923), (97, 1021), (1021, 97)):
        node = Node('n', 'resize', (0,), (1, target, 1))
        graph = Graph((Node('input', 'input', (), (1, size, 1)), node), (1,), ((1,),), {})
        low, _, _ = resize_taps(graph, 1, 0)
        x = torch.arange(float(size))[None, None, :, None]
        theirs = F.interpolate(x, size=(target, 1))[0, 0, :, 0]
        assert (low == theirs.numpy()).all()


def test_trainable_leaves_constants_out() -> None:
    graph = Graph((Node('input', 'input', (), (1, 2, 2)),), (0,), ((1,),),
                  {'fixed.one.3': np.ones(3, np.float32), 'a.weight': np.ones(3, np.float32)})
    assert graph.trainable == ('a.weight',)

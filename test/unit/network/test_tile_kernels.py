# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind of node, tile by tile, against torch; and the same bits in any company."""

import numpy as np
import pytest
import torch

from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.dense import dense_maps
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.program import Program


def _output(size, kernel, stride, padding, dilation):
    before, after = padding
    return (size + before + after - (kernel - 1) * dilation - 1) // stride + 1


def _convolution(kind, channels, out, kernel=(3, 3), stride=(1, 1), padding=(1, 1, 1, 1),
                 dilation=(1, 1), groups=1, activation='none', size=(13, 18), bias=True):
    rng = np.random.default_rng(0)
    shape = (out, *(_output(size[axis], kernel[axis], stride[axis],
                            (padding[axis], padding[axis + 2]), dilation[axis])
                    for axis in (0, 1)))
    tensors = {'w': rng.normal(size=(out, channels // groups, *kernel)).astype(np.float32),
               'b': rng.normal(size=out).astype(np.float32)}
    # A node before it, so that it reads a map with a ring.
    nodes = (Node('image', 'input', (), (channels, *size)),
             Node('same', 'add', (0,), (channels, *size)),
             Node('node', kind, (1,), shape, 'w', 'b' if bias else None, kernel, stride, padding,
                  dilation, groups, activation))
    return Graph(nodes, (2,), ((1, *shape),), tensors)


def _simple(kind, shapes, shape, **options):
    """Return a node that reads maps of some shapes, each made of the image by a convolution."""
    rng = np.random.default_rng(0)
    nodes = [Node('image', 'input', (), (2, 12, 12))]
    tensors = {}
    for number, (channels, height, width) in enumerate(shapes):
        stride = 12 // height
        tensors[str(number)] = rng.normal(size=(channels, 2, stride, stride)).astype(np.float32)
        nodes.append(Node(f'source{number}', 'conv', (0,), (channels, height, width), str(number),
                          kernel=(stride, stride), stride=(stride, stride)))
    nodes.append(Node('node', kind, tuple(range(1, len(nodes))), shape, **options))
    return Graph(tuple(nodes), (len(nodes) - 1,), ((1, *shape),), tensors)


_GRAPHS = {
    'pointwise': _convolution('conv', 5, 17, (1, 1), padding=(0, 0, 0, 0)),
    'whole vectors': _convolution('conv', 16, 40, (3, 3), activation='relu6'),
    'strided': _convolution('conv', 3, 24, (3, 3), (2, 2), (0, 0, 1, 1)),
    'dilated': _convolution('conv', 8, 8, (3, 3), padding=(4, 4, 4, 4), dilation=(4, 4)),
    'uneven': _convolution('conv', 3, 9, (2, 5), (3, 1), (1, 0, 0, 2), (1, 2)),
    'cropped': _convolution('conv', 5, 9, (3, 3), (2, 1), (-2, 1, -1, -3)),
    'cropped and nothing else': _convolution('depthwise', 12, 12, (1, 1), padding=(-3, -2, 1, 0),
                                             groups=12),
    'grouped': _convolution('conv', 12, 18, groups=3, activation='tanh'),
    'grouped in vectors': _convolution('conv', 16, 32, groups=4, activation='relu'),
    'without bias': _convolution('conv', 4, 8, bias=False),
    'the size of the map': _convolution('conv', 7, 11, (13, 18), padding=(0, 0, 0, 0)),
    **{f'depthwise {kernel} stride {stride}': _convolution(
        'depthwise', 12, 12, (kernel, kernel), (stride, stride), (kernel // 2,) * 4, groups=12,
        activation='relu6') for kernel in (3, 5, 7) for stride in (1, 2, 3)},
    **{f'{vectors} vectors of outputs': _convolution('conv', 6, 8 * vectors, activation='relu')
       for vectors in range(1, 8)},
    **{f'depthwise {kernel} stride {stride}, three vectors': _convolution(
        'depthwise', 24, 24, (kernel, kernel), (stride, stride), (kernel // 2,) * 4, groups=24)
       for kernel in (3, 5, 7) for stride in (1, 2)},
    'depthwise, strides differ': _convolution('depthwise', 8, 8, (3, 3), (2, 1), groups=8),
    'depthwise dilated': _convolution('depthwise', 8, 8, padding=(2, 2, 2, 2), dilation=(2, 2),
                                      groups=8, activation='silu'),
    'depthwise uneven': _convolution('depthwise', 3, 3, (1, 3), (2, 1), (0, 1, 0, 1), groups=3),
    'maximum': _simple('maxpool', [(10, 12, 12)], (10, 6, 6), kernel=(3, 3), stride=(2, 2),
                       padding=(1, 1, 1, 1)),
    'maximum dilated': _simple('maxpool', [(8, 12, 12)], (8, 10, 10), kernel=(2, 2),
                               dilation=(2, 2)),
    'sum of three': _simple('add', [(6, 12, 12)] * 3, (6, 12, 12), activation='leaky_relu',
                            slope=0.2),
    'product': _simple('mul', [(16, 6, 6)] * 2, (16, 6, 6), activation='gelu'),
    'product with a gate': _simple('mul', [(9, 6, 6), (9, 1, 1)], (9, 6, 6)),
    'concatenation': _simple('concat', [(3, 6, 6), (8, 6, 6), (5, 6, 6)], (16, 6, 6)),
    'nearest': _simple('resize', [(5, 6, 6)], (5, 15, 10), resize='nearest'),
    'bilinear': _simple('resize', [(8, 6, 6)], (8, 12, 15), resize='bilinear'),
    'bilinear with corners': _simple('resize', [(3, 6, 6)], (3, 11, 4), resize='bilinear',
                                     align_corners=True),
    'mean': _simple('mean', [(13, 12, 12)], (13, 1, 1), activation='hardsigmoid'),
}


@pytest.fixture(scope='module', params=_GRAPHS, name='case')
def _case(request):
    graph = _GRAPHS[request.param]
    image = np.random.default_rng(1).normal(size=graph.nodes[0].shape).astype(np.float32)
    maps = [one[0].numpy() for one in dense_maps(graph, torch.from_numpy(image)[None])]
    return graph, image, maps


@pytest.mark.parametrize('tile', [1, 3, 4])
def test_tiles_give_what_torch_gives(case, tile):
    graph, image, maps = case
    program = Program(graph, image, tile=tile)
    program.rest(CompiledBackend(program))
    for index, wanted in enumerate(maps):
        value = program.value(index).transpose(2, 0, 1)
        np.testing.assert_allclose(value, wanted, rtol=0, atol=2e-6 * np.abs(wanted).max())


def test_a_tile_has_the_same_bits_alone_and_in_company(case):
    graph, image, _ = case
    program = Program(graph, image, tile=3)
    backend = CompiledBackend(program)
    program.rest(backend)
    node = len(graph.nodes) - 1
    tiles = np.arange(np.prod(program.grid[node]), dtype=np.int32)
    together = backend.compute(node, tiles)
    _, height, width = graph.nodes[node].shape
    for tile, outputs in zip(tiles, together):
        row, column = divmod(int(tile), program.grid[node][1])
        inside = (0, slice(height - row * 3), slice(width - column * 3))
        alone = backend.compute(node, np.array([tile]))
        assert np.array_equal(alone[inside], outputs[None][inside])


def test_a_run_computes_in_place_what_it_computes_packed(case):
    graph, image, _ = case
    program = Program(graph, np.zeros_like(image), tile=4)
    backend = CompiledBackend(program)
    program.rest(backend)
    program.load(image, 0.0)
    backend.run()
    in_place = program.values.copy()
    program.restore()
    program.load(image, 0.0)
    program.sweep(backend)
    for node in range(len(graph.nodes)):
        packed = program.value(node)
        assert np.array_equal(program._map(in_place, node), packed)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Units computed by PyTorch from patches: the same as the whole maps."""

import numpy as np
import pytest
import torch

from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.dense import dense_maps
from ant_ros.network.program import Program
from ant_ros.network.torch_backend import TorchBackend

_NAMES = [name for name in NETWORKS if not name.startswith('efficientnet')]


@pytest.mark.parametrize('name', _NAMES)
def test_every_tile_of_every_node_is_that_of_the_dense_map(name):
    image = texture(1, 48, 0)
    graph = convert(NETWORKS[name](), image)
    program = Program(graph, image[0].numpy(), tile=3)
    backend = TorchBackend(program)
    program.rest(backend)

    slack = max((2 * loop.tolerance for loop in graph.loops), default=0.0)
    for node, dense in enumerate(dense_maps(graph, image)):
        whole = dense[0].permute(1, 2, 0).numpy()
        np.testing.assert_allclose(program.value(node), whole, rtol=0,
                                   atol=1e-5 * np.abs(whole).max() + slack)


@pytest.mark.parametrize('name', _NAMES)
def test_single_tiles_in_any_order_are_those_of_the_compiled_kernels(name):
    image = texture(1, 48, 0)
    program = Program(convert(NETWORKS[name](), image), image[0].numpy())
    compiled, backend = CompiledBackend(program), TorchBackend(program)
    program.rest(compiled)
    random = np.random.default_rng(0)
    for node in range(1, len(program.graph.nodes)):
        rows, columns = program.grid[node]
        tiles = random.permutation(rows * columns)[:5].astype(np.int32)
        answer, expected = backend.compute(node, tiles), compiled.compute(node, tiles)
        assert answer.shape == expected.shape and answer.dtype == np.float32
        for tile, mine, other in zip(tiles, answer, expected):
            height, width = _size(program, node, int(tile))
            np.testing.assert_allclose(
                mine[:height, :width], other[:height, :width], rtol=0,
                atol=1e-5 * max(1.0, float(np.abs(program.value(node)).max())))


def test_dense_gives_the_answers_of_the_module_in_its_shapes():
    image = texture(1, 48, 0)
    module = NETWORKS['resnet_style']()
    backend = TorchBackend(Program(convert(module, image), image[0].numpy()))
    answers = backend.dense(texture(1, 48, 1)[0].numpy())

    with torch.no_grad():
        expected = module(texture(1, 48, 1)).numpy()
    assert len(answers) == 1 and answers[0].shape == (1, 10)
    np.testing.assert_allclose(answers[0], expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_the_number_of_threads_is_left_as_it_was():
    image = texture(1, 48, 0)
    program = Program(convert(NETWORKS['dilated'](), image), image[0].numpy())
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        TorchBackend(program).compute(1, np.array([0]))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def _size(program, node, tile):
    side = program.tile[node]
    row, column = divmod(tile, program.grid[node][1])
    _, height, width = program.graph.nodes[node].shape
    return min(side, height - row * side), min(side, width - column * side)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tiles of a resized map are those of torch's interpolate."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.program import Program
from ant_ros.network.resized_tiles import resized_tiles


@pytest.mark.parametrize(('resize', 'corners'), [('nearest', False), ('bilinear', False),
                                                 ('bilinear', True)])
@pytest.mark.parametrize('size', [(26, 22), (9, 31), (7, 5), (13, 11)])
def test_tiles_are_those_of_the_whole_map(resize, corners, size):
    image = np.random.default_rng(0).normal(size=(3, 13, 11)).astype(np.float32)
    graph = Graph((Node('image', 'input', (), (3, 13, 11)),
                   Node('resized', 'resize', (0,), (3, *size), resize=resize,
                        align_corners=corners)), (1,), ((1, 3, *size),), {})
    program = Program(graph, image, tile=4)
    whole = functional.interpolate(torch.from_numpy(image)[None], size=size, mode=resize,
                                   align_corners=corners if resize == 'bilinear' else None)
    rows, columns = program.grid[1]
    tiles = np.random.default_rng(1).permutation(rows * columns)
    answer = resized_tiles(program, 1, tiles)

    assert answer.shape == (rows * columns, 3, 4, 4)
    assert answer.dtype == np.float32
    for tile, patch in zip(tiles, answer):
        row, column = divmod(int(tile), columns)
        expected = whole[0, :, row * 4:row * 4 + 4, column * 4:column * 4 + 4].numpy()
        np.testing.assert_allclose(patch[:, :expected.shape[1], :expected.shape[2]], expected,
                                   rtol=0, atol=1e-5)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where maps lie: tiles, unit numbers, rings, and nothing on top of anything else."""

import numpy as np
import pytest

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.layout import lay_out
from ant_ros.network.layout import LINE
from ant_ros.network.layout import zeros_in_lines


def _graph():
    weights = {'a': np.zeros((10, 3, 3, 3), np.float32), 'b': np.zeros((2000, 10, 1, 1), 'f')}
    nodes = (
        Node('image', 'input', (), (3, 20, 30)),
        Node('first', 'conv', (0,), (10, 20, 30), 'a', kernel=(3, 3), padding=(1, 1, 1, 1)),
        Node('wide', 'conv', (1,), (2000, 20, 30), 'b'),
        Node('mean', 'mean', (2,), (2000, 1, 1)))
    return Graph(nodes, (3,), ((1, 2000),), weights)


def test_units_are_numbered_tile_by_tile_and_node_by_node():
    layout = lay_out(_graph(), 4)
    assert layout.tile == (4, 4, 4, 1)
    assert layout.grid == ((5, 8), (5, 8), (5, 8), (1, 1))
    assert layout.first.tolist() == [0, 40, 80, 120, 121]


def test_tiles_are_small_unless_told_otherwise():
    assert lay_out(_graph()).tile == (4, 2, 2, 1)


def test_tiles_can_be_chosen_by_name_or_one_by_one():
    assert lay_out(_graph(), {'first': 5}).tile == (4, 5, 2, 1)
    assert lay_out(_graph(), [1, 2, 3, 1]).tile == (1, 2, 3, 1)


def test_maps_with_their_rings_do_not_overlap():
    graph = _graph()
    layout = lay_out(graph)
    owner = np.full(layout.size, -1)
    for index, node in enumerate(graph.nodes):
        top, left, bottom, right = layout.ring[index]
        for y in range(-top, node.shape[1] + bottom):
            start = layout.offset[index] + y * layout.row[index] - left * layout.pitch[index]
            stop = start + (left + node.shape[2] + right) * layout.pitch[index]
            assert min(start, layout.size - stop) >= 0
            assert (owner[start:stop] == -1).all()
            owner[start:stop] = index
    assert layout.ring[0] == (1, 1, 1, 1)
    assert layout.ring[1] == (0, 0, 0, 0)


def test_channels_fill_whole_vectors_except_in_the_image():
    assert lay_out(_graph()).pitch == (3, 16, 2000, 2000)


@pytest.mark.parametrize('tile, message', [
    (0, 'at least 1'), (2.5, 'whole number'), ([1, 2], '2 tile sides for 4 nodes'),
    ({'nothing': 4}, 'no such node; one of image, first, wide, mean')])
def test_tiles_that_make_no_sense_are_refused(tile, message):
    with pytest.raises(ValueError, match=message):
        lay_out(_graph(), tile)


@pytest.mark.parametrize('size', [0, 1, 17, 100_003])
def test_zeros_begin_with_a_line_of_the_cache(size):
    zeros = zeros_in_lines(size)
    assert zeros.shape == (size,) and zeros.dtype == np.float32 and not zeros.any()
    assert size == 0 or zeros.ctypes.data % (LINE * zeros.itemsize) == 0


def test_every_map_has_room_behind_it_for_a_whole_vector():
    layout = lay_out(_graph())
    places = [*(offset - ring[0] * row - ring[1] * pitch for offset, ring, row, pitch in zip(
        layout.offset, layout.ring, layout.row, layout.pitch)), layout.size]
    for node, ring, row, start, following in zip(
            _graph().nodes, layout.ring, layout.row, places, places[1:]):
        assert start % LINE == 0
        assert start + (ring[0] + node.shape[1] + ring[2]) * row + LINE <= following

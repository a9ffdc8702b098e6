# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The flat tables: ranges of tiles both ways, panels that hold every weight once."""

import numpy as np
import pytest

from ant_ros.network import op_table as field
from ant_ros.network.graph import footprint
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.layout import lay_out
from ant_ros.network.op_table import answer_places
from ant_ros.network.op_table import build_op_table


def _graph(size=21, stride=2, kernel=5, dilation=1, groups=1, channels=(6, 10)):
    inner, outer = channels
    reach = (kernel - 1) * dilation
    out = (size + 2 - reach - 1) // stride + 1
    weights = {'w': np.arange(outer * inner // groups * kernel**2, dtype=np.float32).reshape(
        outer, inner // groups, kernel, kernel) + 1}
    nodes = (Node('image', 'input', (), (inner, size, size)),
             Node('conv', 'conv', (0,), (outer, out, out), 'w', None, (kernel, kernel),
                  (stride, stride), (1, 1, 1, 1), (dilation, dilation), groups))
    return Graph(nodes, (1,), ((1, outer, out, out),), weights)


def _ranges(table, column, count):
    place = table.edges[0, column]
    return table.spans[place:place + 2 * count].reshape(count, 2)


@pytest.mark.parametrize('stride, kernel, dilation', [(1, 3, 1), (2, 5, 1), (3, 2, 1), (1, 3, 4)])
@pytest.mark.parametrize('tile', [1, 3, 4])
def test_a_tile_is_read_by_those_whose_footprint_meets_it(stride, kernel, dilation, tile):
    graph = _graph(21, stride, kernel, dilation)
    layout = lay_out(graph, tile)
    table = build_op_table(graph, layout)
    sources, readers = layout.grid[0][0], layout.grid[1][0]
    seen_by = _ranges(table, field.ROW_SPANS, sources)
    reads = _ranges(table, field.ROW_READS, readers)
    size = graph.nodes[1].shape[1]
    for reader in range(readers):
        low, high = footprint(graph, 1, 0, 0, reader * tile, min((reader + 1) * tile, size))
        for source in range(sources):
            meets = low < min((source + 1) * tile, 21) and high > source * tile
            assert meets == (reads[reader, 0] <= source < reads[reader, 1])
            if meets:
                assert seen_by[source, 0] <= reader < seen_by[source, 1]


def test_ranges_of_neighbours_make_one_range():
    # Stride 3 and a kernel of 2: some positions are read by nobody.
    layout = lay_out(_graph(21, 3, 2), 1)
    spans = _ranges(build_op_table(_graph(21, 3, 2), layout), field.COLUMN_SPANS, 21)
    assert (spans[1:, 0] >= spans[:-1, 0]).all()
    assert (spans[1:, 1] >= spans[:-1, 1]).all()


@pytest.mark.parametrize('groups, channels', [(1, (6, 10)), (2, (6, 10)), (3, (6, 12)),
                                              (1, (3, 40)), (4, (8, 64))])
def test_panels_hold_every_weight_once_and_zeros_elsewhere(groups, channels):
    graph = _graph(9, 1, 3, 1, groups, channels)
    table = build_op_table(graph, lay_out(graph))
    weight = graph.tensors['w']
    dense = np.zeros((channels[1], channels[0], 3, 3), np.float32)
    per_out, per_in = channels[1] // groups, channels[0] // groups
    for output in range(channels[1]):
        start = output // per_out * per_in
        dense[output, start:start + per_in] = weight[output]
    rebuilt = np.zeros_like(dense)
    for first, vectors, low, count, place in table.panels:
        lanes = vectors * 8
        panel = table.weights[place:place + 9 * count * lanes].reshape(3, 3, count, lanes)
        stop = min(first + lanes, channels[1])
        rebuilt[first:stop, low:low + count] = panel.transpose(3, 2, 0, 1)[:stop - first]
        assert (panel[..., stop - first:] == 0).all()
    assert np.array_equal(rebuilt, dense)


def test_answers_of_several_outputs_lie_one_after_another():
    graph = _graph()
    both = Graph(graph.nodes, (1, 0, 1), (), graph.tensors)
    assert answer_places(both) == {0: 0, 1: 6 * 21 * 21}


def test_work_is_counted_per_position():
    table = build_op_table(_graph(), lay_out(_graph()))
    assert table.ops[1, field.MACS] == 6 * 10 * 25
    assert table.ops[1, field.FLOATS] == 6 * 25 + 10

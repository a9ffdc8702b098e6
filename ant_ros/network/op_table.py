# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The network as flat integer tables, the form that the compiled kernels read."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ant_ros.network.convolution_intrinsics import MOST_PANEL_VECTORS
from ant_ros.network.graph import ACTIVATIONS
from ant_ros.network.graph import footprint
from ant_ros.network.graph import Graph
from ant_ros.network.graph import KINDS
from ant_ros.network.graph import Node
from ant_ros.network.graph import resize_taps
from ant_ros.network.layout import LANES
from ant_ros.network.layout import Layout
from ant_ros.network.layout import LINE
from ant_ros.network.layout import zeros_in_lines
from ant_ros.network.vector_code import WIDEST

__all__ = ['OpTable', 'answer_places', 'build_op_table', 'macs_per_position']

# Columns of `ops`, one row per node.
(KIND, CHANNELS, HEIGHT, WIDTH, TILE, ROWS, COLUMNS, FIRST, OFFSET, ROW, PITCH, ACTIVATION,
 KERNEL_Y, KERNEL_X, STRIDE_Y, STRIDE_X, PAD_TOP, PAD_LEFT, DILATION_Y, DILATION_X,
 FIRST_EDGE, EDGES, FIRST_READER, READERS, FIRST_PANEL, PANELS, WEIGHT, BIAS, TAPS,
 FRACTIONS, ANSWER, LOOP_LAST, MAX_SWEEPS, MACS, FLOATS, OPS) = range(36)

# Columns of `edges`, one row per input of a node. The SPANS point into `spans`: which reader tiles
# see a source tile, the READS which source tiles a reader tile sees.
SOURCE, READER, ROW_SPANS, COLUMN_SPANS, ROW_READS, COLUMN_READS, EDGE_FIELDS = range(7)

# Columns of `panels`: output channels that one pass of a convolution computes together.
PANEL_FIRST, PANEL_VECTORS, PANEL_INPUT, PANEL_INPUTS, PANEL_WEIGHT, PANEL_FIELDS = range(6)

KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
ACTIVATION_CODES = {name: code for code, name in enumerate(ACTIVATIONS)}


class OpTable(NamedTuple):
    """Flat tables; the names of their columns are constants of this module.

    Attributes:
        ops: One row per node, int64 [nodes, OPS].
        edges: One row per input of a node, in the order of the nodes, int64 [edges, ...].
        readers: Rows of `edges` by source, int64.
        spans: Half-open ranges of tiles, two numbers per tile row or column, int32.
        taps: Input positions of `resize` nodes, low and high, rows before columns, int32.
        panels: Output channels that are computed together, int64 [panels, ...].
        weights: All kernels and biases in the order that the kernels read them, float32.
        slopes: Parameter of each node's activation, float32 [nodes].
    """

    ops: np.ndarray
    edges: np.ndarray
    readers: np.ndarray
    spans: np.ndarray
    taps: np.ndarray
    panels: np.ndarray
    weights: np.ndarray
    slopes: np.ndarray


def build_op_table(graph: Graph, layout: Layout) -> OpTable:
    """Flatten a graph and pack its weights."""
    ops = np.zeros((len(graph.nodes), OPS), np.int64)
    edges, spans = _edges(graph, layout)
    order = np.argsort(edges[:, SOURCE], kind='stable')
    packing = _Packing()
    answers = answer_places(graph)
    for index, node in enumerate(graph.nodes):
        fields = ops[index]
        fields[[KIND, ACTIVATION]] = KIND_CODES[node.kind], ACTIVATION_CODES[node.activation]
        fields[[CHANNELS, HEIGHT, WIDTH]] = node.shape
        fields[[TILE, ROWS, COLUMNS]] = layout.tile[index], *layout.grid[index]
        fields[[FIRST, OFFSET]] = layout.first[index], layout.offset[index]
        fields[[ROW, PITCH]] = layout.row[index], layout.pitch[index]
        fields[[KERNEL_Y, KERNEL_X]], fields[[STRIDE_Y, STRIDE_X]] = node.kernel, node.stride
        fields[[PAD_TOP, PAD_LEFT]] = node.padding[:2]
        fields[[DILATION_Y, DILATION_X]] = node.dilation
        fields[FIRST_EDGE] = np.searchsorted(edges[:, READER], index)
        fields[EDGES] = len(node.inputs)
        fields[FIRST_READER] = np.searchsorted(edges[order, SOURCE], index)
        fields[READERS] = np.count_nonzero(edges[:, SOURCE] == index)
        fields[LOOP_LAST], fields[ANSWER] = -1, answers.get(index, -1)
        fields[MACS], fields[FLOATS] = macs_per_position(graph, index), _floats(graph, node)
        fields[MAX_SWEEPS] = 1
        packing.add(graph, index, fields)
    for loop in graph.loops:
        ops[loop.first, [LOOP_LAST, MAX_SWEEPS]] = loop.last, loop.max_sweeps
    slopes = np.array([node.slope for node in graph.nodes], np.float32)
    return OpTable(ops, edges, order.astype(np.int64), spans, packing.taps(),
                   packing.panels(), packing.weights(), slopes)


def answer_places(graph: Graph) -> dict[int, int]:
    """Return where each output node's `[H, W, C]` begins in a flat array of all answers."""
    places, place = {}, 0
    for node in sorted(set(graph.outputs)):
        places[node] = place
        place += int(np.prod(graph.nodes[node].shape))
    return places


def macs_per_position(graph: Graph, index: int) -> int:
    """Return the multiply-accumulates that one output position of a node costs.

    Only convolutions of the module count, as in torch's counter: neither sums nor what only
    looks like a convolution here, such as average pooling.
    """
    node = graph.nodes[index]
    if node.weight not in graph.trainable:
        return 0
    return int(graph.tensors[node.weight].size)


def _floats(graph: Graph, node: Node) -> int:
    """Return the floats that one output position reads and writes, without weights."""
    taps = node.kernel[0] * node.kernel[1]
    read = sum(graph.nodes[source].shape[0] for source in node.inputs)
    if node.kind == 'mean':
        _, height, width = graph.nodes[node.inputs[0]].shape
        taps = height * width
    elif node.kind == 'resize':
        taps = 4 if node.resize == 'bilinear' else 1
    return read * taps + node.shape[0]


def _edges(graph: Graph, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges and the ranges of tiles that their ends see of each other."""
    rows: list[tuple[int, ...]] = []
    spans: list[np.ndarray] = []
    place = 0
    for index, node in enumerate(graph.nodes):
        for edge, source in enumerate(node.inputs):
            reads = [_tiles_read(graph, layout, index, edge, axis) for axis in (0, 1)]
            seen = [_readers_of(tiles, layout.grid[source][axis])
                    for axis, tiles in enumerate(reads)]
            places = []
            for ranges in (*seen, *reads):
                spans.append(ranges)
                places.append(place)
                place += ranges.size
            rows.append((source, index, *places))
    flat = np.concatenate([span.ravel() for span in spans]) if spans else np.zeros(0, np.int32)
    return np.array(rows, np.int64).reshape(-1, EDGE_FIELDS), flat


def _tiles_read(graph: Graph, layout: Layout, index: int, edge: int, axis: int) -> np.ndarray:
    """Return for each tile row (column) of a node the range of input tiles that it reads."""
    size, side = graph.nodes[index].shape[1 + axis], layout.tile[index]
    source_side = layout.tile[graph.nodes[index].inputs[edge]]
    ranges = np.zeros((layout.grid[index][axis], 2), np.int32)
    for tile in range(len(ranges)):
        low, high = footprint(graph, index, edge, axis, tile * side, min((tile + 1) * side, size))
        if low < high:
            ranges[tile] = low // source_side, (high - 1) // source_side + 1
    return _in_order(ranges)


def _readers_of(reads: np.ndarray, sources: int) -> np.ndarray:
    """Turn the ranges around: for each source tile the range of tiles that read it."""
    ranges = np.zeros((sources, 2), np.int32)
    for tile, (low, high) in enumerate(reads):
        for source in range(low, high):
            if ranges[source, 1] == 0:
                ranges[source, 0] = tile
            ranges[source, 1] = tile + 1
    return _in_order(ranges)


def _in_order(ranges: np.ndarray) -> np.ndarray:
    """Move empty ranges to where the one before ends, so that a run of ranges is one range."""
    for place in range(1, len(ranges)):
        if ranges[place, 0] == ranges[place, 1]:
            ranges[place] = ranges[place - 1, 1]
    return ranges


class _Packing:
    """Collect weights and biases in the order in which the kernels read them."""

    def __init__(self) -> None:
        self._panels: list[tuple[int, int, int, int, int]] = []
        self._parts: list[np.ndarray] = []
        self._taps: list[np.ndarray] = []
        self._place = 0

    def panels(self) -> np.ndarray:
        return np.array(self._panels, np.int64).reshape(-1, PANEL_FIELDS)

    def weights(self) -> np.ndarray:
        weights = zeros_in_lines(self._place)
        if self._parts:
            np.concatenate(self._parts, out=weights)
        return weights

    def taps(self) -> np.ndarray:
        return np.concatenate(self._taps) if self._taps else np.zeros(0, np.int32)

    def add(self, graph: Graph, index: int, fields: np.ndarray) -> None:
        """Pack what belongs to one node and write its places into its row of the table."""
        node = graph.nodes[index]
        if node.kind == 'resize':
            self._add_taps(graph, index, fields)
        elif node.kind in ('conv', 'depthwise'):
            self._add_kernel(graph, node, fields)

    def _add_taps(self, graph: Graph, index: int, fields: np.ndarray) -> None:
        fields[TAPS] = sum(taps.size for taps in self._taps)
        low, high, fraction = zip(*(resize_taps(graph, index, axis) for axis in (0, 1)))
        for taps in (low[0], high[0], low[1], high[1]):
            self._taps.append(taps.astype(np.int32))
        fields[FRACTIONS] = self._append(np.concatenate(fraction))

    def _add_kernel(self, graph: Graph, node: Node, fields: np.ndarray) -> None:
        channels = node.shape[0]
        width = -(-channels // LANES) * LANES
        assert node.weight is not None
        weight = np.asarray(graph.tensors[node.weight], np.float32)
        bias = np.zeros(width, np.float32)
        if node.bias is not None:
            bias[:channels] = graph.tensors[node.bias]
        fields[BIAS] = self._append(bias)
        if node.kind == 'depthwise':
            fields[WEIGHT] = self._append(_in_blocks(weight[:, 0]))
            return
        fields[FIRST_PANEL] = len(self._panels)
        inputs = graph.nodes[node.inputs[0]].shape[0]
        most = MOST_PANEL_VECTORS if node.groups == 1 else channels // node.groups // LANES
        for first, vectors in _panel_widths(width, most):
            self._panel(weight, node.groups, inputs, first, vectors)
        fields[PANELS] = len(self._panels) - fields[FIRST_PANEL]

    def _panel(self, weight: np.ndarray, groups: int, inputs: int, first: int,
               vectors: int) -> None:
        """Pack `[kh, kw, inputs, outputs]` of the inputs that the panel's groups read."""
        out, per_group = weight.shape[:2]
        outputs = range(first, min(first + vectors * LANES, out))
        group = [output * groups // out for output in outputs]
        low, high = group[0] * per_group, (group[-1] + 1) * per_group
        taps = np.zeros((*weight.shape[2:], high - low, vectors * LANES), np.float32)
        for lane, output in enumerate(outputs):
            start = group[lane] * per_group - low
            taps[:, :, start:start + per_group, lane] = weight[output].transpose(1, 2, 0)
        self._panels.append((first, vectors, low, high - low, self._append(taps)))

    def _append(self, array: np.ndarray) -> int:
        """Add an array that begins in a line of the cache; return its place."""
        place = self._place
        self._parts.append(np.pad(array.ravel(), (0, -array.size % LINE)))
        self._place += len(self._parts[-1])
        return place


def _in_blocks(weight: np.ndarray) -> np.ndarray:
    """Return the weights `[C, kh, kw]` as `[blocks, kh, kw, WIDEST]`, filled up with zeros."""
    filled = np.pad(weight, ((0, -len(weight) % WIDEST), (0, 0), (0, 0)))
    return filled.reshape(-1, WIDEST, *weight.shape[1:]).transpose(0, 2, 3, 1)


def _panel_widths(width: int, most: int) -> list[tuple[int, int]]:
    """Split output channels into panels of much the same number of vectors, `most` at most.

    Panels are made of the widest vectors there are, but for what is left over.
    """
    step, vectors = WIDEST // LANES, width // LANES
    parts = -(-vectors // step)
    panels = -(-parts // max(min(most, MOST_PANEL_VECTORS) // step, 1))
    ends = [min(parts * panel // panels * step, vectors) for panel in range(panels + 1)]
    return [(first * LANES, last - first) for first, last in pairwise(ends)]

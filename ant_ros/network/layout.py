# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where the state of every node lies: tiles, unit numbers and places in one flat buffer.

A node's map is stored as `[height, width, channels]` with a ring of zeros as wide as its
readers' padding, so that no kernel has to ask where the border is. Channels are rounded up to
whole vectors; what fills them up is never read.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.network.graph import Graph

__all__ = ['LANES', 'LINE', 'Layout', 'Unit', 'default_tiles', 'lay_out', 'zeros_in_lines']

LANES = 8
"""Channels in one vector of the compiled kernels."""
LINE = 16
"""Floats in a line of the cache; the widest vectors hold as many."""

_IMAGE_TILE = 4
_TILE = 2


@dataclass(frozen=True)
class Unit:
    """A tile of one node's output.

    Attributes:
        node: Index of the node in the graph.
        row, column: Place of the tile in the node's grid.
    """

    node: int
    row: int
    column: int


@dataclass(frozen=True)
class Layout:
    """Tiles and places of all nodes.

    Attributes:
        tile: Side of a node's tiles in positions, per node.
        grid: Tiles as (rows, columns), per node.
        first: Number of each node's first unit, and the number of units [nodes + 1], int64.
        ring: Zeros around the stored map as (top, left, bottom, right), per node.
        pitch: Floats from one position to the next, per node.
        row: Floats from one row of positions to the next, per node.
        offset: Place of position (0, 0), per node.
        size: Floats in the whole buffer.
    """

    tile: tuple[int, ...]
    grid: tuple[tuple[int, int], ...]
    first: np.ndarray
    ring: tuple[tuple[int, int, int, int], ...]
    pitch: tuple[int, ...]
    row: tuple[int, ...]
    offset: tuple[int, ...]
    size: int


def default_tiles(graph: Graph) -> tuple[int, ...]:
    """Return the side of each node's tiles that suited best where it was measured.

    Small tiles follow a change closely: around 4 positions a side it wakes 6, and its readers 8.
    Neighbours compute together, so that what they cost besides is some bookkeeping.
    """
    return (_IMAGE_TILE, *(1 if node.shape[1:] == (1, 1) else _TILE for node in graph.nodes[1:]))


def lay_out(graph: Graph, tile: int | Sequence[int] | Mapping[str, int] | None = None) -> Layout:
    """Choose the place of every node's map.

    Args:
        graph: The network.
        tile: Side of the tiles in positions: for all nodes, one per node, or by the names of
            the nodes (the rest by default); None for the default.

    Raises:
        ValueError: a side below 1, or not one per node, or a name that no node has.
    """
    tiles = _tiles(graph, tile)
    rings = _rings(graph)
    pitch, row, offset = [], [], []
    place = LINE
    for node, ring in zip(graph.nodes, rings):
        channels, height, width = node.shape
        pitch.append(channels if node.kind == 'input' else -(-channels // LANES) * LANES)
        row.append((ring[1] + width + ring[3]) * pitch[-1])
        offset.append(place + ring[0] * row[-1] + ring[1] * pitch[-1])
        # Behind each map there is room for vectors that begin in it and end beyond.
        place += -(-(ring[0] + height + ring[2]) * row[-1] // LINE) * LINE + LINE
    grid = tuple((-(-node.shape[1] // side), -(-node.shape[2] // side))
                 for node, side in zip(graph.nodes, tiles))
    first = np.concatenate(([0], np.cumsum([rows * columns for rows, columns in grid])))
    return Layout(tiles, grid, first.astype(np.int64), rings, tuple(pitch), tuple(row),
                  tuple(offset), place)


def zeros_in_lines(size: int) -> np.ndarray:
    """Return zeros [size], float32, that begin with a line of the cache.

    Vectors that lie in two lines take twice as long to load and to store.
    """
    zeros = np.zeros(size + LINE, np.float32)
    start = -(zeros.ctypes.data // zeros.itemsize) % LINE
    return zeros[start:start + size]


def _tiles(graph: Graph, tile: int | Sequence[int] | Mapping[str, int] | None) -> tuple[int, ...]:
    chosen = list(default_tiles(graph))
    if isinstance(tile, Mapping):
        names = [node.name for node in graph.nodes]
        for name, side in tile.items():
            if name not in names:
                raise ValueError(f'tile for {name!r}: no such node; one of {", ".join(names)}')
            chosen[names.index(name)] = side
    elif isinstance(tile, Sequence):
        if len(tile) != len(chosen):
            raise ValueError(f'{len(tile)} tile sides for {len(chosen)} nodes: give one per node')
        chosen = list(tile)
    elif tile is not None:
        chosen = [tile] * len(chosen)
    for side in chosen:
        if int(side) != side or side < 1:
            raise ValueError(f'tile side {side}: expected a whole number of at least 1 position')
    return tuple(min(int(side), max(node.shape[1:]))
                 for side, node in zip(chosen, graph.nodes))


def _rings(graph: Graph) -> tuple[tuple[int, int, int, int], ...]:
    """Return per node the widest zero padding that any of its readers asks for.

    What a convolution never reads at the bottom and right, because its stride ends before,
    need not be stored; what its stride makes it read there is covered by the padding.
    """
    rings = [(0, 0, 0, 0)] * len(graph.nodes)
    for node in graph.nodes:
        if node.kind in ('conv', 'depthwise'):
            for source in node.inputs:
                rings[source] = tuple(map(max, rings[source], node.padding))  # type: ignore
    return tuple(rings)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which units of a network computed, in which order, and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node

__all__ = ['EventRecord']


@dataclass(frozen=True)
class EventRecord:
    """The batches of units that computed, in order, with what each of them changed.

    Attributes:
        graph: The network without its tensors.
        tile: Side of a tile per node, in positions.
        network: Hash of graph, weights, tiles, thresholds and expected input.
        start: Hash of the state before the first event.
        threshold: What the change of an input tile had to exceed.
        passing: The same per node [nodes].
        units: Numbers of the units in order [N]; first the changed tiles of the input.
        ends: Batch b is `units[ends[b]:ends[b + 1]]`; its units are of one node [batches + 1].
        sent: Whether the unit told its readers [N], bool.
        change: How much its output changed [N].
        pixels: The changed tiles of the input [events, t, t, C].
        cut: Whether a budget ended the run.
        settled: Whether every loop came to rest.
    """

    graph: Graph
    tile: tuple[int, ...]
    network: str
    start: str
    threshold: float
    passing: np.ndarray
    units: np.ndarray
    ends: np.ndarray
    sent: np.ndarray
    change: np.ndarray
    pixels: np.ndarray = field(repr=False)
    cut: bool = False
    settled: bool = True

    @property
    def grids(self) -> list[tuple[int, int]]:
        """Rows and columns of tiles per node."""
        return [_grid(node, tile) for node, tile in zip(self.graph.nodes, self.tile)]

    @property
    def first(self) -> np.ndarray:
        """Number of each node's first unit, and the number of all [nodes + 1]."""
        return np.cumsum([0] + [rows * columns for rows, columns in self.grids])

    @property
    def events(self) -> np.ndarray:
        """Changed tiles of the input [events]."""
        return self.units[:self.ends[1]]

    def batches(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yield node, tiles and which of them were sent, in order, without the input."""
        first = self.first
        for start, stop in zip(self.ends[1:-1], self.ends[2:]):
            node = int(np.searchsorted(first, self.units[start], side='right')) - 1
            yield node, self.units[start:stop] - first[node], self.sent[start:stop]

    def place(self, unit: int) -> tuple[int, int, int]:
        """Return node, row and column of a unit."""
        first = self.first
        node = int(np.searchsorted(first, unit, side='right')) - 1
        row, column = divmod(int(unit - first[node]), self.grids[node][1])
        return node, row, column


def _grid(node: Node, tile: int) -> tuple[int, int]:
    return -(-node.shape[1] // tile), -(-node.shape[2] // tile)

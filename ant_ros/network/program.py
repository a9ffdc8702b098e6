# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The state of an asynchronous network, and the steps that every schedule is made of."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import math
from typing import NamedTuple
from typing import Protocol

import numpy as np

from ant_ros.network.detection import find_changes
from ant_ros.network.event_kernels import load_tiles
from ant_ros.network.event_kernels import send_outputs
from ant_ros.network.event_kernels import State
from ant_ros.network.event_kernels import undo
from ant_ros.network.graph import Graph
from ant_ros.network.layout import lay_out
from ant_ros.network.layout import Unit
from ant_ros.network.layout import zeros_in_lines
from ant_ros.network.op_table import answer_places
from ant_ros.network.op_table import build_op_table
from ant_ros.network.op_table import FLOATS
from ant_ros.network.op_table import HEIGHT
from ant_ros.network.op_table import macs_per_position
from ant_ros.network.op_table import WIDTH

__all__ = ['NO_EVENTS', 'Backend', 'Events', 'Program', 'Unit']

_SMALLEST_SCALE = 1e-6
_LAST_RUN = np.iinfo(np.int32).max - 1


class Backend(Protocol):
    """What computes units."""

    def compute(self, node: int, tiles: np.ndarray) -> np.ndarray:
        """Return the new outputs of a node's tiles as `[n, t, t, C]`, float32."""
        ...


class Events(NamedTuple):
    """Tiles of the input that differ from what is expected.

    Attributes:
        tiles: Their numbers, int32.
        change: Largest difference in each, in units of the spread, float32.
    """

    tiles: np.ndarray
    change: np.ndarray


NO_EVENTS = Events(np.zeros(0, np.int32), np.zeros(0, np.float32))
"""Everything is as expected."""


class Program:
    """Flat state of a network: what every unit has sent, and which units are eligible.

    The steps: `load` an image, let eligible units compute and `send` in any order until none is
    eligible, read the answers, then `restore`.

    Args:
        graph: The network.
        expected: Expected input [C, H, W], float32, finite.
        spread: What is usual around it [C, H, W], float32, above 0; None where it is 1.
        passing: Change, in units of a node's scale, above which a unit tells its readers: for
            all nodes, one per node, or by the names of the nodes (0 for the rest). Output nodes
            always tell; nodes of a loop have at least its tolerance.
        tile: Side of the tiles, as in `lay_out`.
        lasting: Whether `leave` lets the state stay, for images that follow one another;
            otherwise it goes back to the reference.

    Raises:
        ValueError: a tile side or passing threshold that makes no sense.
    """

    def __init__(self, graph: Graph, expected: np.ndarray, *, spread: np.ndarray | None = None,
                 passing: float | Sequence[float] | Mapping[str, float] = 0.0,
                 tile: int | Sequence[int] | Mapping[str, int] | None = None,
                 lasting: bool = False) -> None:
        self.graph = graph
        self.layout = lay_out(graph, tile)
        self.table = build_op_table(graph, self.layout)
        self.expected = np.array(expected, np.float32)
        self.spread = None if spread is None else np.array(spread, np.float32)
        units = int(self.layout.first[-1])
        self.state = State(
            values=zeros_in_lines(self.layout.size),
            reference=zeros_in_lines(self.layout.size),
            eligible=np.zeros(units, np.uint8), change=np.zeros(units, np.float32),
            stamp=np.zeros(units, np.int32), run=np.ones(1, np.int32),
            lasting=np.array([lasting], np.uint8), touched=np.zeros(units, np.int32),
            touched_count=np.zeros(1, np.int64), scale=np.ones(len(graph.nodes), np.float32),
            passing=passing_thresholds(graph, passing))
        self.value(0)[...] = self.expected.transpose(1, 2, 0)
        self._shape, self._side = graph.nodes[0].shape, self.layout.tile[0]
        self._parts = _answer_parts(graph)
        self._known = self.expected.reshape(-1)
        self._factors = (np.zeros(0, np.float32) if self.spread is None
                         else np.float32(1.0) / self.spread.reshape(-1))
        self._tiles = np.zeros(int(self.layout.first[1]), np.int32)
        self._changes = np.zeros(len(self._tiles), np.float32)

    @property
    def tile(self) -> tuple[int, ...]:
        """Side of a node's tiles in positions, per node."""
        return self.layout.tile

    @property
    def grid(self) -> tuple[tuple[int, int], ...]:
        """Tiles as (rows, columns), per node."""
        return self.layout.grid

    @property
    def first(self) -> np.ndarray:
        """Number of each node's first unit, and the number of all [nodes + 1], int64."""
        return self.layout.first

    @property
    def values(self) -> np.ndarray:
        """What every unit has sent, flat, with rings of zeros around the maps."""
        return self.state.values

    @property
    def reference(self) -> np.ndarray:
        """The same in response to the expected input."""
        return self.state.reference

    @property
    def eligible(self) -> np.ndarray:
        """1 where a unit has to compute [units], uint8."""
        return self.state.eligible

    @property
    def change(self) -> np.ndarray:
        """Change of a unit in units of its node's scale, as last measured by `load` or `send`."""
        return self.state.change

    @property
    def scale(self) -> np.ndarray:
        """Root mean square of a node's map in response to the expected input [nodes], float32."""
        return self.state.scale

    @property
    def passing(self) -> np.ndarray:
        """Change above which a unit tells its readers [nodes], float32."""
        return self.state.passing

    @property
    def units_total(self) -> int:
        """Units that a dense run computes."""
        return int(self.first[-1] - self.first[1])

    @property
    def macs_dense(self) -> int:
        """Multiply-accumulates of a dense run."""
        return sum(macs_per_position(self.graph, index) * node.shape[1] * node.shape[2]
                   for index, node in enumerate(self.graph.nodes))

    @property
    def floats_dense(self) -> int:
        """Floats that a dense run reads and writes, weights not counted."""
        ops = self.table.ops
        return int((ops[1:, FLOATS] * ops[1:, HEIGHT] * ops[1:, WIDTH]).sum())

    @property
    def bytes(self) -> int:
        """Memory held, in bytes."""
        return sum(array.nbytes for array in (*self.state, *self.table, self.expected,
                                              self._factors, self._tiles, self._changes))

    def macs_per_unit(self, node: int) -> int:
        """Return the multiply-accumulates that one whole tile of a node costs."""
        return macs_per_position(self.graph, node) * self.tile[node] ** 2

    def unit(self, number: int) -> Unit:
        """Return the unit that has a number."""
        node = int(np.searchsorted(self.first, number, side='right')) - 1
        row, column = divmod(int(number - self.first[node]), self.grid[node][1])
        return Unit(node, row, column)

    def value(self, node: int) -> np.ndarray:
        """Return what a node's units have sent, a view `[H, W, C]`."""
        return self._map(self.values, node)

    def reference_value(self, node: int) -> np.ndarray:
        """Return a node's response to the expected input, a view `[H, W, C]`."""
        return self._map(self.reference, node)

    def _map(self, buffer: np.ndarray, node: int) -> np.ndarray:
        channels, height, width = self.graph.nodes[node].shape
        steps = self.layout.row[node], self.layout.pitch[node], 1
        return np.lib.stride_tricks.as_strided(
            buffer[self.layout.offset[node]:], (height, width, channels),
            tuple(step * buffer.itemsize for step in steps))

    def rest(self, backend: Backend) -> None:
        """Compute the response to the expected input and make it the reference."""
        self.restore()
        self.value(0)[...] = self.expected.transpose(1, 2, 0)
        self.eligible[self.first[1]:] = 1
        # Nothing has been sent yet, so everything is, and there is no scale to measure it with.
        passing = self.passing.copy()
        self.passing[:] = passing_thresholds(self.graph, 0.0)
        self.scale[:] = 1.0
        self.sweep(backend)
        self.passing[:] = passing
        self.adopt()

    def sweep(self, backend: Backend) -> bool:
        """Compute all eligible units, node by node, loops until they come to rest.

        Returns:
            False where a loop was stopped at its bound.
        """
        settled, node = True, 1
        loops = {loop.first: loop for loop in self.graph.loops}
        while node < len(self.graph.nodes):
            loop = loops.get(node)
            last = node if loop is None else loop.last
            for _ in range(1 if loop is None else loop.max_sweeps):
                for member in range(node, last + 1):
                    self.compute(backend, member)
                if not self.eligible[self.first[node]:self.first[last + 1]].any():
                    break
            else:
                settled = False
                self.eligible[self.first[node]:self.first[last + 1]] = 0
            node = last + 1
        return settled

    def compute(self, backend: Backend, node: int) -> None:
        """Compute and send all of a node's eligible units."""
        tiles = np.flatnonzero(self.eligible[self.first[node]:self.first[node + 1]])
        if len(tiles):
            tiles = tiles.astype(np.int32)
            self.send(node, tiles, backend.compute(node, tiles))

    def adopt(self) -> None:
        """Make the present state the reference, and measure the scale of every node."""
        self.reference[:] = self.values
        for node in range(len(self.graph.nodes)):
            size = float(np.sqrt(np.mean(np.square(self.value(node), dtype=np.float64))))
            self.scale[node] = size if size > _SMALLEST_SCALE else 1.0
        self.state.stamp[:] = 0
        self.state.touched_count[0] = 0

    def load(self, image: np.ndarray, threshold: float, *, follow: bool = False) -> np.ndarray:
        """Take over the tiles of an image that differ from what is expected.

        Args:
            image: [C, H, W], float32.
            threshold: Largest difference, in units of the spread, that is as expected.
            follow: Expect from now on what these tiles show.

        Returns:
            The changed tiles of the input, int32.

        Raises:
            ValueError: NaN or infinity in the image; nothing has changed then.
        """
        events = self.detect(image, threshold)
        self.take(image, events, follow=follow)
        return events.tiles

    def detect(self, image: np.ndarray, threshold: float) -> Events:
        """Find the tiles of an image that differ from what is expected, and change nothing.

        Raises:
            ValueError: NaN or infinity in the image.
        """
        count = find_changes(image.reshape(-1), self._known, self._factors, threshold,
                             self._shape, self._side, self._tiles, self._changes)
        if count == 0:
            return NO_EVENTS
        events = Events(self._tiles[:count].copy(), self._changes[:count].copy())
        if not math.isfinite(events.change.max()):
            raise ValueError('the image holds NaN or infinity: give finite values')
        return events

    def take(self, image: np.ndarray, events: Events, *, follow: bool = False) -> None:
        """Take over the tiles that `detect` has found, as `load` does."""
        load_tiles(self.table, self.state, image.reshape(-1), events.tiles, events.change)
        if follow:
            self.expect(image, events.tiles)

    def expect(self, image: np.ndarray, tiles: np.ndarray) -> None:
        """Expect from now on what some tiles of an image show."""
        side, columns = self.tile[0], self.grid[0][1]
        for tile in tiles.tolist():
            row, column = divmod(tile, columns)
            place = (slice(None), slice(row * side, (row + 1) * side),
                     slice(column * side, (column + 1) * side))
            self.expected[place] = image[place]

    def gather(self, node: int, tiles: np.ndarray, edge: int = 0) -> np.ndarray:
        """Return what a node's tiles read from one of its inputs.

        Args:
            node: The reading node: a convolution, a pooling or a sum, product or concatenation.
            tiles: Its tiles [n].
            edge: Which of its inputs.

        Returns:
            Patches `[n, C, h, w]` with the padding filled in: zeros, minus infinity for
            `maxpool`. What lies beyond the last position of a tile at the border is padded too.
        """
        reader = self.graph.nodes[node]
        source = self.value(reader.inputs[edge])
        rows, row_holes = self._places(node, tiles, edge, 0)
        columns, column_holes = self._places(node, tiles, edge, 1)
        patches = source[rows[:, :, None], columns[:, None, :]]
        patches[row_holes[:, :, None] | column_holes[:, None, :]] = (
            -np.inf if reader.kind == 'maxpool' else 0.0)
        return np.ascontiguousarray(patches.transpose(0, 3, 1, 2))

    def _places(self, node: int, tiles: np.ndarray, edge: int,
                axis: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the input rows (columns) of tiles [n, size], and which of them are padding."""
        reader = self.graph.nodes[node]
        size = self.graph.nodes[reader.inputs[edge]].shape[1 + axis]
        tiles = np.asarray(tiles)
        which = tiles // self.grid[node][1] if axis == 0 else tiles % self.grid[node][1]
        if reader.kind in ('resize', 'mean') or (size == 1 and reader.kind == 'mul'):
            places = np.broadcast_to(np.arange(size), (len(tiles), size))
            return places, np.zeros(places.shape, bool)
        start = which * self.tile[node] * reader.stride[axis] - reader.padding[axis]
        length = ((self.tile[node] - 1) * reader.stride[axis]
                  + (reader.kernel[axis] - 1) * reader.dilation[axis] + 1)
        places = start[:, None] + np.arange(length)
        clipped = places.clip(0, size - 1)
        return clipped, places != clipped

    def send(self, node: int, tiles: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        """Keep what has changed by more than the node's passing threshold, and tell its readers.

        Args:
            node: The node that has computed.
            tiles: Its tiles [n], int32.
            outputs: Their new outputs `[n, t, t, C]`, float32.

        Returns:
            Which of the tiles were sent [n], bool.
        """
        sent = np.empty(len(tiles), np.bool_)
        send_outputs(self.table, self.state, node, np.asarray(tiles, np.int32),
                     np.ascontiguousarray(outputs, np.float32), sent)
        return sent

    def answers(self) -> np.ndarray:
        """Return the present values of all output nodes, flat, `[H, W, C]` each."""
        return np.concatenate([self.value(node).ravel() for node in answer_places(self.graph)])

    def split_answers(self, answers: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return flat answers in the shapes that the module gives; maps are views."""
        return tuple([
            answers[part].reshape(size).transpose(2, 0, 1).reshape(shape)
            for part, size, shape in self._parts])

    def restore(self) -> None:
        """Put what was touched back to the reference; what is still eligible is not any more."""
        undo(self.table, self.state)
        self.eligible[:] = 0

    def prepare(self) -> None:
        """Make sure that a new run has a number of its own."""
        if self.state.run[0] == _LAST_RUN:
            self.restore()
            self.state.run[0] = 1

    def leave(self) -> None:
        """End a run. What was written is put back when something reads it, unless it lasts.

        Only the compiled loop can go on from there; whatever else reads `values` has to
        `restore` before.
        """
        self.prepare()
        self.state.touched_count[0] = 0
        self.state.run[0] += 1


def _answer_parts(graph: Graph) -> list[tuple[slice, tuple[int, ...], tuple[int, ...]]]:
    """Return per output its part of the flat answers, the size [H, W, C] and the shape given."""
    parts: list[tuple[slice, tuple[int, ...], tuple[int, ...]]] = []
    places = answer_places(graph)
    for node, shape in zip(graph.outputs, graph.output_shapes):
        channels, height, width = graph.nodes[node].shape
        part = slice(places[node], places[node] + channels * height * width)
        parts.append((part, (height, width, channels), shape))
    return parts


def passing_thresholds(graph: Graph,
                       passing: float | Sequence[float] | Mapping[str, float]) -> np.ndarray:
    """Return the passing threshold per node [nodes], float32.

    Raises:
        ValueError: below 0, not finite, not one per node, or a name that no node has.
    """
    names = [node.name for node in graph.nodes]
    if isinstance(passing, Mapping):
        for name in passing:
            if name not in names:
                raise ValueError(f'passing threshold for {name!r}: no such node; '
                                 f'one of {", ".join(names)}')
        passing = [passing.get(name, 0.0) for name in names]
    thresholds = np.array(np.broadcast_to(np.float32(0), len(names)))
    given = np.asarray(passing, np.float32)
    if given.ndim and given.shape != thresholds.shape:
        raise ValueError(f'{given.size} passing thresholds for {len(names)} nodes: give one '
                         'number, one per node, or a mapping from names')
    if not np.isfinite(given).all() or (given < 0).any():
        raise ValueError(f'passing threshold {passing}: expected finite numbers of at least 0')
    thresholds[:] = given
    thresholds[list(graph.outputs)] = 0.0
    for loop in graph.loops:
        members = slice(loop.first, loop.last + 1)
        thresholds[members] = np.maximum(thresholds[members], loop.tolerance)
    return thresholds

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether events or one dense run will be faster, decided before either starts.

The events' tiles are followed through the network: whatever reads a woken tile counts as woken.
That bounds the time from above. How long runs really take at some bounds is measured with patches
pasted into the expected image; at a passing threshold above 0 it is far less than the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
import math
import time

import numpy as np

from ant_ros.network import op_table as field
from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.graph import Graph
from ant_ros.network.layout import lay_out
from ant_ros.network.op_table import macs_per_position
from ant_ros.network.op_table import OpTable
from ant_ros.network.program import Program
from ant_ros.network.run_intrinsics import eight_zeros

__all__ = ['NEVER_DENSE', 'BreakEven', 'Decision', 'by_macs', 'measure_break_even']

_REPEATS = 3
_PATCHES = (1 / 8, 1 / 4, 1 / 2, 1.0)


@dataclass(frozen=True)
class BreakEven:
    """What was measured on a machine; can be kept as JSON by `dataclasses.asdict`.

    Attributes:
        dense_ns: Time of a dense run.
        unit_ns: Time per unit, per node.
        bound_ns: Bounds on the time of some runs, the sums over all units that may wake, rising.
        taken_ns: The time that these runs really took.
    """

    dense_ns: float
    unit_ns: tuple[float, ...] = ()
    bound_ns: tuple[float, ...] = (0.0,)
    taken_ns: tuple[float, ...] = (0.0,)

    @property
    def largest_bound_ns(self) -> float:
        """Bound up to which events are no slower than a dense run; below 0 if none is."""
        slower = np.flatnonzero(np.array(self.taken_ns) > self.dense_ns)
        if not len(slower):
            return math.inf
        first = int(slower[0])
        if first == 0:
            return -math.inf
        points = slice(first - 1, first + 1)
        return float(np.interp(self.dense_ns, self.taken_ns[points], self.bound_ns[points]))


NEVER_DENSE = BreakEven(math.inf)
"""Always run the events."""


def by_macs(graph: Graph, share: float, tile: Sequence[int] | None = None) -> BreakEven:
    """Return costs that count multiplications instead of time: every machine decides alike.

    Args:
        graph: The network.
        share: Of a dense run's multiplications, 0 .. 1: a dense run is made where events may
            need more.
        tile: Side of the tiles per node, as in `AsyncNetwork`.
    """
    tile = lay_out(graph, tile).tile
    positions = [macs_per_position(graph, node) for node in range(len(graph.nodes))]
    total = float(sum(one * node.shape[1] * node.shape[2]
                      for one, node in zip(positions, graph.nodes)))
    units = tuple(float(one * side**2) for one, side in zip(positions, tile))
    return BreakEven(share * total, units, (0.0, total), (0.0, total))


class Decision:
    """Decide between events and a dense run for one program.

    Args:
        program: The network; one without loops, where a unit computes at most once.
        costs: What was measured.

    Attributes:
        fewest_dense: Number of input tiles from which on a dense run is faster wherever they lie.
    """

    def __init__(self, program: Program, costs: BreakEven) -> None:
        self._program = program
        self._unit_ns = np.zeros(len(program.grid))
        self._unit_ns[:len(costs.unit_ns)] = costs.unit_ns
        self._limit = costs.largest_bound_ns
        self.fewest_dense = self._count_fewest()

    def dense(self, tiles: np.ndarray) -> bool:
        """Return whether one dense run will be faster than events at these input tiles."""
        if len(tiles) >= self.fewest_dense:
            return True
        # Around what lies together a rectangle says it at once.
        if _follow_rectangle(self._program.table, tiles, self._unit_ns) <= self._limit:
            return False
        return self.bound_ns(tiles) > self._limit

    def bound_ns(self, tiles: np.ndarray) -> float:
        """Return the time of all units that these tiles may wake, as far as it matters."""
        woken = np.zeros(int(self._program.first[-1]), np.uint8)
        return _follow(self._program.table, np.asarray(tiles, np.int32), self._unit_ns,
                       self._limit, woken)

    def _count_fewest(self) -> int:
        """Return a number of tiles that is too many for events wherever they lie.

        What wakes fewest units is a square in a corner or a band along an edge, because what
        spreads across the border of the image costs nothing.
        """
        rows, columns = self._program.grid[0]
        places = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
        if not math.isfinite(self._limit) or self.bound_ns(places.ravel()) <= self._limit:
            return rows * columns + 1
        for side in range(1, max(rows, columns) + 1):
            corner = places[:side, :side].ravel()
            band = places.ravel()[:len(corner)]
            if min(self.bound_ns(corner), self.bound_ns(band)) > self._limit:
                return len(corner)
        return rows * columns


@entry
def _follow(table: OpTable, tiles: np.ndarray, unit_ns: np.ndarray, limit: float,
            woken: np.ndarray) -> float:
    """Return the cost of all units that may wake, at least where it is within the limit."""
    cost = 0.0
    for tile in tiles:
        woken[tile] = 1
    for node in range(len(table.ops)):
        op = table.ops[node]
        for row in range(op[field.ROWS]):
            start = op[field.FIRST] + row * op[field.COLUMNS]
            column = 0
            while column < op[field.COLUMNS]:
                if column + 8 <= op[field.COLUMNS] and eight_zeros(woken, start + column):
                    column += 8
                    continue
                first = column
                while column < op[field.COLUMNS] and woken[start + column]:
                    column += 1
                if column > first:
                    cost += unit_ns[node] * (column - first)
                    _wake_readers(table, op, row, first, column - 1, woken)
                column += 1
            if cost > limit:
                return cost
    return cost


@entry
def _follow_rectangle(table: OpTable, tiles: np.ndarray, unit_ns: np.ndarray) -> float:
    """Return the cost of all units that may wake if all between the tiles were events too."""
    ops, edges, spans = table.ops, table.edges, table.spans
    # First and last woken row and column per node.
    woken = np.zeros((len(ops), 4), np.int64)
    woken[:, :2] = np.iinfo(np.int64).max
    woken[:, 2:] = -1
    for tile in tiles:
        row, column = tile // ops[0, field.COLUMNS], tile % ops[0, field.COLUMNS]
        _widen(woken[0], row, column, row, column)
    cost = 0.0
    for node in range(1, len(ops)):
        first = ops[node, field.FIRST_EDGE]
        for edge in range(first, first + ops[node, field.EDGES]):
            top, left, bottom, right = woken[edges[edge, field.SOURCE]]
            if top <= bottom:
                down, across = edges[edge, field.ROW_SPANS], edges[edge, field.COLUMN_SPANS]
                _widen(woken[node], spans[down + 2 * top], spans[across + 2 * left],
                       spans[down + 2 * bottom + 1] - 1, spans[across + 2 * right + 1] - 1)
        top, left, bottom, right = woken[node]
        if top <= bottom and left <= right:
            cost += unit_ns[node] * (bottom - top + 1) * (right - left + 1)
    return cost


@inlined
def _widen(woken: np.ndarray, top: int, left: int, bottom: int, right: int) -> None:
    """Make a rectangle hold another one."""
    if top <= bottom and left <= right:
        woken[0], woken[1] = min(woken[0], top), min(woken[1], left)
        woken[2], woken[3] = max(woken[2], bottom), max(woken[3], right)


@kernel
def _wake_readers(table: OpTable, op: np.ndarray, row: int, first: int, last: int,
                  woken: np.ndarray) -> None:
    """Wake what reads some neighbouring tiles of a row."""
    readers = op[field.FIRST_READER]
    for place in range(readers, readers + op[field.READERS]):
        edge = table.edges[table.readers[place]]
        reader = table.ops[edge[field.READER]]
        down = edge[field.ROW_SPANS] + 2 * row
        across = edge[field.COLUMN_SPANS]
        left, right = table.spans[across + 2 * first], table.spans[across + 2 * last + 1]
        for i in range(table.spans[down], table.spans[down + 1]):
            unit = reader[field.FIRST] + i * reader[field.COLUMNS]
            woken[unit + left:unit + right] = 1


def measure_break_even(program: Program, run_node: Callable[[int], None],
                       respond: Callable[[np.ndarray], object],
                       dense: Callable[[np.ndarray], object]) -> BreakEven:
    """Measure what units and a dense run cost here: some runs of the whole network.

    Time is that of the processor in this thread, so that other programs do not count.

    Args:
        program: The network, at rest.
        run_node: Computes all eligible units of a node, all before it having been.
        respond: Runs the events of an image and leaves.
        dense: Runs an image densely.
    """
    image = _pasted(program.expected, 1.0)
    dense(image)
    dense_ns, node_ns = [], np.zeros((_REPEATS, len(program.grid)))
    for repeat in range(_REPEATS):
        dense_ns.append(_time_ns(partial(dense, image)))
        program.restore()
        program.load(image, 0.0)
        for node in range(1, len(program.grid)):
            node_ns[repeat, node] = _time_ns(partial(run_node, node))
    program.restore()
    idle_ns = _least_ns(partial(run_node, 1))
    unit_ns = np.maximum(node_ns.min(0) - idle_ns, 0.0) / np.diff(program.first)
    unit_ns[0] = 0.0
    costs = BreakEven(min(dense_ns), tuple(unit_ns.tolist()))
    bounds, taken = _try_patches(program, costs, respond)
    return replace(costs, bound_ns=bounds, taken_ns=taken)


def _try_patches(program: Program, costs: BreakEven, respond: Callable[[np.ndarray], object],
                 ) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Run images with more and more changed; return bounds and times, both rising."""
    decision = Decision(program, replace(costs, dense_ns=math.inf))
    bounds, taken = [0.0], [_least_ns(partial(respond, program.expected))]
    for side in _PATCHES:
        image = _pasted(program.expected, side)
        tiles = program.detect(image, 0.0).tiles
        bounds.append(max(decision.bound_ns(tiles), bounds[-1]))
        taken.append(max(_least_ns(partial(respond, image)), taken[-1]))
    return tuple(bounds), tuple(taken)


def _pasted(expected: np.ndarray, side: float) -> np.ndarray:
    """Return the expected image with a patch in its middle taken from half an image away.

    Noise sees to it that the patch differs even where the image is flat.
    """
    _, height, width = expected.shape
    high, wide = max(int(side * height), 1), max(int(side * width), 1)
    place = (slice(None), slice((height - high) // 2, (height + high) // 2),
             slice((width - wide) // 2, (width + wide) // 2))
    image = expected.copy()
    noise = np.random.default_rng(0).standard_normal(image[place].shape, np.float32)
    image[place] = np.roll(expected, (height // 2, width // 2), (1, 2))[place]
    image[place] += noise * np.float32(expected.std() or 1.0) / 2
    return image


def _least_ns(call: Callable[[], object]) -> float:
    return min(_time_ns(call) for _ in range(_REPEATS))


def _time_ns(call: Callable[[], object]) -> float:
    begun = time.thread_time_ns()
    call()
    return float(time.thread_time_ns() - begun)

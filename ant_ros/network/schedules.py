# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The order in which eligible units compute, until none is left or a budget strikes.

Every order gives the same answer where the passing thresholds are 0 and the network has no
loops: a unit computes from all of its inputs, and whenever one of them changes it becomes
eligible again, so each has last computed from the final values.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
import heapq
import random
import time
from typing import Protocol
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.op_table import COLUMN_SPANS
from ant_ros.network.op_table import FLOATS
from ant_ros.network.op_table import MACS
from ant_ros.network.op_table import READER
from ant_ros.network.op_table import ROW_SPANS
from ant_ros.network.op_table import SOURCE

if TYPE_CHECKING:
    from ant_ros.network.event_log import Recorder
    from ant_ros.network.program import Backend
    from ant_ros.network.program import Program

__all__ = ['SCHEDULES', 'Count', 'Course', 'run_schedule']

# With a limit on time a batch is cut into pieces, so that the clock is looked at often.
_PIECE = 32

# One unit at a time, a loop needs more updates than sweeps: its units see their neighbours
# change one after the other.
_UPDATES_PER_SWEEP = 4


@dataclass(frozen=True)
class Course:
    """How a run went.

    Attributes:
        units: Updates; one unit may count more than once.
        macs: Multiply-accumulates of these updates.
        floats: Floats read and written by these updates, weights not counted.
        cut: Whether a budget struck while units were still eligible.
        settled: False where a unit of a loop was stopped at its bound before it came to rest.
    """

    units: int
    macs: int
    floats: int
    cut: bool
    settled: bool


class Count:
    """Add up the work of updates.

    Args:
        program: The program whose units compute.
    """

    def __init__(self, program: Program) -> None:
        self.units = 0
        self._positions = [0] * len(program.grid)
        self._program = program

    def add(self, node: int, tiles: np.ndarray) -> None:
        """Count an update of tiles of a node; at the border they are smaller."""
        side = self._program.tile[node]
        _, height, width = self._program.graph.nodes[node].shape
        row, column = np.divmod(tiles, self._program.grid[node][1])
        self._positions[node] += int(np.minimum(side, height - row * side)
                                     @ np.minimum(side, width - column * side))
        self.units += len(tiles)

    def course(self, cut: bool, settled: bool) -> Course:
        """Return what was counted."""
        macs, floats = (int(self._program.table.ops[:, kind] @ np.array(self._positions))
                        for kind in (MACS, FLOATS))
        return Course(self.units, macs, floats, cut, settled)


def run_schedule(program: Program, backend: Backend, schedule: str, events: np.ndarray, *,
                 seed: int = 0, max_units: int | None = None, deadline_ns: int | None = None,
                 recorder: Recorder | None = None) -> Course:
    """Let eligible units compute until none is left.

    Args:
        program: Its state, with an image loaded.
        backend: Computes the units.
        schedule: 'batched': node by node in the order of dependence, all of a node's eligible
            units at once, loops swept; 'priority': one unit at a time, the one that was told the
            largest change; 'random': one unit at a time, each eligible one equally likely.
            That is fair: at every step an eligible unit is chosen with a probability of at
            least 1 / units, so with certainty it is chosen at last.
        events: The tiles of the input that changed, as `Program.load` returned them.
        seed: Of the random schedule.
        max_units: Largest number of updates.
        deadline_ns: Value of `time.monotonic_ns()` after which no more units start.
        recorder: Writes down what happens.

    Raises:
        ValueError: there is no such schedule.
    """
    if schedule not in SCHEDULES:
        raise ValueError(f'no schedule {schedule!r}: choose one of {", ".join(SCHEDULES)}')
    waiting = _WAITING[schedule](program, seed)
    readers = _Readers(program)
    waiting.add(np.flatnonzero(program.eligible).tolist(), 0.0)
    for tile in events.tolist():
        waiting.add(readers.of(0, tile), float(program.change[tile]))
    bound = _LoopBound(program, 1 if schedule == 'batched' else _UPDATES_PER_SWEEP)
    count = Count(program)
    while len(waiting):
        if count.units == max_units or _is_past(deadline_ns):
            return count.course(True, bound.settled)
        node, tiles = waiting.take(_most(max_units, count.units, deadline_ns))
        tiles = bound.pass_on(node, tiles)
        if not len(tiles):
            continue
        sent = program.send(node, tiles, backend.compute(node, tiles))
        if recorder is not None:
            recorder.batch(node, tiles, sent)
        count.add(node, tiles)
        for tile in tiles[sent].tolist():
            waiting.add(readers.of(node, tile), float(program.change[program.first[node] + tile]))
    return count.course(False, bound.settled)


def _is_past(deadline_ns: int | None) -> bool:
    return deadline_ns is not None and time.monotonic_ns() >= deadline_ns


def _most(max_units: int | None, units: int, deadline_ns: int | None) -> int | None:
    """Return how many units may compute before the budgets are looked at again."""
    left = None if max_units is None else max_units - units
    if deadline_ns is None:
        return left
    return _PIECE if left is None else min(left, _PIECE)


class _Readers:
    """Say which units read a unit."""

    def __init__(self, program: Program) -> None:
        spans = program.table.spans
        self._first = [int(first) for first in program.first]
        self._columns = [columns for _, columns in program.grid]
        self._edges: list[list[tuple[int, list[list[int]], list[list[int]]]]] = [
            [] for _ in program.graph.nodes]
        for edge in program.table.edges:
            rows, columns = program.grid[edge[SOURCE]]
            down, across = (
                spans[edge[place]:edge[place] + 2 * count].reshape(-1, 2).tolist()
                for place, count in ((ROW_SPANS, rows), (COLUMN_SPANS, columns)))
            self._edges[edge[SOURCE]].append((int(edge[READER]), down, across))

    def of(self, node: int, tile: int) -> list[int]:
        """Return the numbers of the units that read a tile of a node."""
        row, column = divmod(tile, self._columns[node])
        units: list[int] = []
        for reader, down, across in self._edges[node]:
            top, bottom = down[row]
            left, right = across[column]
            for place in range(top, bottom):
                start = self._first[reader] + place * self._columns[reader]
                units.extend(range(start + left, start + right))
        return units


class _LoopBound:
    """Stop units of a loop that do not come to rest."""

    def __init__(self, program: Program, updates_per_sweep: int) -> None:
        self.settled = True
        self._program = program
        self._most = {node: loop.max_sweeps * updates_per_sweep for loop in program.graph.loops
                      for node in range(loop.first, loop.last + 1)}
        self._updates = np.zeros(program.first[-1] if self._most else 0, np.int64)

    def pass_on(self, node: int, tiles: np.ndarray) -> np.ndarray:
        """Return those of the tiles that may still compute; the others rest from now on."""
        if node not in self._most:
            return tiles
        units = self._program.first[node] + tiles
        free = self._updates[units] < self._most[node]
        self._updates[units] += free
        if not free.all():
            self.settled = False
            self._program.eligible[units[~free]] = 0
        return tiles[free]


class _Waiting(Protocol):
    """The eligible units."""

    def __init__(self, program: Program, seed: int) -> None:
        ...

    def __len__(self) -> int:
        ...

    def add(self, units: Sequence[int], surprise: float) -> None:
        """Take up units that have been told of a change; those that wait already may move."""
        ...

    def take(self, most: int | None) -> tuple[int, np.ndarray]:
        """Remove and return a node and tiles of it, at most so many."""
        ...


class _ByNode:
    """All of a node's units at once, in the order of the nodes, round and round in a loop."""

    def __init__(self, program: Program, seed: int) -> None:
        self._first = program.first.tolist()
        self._node = np.repeat(np.arange(len(program.grid)), np.diff(program.first)).tolist()
        self._units: list[set[int]] = [set() for _ in program.grid]
        self._loops = [(loop.first, loop.last) for loop in program.graph.loops]
        self._last = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, units: Sequence[int], surprise: float) -> None:
        for unit in units:
            waiting = self._units[self._node[unit]]
            self._count += unit not in waiting
            waiting.add(unit)

    def take(self, most: int | None) -> tuple[int, np.ndarray]:
        node = self._next_node()
        units = sorted(self._units[node])[:most]
        self._units[node].difference_update(units)
        self._count -= len(units)
        # What is left of a piece comes next, before the sweep goes on.
        self._last = node - bool(self._units[node])
        return node, np.array(units, np.int32) - np.int32(self._first[node])

    def _next_node(self) -> int:
        node = next(index for index, units in enumerate(self._units) if units)
        for first, last in self._loops:
            if first <= node <= last:
                ahead = range(max(first, self._last + 1), last + 1)
                return next((index for index in ahead if self._units[index]), node)
        return node


class _BySurprise:
    """The unit that was told the largest change, the earlier one of equals."""

    def __init__(self, program: Program, seed: int) -> None:
        self._first = program.first.tolist()
        # (-surprise, age, unit); an entry counts only if it holds the unit's present surprise.
        self._heap: list[tuple[float, int, int]] = []
        self._surprise: dict[int, float] = {}
        self._age = 0

    def __len__(self) -> int:
        return len(self._surprise)

    def add(self, units: Sequence[int], surprise: float) -> None:
        for unit in units:
            if surprise > self._surprise.get(unit, -1.0):
                self._surprise[unit] = surprise
                self._age += 1
                heapq.heappush(self._heap, (-surprise, self._age, unit))

    def take(self, most: int | None) -> tuple[int, np.ndarray]:
        while True:
            surprise, _, unit = heapq.heappop(self._heap)
            if self._surprise.get(unit) == -surprise:
                del self._surprise[unit]
                return _one(self._first, unit)


class _ByChance:
    """Any unit, each equally likely."""

    def __init__(self, program: Program, seed: int) -> None:
        self._first = program.first.tolist()
        self._random = random.Random(seed)
        self._units: list[int] = []
        self._waits = bytearray(int(program.first[-1]))

    def __len__(self) -> int:
        return len(self._units)

    def add(self, units: Sequence[int], surprise: float) -> None:
        for unit in units:
            if not self._waits[unit]:
                self._waits[unit] = 1
                self._units.append(unit)

    def take(self, most: int | None) -> tuple[int, np.ndarray]:
        # The last unit fills the gap, so that taking costs the same however many wait.
        place = self._random.randrange(len(self._units))
        unit = self._units[place]
        self._units[place] = self._units[-1]
        self._units.pop()
        self._waits[unit] = 0
        return _one(self._first, unit)


def _one(first: list[int], unit: int) -> tuple[int, np.ndarray]:
    node = bisect_right(first, unit) - 1
    return node, np.array([unit - first[node]], np.int32)


_WAITING: dict[str, type[_Waiting]] = {
    'batched': _ByNode, 'priority': _BySurprise, 'random': _ByChance}
SCHEDULES = tuple(_WAITING)
"""Names of the schedules."""

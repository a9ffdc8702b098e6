# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to a unit besides computing: it is told, it tells, it is put back (compiled)."""

from typing import NamedTuple

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.op_table import ANSWER
from ant_ros.network.op_table import CHANNELS
from ant_ros.network.op_table import COLUMN_READS
from ant_ros.network.op_table import COLUMN_SPANS
from ant_ros.network.op_table import COLUMNS
from ant_ros.network.op_table import EDGES
from ant_ros.network.op_table import FIRST
from ant_ros.network.op_table import FIRST_EDGE
from ant_ros.network.op_table import FIRST_READER
from ant_ros.network.op_table import HEIGHT
from ant_ros.network.op_table import OFFSET
from ant_ros.network.op_table import OpTable
from ant_ros.network.op_table import PITCH
from ant_ros.network.op_table import READER
from ant_ros.network.op_table import READERS
from ant_ros.network.op_table import ROW
from ant_ros.network.op_table import ROW_READS
from ant_ros.network.op_table import ROW_SPANS
from ant_ros.network.op_table import ROWS
from ant_ros.network.op_table import SOURCE
from ant_ros.network.op_table import TILE
from ant_ros.network.op_table import WIDTH
from ant_ros.network.run_intrinsics import copy_floats

__all__ = ['State', 'freshen_inputs', 'is_stale', 'load_tiles', 'mark_readers', 'put_back',
           'revert_answers', 'send_outputs', 'touch', 'undo', 'write_answers']


class State(NamedTuple):
    """What the units remember.

    Attributes:
        values: Sent maps of all nodes, float32.
        reference: The same in response to the expected input.
        eligible: 1 where a unit was told of a change and has not computed since [units], uint8.
        change: Last measured change in units of the node's scale [units], float32.
        stamp: 0 where the value is the reference, else the run that wrote it [units], int32. A
            value of an earlier run is stale: it stands for the reference, and is put back only
            when something reads it.
        run: Number of the present run [1], int32.
        lasting: 1 where values of earlier runs stay: nothing is stale [1], uint8.
        touched: Numbers of the units that the present run has written [units], int32.
        touched_count: How many they are [1], int64.
        scale: Size of a node's usual values [nodes], float32.
        passing: Change above which a unit tells its readers [nodes], float32.
    """

    values: np.ndarray
    reference: np.ndarray
    eligible: np.ndarray
    change: np.ndarray
    stamp: np.ndarray
    run: np.ndarray
    lasting: np.ndarray
    touched: np.ndarray
    touched_count: np.ndarray
    scale: np.ndarray
    passing: np.ndarray


@inlined
def mark_readers(table: OpTable, state: State, node: int, row: int, first: int,
                 last: int) -> None:
    """Make eligible all units that read some neighbouring tiles, `first` to `last` of a row."""
    ops, edges, spans = table.ops, table.edges, table.spans
    start = ops[node, FIRST_READER]
    for place in range(start, start + ops[node, READERS]):
        edge = table.readers[place]
        reader = edges[edge, READER]
        down = edges[edge, ROW_SPANS] + 2 * row
        across = edges[edge, COLUMN_SPANS]
        left, right = spans[across + 2 * first], spans[across + 2 * last + 1]
        for i in range(spans[down], spans[down + 1]):
            unit = ops[reader, FIRST] + i * ops[reader, COLUMNS]
            for j in range(unit + left, unit + right):
                state.eligible[j] = 1


@inlined
def touch(state: State, unit: int) -> None:
    """Remember that the present run has written a unit's value."""
    if state.stamp[unit] != state.run[0]:
        state.stamp[unit] = state.run[0]
        state.touched[state.touched_count[0]] = unit
        state.touched_count[0] += 1


@inlined
def is_stale(state: State, unit: int) -> bool:
    """Return whether a unit's value was left behind by an earlier run."""
    stamp = state.stamp[unit]
    return stamp != 0 and stamp != state.run[0] and not state.lasting[0]


@kernel
def freshen_inputs(table: OpTable, state: State, node: int, rows: np.ndarray,
                   columns: np.ndarray) -> None:
    """Put back to the reference whatever is stale of what some tiles of a node read.

    Neighbouring tiles read much the same, so it goes by runs of tiles in a row.
    """
    if state.lasting[0]:
        return
    op = table.ops[node]
    start = 0
    while start < len(rows):
        stop = start + 1
        while (stop < len(rows) and rows[stop] == rows[start]
               and columns[stop] == columns[stop - 1] + 1):
            stop += 1
        for number in range(op[FIRST_EDGE], op[FIRST_EDGE] + op[EDGES]):
            _freshen_run(table, state, number, rows[start], columns[start], columns[stop - 1])
        start = stop


@inlined
def _freshen_run(table: OpTable, state: State, edge: int, row: int, first: int,
                 last: int) -> None:
    """Put back what an input edge reads for some neighbouring tiles of a row."""
    edges, spans = table.edges, table.spans
    node = edges[edge, SOURCE]
    down = edges[edge, ROW_READS] + 2 * row
    left = spans[edges[edge, COLUMN_READS] + 2 * first]
    right = spans[edges[edge, COLUMN_READS] + 2 * last + 1]
    units, columns = table.ops[node, FIRST], table.ops[node, COLUMNS]
    run = state.run[0]
    for source in range(spans[down], spans[down + 1]):
        for column in range(left, right):
            stamp = state.stamp[units + source * columns + column]
            if stamp != 0 and stamp != run:
                put_back(table.ops[node], state, source, column)


@kernel
def put_back(op: np.ndarray, state: State, row: int, column: int) -> None:
    """Copy a tile's reference over its value."""
    width = min(op[TILE], op[WIDTH] - column * op[TILE]) * op[PITCH]
    place = op[OFFSET] + row * op[TILE] * op[ROW] + column * op[TILE] * op[PITCH]
    for _ in range(min(op[TILE], op[HEIGHT] - row * op[TILE])):
        copy_floats(state.values, place, state.reference, place, width)
        place += op[ROW]
    state.stamp[op[FIRST] + row * op[COLUMNS] + column] = 0


@entry
def send_outputs(table: OpTable, state: State, node: int, tiles: np.ndarray,
                 outputs: np.ndarray, sent: np.ndarray) -> None:
    """Compare new outputs `[n, t, t, C]` with the sent ones; keep and tell what has changed."""
    op = table.ops[node]
    side, channels = op[TILE], op[CHANNELS]
    for i in range(len(tiles)):
        row, column = tiles[i] // op[COLUMNS], tiles[i] % op[COLUMNS]
        height = min(side, op[HEIGHT] - row * side)
        width = min(side, op[WIDTH] - column * side)
        place = op[OFFSET] + row * side * op[ROW] + column * side * op[PITCH]
        largest = np.float32(0.0)
        for y in range(height):
            for x in range(width):
                start = place + y * op[ROW] + x * op[PITCH]
                for c in range(channels):
                    difference = abs(outputs[i, y, x, c] - state.values[start + c])
                    if not difference <= largest:  # NaN too
                        largest = difference
        unit = op[FIRST] + tiles[i]
        state.eligible[unit] = 0
        state.change[unit] = largest / state.scale[node]
        sent[i] = not state.change[unit] <= state.passing[node]
        if sent[i]:
            for y in range(height):
                for x in range(width):
                    start = place + y * op[ROW] + x * op[PITCH]
                    for c in range(channels):
                        state.values[start + c] = outputs[i, y, x, c]
            touch(state, unit)
            mark_readers(table, state, node, row, column, column)


@entry
def undo(table: OpTable, state: State) -> None:
    """Put every unit that was written back to its reference."""
    for node in range(len(table.ops)):
        op = table.ops[node]
        for row in range(op[ROWS]):
            for column in range(op[COLUMNS]):
                if state.stamp[op[FIRST] + row * op[COLUMNS] + column]:
                    put_back(op, state, row, column)
    state.touched_count[0] = 0


@kernel
def write_answers(table: OpTable, state: State, answer: np.ndarray) -> int:
    """Write the values of the touched output units into a flat array of `[H, W, C]` each.

    Only these remain listed as touched.

    Returns:
        How many they are.
    """
    count = node = 0
    for i in range(state.touched_count[0]):
        unit = state.touched[i]
        node = _node_of(table.ops, unit, node)
        if table.ops[node, ANSWER] >= 0:
            _write_unit(table.ops[node], state.values, unit, answer)
            state.touched[count] = unit
            count += 1
    return count


@entry
def revert_answers(ops: np.ndarray, rest: np.ndarray, units: np.ndarray,
                   answer: np.ndarray) -> None:
    """Write some units of output nodes at rest into an answer."""
    node = 0
    for unit in units:
        node = _node_of(ops, unit, node)
        op = ops[node]
        row, column = (unit - op[FIRST]) // op[COLUMNS], (unit - op[FIRST]) % op[COLUMNS]
        top, left = row * op[TILE], column * op[TILE]
        length = min(op[TILE], op[WIDTH] - left) * op[CHANNELS]
        for y in range(top, min(top + op[TILE], op[HEIGHT])):
            place = op[ANSWER] + (y * op[WIDTH] + left) * op[CHANNELS]
            copy_floats(answer, place, rest, place, length)


@kernel
def _write_unit(op: np.ndarray, values: np.ndarray, unit: int, answer: np.ndarray) -> None:
    channels, pitch = op[CHANNELS], op[PITCH]
    top = (unit - op[FIRST]) // op[COLUMNS] * op[TILE]
    left = (unit - op[FIRST]) % op[COLUMNS] * op[TILE]
    width = min(op[TILE], op[WIDTH] - left)
    for y in range(top, min(top + op[TILE], op[HEIGHT])):
        place = op[OFFSET] + y * op[ROW] + left * pitch
        target = op[ANSWER] + (y * op[WIDTH] + left) * channels
        if channels == pitch:
            copy_floats(answer, target, values, place, width * pitch)
        else:
            for x in range(width):
                copy_floats(answer, target + x * channels, values, place + x * pitch, channels)


@inlined
def _node_of(ops: np.ndarray, unit: int, guess: int) -> int:
    """Return the node that a unit belongs to, often that of the unit before."""
    op = ops[guess]
    if op[FIRST] <= unit < op[FIRST] + op[ROWS] * op[COLUMNS]:
        return guess
    low, high = 0, len(ops)
    while high - low > 1:
        middle = (low + high) // 2
        if ops[middle, FIRST] <= unit:
            low = middle
        else:
            high = middle
    return low


@entry
def load_tiles(table: OpTable, state: State, image: np.ndarray, tiles: np.ndarray,
               changes: np.ndarray) -> None:
    """Write tiles of an image `[C x H x W]` into the input node and tell its readers."""
    op, start = table.ops[0], 0
    while start < len(tiles):
        row, column = tiles[start] // op[COLUMNS], tiles[start] % op[COLUMNS]
        stop = start + 1
        while (stop < len(tiles) and tiles[stop] == tiles[stop - 1] + 1
               and column + stop - start < op[COLUMNS]):
            stop += 1
        _load_run(op, state.values, image, row, column, stop - start)
        for i in range(start, stop):
            state.change[tiles[i]] = changes[i]
            touch(state, tiles[i])
        mark_readers(table, state, np.int64(0), row, column, column + stop - start - 1)
        start = stop


@inlined
def _load_run(op: np.ndarray, values: np.ndarray, image: np.ndarray, row: int, column: int,
              run: int) -> None:
    """Write the pixels of some neighbouring tiles of a row."""
    side, height, width, pitch = op[TILE], op[HEIGHT], op[WIDTH], op[PITCH]
    left, right = column * side, min((column + run) * side, width)
    for y in range(row * side, min((row + 1) * side, height)):
        for c in range(op[CHANNELS]):
            place = op[OFFSET] + y * op[ROW] + left * pitch + c
            line = (c * height + y) * width
            for x in range(left, right):
                values[place] = image[line + x]
                place += pitch

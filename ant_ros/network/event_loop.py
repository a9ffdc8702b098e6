# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The batched schedule in one compiled call: node by node, only what is eligible."""

from enum import IntEnum

import numpy as np

from ant_ros.network import op_table as field
from ant_ros.network.clock import clock_ns
from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.event_kernels import freshen_inputs
from ant_ros.network.event_kernels import is_stale
from ant_ros.network.event_kernels import load_tiles
from ant_ros.network.event_kernels import mark_readers
from ant_ros.network.event_kernels import put_back
from ant_ros.network.event_kernels import State
from ant_ros.network.event_kernels import touch
from ant_ros.network.event_kernels import write_answers
from ant_ros.network.op_table import OpTable
from ant_ros.network.run_intrinsics import copy_floats
from ant_ros.network.run_intrinsics import eight_zeros
from ant_ros.network.run_intrinsics import exceeds
from ant_ros.network.run_intrinsics import prefetch_floats
from ant_ros.network.tile_kernels import compute_tiles
from ant_ros.network.tile_kernels import Scratch

__all__ = ['Tally', 'run_events']


class Tally(IntEnum):
    """Places in the array that counts a run."""

    UNITS = 0
    MACS = 1
    FLOATS = 2
    COMPUTE_NS = 3
    CUT = 4
    UNSETTLED = 5
    ANSWERED = 6


_UNITS, _MACS, _FLOATS, _COMPUTE_NS, _CUT, _UNSETTLED, _ANSWERED = map(int, Tally)


@entry
def run_events(table: OpTable, state: State, scratch: Scratch, chunks: np.ndarray,
               image: np.ndarray, tiles: np.ndarray, changes: np.ndarray, max_units: int,
               deadline_ns: int, tally: np.ndarray, answer: np.ndarray, leave: bool) -> None:
    """Take over changed tiles of an image and compute until nothing is eligible any more.

    A loop is swept until nothing in it is eligible, at most as often as it allows.

    Args:
        table: The network.
        state: Its state; what is eligible is computed, sent and not eligible any more.
        scratch: Working memory.
        chunks: Tiles computed at a time, per node.
        image: [C x H x W], float32.
        tiles: Its changed tiles.
        changes: How much they have changed.
        max_units: Units that may be computed.
        deadline_ns: Value of the monotonic clock at which to stop.
        tally: Counts, by the places in `Tally`; begins with zeros.
        answer: Flat array of all outputs `[H, W, C]`, to bring up to date before leaving.
        leave: Whether to end the run: forget what it has written, and what is still eligible
            unless the state lasts.
    """
    load_tiles(table, state, image, tiles, changes)
    ops, nodes = table.ops, len(table.ops)
    first = np.int64(1)
    while first < nodes and not tally[_CUT]:
        last = max(ops[first, field.LOOP_LAST], first)
        sweep = 0
        while not tally[_CUT] and (
                sweep == 0 or _waiting(ops, state.eligible, first, last)):
            if sweep == ops[first, field.MAX_SWEEPS]:
                tally[_UNSETTLED] = 1
                _drop(ops, state.eligible, first, last)
                break
            for node in range(first, last + 1):
                _run_node(table, state, scratch, chunks[node], max_units, deadline_ns, tally,
                          node)
            sweep += 1
        first = last + 1
    if leave:
        tally[_ANSWERED] = write_answers(table, state, answer)
        state.touched_count[0] = 0
        state.run[0] += 1
        if tally[_CUT] and not state.lasting[0]:
            _drop(ops, state.eligible, np.int64(0), nodes - 1)


@kernel
def _waiting(ops: np.ndarray, eligible: np.ndarray, first: int, last: int) -> bool:
    """Return whether a unit of a loop is eligible; a single node has computed all of its."""
    if ops[first, field.LOOP_LAST] >= 0:
        for unit in range(ops[first, field.FIRST], _end(ops, last)):
            if eligible[unit]:
                return True
    return False


@kernel
def _drop(ops: np.ndarray, eligible: np.ndarray, first: int, last: int) -> None:
    for unit in range(ops[first, field.FIRST], _end(ops, last)):
        eligible[unit] = 0


@kernel
def _end(ops: np.ndarray, node: int) -> int:
    """Return the number after a node's last unit."""
    op = ops[node]
    return op[field.FIRST] + op[field.ROWS] * op[field.COLUMNS]


@kernel
def _run_node(table: OpTable, state: State, scratch: Scratch, chunk: int, max_units: int,
              deadline_ns: int, tally: np.ndarray, node: int) -> None:
    """Compute and send all of a node's eligible units, a chunk at a time."""
    if tally[_CUT]:
        return
    op = table.ops[node]
    count = _list_eligible(op, state.eligible, scratch)
    for start in range(0, count, chunk):
        stop = min(start + chunk, count, start + (max_units - tally[_UNITS]))
        begun = clock_ns()
        if stop <= start or begun >= deadline_ns:
            tally[_CUT] = 1
            return
        tiles = scratch.tiles[start:stop]
        rows, columns = scratch.rows[start:stop], scratch.columns[start:stop]
        freshen_inputs(table, state, node, rows, columns)
        _prefetch(op, state.reference, rows, columns)
        packed = not _all_rest(op, state, tiles)
        outputs = scratch.outputs if packed else state.values
        compute_tiles(table, state.values, node, tiles, scratch, outputs, packed)
        tally[_COMPUTE_NS] += clock_ns() - begun
        if packed:
            _send_packed(table, state, node, rows, columns, outputs)
        else:
            _send(table, state, node, rows, columns)
        _count(op, rows, columns, tally)
        if stop < min(start + chunk, count):
            tally[_CUT] = 1
            return


@inlined
def _prefetch(op: np.ndarray, reference: np.ndarray, rows: np.ndarray,
              columns: np.ndarray) -> None:
    """Have the beginning of what tiles will be compared with in the cache by then."""
    for row, column in zip(rows, columns):
        place, _, _ = _extent(op, row, column)
        prefetch_floats(reference, place, 1)


@kernel
def _list_eligible(op: np.ndarray, eligible: np.ndarray, scratch: Scratch) -> int:
    """List a node's eligible tiles, their rows and columns; return how many they are."""
    columns, unit, count = op[field.COLUMNS], op[field.FIRST], 0
    for row in range(op[field.ROWS]):
        column = 0
        while column < columns:
            if column + 8 <= columns and eight_zeros(eligible, unit + column):
                column += 8
                continue
            if eligible[unit + column]:
                scratch.tiles[count] = row * columns + column
                scratch.rows[count], scratch.columns[count] = row, column
                count += 1
            column += 1
        unit += columns
    return count


@inlined
def _all_rest(op: np.ndarray, state: State, tiles: np.ndarray) -> bool:
    """Return whether tiles stand for their reference, so that their values may be written over."""
    if state.lasting[0]:
        return False
    written = 0
    for tile in tiles:
        written += state.stamp[op[field.FIRST] + tile] == state.run[0]
    return written == 0


@inlined
def _extent(op: np.ndarray, row: int, column: int) -> tuple[int, int, int]:
    """Return the place of a tile's first value, its rows and the floats in each."""
    side, pitch = op[field.TILE], op[field.PITCH]
    top, left = row * side, column * side
    return (op[field.OFFSET] + top * op[field.ROW] + left * pitch,
            min(side, op[field.HEIGHT] - top), min(side, op[field.WIDTH] - left) * pitch)


@kernel
def _send(table: OpTable, state: State, node: int, rows: np.ndarray,
          columns: np.ndarray) -> None:
    """Compare new values with the reference; tell the readers, or put the reference back."""
    op = table.ops[node]
    limit = state.passing[node] * state.scale[node]
    # The run of neighbouring tiles that have changed so far.
    run_row, first, last = np.int64(-1), np.int64(0), np.int64(0)
    for i in range(len(rows)):
        row, column = np.int64(rows[i]), np.int64(columns[i])
        place, height, length = _extent(op, row, column)
        unit = op[field.FIRST] + row * op[field.COLUMNS] + column
        state.eligible[unit] = 0
        changed = False
        for y in range(place, place + height * op[field.ROW], op[field.ROW]):
            if exceeds(state.values, y, state.reference, y, length, limit):
                changed = True
                break
        if not changed:
            put_back(op, state, row, column)
            continue
        touch(state, unit)
        if row != run_row or column != last + 1:
            if run_row >= 0:
                mark_readers(table, state, node, run_row, first, last)
            run_row, first = row, column
        last = column
    if run_row >= 0:
        mark_readers(table, state, node, run_row, first, last)


@kernel
def _send_packed(table: OpTable, state: State, node: int, rows: np.ndarray, columns: np.ndarray,
                 outputs: np.ndarray) -> None:
    """Compare packed outputs with the values, keep what has changed, and tell the readers."""
    op = table.ops[node]
    side, line = op[field.TILE], op[field.ROW]
    step = len(rows) * side * op[field.PITCH]
    limit = state.passing[node] * state.scale[node]
    for i in range(len(rows)):
        row, column = np.int64(rows[i]), np.int64(columns[i])
        place, height, length = _extent(op, row, column)
        unit = op[field.FIRST] + row * op[field.COLUMNS] + column
        start = i * side * op[field.PITCH]
        state.eligible[unit] = 0
        known = state.reference if is_stale(state, unit) else state.values
        changed = False
        for y in range(height):
            if exceeds(outputs, start + y * step, known, place + y * line, length, limit):
                changed = True
                break
        if changed:
            for y in range(height):
                copy_floats(state.values, place + y * line, outputs, start + y * step, length)
            touch(state, unit)
            mark_readers(table, state, node, row, column, column)


@inlined
def _count(op: np.ndarray, rows: np.ndarray, columns: np.ndarray, tally: np.ndarray) -> None:
    """Count the units, their operations and what they have read and written."""
    side, height, width = op[field.TILE], op[field.HEIGHT], op[field.WIDTH]
    positions = len(rows) * side * side
    if height % side or width % side:  # tiles at the border are smaller
        positions = 0
        for row, column in zip(rows, columns):
            positions += min(side, height - row * side) * min(side, width - column * side)
    tally[_UNITS] += len(rows)
    tally[_MACS] += positions * op[field.MACS]
    tally[_FLOATS] += positions * op[field.FLOATS]

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compute a node's tiles from what its inputs have sent (compiled).

Outputs go where they belong in the node's own map, or packed into scratch memory as
`[t, tiles, t, pitch]`; there positions beyond the border of the map are left as they are. Tiles
that lie side by side do so in both, and are computed as one.
"""

from typing import NamedTuple

import numpy as np

from ant_ros.network import op_table as field
from ant_ros.network.activations import activate
from ant_ros.network.activations import bounds
from ant_ros.network.compiled import entry
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.convolution_intrinsics import convolve
from ant_ros.network.convolution_intrinsics import depthwise_1x2
from ant_ros.network.convolution_intrinsics import depthwise_2x2
from ant_ros.network.convolution_intrinsics import depthwise_2x4
from ant_ros.network.convolution_intrinsics import depthwise_any
from ant_ros.network.convolution_intrinsics import MOST_TOGETHER
from ant_ros.network.layout import LANES
from ant_ros.network.layout import LINE
from ant_ros.network.layout import zeros_in_lines
from ant_ros.network.op_table import KIND_CODES
from ant_ros.network.op_table import OpTable
from ant_ros.network.run_intrinsics import add_floats
from ant_ros.network.run_intrinsics import copy_floats
from ant_ros.network.run_intrinsics import largest_floats
from ant_ros.network.run_intrinsics import multiply_floats

__all__ = ['Scratch', 'compute_tiles', 'make_scratch']

(_INPUT, _CONV, _DEPTHWISE, _MAXPOOL, _ADD, _MUL, _CONCAT, _RESIZE, _MEAN) = KIND_CODES.values()


class Scratch(NamedTuple):
    """Memory that the kernels work in; it holds nothing between two calls.

    Attributes:
        outputs: Outputs of a chunk of tiles, float32.
        sources: Places that a convolution begins to read at, per position, int64.
        targets: Places in `outputs` that it writes to, per position, int64.
        tiles: Tiles of one node, int32.
        rows, columns: Where they lie in its grid, int32.
    """

    outputs: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    tiles: np.ndarray
    rows: np.ndarray
    columns: np.ndarray


# Outputs of a chunk stay in the second-level cache until they are compared.
_CHUNK_FLOATS = 16 * 1024


def make_scratch(table: OpTable) -> Scratch:
    """Return scratch memory for a chunk of tiles of any node."""
    ops = table.ops
    positions = int((chunk_tiles(ops) * ops[:, field.TILE] ** 2).max())
    outputs = int((chunk_tiles(ops) * ops[:, field.TILE] ** 2 * ops[:, field.PITCH]).max())
    listed = positions + MOST_TOGETHER - 1
    return Scratch(zeros_in_lines(outputs + LINE), np.zeros(listed, np.int64),
                   np.zeros(listed, np.int64),
                   *np.zeros((3, int((ops[:, field.ROWS] * ops[:, field.COLUMNS]).max())),
                             np.int32))


def chunk_tiles(ops: np.ndarray) -> np.ndarray:
    """Return how many tiles of each node are computed at a time."""
    floats = ops[:, field.TILE] ** 2 * ops[:, field.PITCH]
    return np.maximum(_CHUNK_FLOATS // floats, 1)


@entry
def compute_tiles(table: OpTable, values: np.ndarray, node: int, tiles: np.ndarray,
                  scratch: Scratch, outputs: np.ndarray, packed: bool) -> None:
    """Compute tiles of a node, no more than a chunk.

    Args:
        table: The network.
        values: What all units have sent.
        node: The node.
        tiles: Its tiles.
        scratch: Working memory.
        outputs: Where to write: packed the outputs of the scratch, otherwise the values.
        packed: Whether to write `[t, tiles, t, pitch]` instead of to the places in the map.
    """
    op = table.ops[node]
    kind, activation = op[field.KIND], op[field.ACTIVATION]
    if kind == _CONV:
        _convolve_tiles(table, values, node, tiles, scratch, outputs, packed)
    elif kind == _DEPTHWISE:
        _depthwise_tiles(table, values, node, tiles, outputs, packed)
    elif kind == _MAXPOOL:
        _pool_tiles(table, values, node, tiles, outputs, packed)
    elif kind == _RESIZE:
        _resize_tiles(table, values, node, tiles, outputs, packed)
    elif kind == _MEAN:
        _average_map(table, values, node, outputs, packed)
    else:
        _combine_tiles(table, values, node, tiles, outputs, packed)
    bounded = bounds(activation)[0] > -np.inf and kind in (_CONV, _DEPTHWISE)
    if activation and not bounded:
        _activate_tiles(table, node, tiles, outputs, packed)


@kernel
def _activate_tiles(table: OpTable, node: int, tiles: np.ndarray, outputs: np.ndarray,
                    packed: bool) -> None:
    op = table.ops[node]
    i = 0
    while i < len(tiles):
        run = _run_length(op, tiles, i)
        top, left, height, width = _extent(op, tiles[i], run)
        target, step = _target(op, i, len(tiles), top, left, packed)
        i += run
        for y in range(height):
            start = target + y * step
            activate(outputs, start, start + width * op[field.PITCH], op[field.ACTIVATION],
                     table.slopes[node])


@inlined
def _target(op: np.ndarray, number: int, tiles: int, top: int, left: int,
            packed: bool) -> tuple[int, int]:
    """Return where a tile's first output goes, and the floats from one row to the next."""
    side, pitch = op[field.TILE], op[field.PITCH]
    if packed:
        return number * side * pitch, tiles * side * pitch
    return op[field.OFFSET] + top * op[field.ROW] + left * pitch, op[field.ROW]


@inlined
def _run_length(op: np.ndarray, tiles: np.ndarray, first: int) -> int:
    """Return how many tiles, from one on, lie side by side."""
    stop = first + 1
    left = op[field.COLUMNS] - tiles[first] % op[field.COLUMNS]
    most = min(len(tiles), first + left)
    while stop < most and tiles[stop] == tiles[stop - 1] + 1:
        stop += 1
    return stop - first


@inlined
def _extent(op: np.ndarray, tile: int, run: int) -> tuple[int, int, int, int]:
    """Return a run's first row and column, and its rows and columns within the map."""
    side = op[field.TILE]
    top, left = tile // op[field.COLUMNS] * side, tile % op[field.COLUMNS] * side
    return top, left, min(side, op[field.HEIGHT] - top), min(run * side, op[field.WIDTH] - left)


@inlined
def _first_tap(op: np.ndarray, source: np.ndarray, y: int, x: int) -> int:
    """Return the place in `values` of the first tap that an output position reads."""
    row = y * op[field.STRIDE_Y] - op[field.PAD_TOP]
    column = x * op[field.STRIDE_X] - op[field.PAD_LEFT]
    return source[field.OFFSET] + row * source[field.ROW] + column * source[field.PITCH]


@kernel
def _convolve_tiles(table: OpTable, values: np.ndarray, node: int, tiles: np.ndarray,
                    scratch: Scratch, outputs: np.ndarray, packed: bool) -> None:
    op = table.ops[node]
    source = table.ops[table.edges[op[field.FIRST_EDGE], field.SOURCE]]
    count = _list_positions(op, source, tiles, scratch, packed)
    low, high = bounds(op[field.ACTIVATION])
    down, step_down = op[field.KERNEL_Y], op[field.DILATION_Y] * source[field.ROW]
    step_along = op[field.DILATION_X] * source[field.PITCH]
    first = op[field.FIRST_PANEL]
    for panel in table.panels[first:first + op[field.PANELS]]:
        along, taps = op[field.KERNEL_X], panel[field.PANEL_INPUTS]
        if op[field.DILATION_X] == 1 and taps == source[field.PITCH]:
            along, taps = 1, along * taps  # one tap follows another without a gap
        # The weights are those of the panel's first input on.
        convolve(values[panel[field.PANEL_INPUT]:], scratch.sources, scratch.targets, count,
                 table.weights, panel[field.PANEL_WEIGHT], op[field.BIAS] + panel[
                     field.PANEL_FIRST], panel[field.PANEL_VECTORS], down, along, step_down,
                 step_along, taps, outputs, panel[field.PANEL_FIRST], low, high)


@kernel
def _list_positions(op: np.ndarray, source: np.ndarray, tiles: np.ndarray, scratch: Scratch,
                    packed: bool) -> int:
    """List where each position of the tiles reads and writes; return how many there are.

    The last one follows over and over, to fill up what is computed together with it.
    """
    i, count, pitch = 0, 0, op[field.PITCH]
    along = op[field.STRIDE_X] * source[field.PITCH]
    while i < len(tiles):
        run = _run_length(op, tiles, i)
        top, left, height, width = _extent(op, tiles[i], run)
        target, step = _target(op, i, len(tiles), top, left, packed)
        for y in range(height):
            start = _first_tap(op, source, top + y, left)
            for x in range(width):
                scratch.sources[count] = start + x * along
                scratch.targets[count] = target + y * step + x * pitch
                count += 1
        i += run
    for place in range(count, count + MOST_TOGETHER - 1):
        scratch.sources[place] = scratch.sources[count - 1]
        scratch.targets[place] = scratch.targets[count - 1]
    return count


@kernel
def _depthwise_tiles(table: OpTable, values: np.ndarray, node: int, tiles: np.ndarray,
                     outputs: np.ndarray, packed: bool) -> None:
    op = table.ops[node]
    source = table.ops[table.edges[op[field.FIRST_EDGE], field.SOURCE]]
    kernel, stride = op[field.KERNEL_Y], op[field.STRIDE_X]
    in_blocks = (kernel == op[field.KERNEL_X] and kernel in (3, 5) and stride <= 2
                 and stride == op[field.STRIDE_Y] and op[field.DILATION_X] == 1
                 and op[field.DILATION_Y] == 1)
    i = 0
    while i < len(tiles):
        run = _run_length(op, tiles, i)
        top, left, height, width = _extent(op, tiles[i], run)
        corner, step = _target(op, i, len(tiles), top, left, packed)
        i += run
        y = 0
        while y < height:
            start = _first_tap(op, source, top + y, left)
            target = corner + y * step
            rows = 2 if in_blocks and y + 2 <= height else 1
            x = 0
            if in_blocks:
                x = _depthwise_rows(table, values, op, source, start, outputs, target, step, rows,
                                    width)
            for row in range(rows):
                _depthwise_rest(table, values, op, source, x, width,
                                start + row * stride * source[field.ROW], outputs,
                                target + row * step)
            y += rows


@inlined
def _depthwise_rows(table: OpTable, values: np.ndarray, op: np.ndarray, source: np.ndarray,
                    start: int, outputs: np.ndarray, target: int, step: int, rows: int,
                    width: int) -> int:
    """Compute one row of positions, or two, in blocks; return how many of each are done."""
    channels, stride = op[field.PITCH], op[field.STRIDE_X]
    row, pitch, side = source[field.ROW], source[field.PITCH], op[field.KERNEL_Y]
    weights, weight, bias = table.weights, op[field.WEIGHT], op[field.BIAS]
    low, high = bounds(op[field.ACTIVATION])
    x = 0
    while rows == 2 and x + 4 <= width:
        depthwise_2x4(values, start + x * stride * pitch, row, pitch, weights, weight, bias,
                      outputs, target + x * channels, step, channels, side, stride, low, high)
        x += 4
    while x + 2 <= width:
        place, end = start + x * stride * pitch, target + x * channels
        if rows == 2:
            depthwise_2x2(values, place, row, pitch, weights, weight, bias, outputs, end, step,
                          channels, side, stride, low, high)
        else:
            depthwise_1x2(values, place, row, pitch, weights, weight, bias, outputs, end, step,
                          channels, side, stride, low, high)
        x += 2
    return x


@inlined
def _depthwise_rest(table: OpTable, values: np.ndarray, op: np.ndarray, source: np.ndarray,
                    first: int, width: int, start: int, outputs: np.ndarray,
                    target: int) -> None:
    """Compute a row's positions from one on, one by one."""
    pitch, low_high = source[field.PITCH], bounds(op[field.ACTIVATION])
    for x in range(first, width):
        depthwise_any(values, start + x * op[field.STRIDE_X] * pitch,
                      source[field.ROW] * op[field.DILATION_Y], pitch * op[field.DILATION_X],
                      table.weights, op[field.WEIGHT], op[field.BIAS], outputs,
                      target + x * op[field.PITCH], op[field.KERNEL_Y], op[field.KERNEL_X],
                      op[field.PITCH], *low_high)


@kernel
def _pool_tiles(table: OpTable, values: np.ndarray, node: int, tiles: np.ndarray,
                outputs: np.ndarray, packed: bool) -> None:
    """Take the largest value under the window; what is outside the map does not count."""
    op = table.ops[node]
    source = table.ops[table.edges[op[field.FIRST_EDGE], field.SOURCE]]
    i = 0
    while i < len(tiles):
        run = _run_length(op, tiles, i)
        top, left, height, width = _extent(op, tiles[i], run)
        target, step = _target(op, i, len(tiles), top, left, packed)
        i += run
        for y in range(height):
            for x in range(width):
                _pool_position(values, op, source, top + y, left + x, outputs,
                               target + y * step + x * op[field.PITCH])


@inlined
def _pool_position(values: np.ndarray, op: np.ndarray, source: np.ndarray, y: int, x: int,
                   outputs: np.ndarray, target: int) -> None:
    rows, columns, channels = source[field.HEIGHT], source[field.WIDTH], op[field.PITCH]
    down, across = op[field.DILATION_Y], op[field.DILATION_X]
    top, left = y * op[field.STRIDE_Y] - op[field.PAD_TOP], (
        x * op[field.STRIDE_X] - op[field.PAD_LEFT])
    first = True
    for row in range(top, top + op[field.KERNEL_Y] * down, down):
        for column in range(left, left + op[field.KERNEL_X] * across, across):
            if 0 <= row < rows and 0 <= column < columns:
                place = source[field.OFFSET] + row * source[field.ROW] + (
                    column * source[field.PITCH])
                if first:
                    copy_floats(outputs, target, values, place, channels)
                else:
                    largest_floats(outputs, target, values, place, channels)
                first = False


@kernel
def _resize_tiles(table: OpTable, values: np.ndarray, node: int, tiles: np.ndarray,
                  outputs: np.ndarray, packed: bool) -> None:
    """Mix the four positions around each one; `nearest` is the case of no fraction."""
    op = table.ops[node]
    source = table.ops[table.edges[op[field.FIRST_EDGE], field.SOURCE]]
    full, wide = op[field.HEIGHT], op[field.WIDTH]
    rows = table.taps[op[field.TAPS]:]
    columns = rows[2 * full:]
    fractions = table.weights[op[field.FRACTIONS]:]
    one = np.float32(1.0)
    i = 0
    while i < len(tiles):
        run = _run_length(op, tiles, i)
        top, left, height, width = _extent(op, tiles[i], run)
        corner, step = _target(op, i, len(tiles), top, left, packed)
        i += run
        for y in range(top, top + height):
            upper = source[field.OFFSET] + rows[y] * source[field.ROW]
            lower = source[field.OFFSET] + rows[full + y] * source[field.ROW]
            down = fractions[y]
            for x in range(left, left + width):
                near = columns[x] * source[field.PITCH]
                far = columns[wide + x] * source[field.PITCH]
                across = fractions[full + x]
                target = corner + (y - top) * step + (x - left) * op[field.PITCH]
                for c in range(op[field.CHANNELS]):
                    above = (one - across) * values[upper + near + c] + (
                        across * values[upper + far + c])
                    below = (one - across) * values[lower + near + c] + (
                        across * values[lower + far + c])
                    outputs[target + c] = (one - down) * above + down * below


@kernel
def _average_map(table: OpTable, values: np.ndarray, node: int, outputs: np.ndarray,
                 packed: bool) -> None:
    """Average each channel over the whole map."""
    op = table.ops[node]
    source = table.ops[table.edges[op[field.FIRST_EDGE], field.SOURCE]]
    channels = op[field.CHANNELS]
    total = np.zeros(channels, np.float64)
    for y in range(source[field.HEIGHT]):
        for x in range(source[field.WIDTH]):
            place = source[field.OFFSET] + y * source[field.ROW] + x * source[field.PITCH]
            for c in range(channels):
                total[c] += values[place + c]
    target, _ = _target(op, 0, 1, 0, 0, packed)
    for c in range(channels):
        outputs[target + c] = total[c] / (source[field.HEIGHT] * source[field.WIDTH])


@kernel
def _combine_tiles(table: OpTable, values: np.ndarray, node: int, tiles: np.ndarray,
                   outputs: np.ndarray, packed: bool) -> None:
    """Add, multiply or line up the inputs, position by position."""
    op = table.ops[node]
    pitch, kind = op[field.PITCH], op[field.KIND]
    first = op[field.FIRST_EDGE]
    channel = 0
    for number in range(op[field.EDGES]):
        source = table.ops[table.edges[first + number, field.SOURCE]]
        one = source[field.HEIGHT] * source[field.WIDTH] == 1
        row = 0 if one else source[field.ROW]
        step = 0 if one else source[field.PITCH]
        i = 0
        while i < len(tiles):
            run = _run_length(op, tiles, i)
            top, left, height, width = _extent(op, tiles[i], run)
            corner, down = _target(op, i, len(tiles), top, left, packed)
            i += run
            for y in range(height):
                place = source[field.OFFSET] + (top + y) * row + left * step
                target = corner + y * down
                if kind != _CONCAT and step == pitch:
                    _combine(outputs, target, values, place, width * pitch, kind, number)
                    continue
                for x in range(width):
                    if kind == _CONCAT:
                        copy_floats(outputs, target + x * pitch + channel, values,
                                    place + x * step, source[field.CHANNELS])
                    else:
                        _combine(outputs, target + x * pitch, values, place + x * step,
                                 min(pitch, source[field.PITCH]), kind, number)
        channel += source[field.CHANNELS]


@inlined
def _combine(outputs: np.ndarray, target: int, values: np.ndarray, place: int, length: int,
             kind: int, number: int) -> None:
    """Take a run of an input into the output: the first one sets it, then it is a sum or product.

    The network's own input holds no whole vectors: what is left over goes one by one.
    """
    whole = length - length % LANES
    if number == 0:
        copy_floats(outputs, target, values, place, length)
    elif kind == _ADD:
        add_floats(outputs, target, values, place, whole)
        for c in range(whole, length):
            outputs[target + c] += values[place + c]
    else:
        multiply_floats(outputs, target, values, place, whole)
        for c in range(whole, length):
            outputs[target + c] *= values[place + c]

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The innermost loops of convolutions, with their sums in registers.

Every output is summed in one order, whatever it is computed together with, so that a unit's value
does not depend on the batch.
"""
# mypy: disable-error-code="no-untyped-def"

from collections.abc import Callable
from contextlib import contextmanager

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ant_ros.network.layout import LANES
from ant_ros.network.vector_code import clamp
from ant_ros.network.vector_code import INT
from ant_ros.network.vector_code import LANE_INT
from ant_ros.network.vector_code import load_vector
from ant_ros.network.vector_code import multiply_add
from ant_ros.network.vector_code import pointer_to
from ant_ros.network.vector_code import spread_over
from ant_ros.network.vector_code import store_vector
from ant_ros.network.vector_code import vector_of
from ant_ros.network.vector_code import weighted_sum
from ant_ros.network.vector_code import WIDE
from ant_ros.network.vector_code import WIDEST

__all__ = [
    'MOST_PANEL_VECTORS', 'MOST_TOGETHER', 'convolve', 'depthwise_1x2', 'depthwise_2x2',
    'depthwise_2x4', 'depthwise_any']

MOST_PANEL_VECTORS = 6 if WIDE else 3
"""Vectors of 8 output channels that a convolution computes together at most."""

# Positions computed together, by those vectors less one: as many sums as leave room for the
# operands in 32 vector registers, or in 16.
_TOGETHER = (8,) * MOST_PANEL_VECTORS if WIDE else (8, 6, 4)

MOST_TOGETHER = max(_TOGETHER)
"""Positions that a convolution computes together at most."""


@intrinsic
def convolve(typingctx, values, sources, targets, count, weights, weight, bias, vectors, down,
             along, step_down, step_along, taps, outputs, channel, low, high):
    """Compute `vectors` x 8 output channels of some positions.

    Takes values; places of the positions' first taps and of their outputs, and how many they
    are: there are `MOST_TOGETHER - 1` places more, which may be written as well; weights
    `[down, along, taps, vectors x 8]` and their place; place of the biases; down and along:
    numbers of runs of taps; floats from one run to the next, down and along; taps: floats in a
    run; outputs; output channel of the first lane; bounds that outputs are clamped to.
    """
    signature = types.void(
        values, sources, targets, types.int64, weights, types.int64, types.int64, types.int64,
        types.int64, types.int64, types.int64, types.int64, types.int64, outputs, types.int64,
        types.float32, types.float32)

    def generate(context, builder, signature, arguments):
        (values, sources, targets, count, weights, weight, bias, vectors, down, along, step_down,
         step_along, taps, outputs, channel, low, high) = arguments
        kinds = signature.args
        values = pointer_to(context, builder, kinds[0], values)
        sources = pointer_to(context, builder, kinds[1], sources)
        targets = pointer_to(context, builder, kinds[2], targets)
        weights = pointer_to(context, builder, kinds[4], weights)
        outputs = builder.gep(pointer_to(context, builder, kinds[13], outputs), [channel])
        biases, weights = builder.gep(weights, [bias]), builder.gep(weights, [weight])
        for number, rows in enumerate(_TOGETHER, 1):
            chosen = builder.icmp_signed('==', vectors, ir.Constant(INT, number))
            with builder.if_then(chosen), cgutils.for_range_slice(
                    builder, ir.Constant(INT, 0), count, ir.Constant(INT, rows)) as (first, _):
                places = [builder.add(first, ir.Constant(INT, row)) for row in range(rows)]
                starts, ends = ([
                    builder.gep(pointer, [builder.load(builder.gep(listed, [place]))])
                    for place in places] for pointer, listed in (
                        (values, sources), (outputs, targets)))
                sums = _start_sums(builder, biases, number, rows)
                _add_taps(builder, starts, weights, number, (down, along, taps),
                          (step_down, step_along), sums)
                _store_sums(builder, sums, ends, (low, high))
        return context.get_dummy_value()

    return signature, generate


def _parts(vectors: int) -> list[tuple[int, int]]:
    """Split vectors of 8 channels into the widest there are: first channel and width of each."""
    channels = vectors * LANES
    return [(first, min(WIDEST, channels - first)) for first in range(0, channels, WIDEST)]


def _start_sums(builder, biases, vectors, rows):
    """Return variables `[parts][rows]` that begin with the bias."""
    sums = []
    for lane, width in _parts(vectors):
        bias = load_vector(builder, biases, ir.Constant(INT, lane), vector_of(width))
        sums.append([cgutils.alloca_once(builder, bias.type) for _ in range(rows)])
        for total in sums[-1]:
            builder.store(bias, total)
    return sums


def _add_taps(builder, starts, weights, vectors, numbers, steps, sums):
    """Add to the sums what some positions, which begin at `starts`, see through the kernel."""
    down, along, taps = numbers
    size = ir.Constant(INT, vectors * LANES)
    with cgutils.for_range(builder, down) as y, cgutils.for_range(builder, along) as x:
        shift = weighted_sum(builder, (y.index, steps[0]), (x.index, steps[1]))
        lines = [builder.gep(start, [shift]) for start in starts]
        run = builder.add(builder.mul(y.index, along), x.index)
        panel = builder.gep(weights, [builder.mul(builder.mul(run, taps), size)])
        with cgutils.for_range(builder, taps) as tap:
            place = builder.mul(tap.index, size)
            kernel = [load_vector(builder, panel, builder.add(place, ir.Constant(INT, lane)),
                                  vector_of(width)) for lane, width in _parts(vectors)]
            for row, line in enumerate(lines):
                seen = builder.load(builder.gep(line, [tap.index]))
                for weight, totals in zip(kernel, sums):
                    builder.store(multiply_add(
                        builder, spread_over(builder, seen, weight.type), weight,
                        builder.load(totals[row])), totals[row])


def _store_sums(builder, sums, ends, bounds):
    """Clamp the sums and write them."""
    lane = 0
    for totals in sums:
        values = [builder.load(total) for total in totals]
        low, high = (spread_over(builder, bound, values[0].type) for bound in bounds)
        for value, end in zip(values, ends):
            store_vector(builder, clamp(builder, value, low, high), end, ir.Constant(INT, lane))
        lane += values[0].type.count


def _depthwise(rows: int, columns: int) -> Callable[..., None]:
    """Make the kernel for a block of neighbouring positions and square kernels of 3 or 5.

    Its arguments: values and the place of the first position's first tap; floats from one input
    row and one input position to the next; weights `[blocks, side, side, WIDEST]`, their place
    and the place of the biases; outputs, place of the first one and floats from one row of
    positions to the next; channels, a multiple of 8, which are the floats from one position to
    the next as well; side of the kernel; its stride, 1 or 2; bounds that outputs are clamped to.
    """

    @intrinsic
    def kernel(typingctx, values, source, row, pitch, weights, weight, bias, outputs, target,
               down, channels, side, stride, low, high):
        signature = types.void(
            values, types.int64, types.int64, types.int64, weights, types.int64, types.int64,
            outputs, types.int64, types.int64, types.int64, types.int64, types.int64,
            types.float32, types.float32)

        def generate(context, builder, signature, arguments):
            (values, source, row, pitch, weights, weight, bias, outputs, target, down, channels,
             side, stride, low, high) = arguments
            kinds = signature.args
            values = builder.gep(pointer_to(context, builder, kinds[0], values), [source])
            weights = pointer_to(context, builder, kinds[4], weights)
            biases, weights = builder.gep(weights, [bias]), builder.gep(weights, [weight])
            outputs = pointer_to(context, builder, kinds[7], outputs)
            ends = [[builder.gep(outputs, [weighted_sum(
                builder, (target, 1), (down, y), (channels, x))]) for x in range(columns)]
                for y in range(rows)]
            bounds = [spread_over(builder, bound, vector_of(WIDEST)) for bound in (low, high)]
            for size in (3, 5):
                for step in (1, 2):
                    chosen = builder.and_(
                        builder.icmp_signed('==', side, ir.Constant(INT, size)),
                        builder.icmp_signed('==', stride, ir.Constant(INT, step)))
                    with builder.if_then(chosen), _blocks_of(builder, channels) as channel:
                        sums = _sum_block(
                            builder, builder.gep(values, [channel]), row, pitch, builder.gep(
                                weights, [builder.mul(channel, ir.Constant(INT, size * size))]),
                            load_vector(builder, biases, channel, vector_of(WIDEST)),
                            (rows, columns), size, step)
                        _store_block(builder, sums, ends, channel, channels, bounds)
            return context.get_dummy_value()

        return signature, generate

    return kernel


@contextmanager
def _blocks_of(builder, channels):
    """Go through channels in steps of the widest vector."""
    with cgutils.for_range_slice(builder, ir.Constant(INT, 0), channels,
                                 ir.Constant(INT, WIDEST)) as (channel, _):
        yield channel


def _sum_block(builder, values, row, pitch, weights, bias, shape, side, stride):
    """Return the sums of a block of positions [rows][columns] for one block of channels."""
    kind = vector_of(WIDEST)
    rows, columns = shape
    sums = [[bias] * columns for _ in range(rows)]
    for y in range((rows - 1) * stride + side):
        start = builder.gep(values, [builder.mul(row, ir.Constant(INT, y))])
        line = [load_vector(builder, start, builder.mul(pitch, ir.Constant(INT, x)), kind)
                for x in range((columns - 1) * stride + side)]
        for place in range(rows):
            down = y - place * stride
            for along in range(side if 0 <= down < side else 0):
                tap = load_vector(builder, weights, ir.Constant(
                    INT, (down * side + along) * WIDEST), kind)
                sums[place] = [multiply_add(builder, line[x * stride + along], tap, total)
                               for x, total in enumerate(sums[place])]
    return sums


def _store_block(builder, sums, ends, channel, channels, bounds):
    """Clamp sums and write them; of a last block that is half full the half that counts."""
    values = [clamp(builder, total, *bounds) for line in sums for total in line]
    targets = [end for line in ends for end in line]
    if WIDEST == LANES:
        for value, end in zip(values, targets):
            store_vector(builder, value, end, channel)
        return
    full = builder.icmp_signed('<=', builder.add(channel, ir.Constant(INT, WIDEST)), channels)
    half = ir.Constant(ir.VectorType(LANE_INT, LANES), list(range(LANES)))
    with builder.if_else(full, likely=True) as (then, otherwise):
        with then:
            for value, end in zip(values, targets):
                store_vector(builder, value, end, channel)
        with otherwise:
            for value, end in zip(values, targets):
                store_vector(builder, builder.shuffle_vector(value, value, half), end, channel)


depthwise_1x2, depthwise_2x2, depthwise_2x4 = _depthwise(1, 2), _depthwise(2, 2), _depthwise(2, 4)


@intrinsic
def depthwise_any(typingctx, values, source, step_y, step_x, weights, weight, bias, outputs,
                  target, high_taps, wide_taps, channels, low, high):
    """Compute one position with a kernel of any size, stride and dilation.

    Takes what the kernels of `_depthwise` take, the floats from one tap to the next down and
    along instead of those from one row and position to the next, and the taps down and along.
    """
    signature = types.void(
        values, types.int64, types.int64, types.int64, weights, types.int64, types.int64,
        outputs, types.int64, types.int64, types.int64, types.int64, types.float32,
        types.float32)

    def generate(context, builder, signature, arguments):
        (values, source, step_y, step_x, weights, weight, bias, outputs, target, high_taps,
         wide_taps, channels, low, high) = arguments
        kinds, kind = signature.args, vector_of(WIDEST)
        values = pointer_to(context, builder, kinds[0], values)
        weights = pointer_to(context, builder, kinds[4], weights)
        outputs = pointer_to(context, builder, kinds[7], outputs)
        bounds = [spread_over(builder, bound, kind) for bound in (low, high)]
        end = builder.gep(outputs, [target])
        number = builder.mul(high_taps, wide_taps)
        total = cgutils.alloca_once(builder, kind)
        with _blocks_of(builder, channels) as channel:
            builder.store(load_vector(builder, weights, builder.add(bias, channel), kind), total)
            block = weighted_sum(builder, (weight, 1), (channel, number))
            with cgutils.for_range(builder, high_taps) as y, \
                    cgutils.for_range(builder, wide_taps) as x:
                seen = load_vector(builder, values, weighted_sum(
                    builder, (source, 1), (y.index, step_y), (x.index, step_x), (channel, 1)),
                    kind)
                place = builder.add(builder.mul(y.index, wide_taps), x.index)
                tap = load_vector(builder, weights, weighted_sum(
                    builder, (block, 1), (place, WIDEST)), kind)
                builder.store(multiply_add(builder, seen, tap, builder.load(total)), total)
            _store_block(builder, [[builder.load(total)]], [[end]], channel, channels, bounds)
        return context.get_dummy_value()

    return signature, generate

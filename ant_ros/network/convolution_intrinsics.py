# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The innermost loops of convolutions, with their sums in registers.

Every output is summed in one order, whatever it is computed together with, so that a unit's value
does not depend on the batch.
"""
# mypy: disable-error-code="no-untyped-def"

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ant_ros.network.layout import LANES
from ant_ros.network.vector_code import clamp
from ant_ros.network.vector_code import INT
from ant_ros.network.vector_code import load_vector
from ant_ros.network.vector_code import multiply_add
from ant_ros.network.vector_code import pointer_to
from ant_ros.network.vector_code import spread_over
from ant_ros.network.vector_code import store_vector
from ant_ros.network.vector_code import VECTOR
from ant_ros.network.vector_code import weighted_sum

__all__ = [
    'convolve_4x3', 'convolve_6x2', 'convolve_8x1', 'depthwise_2x3x1', 'depthwise_2x3x2',
    'depthwise_2x5x1', 'depthwise_2x5x2', 'depthwise_4x3x1', 'depthwise_4x3x2',
    'depthwise_4x5x1', 'depthwise_4x5x2', 'depthwise_any']


def _convolve(rows: int, vectors: int) -> Callable[..., None]:
    """Make the kernel for `rows` positions and `vectors` x 8 output channels.

    Its arguments: values; places of the positions' first taps and of their outputs, and the first
    of them to compute; weights `[down, along, taps, vectors x 8]` and their place; place of the
    biases; down and along: numbers of runs of taps; floats from one run to the next, down and
    along; taps: floats in a run; outputs; output channel of the first lane; bounds that
    outputs are clamped to.
    """

    @intrinsic
    def kernel(typingctx, values, sources, targets, first, weights, weight, bias, down, along,
               step_down, step_along, taps, outputs, channel, low, high):
        signature = types.void(
            values, sources, targets, types.int64, weights, types.int64, types.int64, types.int64,
            types.int64, types.int64, types.int64, types.int64, outputs, types.int64,
            types.float32, types.float32)

        def generate(context, builder, signature, arguments):
            (values, sources, targets, first, weights, weight, bias, down, along, step_down,
             step_along, taps, outputs, channel, low, high) = arguments
            kinds = signature.args
            values = pointer_to(context, builder, kinds[0], values)
            sources = pointer_to(context, builder, kinds[1], sources)
            targets = pointer_to(context, builder, kinds[2], targets)
            weights = pointer_to(context, builder, kinds[4], weights)
            outputs = pointer_to(context, builder, kinds[12], outputs)
            numbers = [builder.add(first, ir.Constant(INT, row)) for row in range(rows)]
            starts = [builder.gep(values, [builder.load(builder.gep(sources, [number]))])
                      for number in numbers]
            sums = [[cgutils.alloca_once(builder, VECTOR) for _ in range(vectors)]
                    for _ in range(rows)]
            for vector in range(vectors):
                value = load_vector(builder, weights,
                              builder.add(bias, ir.Constant(INT, vector * LANES)))
                for row in range(rows):
                    builder.store(value, sums[row][vector])
            at = cgutils.alloca_once_value(builder, weight)
            with cgutils.for_range(builder, down) as y, \
                    cgutils.for_range(builder, along) as x:
                shift = weighted_sum(builder, (y.index, step_down), (x.index, step_along))
                lines = [builder.gep(start, [shift]) for start in starts]
                panel = builder.gep(weights, [builder.load(at)])
                with cgutils.for_range(builder, taps) as tap:
                    place = builder.mul(tap.index, ir.Constant(INT, vectors * LANES))
                    kernel = [load_vector(builder, panel,
                                    builder.add(place, ir.Constant(INT, vector * LANES)))
                              for vector in range(vectors)]
                    for row in range(rows):
                        seen = spread_over(builder, builder.load(
                            builder.gep(lines[row], [tap.index])))
                        for vector in range(vectors):
                            total = sums[row][vector]
                            builder.store(multiply_add(
                                builder, seen, kernel[vector], builder.load(total)), total)
                builder.store(builder.add(builder.load(at), builder.mul(
                    taps, ir.Constant(INT, vectors * LANES))), at)
            low, high = spread_over(builder, low), spread_over(builder, high)
            for row in range(rows):
                target = builder.load(builder.gep(targets, [numbers[row]]))
                for vector in range(vectors):
                    value = clamp(builder, builder.load(sums[row][vector]), low, high)
                    store_vector(builder, value, outputs, builder.add(
                        builder.add(target, channel), ir.Constant(INT, vector * LANES)))
            return context.get_dummy_value()

        return signature, generate

    return kernel


# Twelve sums leave room for the operands in 16 vector registers.
convolve_4x3, convolve_6x2, convolve_8x1 = _convolve(4, 3), _convolve(6, 2), _convolve(8, 1)


def _depthwise(positions: int, side: int, stride: int) -> Callable[..., None]:
    """Make the kernel for neighbouring positions in a row, a square kernel and a stride.

    Its arguments: values and the place of the first position's first tap; floats from one input
    row and one input position to the next; weights `[side, side, channels]`, their place and
    the place of the biases; outputs, place of the first one and floats from one position to the
    next; channels, a multiple of 8; bounds that outputs are clamped to.
    """
    seen = range((positions - 1) * stride + side)

    @intrinsic
    def kernel(typingctx, values, source, row, pitch, weights, weight, bias, outputs, target,
               step, channels, low, high):
        signature = types.void(
            values, types.int64, types.int64, types.int64, weights, types.int64, types.int64,
            outputs, types.int64, types.int64, types.int64, types.float32, types.float32)

        def generate(context, builder, signature, arguments):
            (values, source, row, pitch, weights, weight, bias, outputs, target, step, channels,
             low, high) = arguments
            kinds = signature.args
            values = pointer_to(context, builder, kinds[0], values)
            weights = pointer_to(context, builder, kinds[4], weights)
            outputs = pointer_to(context, builder, kinds[7], outputs)
            low, high = spread_over(builder, low), spread_over(builder, high)
            lines = [[builder.gep(values, [
                weighted_sum(builder, (source, 1), (row, y), (pitch, x))]) for x in seen]
                for y in range(side)]
            taps = [[builder.gep(weights, [weighted_sum(builder, (weight, 1),
                                                  (channels, y * side + x))])
                     for x in range(side)] for y in range(side)]
            ends = [builder.gep(outputs, [weighted_sum(builder, (target, 1), (step, position))])
                    for position in range(positions)]
            with cgutils.for_range_slice(builder, ir.Constant(INT, 0), channels,
                                         ir.Constant(INT, LANES)) as (channel, _):
                start = load_vector(builder, weights, builder.add(bias, channel))
                sums = [start] * positions
                for y in range(side):
                    line = [load_vector(builder, pointer, channel) for pointer in lines[y]]
                    for x in range(side):
                        tap = load_vector(builder, taps[y][x], channel)
                        for position in range(positions):
                            sums[position] = multiply_add(
                                builder, line[position * stride + x], tap, sums[position])
                for position in range(positions):
                    store_vector(builder, clamp(builder, sums[position], low, high),
                           ends[position], channel)
            return context.get_dummy_value()

        return signature, generate

    return kernel


depthwise_4x3x1, depthwise_4x3x2 = _depthwise(4, 3, 1), _depthwise(4, 3, 2)
depthwise_2x3x1, depthwise_2x3x2 = _depthwise(2, 3, 1), _depthwise(2, 3, 2)
depthwise_4x5x1, depthwise_4x5x2 = _depthwise(4, 5, 1), _depthwise(4, 5, 2)
depthwise_2x5x1, depthwise_2x5x2 = _depthwise(2, 5, 1), _depthwise(2, 5, 2)


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
        kinds = signature.args
        values = pointer_to(context, builder, kinds[0], values)
        weights = pointer_to(context, builder, kinds[4], weights)
        outputs = pointer_to(context, builder, kinds[7], outputs)
        low, high = spread_over(builder, low), spread_over(builder, high)
        total = cgutils.alloca_once(builder, VECTOR)
        with cgutils.for_range_slice(builder, ir.Constant(INT, 0), channels,
                                     ir.Constant(INT, LANES)) as (channel, _):
            builder.store(load_vector(builder, weights, builder.add(bias, channel)), total)
            with cgutils.for_range(builder, high_taps) as y, \
                    cgutils.for_range(builder, wide_taps) as x:
                seen = load_vector(builder, values, weighted_sum(
                    builder, (source, 1), (y.index, step_y), (x.index, step_x), (channel, 1)))
                number = builder.add(builder.mul(y.index, wide_taps), x.index)
                tap = load_vector(builder, weights, weighted_sum(
                    builder, (weight, 1), (number, channels), (channel, 1)))
                builder.store(multiply_add(builder, seen, tap, builder.load(total)), total)
            store_vector(builder, clamp(builder, builder.load(total), low, high), outputs,
                   builder.add(target, channel))
        return context.get_dummy_value()

    return signature, generate

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done to runs of floats that lie one after another: compare, combine, copy."""
# mypy: disable-error-code="no-untyped-def"

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ant_ros.network.layout import LANES
from ant_ros.network.vector_code import distance_bits
from ant_ros.network.vector_code import FLOAT
from ant_ros.network.vector_code import INT
from ant_ros.network.vector_code import LANE_INTS
from ant_ros.network.vector_code import load_vector
from ant_ros.network.vector_code import pointer_to
from ant_ros.network.vector_code import spread_over
from ant_ros.network.vector_code import store_vector
from ant_ros.network.vector_code import VECTOR

__all__ = [
    'add_floats', 'copy_floats', 'eight_zeros', 'exceeds', 'keep_largest',
    'keep_largest_weighted', 'largest_floats', 'multiply_floats', 'prefetch_floats']

_LINE = 16  # floats in a line of the cache


@intrinsic
def exceeds(typingctx, a, first_a, b, first_b, length, limit):
    """Return whether |a - b| exceeds a limit, or is not a number, anywhere in a run of floats.

    The length is a multiple of 8. It looks no further than the first vector where it does.
    """
    def generate(context, builder, signature, arguments):
        a, first_a, b, first_b, length, limit = arguments
        a = pointer_to(context, builder, signature.args[0], a)
        b = pointer_to(context, builder, signature.args[2], b)
        limit = spread_over(builder, limit)
        found = cgutils.alloca_once_value(builder, ir.Constant(ir.IntType(1), 0))
        vectors = builder.sdiv(length, ir.Constant(INT, LANES))
        with cgutils.for_range(builder, vectors) as vector:
            place = builder.mul(vector.index, ir.Constant(INT, LANES))
            size = distance_bits(builder, load_vector(builder, a, builder.add(first_a, place)),
                             load_vector(builder, b, builder.add(first_b, place)))
            lanes = builder.bitcast(
                builder.fcmp_unordered('>', builder.bitcast(size, VECTOR), limit),
                ir.IntType(LANES))
            builder.store(builder.icmp_unsigned('!=', lanes, ir.Constant(ir.IntType(LANES), 0)),
                          found)
            with builder.if_then(builder.load(found), likely=False):
                vector.do_break()
        return builder.load(found)

    return types.boolean(a, types.int64, b, types.int64, types.int64, types.float32), generate


def _keep_largest(weighted: bool) -> Callable[..., None]:
    """Make the step that keeps, place by place, the largest |a - b| of several runs.

    Its arguments: a, b, the first place in both, the length (a multiple of 8), an int32 array
    for the bits of the largest ones so far, and factors that the differences are multiplied
    with, place by place. NaN is larger than anything.
    """

    def generate(context, builder, signature, arguments):
        a, b, first, length, largest = arguments[:5]
        a = pointer_to(context, builder, signature.args[0], a)
        b = pointer_to(context, builder, signature.args[1], b)
        largest = builder.bitcast(pointer_to(context, builder, signature.args[4], largest),
                                  FLOAT.as_pointer())
        factors = (pointer_to(context, builder, signature.args[5], arguments[5])
                   if weighted else None)
        with cgutils.for_range_slice(builder, ir.Constant(INT, 0), length,
                                     ir.Constant(INT, LANES)) as (place, _):
            at = builder.add(first, place)
            size = distance_bits(builder, load_vector(builder, a, at), load_vector(builder, b, at))
            if weighted:
                factor = load_vector(builder, factors, at)
                size = builder.bitcast(
                    builder.fmul(builder.bitcast(size, VECTOR), factor), LANE_INTS)
            known = builder.bitcast(load_vector(builder, largest, place), LANE_INTS)
            size = builder.select(builder.icmp_signed('>', size, known), size, known)
            store_vector(builder, builder.bitcast(size, VECTOR), largest, place)
        return context.get_dummy_value()

    @intrinsic
    def keep(typingctx, a, b, first, length, largest):
        return types.void(a, b, types.int64, types.int64, largest), generate

    @intrinsic
    def keep_weighted(typingctx, a, b, first, length, largest, factors):
        return types.void(a, b, types.int64, types.int64, largest, factors), generate

    return keep_weighted if weighted else keep


keep_largest, keep_largest_weighted = _keep_largest(False), _keep_largest(True)


def _elementwise(combine: Callable[[Any, Any, Any], Any]) -> Callable[..., None]:
    """Make a[i] = combine(a[i], b[i]) for a run of floats.

    Its arguments: a and b, each with its first place, and the length, a multiple of 8.
    """

    @intrinsic
    def run(typingctx, a, first_a, b, first_b, length):
        def generate(context, builder, signature, arguments):
            a, first_a, b, first_b, length = arguments
            a = pointer_to(context, builder, signature.args[0], a)
            b = pointer_to(context, builder, signature.args[2], b)
            with cgutils.for_range_slice(builder, ir.Constant(INT, 0), length,
                                         ir.Constant(INT, LANES)) as (place, _):
                target = builder.add(first_a, place)
                value = load_vector(builder, b, builder.add(first_b, place))
                known = load_vector(builder, a, target)
                store_vector(builder, combine(builder, known, value), a, target)
            return context.get_dummy_value()

        return types.void(a, types.int64, b, types.int64, types.int64), generate

    return run


def _larger(builder: Any, a: Any, b: Any) -> Any:
    """Return the larger one; NaN wins."""
    return builder.select(builder.fcmp_unordered('>', b, a), b, a)


add_floats = _elementwise(lambda builder, a, b: builder.fadd(a, b))
multiply_floats = _elementwise(lambda builder, a, b: builder.fmul(a, b))
largest_floats = _elementwise(_larger)


@intrinsic
def copy_floats(typingctx, a, first_a, b, first_b, length):
    """Copy a run of floats of any length: a[first_a:] = b[first_b:]."""
    def generate(context, builder, signature, arguments):
        a, first_a, b, first_b, length = arguments
        a = pointer_to(context, builder, signature.args[0], a)
        b = pointer_to(context, builder, signature.args[2], b)
        cgutils.raw_memcpy(builder, builder.gep(a, [first_a]), builder.gep(b, [first_b]), length,
                           4, align=4)
        return context.get_dummy_value()

    return types.void(a, types.int64, b, types.int64, types.int64), generate


@intrinsic
def eight_zeros(typingctx, flags, first):
    """Return whether eight bytes from a place on are all zero."""
    def generate(context, builder, signature, arguments):
        flags, first = arguments
        flags = pointer_to(context, builder, signature.args[0], flags)
        place = builder.bitcast(builder.gep(flags, [first]), INT.as_pointer())
        return builder.icmp_unsigned('==', builder.load(place, align=1), ir.Constant(INT, 0))

    return types.boolean(flags, types.int64), generate


@intrinsic
def prefetch_floats(typingctx, a, first, length):
    """Ask for a run of floats, of which some will be needed soon, to be brought into the cache."""
    def generate(context, builder, signature, arguments):
        a, first, length = arguments
        a = pointer_to(context, builder, signature.args[0], a)
        byte = ir.IntType(8).as_pointer()
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, 'llvm.prefetch.p0i8')
        with cgutils.for_range_slice(builder, first, builder.add(first, length),
                                     ir.Constant(INT, _LINE)) as (place, _):
            builder.call(prefetch, [builder.bitcast(builder.gep(a, [place]), byte),
                                    flag(0), flag(2), flag(1)])
        return context.get_dummy_value()

    return types.void(a, types.int64, types.int64), generate

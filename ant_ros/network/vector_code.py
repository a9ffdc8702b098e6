# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pieces of vector code for Numba's compiler, in vectors of eight floats.

Numba turns scalar loops into vector code where it can prove that it may; it cannot keep a block
of accumulators in registers while it walks along a kernel. Intrinsics made of these pieces say it
outright; LLVM maps them to whatever vectors the processor has.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils

from ant_ros.network.layout import LANES

__all__ = [
    'FLOAT', 'INT', 'LANE_INT', 'LANE_INTS', 'VECTOR', 'clamp', 'distance_bits', 'load_vector',
    'multiply_add', 'pointer_to', 'spread_over', 'store_vector', 'weighted_sum']

FLOAT = ir.FloatType()
INT = ir.IntType(64)
VECTOR = ir.VectorType(FLOAT, LANES)
LANE_INT = ir.IntType(32)
LANE_INTS = ir.VectorType(LANE_INT, LANES)


def pointer_to(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Return the pointer to an array's first element."""
    return context.make_array(kind)(context, builder, array).data


def load_vector(builder: Any, pointer: Any, place: Any) -> Any:
    """Load a vector that begins at a float of any alignment."""
    start = builder.gep(pointer, [place])
    return builder.load(builder.bitcast(start, VECTOR.as_pointer()), align=4)


def store_vector(builder: Any, value: Any, pointer: Any, place: Any) -> None:
    start = builder.gep(pointer, [place])
    builder.store(value, builder.bitcast(start, VECTOR.as_pointer()), align=4)


def spread_over(builder: Any, value: Any) -> Any:
    """Return a vector with one float in every lane."""
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), value,
                                 ir.Constant(LANE_INT, 0))
    lanes = ir.Constant(LANE_INTS, [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(VECTOR, ir.Undefined), lanes)


def multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
    function = cgutils.get_or_insert_function(
        builder.module, kind, f'llvm.fmuladd.v{LANES}f32')
    return builder.call(function, [a, b, c])


def clamp(builder: Any, value: Any, low: Any, high: Any) -> Any:
    """Return the value between two vectors; NaN stays NaN."""
    value = builder.select(builder.fcmp_ordered('<', value, low), low, value)
    return builder.select(builder.fcmp_ordered('>', value, high), high, value)


def weighted_sum(builder: Any, *terms: tuple[Any, Any]) -> Any:
    """Return the sum of products of integers."""
    total = ir.Constant(INT, 0)
    for a, b in terms:
        a = ir.Constant(INT, a) if isinstance(a, int) else a
        b = ir.Constant(INT, b) if isinstance(b, int) else b
        total = builder.add(total, builder.mul(a, b))
    return total


def distance_bits(builder: Any, a: Any, b: Any) -> Any:
    """Return the bits of |a - b|; they order as integers do, with NaN above all."""
    difference = builder.bitcast(builder.fsub(a, b), LANE_INTS)
    return builder.and_(difference, ir.Constant(LANE_INTS, [0x7fffffff] * LANES))

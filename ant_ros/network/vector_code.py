# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pieces of vector code for Numba's compiler, in vectors of eight floats or of sixteen.

Numba turns scalar loops into vector code where it can prove that it may; it cannot keep a block
of accumulators in registers while it walks along a kernel. Intrinsics made of these pieces say it
outright; LLVM maps them to whatever vectors the processor has.
"""

from typing import Any

from llvmlite import binding
from llvmlite import ir
from numba.core import cgutils
from numba.core import config

from ant_ros.network.layout import LANES

__all__ = [
    'FLOAT',
    'INT',
    'LANE_INT',
    'LANE_INTS',
    'VECTOR',
    'WIDE',
    'WIDEST',
    'clamp',
    'distance_bits',
    'load_vector',
    'multiply_add',
    'pointer_to',
    'spread_over',
    'store_vector',
    'vector_of',
    'weighted_sum',
]

FLOAT = ir.FloatType()
INT = ir.IntType(64)
VECTOR = ir.VectorType(FLOAT, LANES)
LANE_INT = ir.IntType(32)
LANE_INTS = ir.VectorType(LANE_INT, LANES)


def _has_wide_vectors() -> bool:
    """Return whether code is compiled for a processor with 32 registers of 16 floats."""
    features = config.CPU_FEATURES
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    return '+avx512f' in features.split(',')


WIDE = _has_wide_vectors()
WIDEST = 2 * LANES if WIDE else LANES
"""Floats in the widest vector that a register holds."""


def vector_of(lanes: int) -> Any:
    """Return the type of a vector of floats."""
    return ir.VectorType(FLOAT, lanes)


def pointer_to(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Return the pointer to an array's first element."""
    return context.make_array(kind)(context, builder, array).data


def load_vector(builder: Any, pointer: Any, place: Any, kind: Any = VECTOR) -> Any:
    """Load a vector that begins at a float of any alignment."""
    start = builder.gep(pointer, [place])
    return builder.load(builder.bitcast(start, kind.as_pointer()), align=4)


def store_vector(builder: Any, value: Any, pointer: Any, place: Any) -> None:
    start = builder.gep(pointer, [place])
    builder.store(value, builder.bitcast(start, value.type.as_pointer()), align=4)


def spread_over(builder: Any, value: Any, kind: Any = VECTOR) -> Any:
    """Return a vector with one float in every lane."""
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value,
                                 ir.Constant(LANE_INT, 0))
    lanes = ir.Constant(ir.VectorType(LANE_INT, kind.count), [0] * kind.count)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), lanes)


def multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    kind = ir.FunctionType(a.type, [a.type] * 3)
    function = cgutils.get_or_insert_function(
        builder.module, kind, f'llvm.fmuladd.v{a.type.count}f32')
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

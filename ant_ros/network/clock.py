# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The clock, for compiled code."""
# mypy: disable-error-code="no-untyped-def"

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ant_ros.network.vector_code import INT
from ant_ros.network.vector_code import LANE_INT

__all__ = ['clock_ns']

_CLOCK_MONOTONIC = 1


@intrinsic
def clock_ns(typingctx):
    """Return the monotonic clock of the C library in nanoseconds, as `time.monotonic_ns`."""
    def generate(context, builder, signature, arguments):
        time = ir.LiteralStructType([INT, INT])
        place = cgutils.alloca_once(builder, time)
        kind = ir.FunctionType(LANE_INT, [LANE_INT, time.as_pointer()])
        function = cgutils.get_or_insert_function(builder.module, kind, 'clock_gettime')
        builder.call(function, [ir.Constant(LANE_INT, _CLOCK_MONOTONIC), place])
        seconds = builder.extract_value(builder.load(place), 0)
        return builder.add(builder.mul(seconds, ir.Constant(INT, 1_000_000_000)),
                           builder.extract_value(builder.load(place), 1))

    return types.int64(), generate

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Units computed by the compiled kernels: every schedule, and the batched one in one call."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ant_ros.network.event_loop import run_events
from ant_ros.network.event_loop import Tally
from ant_ros.network.program import Events
from ant_ros.network.program import NO_EVENTS
from ant_ros.network.program import Program
from ant_ros.network.tile_kernels import chunk_tiles
from ant_ros.network.tile_kernels import compute_tiles
from ant_ros.network.tile_kernels import make_scratch

__all__ = ['BatchedRun', 'CompiledBackend']

_NO_IMAGE = np.zeros(0, np.float32)
_NO_LIMIT = int(np.iinfo(np.int64).max)


class BatchedRun(NamedTuple):
    """What a batched run has done.

    Attributes:
        units: Units computed.
        macs: Multiply-accumulates.
        floats: Floats read and written by these units, weights not counted.
        compute_ns: Time within the kernels that compute, in nanoseconds.
        cut: Whether a budget struck before nothing was eligible any more.
        settled: False where a loop was stopped at its bound.
        answered: Numbers of the units of output nodes that were written, int32; only where the
            run has ended.
    """

    units: int
    macs: int
    floats: int
    compute_ns: int
    cut: bool
    settled: bool
    answered: np.ndarray


class CompiledBackend:
    """Compute units of a program with the compiled kernels.

    Args:
        program: Where the units' inputs are read.
    """

    name = 'compiled'

    def __init__(self, program: Program) -> None:
        self._program = program
        self._scratch = make_scratch(program.table)
        self._chunks = chunk_tiles(program.table.ops)

    @property
    def bytes(self) -> int:
        """Memory held, in bytes."""
        return sum(array.nbytes for array in self._scratch)

    def compute(self, node: int, tiles: np.ndarray) -> np.ndarray:
        """Return the new outputs of a node's tiles as `[n, t, t, C]`, float32."""
        program = self._program
        tiles = np.asarray(tiles, np.int32)
        side, channels = program.tile[node], program.graph.nodes[node].shape[0]
        outputs = np.zeros((len(tiles), side, side, channels), np.float32)
        pitch, chunk = program.layout.pitch[node], int(self._chunks[node])
        for start in range(0, len(tiles), chunk):
            some = tiles[start:start + chunk]
            compute_tiles(program.table, program.values, node, some, self._scratch,
                          self._scratch.outputs, True)
            computed = self._scratch.outputs[:len(some) * side * side * pitch]
            packed = computed.reshape(side, len(some), side, pitch)[..., :channels]
            outputs[start:start + chunk] = packed.transpose(1, 0, 2, 3)
        return outputs

    def run(self, *, max_units: int | None = None, deadline_ns: int | None = None) -> BatchedRun:
        """Compute eligible units, node by node, until none is left or a budget strikes.

        Args:
            max_units: Units that may be computed.
            deadline_ns: Value of `time.monotonic_ns()` at which to stop.
        """
        return self._run(_NO_IMAGE, NO_EVENTS, _NO_IMAGE, False, max_units, deadline_ns)

    def respond(self, image: np.ndarray, events: Events, answer: np.ndarray, *,
                max_units: int | None = None, deadline_ns: int | None = None) -> BatchedRun:
        """Take an image's events over, run them, update the answer and leave, in one call.

        Args:
            image: [C, H, W], float32.
            events: What `Program.detect` found in it.
            answer: Flat outputs as they were before; brought up to date.
            max_units: As in `run`.
            deadline_ns: As in `run`.
        """
        self._program.prepare()
        return self._run(image.reshape(-1), events, answer, True, max_units, deadline_ns)

    def _run(self, image: np.ndarray, events: Events, answer: np.ndarray, leave: bool,
             max_units: int | None, deadline_ns: int | None) -> BatchedRun:
        program, tally = self._program, np.zeros(len(Tally), np.int64)
        run_events(program.table, program.state, self._scratch, self._chunks, image,
                   events.tiles, events.change, _NO_LIMIT if max_units is None else max_units,
                   _NO_LIMIT if deadline_ns is None else deadline_ns, tally, answer, leave)
        units, macs, floats, compute_ns, cut, unsettled, answered = tally.tolist()
        return BatchedRun(units, macs, floats, compute_ns, bool(cut), not unsettled,
                          program.state.touched[:answered].copy())

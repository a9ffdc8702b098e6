# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tiles of an enlarged or reduced map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.graph import resize_taps

if TYPE_CHECKING:
    from ant_ros.network.program import Program

__all__ = ['resized_tiles']


def resized_tiles(program: Program, node: int, tiles: np.ndarray) -> np.ndarray:
    """Interpolate tiles of a `resize` node from the map that it reads.

    How a position is interpolated depends on where it lies, so tiles of different places do
    not share one operation of a library: they are interpolated here.

    Args:
        program: The state.
        node: The node.
        tiles: Its tiles [n].

    Returns:
        `[n, C, t, t]`, float32; beyond the border the last row and column are repeated.
    """
    graph, side = program.graph, program.tile[node]
    source = program.value(graph.nodes[node].inputs[0])
    row, column = np.divmod(np.asarray(tiles), program.grid[node][1])
    taps = []
    for axis, place in enumerate((row, column)):
        last = graph.nodes[node].shape[1 + axis] - 1
        positions = (place[:, None] * side + np.arange(side)).clip(0, last)
        taps.append([part[positions] for part in resize_taps(graph, node, axis)])
    (top, bottom, down), (left, right, across) = taps
    across = across[:, None, :, None]
    upper, lower = (
        source[rows[:, :, None], left[:, None]] * (1 - across)
        + source[rows[:, :, None], right[:, None]] * across for rows in (top, bottom))
    down = down[:, :, None, None]
    return np.ascontiguousarray((upper * (1 - down) + lower * down).transpose(0, 3, 1, 2))

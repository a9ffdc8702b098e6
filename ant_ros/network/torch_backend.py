# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compute units with PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from ant_ros.network.dense import activate
from ant_ros.network.dense import run_dense
from ant_ros.network.dense import run_node
from ant_ros.network.dense import torch_tensors
from ant_ros.network.resized_tiles import resized_tiles

if TYPE_CHECKING:
    from ant_ros.network.program import Program

__all__ = ['TorchBackend']


class TorchBackend:
    """Units as batches of patches, on one thread.

    Args:
        program: The state that the units read.
    """

    name = 'torch'

    def __init__(self, program: Program) -> None:
        self._program = program
        self._tensors = torch_tensors(program.graph)
        # The patches that the program gives carry the padding in them.
        self._nodes = [replace(node, padding=(0, 0, 0, 0)) for node in program.graph.nodes]

    def compute(self, node: int, tiles: np.ndarray) -> np.ndarray:
        """Return the outputs `[n, t, t, C]` of a node's tiles, float32."""
        kind = self._nodes[node]
        with _one_thread():
            if kind.kind == 'resize':
                maps = activate(kind, torch.from_numpy(resized_tiles(self._program, node, tiles)))
            else:
                patches = [torch.from_numpy(self._program.gather(node, tiles, edge))
                           for edge in range(len(kind.inputs))]
                maps = run_node(kind, patches, self._tensors)
        return maps.permute(0, 2, 3, 1).contiguous().numpy()

    def dense(self, image: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the whole network.

        Args:
            image: [C, H, W], float32.

        Returns:
            The answers in the shapes that the module gives, float32.
        """
        with _one_thread():
            answers = run_dense(self._program.graph, torch.from_numpy(image)[None], self._tensors)
        return tuple(answer.numpy() for answer in answers)


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(threads)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compute units with ONNX Runtime."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
import importlib
from types import ModuleType
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.resized_tiles import resized_tiles

if TYPE_CHECKING:
    from ant_ros.network.program import Program

__all__ = ['OnnxRuntimeBackend']


class OnnxRuntimeBackend:
    """Units as batches of patches, on one thread, with one session per node.

    Args:
        program: The state that the units read.

    Raises:
        ImportError: onnxruntime or onnx is not installed.
    """

    name = 'onnxruntime'

    def __init__(self, program: Program) -> None:
        self._program = program
        _installed('onnx')
        self._runtime = _installed('onnxruntime')
        self._sessions: dict[int, Any] = {}

    def compute(self, node: int, tiles: np.ndarray) -> np.ndarray:
        """Return the outputs `[n, t, t, C]` of a node's tiles, float32."""
        if node not in self._sessions:
            self._sessions[node] = self._session(_model(self._program.graph, node))
        patches = self._patches(node, tiles)
        answer = self._sessions[node].run(
            None, {f'x_{edge}': patch for edge, patch in enumerate(patches)})[0]
        return np.ascontiguousarray(answer.transpose(0, 2, 3, 1))

    def dense(self, image: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the whole network.

        Args:
            image: [C, H, W], float32.

        Returns:
            The answers in the shapes that the module gives, float32.
        """
        return tuple(self._whole.run(None, {'input': image[None]}))

    @cached_property
    def _whole(self) -> Any:
        from ant_ros.network.onnx_export import to_onnx

        return self._session(to_onnx(self._program.graph))

    def _patches(self, node: int, tiles: np.ndarray) -> list[np.ndarray]:
        one = self._program.graph.nodes[node]
        if one.kind == 'resize':
            return [resized_tiles(self._program, node, tiles)]
        return [self._program.gather(node, tiles, edge) for edge in range(len(one.inputs))]

    def _session(self, model: Any) -> Any:
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return self._runtime.InferenceSession(model.SerializeToString(), options,
                                              providers=['CPUExecutionProvider'])


def _model(graph: Graph, index: int) -> Any:
    from ant_ros.network.onnx_export import node_to_onnx

    node = graph.nodes[index]
    if node.kind != 'resize':
        return node_to_onnx(graph, index)
    # Its tiles are interpolated before; what is left to do is the activation.
    source = Node('interpolated', 'input', (), node.shape)
    rest = replace(node, kind='add', inputs=(0,))
    return node_to_onnx(Graph((source, rest), (1,), ((1, *node.shape),), {}), 1)


def _installed(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f'the backend "onnxruntime" needs {name}, which is not installed: '
            f'pip install {name}, or take the backend "compiled" or "torch"') from error

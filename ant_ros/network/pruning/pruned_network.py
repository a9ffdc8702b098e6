# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A graph as an ordinary PyTorch module."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from ant_ros.network.dense import run_dense
from ant_ros.network.graph import Graph
from ant_ros.network.other_sizes import at_size

__all__ = ['PrunedNetwork']


class PrunedNetwork(nn.Module):
    """What is left of a module, to be run and trained on like any other.

    It can be given to `AsyncNetwork.from_graph` as its `graph` once it is trained no further, and
    converted for images of another size than it was pruned with, like the module that it was.

    Args:
        graph: The network.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph
        self._keys = tuple(graph.tensors)
        for number, (key, value) in enumerate(graph.tensors.items()):
            tensor = torch.tensor(value)
            if key in graph.trainable:
                self.register_parameter(f'weight_{number}', nn.Parameter(tensor))
            else:
                self.register_buffer(f'weight_{number}', tensor)

    @property
    def graph(self) -> Graph:
        """The graph with the present weights."""
        return replace(self._graph, tensors={
            key: tensor.detach().numpy().copy() for key, tensor in self._tensors().items()})

    def forward(self, images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Return the answers for images `[N, C, H, W]`; several answers as a tuple.

        Raises:
            ValueError: they have another number of channels, or a size that it cannot take.
        """
        graph = at_size(self._graph, *images.shape[2:]) if images.ndim == 4 else self._graph
        answers = run_dense(graph, images, self._tensors())
        return answers[0] if len(answers) == 1 else answers

    def _tensors(self) -> dict[str, torch.Tensor]:
        return {key: getattr(self, f'weight_{number}') for number, key in enumerate(self._keys)}

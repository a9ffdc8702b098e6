# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the layers of a graph read on data, and how much an error of theirs matters."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional

from ant_ros.network.dense import activate
from ant_ros.network.dense import dense_maps
from ant_ros.network.dense import run_node
from ant_ros.network.dense import torch_tensors
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node

__all__ = ['Observation', 'Places', 'damped', 'draw_places', 'observe', 'patches', 'rows_wanted']

_BATCH = 32
_LEAST_ROWS = 8192
_ROWS_PER_INPUT = 4
_DAMPING = 1e-3

Places = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Image, row and column of some positions of a map."""


@dataclass(frozen=True)
class Observation:
    """What was seen of a layer.

    Attributes:
        mean: Of what it reads `[inputs]`, a kernel's whole patch in the order of the weight.
        covariance: Of the same `[inputs, inputs]`, damped.
        importance: Mean squared gradient of the answers with respect to each output, summed over
            positions `[outputs]`.
    """

    mean: np.ndarray
    covariance: np.ndarray
    importance: np.ndarray


def observe(graph: Graph, images: torch.Tensor,
            layers: Mapping[str, Sequence[int]]) -> dict[str, Observation]:
    """Run images and look at some layers.

    The gradient is that of random sums of the answers (Hutchinson's estimate of the Gauss-Newton
    matrix), each answer in units of its own spread, so that errors of different layers compare.

    Args:
        graph: The network.
        images: `[N, C, H, W]`, float32.
        layers: The nodes of each layer by the key of its weight; several where it is shared.
    """
    if not layers:
        return {}
    generator = torch.Generator().manual_seed(0)
    tensors = torch_tensors(graph)
    seen = {key: _Sums(graph, key, nodes) for key, nodes in layers.items()}
    spreads: list[torch.Tensor] = []
    for images_now in images.split(_BATCH):
        maps = dense_maps(graph, images_now.clone().requires_grad_(), tensors)
        answers = [maps[index] for index in graph.outputs]
        if not spreads:
            spreads = [answer.detach().std(unbiased=False).clamp_min(1e-12) for answer in answers]
        loss = sum((answer * _signs(answer, generator)).sum() / spread
                   for answer, spread in zip(answers, spreads))
        assert isinstance(loss, torch.Tensor)
        watched = sorted({index for nodes in layers.values() for index in nodes})
        found = torch.autograd.grad(loss, [maps[i] for i in watched], allow_unused=True)
        gradients = dict(zip(watched, found))
        maps = [x.detach() for x in maps]
        for sums in seen.values():
            sums.add(maps, gradients, tensors, len(images), generator)
    return {key: sums.observation(len(images)) for key, sums in seen.items()}


def draw_places(node: Node, images: int, wanted: int, generator: torch.Generator) -> Places:
    """Draw positions of a node's output over all images, all of them if few enough."""
    _, height, width = node.shape
    total = images * height * width
    flat = (torch.arange(total) if total <= wanted
            else torch.randint(total, (wanted,), generator=generator))
    return flat // (height * width), flat // width % height, flat % width


def patches(node: Node, x: torch.Tensor, places: Places) -> torch.Tensor:
    """Return what a convolution reads at some places `[places, channels * kh * kw]`."""
    image, row, column = places
    top, left, bottom, right = node.padding
    if any(node.padding):
        x = functional.pad(x, (left, right, top, bottom))
    rows = row[:, None] * node.stride[0] + torch.arange(node.kernel[0]) * node.dilation[0]
    columns = column[:, None] * node.stride[1] + torch.arange(node.kernel[1]) * node.dilation[1]
    found = x[image[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return found.permute(0, 3, 1, 2).flatten(1)


def damped(covariance: np.ndarray) -> np.ndarray:
    """Return a covariance that can be inverted, however few samples it is made of."""
    damping = max(_DAMPING * float(np.trace(covariance)) / len(covariance), 1e-12)
    return covariance + damping * np.eye(len(covariance))


def rows_wanted(inputs: int) -> int:
    """Return how many positions tell enough of a layer with so many inputs."""
    return max(_LEAST_ROWS, _ROWS_PER_INPUT * inputs)


def _signs(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return torch.randint(2, like.shape, generator=generator).to(like.dtype) * 2 - 1


class _Sums:
    """Sums of one layer over batches."""

    def __init__(self, graph: Graph, key: str, nodes: Sequence[int]) -> None:
        self._graph, self._nodes = graph, nodes
        outputs, inputs = graph.tensors[key].reshape(len(graph.tensors[key]), -1).shape
        self._wanted = rows_wanted(inputs)
        self._count = 0
        self._sum = torch.zeros(inputs, dtype=torch.float64)
        self._squares = torch.zeros(inputs, inputs, dtype=torch.float64)
        self._importance = torch.zeros(outputs, dtype=torch.float64)

    def add(self, maps: Sequence[torch.Tensor], gradients: Mapping[int, torch.Tensor | None],
            tensors: Mapping[str, torch.Tensor], images: int,
            generator: torch.Generator) -> None:
        for index in self._nodes:
            node = self._graph.nodes[index]
            x = maps[node.inputs[0]]
            wanted = -(-self._wanted * len(x) // (images * len(self._nodes)))
            rows = patches(node, x, draw_places(node, len(x), wanted, generator))
            self._count += len(rows)
            self._sum += rows.sum(0)
            self._squares += rows.T @ rows
            gradient = gradients[index]
            if gradient is not None:
                self._importance += _before_activation(node, x, gradient, tensors)

    def observation(self, images: int) -> Observation:
        mean = self._sum / self._count
        covariance = self._squares / self._count - torch.outer(mean, mean)
        return Observation(mean.numpy(), damped(covariance.numpy()),
                           (self._importance / images).numpy())


def _before_activation(node: Node, x: torch.Tensor, gradient: torch.Tensor,
                       tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Return the squared gradient in front of the activation, summed per channel."""
    sums = run_node(replace(node, activation='none'), [x], tensors).requires_grad_()
    inner, = torch.autograd.grad(activate(node, sums), sums, gradient)
    return inner.double().square().sum((0, 2, 3))

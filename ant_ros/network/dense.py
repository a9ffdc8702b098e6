# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run a graph densely in torch: the reference, and what the trainer differentiates."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import torch
from torch.nn import functional

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Loop
from ant_ros.network.graph import Node

__all__ = ['activate', 'dense_maps', 'run_dense', 'run_node', 'torch_tensors']

_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    'none': lambda x: x,
    'relu': functional.relu,
    'relu6': functional.relu6,
    'silu': functional.silu,
    'sigmoid': torch.sigmoid,
    'tanh': torch.tanh,
    'hardswish': functional.hardswish,
    'hardsigmoid': functional.hardsigmoid,
    'gelu': functional.gelu,
}


def torch_tensors(graph: Graph, dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    """Return the graph's weights as torch tensors of their own."""
    return {key: torch.tensor(value, dtype=dtype) for key, value in graph.tensors.items()}


def run_dense(graph: Graph, x: torch.Tensor,
              tensors: Mapping[str, torch.Tensor] | None = None) -> tuple[torch.Tensor, ...]:
    """Run the whole graph and return its outputs in the shapes that the module gives.

    Args:
        graph: The network.
        x: Input `[N, C, H, W]`, float32 or float64.
        tensors: Weights by key, for example with gradients; the graph's own if None.

    Returns:
        One tensor per output, `[N, ...]`.
    """
    maps = dense_maps(graph, x, tensors)
    return tuple(maps[index].reshape(_batched(shape, len(x)))
                 for index, shape in zip(graph.outputs, graph.output_shapes))


def _batched(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Return an output's shape for a batch; the module may have squeezed the batch of one away."""
    if count == 1:
        return shape
    return (count, *(shape[1:] if shape[:1] == (1,) else shape))


def dense_maps(graph: Graph, x: torch.Tensor,
               tensors: Mapping[str, torch.Tensor] | None = None) -> list[torch.Tensor]:
    """Run the whole graph and return the map of every node, `[N, C, H, W]` each."""
    if tuple(x.shape[1:]) != graph.nodes[0].shape:
        raise ValueError(f'the input is {list(x.shape)}, expected '
                         f'[N, {", ".join(map(str, graph.nodes[0].shape))}]')
    if tensors is None:
        tensors = torch_tensors(graph, x.dtype)
    maps: list[torch.Tensor] = [x]
    loops = {loop.first: loop for loop in graph.loops}
    while len(maps) < len(graph.nodes):
        loop = loops.get(len(maps))
        if loop is None:
            node = graph.nodes[len(maps)]
            maps.append(run_node(node, [maps[i] for i in node.inputs], tensors))
        else:
            maps.extend(_settle(graph, loop, maps, tensors))
    return maps


def _settle(graph: Graph, loop: Loop, before: Sequence[torch.Tensor],
            tensors: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
    """Sweep a settling block from zero until its feedback changes less than the tolerance."""
    members = range(loop.first, loop.last + 1)
    feedback = sorted({i for n in members for i in graph.nodes[n].inputs if i >= n})
    x = before[0]
    maps = {i: x.new_zeros(len(x), *graph.nodes[i].shape) for i in feedback}
    for _ in range(loop.max_sweeps):
        previous = [maps[i] for i in feedback]
        state = dict(maps)
        for n in members:
            node = graph.nodes[n]
            inputs = [before[i] if i < loop.first else (state if i >= n else maps)[i]
                      for i in node.inputs]
            maps[n] = run_node(node, inputs, tensors)
        if all(float((maps[i] - old).detach().abs().max()) < loop.tolerance
               for i, old in zip(feedback, previous)):
            break
    return [maps[n] for n in members]


def run_node(node: Node, inputs: Sequence[torch.Tensor],
             tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Compute one node on whole maps.

    Args:
        node: The operation.
        inputs: One `[N, C, H, W]` per input.
        tensors: Weights by key.

    Returns:
        `[N, C, H, W]`.
    """
    return activate(node, _OPERATIONS[node.kind](node, inputs, tensors))


def activate(node: Node, x: torch.Tensor) -> torch.Tensor:
    """Apply the node's activation."""
    if node.activation == 'leaky_relu':
        return functional.leaky_relu(x, node.slope)
    if node.activation == 'elu':
        return functional.elu(x, node.slope)
    return _ACTIVATIONS[node.activation](x)


def _conv(node: Node, inputs: Sequence[torch.Tensor],
          tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    assert node.weight is not None
    x, padding = inputs[0], (node.padding[0], node.padding[1])
    if node.padding[:2] != node.padding[2:] or min(padding) < 0:
        x, padding = _pad(node, x, 0.0), (0, 0)
    return functional.conv2d(
        x, tensors[node.weight], None if node.bias is None else tensors[node.bias],
        node.stride, padding, node.dilation, node.groups)


def _maxpool(node: Node, inputs: Sequence[torch.Tensor],
             tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    x = _pad(node, inputs[0], -torch.inf) if any(node.padding) else inputs[0]
    return functional.max_pool2d(x, node.kernel, node.stride, 0, node.dilation)


def _pad(node: Node, x: torch.Tensor, value: float) -> torch.Tensor:
    top, left, bottom, right = node.padding
    return functional.pad(x, (left, right, top, bottom), value=value)


def _add(node: Node, inputs: Sequence[torch.Tensor],
         tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    total = inputs[0]
    for x in inputs[1:]:
        total = total + x
    return total


def _mul(node: Node, inputs: Sequence[torch.Tensor],
         tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return inputs[0] * inputs[1]


def _concat(node: Node, inputs: Sequence[torch.Tensor],
            tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat(list(inputs), 1)


def _resize(node: Node, inputs: Sequence[torch.Tensor],
            tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    corners = node.align_corners if node.resize == 'bilinear' else None
    return functional.interpolate(inputs[0], size=node.shape[1:], mode=node.resize,
                                  align_corners=corners)


def _mean(node: Node, inputs: Sequence[torch.Tensor],
          tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return inputs[0].mean((2, 3), keepdim=True)


_OPERATIONS = {'conv': _conv, 'depthwise': _conv, 'maxpool': _maxpool, 'add': _add, 'mul': _mul,
               'concat': _concat, 'resize': _resize, 'mean': _mean}

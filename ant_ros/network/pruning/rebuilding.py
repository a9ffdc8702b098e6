# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Build the smaller graph: cut tensors, and adjust what is left to what is gone, on data.

Layer after layer, weights are solved for so that from what the smaller graph gives them the
layers compute what they did before (He, Zhang, Sun, Channel pruning for accelerating very deep
neural networks, ICCV 2017). Errors of the layers before are thus made up for as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from ant_ros.network.dense import activate
from ant_ros.network.dense import run_node
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.pruning.channels import is_dense
from ant_ros.network.pruning.elimination import make_up_for
from ant_ros.network.pruning.observation import damped
from ant_ros.network.pruning.observation import draw_places
from ant_ros.network.pruning.observation import Observation
from ant_ros.network.pruning.observation import patches
from ant_ros.network.pruning.observation import rows_wanted

__all__ = ['rebuild']


def rebuild(graph: Graph, kept: Sequence[np.ndarray], seen: Mapping[str, Observation],
            images: torch.Tensor) -> Graph:
    """Return the graph of the kept channels.

    Where a weight is shared by several nodes, or a block settles, layers are adjusted to what
    they read in the whole graph instead.

    Args:
        graph: The whole network.
        kept: Which channels stay, per node, `[channels]` of bool.
        seen: What the layers read in the whole graph, by the key of their weight.
        images: `[N, C, H, W]`.
    """
    smaller = _cut(graph, kept, seen)
    if graph.loops:
        return smaller
    with torch.no_grad():
        return _Walk(graph, smaller, kept).run(images)


def _cut(graph: Graph, kept: Sequence[np.ndarray], seen: Mapping[str, Observation]) -> Graph:
    tensors: dict[str, np.ndarray] = {}
    nodes = []
    for node, stays in zip(graph.nodes, kept):
        weight, bias = node.weight, node.bias
        if weight is not None:
            read = kept[node.inputs[0]]
            values, shift = _cut_weight(graph, node, stays, read, seen)
            weight = _keep(tensors, weight, values)
            if bias is not None or shift.any():
                old = 0.0 if bias is None else graph.tensors[bias][stays]
                bias = _keep(tensors, bias or f'{weight}.bias', (old + shift).astype(np.float32))
        shape = (int(stays.sum()), *node.shape[1:])
        groups = shape[0] if node.kind == 'depthwise' else node.groups
        nodes.append(replace(node, shape=shape, weight=weight, bias=bias, groups=groups))
    return replace(graph, nodes=tuple(nodes), tensors=tensors)


def _cut_weight(graph: Graph, node: Node, stays: np.ndarray, read: np.ndarray,
                seen: Mapping[str, Observation]) -> tuple[np.ndarray, np.ndarray]:
    """Return the kernel of the kept channels, and what to add to the bias."""
    assert node.weight is not None
    whole = graph.tensors[node.weight][stays]
    nothing = np.zeros(len(whole))
    if not is_dense(node):
        return whole, nothing
    if read.all() or node.weight not in seen:
        return whole[:, read], nothing
    observation = seen[node.weight]
    each = whole[0, 0].size
    columns = read.repeat(each)
    flat = whole.reshape(len(whole), -1).astype(np.float64)
    weight = make_up_for(flat, observation.covariance, columns)
    shift = flat @ observation.mean - weight @ observation.mean[columns]
    return weight.reshape(len(whole), -1, *whole.shape[2:]).astype(np.float32), shift


def _keep(tensors: dict[str, np.ndarray], name: str, value: np.ndarray) -> str:
    """Keep a tensor under its name, with a number where the name stands for another one."""
    key, number = name, 1
    while key in tensors and not np.array_equal(tensors[key], value):
        number += 1
        key = f'{name}:{number}'
    tensors[key] = np.ascontiguousarray(value, np.float32)
    return key


class _Walk:
    """Run both graphs node by node and adjust the smaller one's layers on the way."""

    def __init__(self, whole: Graph, smaller: Graph, kept: Sequence[np.ndarray]) -> None:
        self._whole, self._smaller, self._kept = whole, smaller, kept
        self._tensors = {key: torch.from_numpy(value) for key, value in whole.tensors.items()}
        self._new = {key: torch.from_numpy(value) for key, value in smaller.tensors.items()}
        self._uses = Counter(node.weight for node in whole.nodes)
        self._generator = torch.Generator().manual_seed(1)

    def run(self, images: torch.Tensor) -> Graph:
        nodes = list(self._smaller.nodes)
        maps, others = {0: images}, {0: images}
        last = {source: index for index, node in enumerate(nodes) for source in node.inputs}
        for index, node in enumerate(self._whole.nodes[1:], 1):
            sums = run_node(replace(node, activation='none'),
                            [maps[i] for i in node.inputs], self._tensors)
            inputs = [others[i] for i in node.inputs]
            if self._adjustable(node) and inputs[0] is not maps[node.inputs[0]]:
                nodes[index] = self._adjusted(index, nodes[index], inputs[0], sums)
            maps[index] = activate(node, sums)
            same = self._kept[index].all() and all(others[i] is maps[i] for i in node.inputs)
            others[index] = (maps[index] if same
                             else run_node(nodes[index], inputs, self._new))
            for source in node.inputs:
                if last[source] == index:
                    maps.pop(source, None)
                    others.pop(source, None)
        used = {key for node in nodes for key in (node.weight, node.bias)}
        tensors = {key: value.numpy() for key, value in self._new.items() if key in used}
        return replace(self._smaller, nodes=tuple(nodes), tensors=tensors)

    def _adjustable(self, node: Node) -> bool:
        return (is_dense(node) and node.weight is not None and self._uses[node.weight] == 1
                and not node.weight.startswith('fixed.'))

    def _adjusted(self, index: int, node: Node, x: torch.Tensor, sums: torch.Tensor) -> Node:
        """Solve for the weights with which `x` gives `sums`, near those that there are."""
        assert node.weight is not None
        old = self._new[node.weight]
        flat = old.flatten(1).numpy().astype(np.float64)
        places = draw_places(node, len(x), rows_wanted(flat.shape[1]), self._generator)
        rows = patches(node, x, places).double().numpy()
        wanted = sums[places[0], :, places[1], places[2]].double().numpy()
        wanted = wanted[:, self._kept[index]]
        mean, target = rows.mean(0), wanted.mean(0)
        covariance = (rows - mean).T @ (rows - mean) / len(rows)
        stiff = damped(covariance)
        mixed = (rows - mean).T @ (wanted - target) / len(rows)
        weight = np.linalg.solve(stiff, mixed + (stiff - covariance) @ flat.T).T
        bias = self._own_bias(node)
        self._new[node.weight] = torch.from_numpy(weight.astype(np.float32)).reshape(old.shape)
        self._new[bias] = torch.from_numpy((target - weight @ mean).astype(np.float32))
        return replace(node, bias=bias)

    def _own_bias(self, node: Node) -> str:
        """Return a key that is this node's alone: biases of zeros may be one and the same."""
        readers = sum(other.bias == node.bias for other in self._smaller.nodes)
        return node.bias if node.bias and readers == 1 else f'{node.weight}.shift'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make a graph smaller without changing what it computes.

Zero padding moves into the convolutions that read it; batch normalisation, scales and shifts
(depthwise nodes of kernel 1) into the convolution before them; activations into the node before.
"""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.lowering.builder import ONE

__all__ = ['simplify']


def simplify(graph: Graph) -> Graph:
    """Return an equal graph with fewer nodes."""
    graph = _without_unread(_with_folded_padding(graph))
    while True:
        smaller = _without_unread(_with_merged_pairs(graph))
        if len(smaller.nodes) == len(graph.nodes):
            return smaller
        graph = smaller


def _is_pointwise(node: Node) -> bool:
    """Whether a node is a scale and shift per channel, and perhaps padding."""
    return node.kind == 'depthwise' and node.kernel == (1, 1) and node.stride == (1, 1)


def _is_plain(node: Node) -> bool:
    """Whether the kernel is one and there is no bias, whatever the activation and padding."""
    return (_is_pointwise(node) and node.weight is not None and node.weight.startswith(ONE)
            and node.bias is None)


def _with_folded_padding(graph: Graph) -> Graph:
    nodes = list(graph.nodes)
    for i, node in enumerate(nodes):
        if node.kind not in ('conv', 'depthwise') or node.inputs[0] >= i:
            continue
        before = nodes[node.inputs[0]]
        if (_is_plain(before) and any(before.padding) and before.activation == 'none'
                and not _crosses(graph, node.inputs[0], i)
                and all(p >= 0 or q <= 0 for p, q in zip(before.padding, node.padding))):
            top, left, bottom, right = (p + q for p, q in zip(before.padding, node.padding))
            nodes[i] = replace(node, inputs=before.inputs, padding=(top, left, bottom, right))
    return replace(graph, nodes=tuple(nodes))


def _crosses(graph: Graph, a: int, b: int) -> bool:
    """Whether one of the two stands in a settling block and the other does not."""
    return any((loop.first <= a <= loop.last) != (loop.first <= b <= loop.last)
               for loop in graph.loops)


def _with_merged_pairs(graph: Graph) -> Graph:
    """Let nodes absorb the only reader that merely scales, shifts or activates."""
    tensors = dict(graph.tensors)
    nodes = list(graph.nodes)
    absorbed: dict[int, int] = {}
    for i, j in _pairs(graph):
        if i in absorbed:
            continue
        before, node = nodes[i], nodes[j]
        changes = {'name': node.name, 'activation': node.activation, 'slope': node.slope}
        if not _is_plain(node):
            changes.update(_folded(before, node, tensors))
        nodes[i] = replace(before, **changes)  # type: ignore[arg-type]
        absorbed[j] = i
    graph = replace(graph, nodes=tuple(nodes), tensors=tensors)
    return _redirected(graph, absorbed)


def _pairs(graph: Graph) -> Iterator[tuple[int, int]]:
    """Name (node, only reader) that can become one node."""
    readers = Counter(graph.outputs)
    folds: dict[str, set[tuple[str | None, ...]]] = defaultdict(set)
    for node in graph.nodes:
        readers.update(node.inputs)
    only = {node.inputs[0]: j for j, node in enumerate(graph.nodes)
            if _is_pointwise(node) and not any(node.padding) and node.inputs[0] < j
            and readers[node.inputs[0]] == 1 and not _crosses(graph, node.inputs[0], j)}
    for i, node in enumerate(graph.nodes):
        after = graph.nodes[only[i]] if i in only else None
        if node.weight:
            plain = after is None or _is_plain(after) or node.activation != 'none'
            folds[node.weight].add(
                (None, None) if plain or after is None else (after.weight, after.bias))
    for i, j in only.items():
        before = graph.nodes[i]
        if before.kind == 'input' or before.activation != 'none':
            continue
        foldable = before.kind in ('conv', 'depthwise') and before.weight is not None and (
            before.weight.startswith('fixed.') or len(folds[before.weight]) == 1)
        if _is_plain(graph.nodes[j]) or foldable:
            yield i, j


def _folded(before: Node, node: Node, tensors: dict[str, np.ndarray]) -> dict[str, str | None]:
    """Return the keys of kernel and bias of `before` followed by the scale and shift of `node`.

    Computed in float64; the same keys folded twice give the same keys, so that shared weights
    stay shared.
    """
    assert before.weight is not None and node.weight is not None
    scale = tensors[node.weight].astype(np.float64)
    weight = f'{before.weight}*{node.weight}'
    tensors[weight] = (tensors[before.weight] * scale).astype(np.float32)
    if weight.startswith('fixed.') and not node.weight.startswith('fixed.'):
        tensors[weight.removeprefix('fixed.')] = tensors.pop(weight)
        weight = weight.removeprefix('fixed.')
    if before.bias is None:
        return {'weight': weight, 'bias': node.bias}
    bias = f'{before.bias}*{node.weight}' + ('' if node.bias is None else f'+{node.bias}')
    shift = 0.0 if node.bias is None else tensors[node.bias].astype(np.float64)
    tensors[bias] = (tensors[before.bias] * scale.ravel() + shift).astype(np.float32)
    return {'weight': weight, 'bias': bias}


def _redirected(graph: Graph, absorbed: dict[int, int]) -> Graph:
    """Let who read an absorbed node read the one that absorbed it."""
    def at(index: int) -> int:
        while index in absorbed:
            index = absorbed[index]
        return index

    nodes = tuple(replace(node, inputs=tuple(at(i) for i in node.inputs))
                  for node in graph.nodes)
    return replace(graph, nodes=nodes, outputs=tuple(at(i) for i in graph.outputs))


def _without_unread(graph: Graph) -> Graph:
    """Drop nodes and weights that no output depends on, and number what is left anew."""
    needed = {0}
    ahead = list(graph.outputs)
    while ahead:
        index = ahead.pop()
        if index not in needed:
            needed.add(index)
            ahead.extend(graph.nodes[index].inputs)
    kept = sorted(needed)
    number = {old: new for new, old in enumerate(kept)}
    nodes = tuple(replace(graph.nodes[i], inputs=tuple(number[k] for k in graph.nodes[i].inputs))
                  for i in kept)
    loops = []
    for loop in graph.loops:
        inside = [number[i] for i in kept if loop.first <= i <= loop.last]
        if inside:
            loops.append(replace(loop, first=inside[0], last=inside[-1]))
    used = {key for node in nodes for key in (node.weight, node.bias)}
    tensors = {key: value for key, value in graph.tensors.items() if key in used}
    return replace(graph, nodes=nodes, outputs=tuple(number[i] for i in graph.outputs),
                   tensors=tensors, loops=tuple(loops))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which channels of a graph can only be removed together, and which cannot be removed at all.

Where maps are added, multiplied, pooled or convolved channel by channel, a channel of one map
stands for the same channel of the other; a concatenation moves it. What hangs together in this
way over the whole graph is one removable thing, here called a strand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node

__all__ = ['Strands', 'copied_channels', 'find_strands', 'is_dense']


@dataclass(frozen=True)
class Strands:
    """What has to be removed together.

    Attributes:
        of: Number of the strand per node and channel, `[channels]` each.
        families: Numbers of the removable strands that run through the same nodes; all of them
            are alike to whoever reads them.
        count: Strands, those included that have to stay.
    """

    of: tuple[np.ndarray, ...]
    families: tuple[np.ndarray, ...]
    count: int


def is_dense(node: Node) -> bool:
    """Whether a node is a convolution in which every output reads every input channel."""
    return node.kind == 'conv' and node.groups == 1


def copied_channels(graph: Graph, node: Node) -> np.ndarray | None:
    """Return which input channel each output copies `[channels]`, or None where it computes.

    Parts of a map and shuffled channels are convolutions with a fixed kernel of single ones.
    """
    if not is_dense(node) or node.kernel != (1, 1) or not (node.weight or '').startswith('fixed.'):
        return None
    assert node.weight is not None
    chosen = graph.tensors[node.weight][:, :, 0, 0] != 0
    return chosen.argmax(axis=1) if (chosen.sum(axis=1) == 1).all() else None


def find_strands(graph: Graph) -> Strands:
    """Follow every channel through the graph.

    Input, outputs, settling blocks (whose guarantee to settle hangs on their weights) and what
    grouped convolutions read and give have to stay as they are.
    """
    sizes = [node.shape[0] for node in graph.nodes]
    first = np.concatenate(([0], np.cumsum(sizes)))
    pairs = [(first[a] + i, first[b] + j) for a, i, b, j in _ties(graph)]
    pairs.append((np.zeros(1, np.int64), np.zeros(1, np.int64)))
    left, right = (np.concatenate(side) for side in zip(*pairs))
    ties = coo_array((np.ones(len(left), np.int8), (left, right)), (first[-1], first[-1]))
    count, numbers = connected_components(ties, directed=False)
    of = tuple(np.split(numbers.astype(np.int64), first[1:-1]))
    stay = np.zeros(count, bool)
    for index in _fixed_nodes(graph):
        stay[of[index]] = True
    return Strands(of, _families(of, stay), count)


def _ties(graph: Graph) -> Iterator[tuple[int, np.ndarray, int, np.ndarray]]:
    """Yield (node, channels, other node, channels) that are the same, one by one."""
    shared: dict[str, int] = {}
    for index, node in enumerate(graph.nodes):
        whole = np.arange(node.shape[0])
        copied = copied_channels(graph, node)
        if copied is not None:
            yield index, whole, node.inputs[0], copied
        elif node.kind == 'concat':
            start = 0
            for source in node.inputs:
                part = np.arange(graph.nodes[source].shape[0])
                yield index, start + part, source, part
                start += len(part)
        elif node.kind not in ('input', 'conv'):
            for source in node.inputs:
                yield index, whole, source, whole
        if node.kind == 'conv' and node.weight is not None and copied is None:
            other = shared.setdefault(node.weight, index)
            yield index, whole, other, whole
            read = np.arange(graph.nodes[node.inputs[0]].shape[0])
            yield node.inputs[0], read, graph.nodes[other].inputs[0], read


def _fixed_nodes(graph: Graph) -> set[int]:
    fixed = {0, *graph.outputs}
    for index, node in enumerate(graph.nodes):
        if node.kind == 'conv' and node.groups > 1:
            fixed |= {index, *node.inputs}
    for loop in graph.loops:
        for index in range(loop.first, loop.last + 1):
            fixed |= {index, *graph.nodes[index].inputs}
    return fixed


def _families(of: tuple[np.ndarray, ...], stay: np.ndarray) -> tuple[np.ndarray, ...]:
    """Sort strands by the nodes that they run through, and how often."""
    through: dict[int, list[int]] = defaultdict(list)
    for index, numbers in enumerate(of):
        for number in numbers[~stay[numbers]].tolist():
            through[number].append(index)
    families: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, nodes in through.items():
        families[tuple(nodes)].append(number)
    return tuple(np.array(members) for members in families.values())

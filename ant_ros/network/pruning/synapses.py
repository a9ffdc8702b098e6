# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Count synapses and work of a graph, whole or without some of its channels."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.pruning.channels import is_dense

__all__ = ['count_kept', 'count_macs', 'count_synapses']


def count_synapses(graph: Graph) -> int:
    """Return the number of learned weights, shared ones once, biases not."""
    return count_kept(graph, [np.ones(node.shape[0], bool) for node in graph.nodes])


def count_kept(graph: Graph, kept: Sequence[np.ndarray]) -> int:
    """Return the number of learned weights among the kept channels.

    Args:
        graph: The network.
        kept: Which channels stay, per node, `[channels]` of bool.
    """
    return sum({node.weight: weights for node, weights in _weights(graph, kept)}.values())


def count_macs(graph: Graph, kept: Sequence[np.ndarray]) -> int:
    """Return the multiply-accumulates of the learned layers among the kept channels."""
    return sum(weights * node.shape[1] * node.shape[2] for node, weights in _weights(graph, kept))


def _weights(graph: Graph, kept: Sequence[np.ndarray]) -> Iterator[tuple[Node, int]]:
    """Yield the nodes with learned weights, and how many of these stay."""
    for node, stays in zip(graph.nodes, kept):
        if node.weight is None or node.weight.startswith('fixed.'):
            continue
        each = graph.tensors[node.weight][0].size
        if is_dense(node):
            each = each // graph.nodes[node.inputs[0]].shape[0] * int(kept[node.inputs[0]].sum())
        yield node, int(stays.sum()) * each

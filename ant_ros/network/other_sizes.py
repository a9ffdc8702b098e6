# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The same network for images of another size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node

__all__ = ['at_size']

_WINDOWS = ('conv', 'depthwise', 'maxpool')

Shape = tuple[int, int, int]


def at_size(graph: Graph, height: int, width: int) -> Graph:
    """Return a graph with the same weights for images of another size.

    Maps are enlarged by as much as they were; padding stays as it was.

    Args:
        graph: The network; stays as it is.
        height: Of the images.
        width: Of the images.

    Raises:
        ValueError: the network is made for one size: it settles, flattens a map or enlarges one
            to a fixed size; or the images are too small for it.
    """
    channels, *size = graph.nodes[0].shape
    if size == [height, width]:
        return graph
    if graph.loops:
        raise ValueError(_refusal(graph, height, width, 'it has a settling block'))
    nodes = [replace(graph.nodes[0], shape=(channels, height, width))]
    for node in graph.nodes[1:]:
        shape = _shape(graph, node, [nodes[source].shape for source in node.inputs])
        if shape is None or min(shape) < 1:
            reason = 'enlarges to a fixed size' if shape is None else 'has nothing left to read'
            raise ValueError(_refusal(graph, height, width, f"its node '{node.name}' {reason}"))
        nodes.append(replace(node, shape=shape))
    shapes = []
    for index, given in zip(graph.outputs, graph.output_shapes):
        before, after = graph.nodes[index].shape, nodes[index].shape
        if before != after and given[-3:] != before:
            raise ValueError(_refusal(
                graph, height, width, f"what node '{nodes[index].name}' gives is flattened"))
        shapes.append(given if before == after else (*given[:-3], *after))
    return replace(graph, nodes=tuple(nodes), output_shapes=tuple(shapes))


def _shape(graph: Graph, node: Node, inputs: Sequence[Shape]) -> Shape | None:
    """Return what a node gives for inputs of these shapes; None where it gives one size only."""
    if node.kind == 'mean':
        return node.shape
    first = inputs[0]
    if node.kind in _WINDOWS:
        rows, columns = (_outputs(node, first, axis) for axis in (0, 1))
    elif node.kind == 'resize':
        before = graph.nodes[node.inputs[0]].shape
        if any(new % old for new, old in zip(node.shape[1:], before[1:])):
            return None
        rows, columns = (now * (new // old) for now, new, old in zip(
            first[1:], node.shape[1:], before[1:]))
    else:
        rows, columns = (max(shape[axis] for shape in inputs) for axis in (1, 2))
    return node.shape[0], rows, columns


def _outputs(node: Node, before: Shape, axis: int) -> int:
    reach = node.dilation[axis] * (node.kernel[axis] - 1) + 1
    padded = before[1 + axis] + node.padding[axis] + node.padding[axis + 2]
    return (padded - reach) // node.stride[axis] + 1


def _refusal(graph: Graph, height: int, width: int, reason: str) -> str:
    _, *size = graph.nodes[0].shape
    return (f'the network was made for images of {size[0]} x {size[1]} and cannot take '
            f'{height} x {width}: {reason}; make it anew for this size')

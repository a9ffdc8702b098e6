# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A feed-forward or settling network as a flat list of a dozen kinds of node."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

import numpy as np

__all__ = ['ACTIVATIONS', 'KINDS', 'Graph', 'Loop', 'Node', 'footprint', 'resize_taps']

KINDS = ('input', 'conv', 'depthwise', 'maxpool', 'add', 'mul', 'concat', 'resize', 'mean')
ACTIVATIONS = ('none', 'relu', 'relu6', 'silu', 'sigmoid', 'tanh', 'hardswish', 'hardsigmoid',
               'leaky_relu', 'elu', 'gelu')


@dataclass(frozen=True)
class Node:
    """One operation and the activation that follows it.

    Attributes:
        name: Name of the traced operation that it ends in.
        kind: One of KINDS.
        inputs: Indices of the nodes that it reads.
        shape: Output as (channels, height, width).
        weight: Key of the kernel `[out, in / groups, kh, kw]` in `Graph.tensors`.
        bias: Key of the bias `[out]`.
        kernel, stride, dilation: As (vertical, horizontal).
        padding: As (top, left, bottom, right); zeros, for `maxpool` minus infinity.
        groups: Groups of a convolution.
        activation: One of ACTIVATIONS.
        slope: Parameter of `leaky_relu` and `elu`.
        resize: 'nearest' or 'bilinear'.
        align_corners: As in torch's interpolate.
    """

    name: str
    kind: str
    inputs: tuple[int, ...]
    shape: tuple[int, int, int]
    weight: str | None = None
    bias: str | None = None
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    activation: str = 'none'
    slope: float = 0.0
    resize: str = 'nearest'
    align_corners: bool = False


@dataclass(frozen=True)
class Loop:
    """A settling block: the nodes `first` to `last` are swept until nothing in them changes.

    Attributes:
        first, last: Range of node indices, both included.
        tolerance: A change below it (in units of the node's scale) is not passed on.
        max_sweeps: Bound where the block does not contract.
    """

    first: int
    last: int
    tolerance: float
    max_sweeps: int


@dataclass(frozen=True)
class Graph:
    """Nodes in the order of their dependence; node 0 is the input.

    Attributes:
        nodes: The operations. Only inside a loop may a node read a later one.
        outputs: Indices of the nodes that answer.
        output_shapes: Shape that the module gives each output, with the batch of one.
        tensors: Weights and biases in PyTorch's layout, float32. A key that begins with `fixed.`
            names a constant of the operation itself (an averaging kernel), all others a parameter
            of the module or what was computed from parameters.
        loops: Settling blocks.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    output_shapes: tuple[tuple[int, ...], ...]
    tensors: Mapping[str, np.ndarray] = field(repr=False)
    loops: tuple[Loop, ...] = ()

    @property
    def trainable(self) -> tuple[str, ...]:
        """Keys of the tensors that come from parameters of the module."""
        return tuple(key for key in self.tensors if not key.startswith('fixed.'))


def footprint(graph: Graph, index: int, edge: int, axis: int, start: int,
              stop: int) -> tuple[int, int]:
    """Return the half-open range of input positions that outputs [start, stop) read.

    Args:
        graph: The network.
        index: The reading node.
        edge: Which of its inputs.
        axis: 0 for rows, 1 for columns.
        start: First output position.
        stop: End of the output positions.
    """
    node = graph.nodes[index]
    size = graph.nodes[node.inputs[edge]].shape[1 + axis]
    if node.kind == 'mean' or size == 1:
        return 0, size
    if node.kind == 'resize':
        first, last, _ = resize_taps(graph, index, axis)
        return int(first[start]), int(last[stop - 1]) + 1
    stride = node.stride[axis]
    low = start * stride - node.padding[axis]
    high = (stop - 1) * stride - node.padding[axis] + (node.kernel[axis] - 1) * node.dilation[axis]
    return max(low, 0), min(high + 1, size)


def resize_taps(graph: Graph, index: int, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where a `resize` node reads along an axis.

    output[i] = (1 - fraction[i]) input[low[i]] + fraction[i] input[high[i]], with the same float32
    arithmetic as torch's interpolate, so that no position is off by one.

    Args:
        graph: The network.
        index: The `resize` node.
        axis: 0 for rows, 1 for columns.

    Returns:
        low, high: Input positions, int64, one per output position.
        fraction: Weight of `high`, float32; zeros for 'nearest'.
    """
    node = graph.nodes[index]
    size, target = graph.nodes[node.inputs[0]].shape[1 + axis], node.shape[1 + axis]
    positions = np.arange(target, dtype=np.float32)
    if node.resize == 'nearest':
        low = np.floor(positions * (np.float32(size) / np.float32(target))).astype(np.int64)
        low = np.minimum(low, size - 1)
        return low, low, np.zeros(target, np.float32)
    half = np.float32(0.5)
    if node.align_corners:
        source = positions * (np.float32(size - 1) / np.float32(max(target - 1, 1)))
    else:
        source = (positions + half) * (np.float32(size) / np.float32(target)) - half
    source = np.maximum(source, np.float32(0))
    low = np.minimum(source.astype(np.int64), size - 1)
    return low, np.minimum(low + 1, size - 1), (source - low).clip(0, 1).astype(np.float32)

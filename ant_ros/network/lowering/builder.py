# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Put nodes together: what each kind of node can express, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
import math
from typing import Any

import numpy as np
import torch

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.graph import Loop
from ant_ros.network.graph import Node

__all__ = ['ONE', 'GraphBuilder', 'Map']

ONE = 'fixed.one.'  # begins the key of a kernel of ones, which changes nothing


@dataclass(frozen=True)
class Map:
    """A node's output as the module sees it: the same numbers in row-major order.

    Attributes:
        index: The node; negative while it is the feedback of a settling block.
        shape: Shape in torch, with the batch of one.
    """

    index: int
    shape: tuple[int, ...]


class GraphBuilder:
    """Append nodes; holds the weights and the name of the traced operation being lowered.

    Args:
        shape: Input as (channels, height, width).
        names: Qualified names of the module's parameters and buffers by id.
    """

    def __init__(self, shape: tuple[int, int, int], names: dict[int, str]) -> None:
        self.nodes = [Node('input', 'input', (), shape)]
        self.tensors: dict[str, np.ndarray] = {}
        self.loops: list[Loop] = []
        self.names = names
        self.name = ''
        self._feedback: dict[int, tuple[int, int, int]] = {}

    def emit(self, kind: str, inputs: tuple[Map, ...], shape: tuple[int, int, int],
             **attributes: Any) -> Map:
        """Append a node and return its output as a map `[1, C, H, W]`."""
        taken = sum(node.name.partition('/')[0] == self.name for node in self.nodes)
        name = f'{self.name}/{taken}' if taken else self.name
        self.nodes.append(Node(name, kind, tuple(x.index for x in inputs), shape, **attributes))
        return Map(len(self.nodes) - 1, (1, *shape))

    def size(self, x: Map) -> tuple[int, int, int]:
        """Return (channels, height, width) of the node behind `x`."""
        return self._feedback[x.index] if x.index < 0 else self.nodes[x.index].shape

    def weights(self, value: torch.Tensor, label: str) -> str:
        """Keep `value` and return its key: the parameter's name where it has one."""
        return self._keep(self.names.get(id(value), f'{self.name}.{label}'),
                          value.detach().numpy())

    def computed(self, value: torch.Tensor, shape: tuple[int, ...], name: str) -> str:
        """Keep `value`, reshaped, under a name of its own and return its key."""
        return self._keep(name, value.detach().reshape(shape).numpy())

    def fixed(self, label: str, value: np.ndarray) -> str:
        """Keep a constant of an operation and return its key."""
        return self._keep(f'fixed.{label}', value)

    def ones(self, channels: int) -> str:
        """Return the key of the kernel per channel that changes nothing."""
        return self._keep(f'{ONE}{channels}', np.ones((channels, 1, 1, 1)))

    def _keep(self, name: str, value: np.ndarray) -> str:
        value = np.array(value, np.float32)
        key, number = name, 1
        while key in self.tensors and not _same(self.tensors[key], value):
            number += 1
            key = f'{name}:{number}'
        self.tensors[key] = value
        return key

    def conv(self, x: Map, weight: str, bias: str | None, *,
             stride: tuple[int, int] = (1, 1), dilation: tuple[int, int] = (1, 1),
             padding: tuple[int, int, int, int] = (0, 0, 0, 0), groups: int = 1) -> Map:
        """Convolve; a kernel per channel becomes `depthwise`."""
        channels, height, width = self.size(x)
        out, _, *kernel = self.tensors[weight].shape
        top, left, bottom, right = padding
        rows = (height + top + bottom - dilation[0] * (kernel[0] - 1) - 1) // stride[0] + 1
        columns = (width + left + right - dilation[1] * (kernel[1] - 1) - 1) // stride[1] + 1
        kind = 'depthwise' if groups == channels == out else 'conv'
        return self.emit(kind, (x,), (out, rows, columns), weight=weight, bias=bias,
                         kernel=tuple(kernel), stride=stride, padding=padding, dilation=dilation,
                         groups=groups)

    def identity(self, x: Map, activation: str = 'none', slope: float = 0.0,
                 padding: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Map:
        """Apply an activation, or pad with zeros; negative paddings cut off."""
        channels, height, width = self.size(x)
        top, left, bottom, right = padding
        shape = (channels, height + top + bottom, width + left + right)
        out = self.emit('depthwise', (x,), shape, weight=self.ones(channels), padding=padding,
                        groups=channels, activation=activation, slope=slope)
        return out if any(padding) else Map(out.index, x.shape)

    def crop(self, x: Map, rows: tuple[int, int], columns: tuple[int, int]) -> Map:
        """Take the rows and columns [start, stop)."""
        _, height, width = self.size(x)
        cut = (-rows[0], -columns[0], rows[1] - height, columns[1] - width)
        return self.identity(x, padding=cut) if any(cut) else x

    def affine(self, x: Map, scale: str, shift: str | None) -> Map:
        """Scale and shift every channel; the keys are of `[C, 1, 1, 1]` and `[C]`."""
        out = self.conv(x, scale, shift, groups=self.size(x)[0])
        return Map(out.index, x.shape)

    def scaled(self, x: Map, scale: float, shift: float = 0.0) -> Map:
        """Return scale * x + shift."""
        channels = self.size(x)[0]
        if scale == 1.0 and shift == 0.0:
            return x
        key = (self.ones(channels) if scale == 1.0
               else self.fixed(f'scale.{scale:g}', np.full((channels, 1, 1, 1), scale)))
        return self.affine(x, key, None if shift == 0.0
                           else self.fixed(f'shift.{shift:g}', np.full(channels, shift)))

    def average(self, x: Map, kernel: tuple[int, int], stride: tuple[int, int],
                padding: tuple[int, int, int, int], divisor: float) -> Map:
        """Sum over windows and divide."""
        channels = self.size(x)[0]
        weight = self.fixed('average', np.full((channels, 1, *kernel), 1.0 / divisor))
        return self.conv(x, weight, None, stride=stride, padding=padding, groups=channels)

    def broadcast(self, x: Map, shape: tuple[int, int, int]) -> Map:
        """Repeat one channel over channels, one position over a map."""
        channels, height, width = self.size(x)
        if channels == 1 and shape[0] > 1:
            x = self.conv(x, self.fixed('repeat', np.ones((shape[0], 1, 1, 1))), None)
        if (height, width) != shape[1:]:
            x = self.emit('resize', (x,), shape)
        if self.size(x) != shape:
            raise Unsupported(
                f'a map of {(channels, height, width)} cannot be repeated to {shape}',
                'give both the same size')
        return x

    def add(self, *terms: Map) -> Map:
        """Add maps of any sizes that broadcast."""
        size = _common(*(self.size(x) for x in terms))
        return self.emit('add', tuple(self.broadcast(x, size) for x in terms), size)

    def mul(self, x: Map, y: Map) -> Map:
        """Multiply maps; a vector `[C, 1, 1]` goes second and is not spread out."""
        for a, b in ((x, y), (y, x)):
            if b.index >= 0 and self._gates(self.nodes[b.index], a):
                return self.identity(a, 'silu')
        x, y = self._unspread(x), self._unspread(y)
        if math.prod(self.size(x)[1:]) < math.prod(self.size(y)[1:]):
            x, y = y, x
        size = _common(self.size(x), self.size(y))
        if self.size(y)[1:] == (1, 1):
            y = self.broadcast(y, (size[0], 1, 1))
        else:
            y = self.broadcast(y, size)
        return self.emit('mul', (self.broadcast(x, size), y), size)

    def _gates(self, node: Node, x: Map) -> bool:
        """Whether `node` is the plain sigmoid of `x`."""
        return (node.activation == 'sigmoid' and node.inputs == (x.index,)
                and (node.weight or '').startswith(ONE) and not any(node.padding))

    def _unspread(self, x: Map) -> Map:
        """Undo a repetition over positions: `mul` does without."""
        node = self.nodes[max(x.index, 0)]
        if node.kind == 'resize' and self.nodes[node.inputs[0]].shape[1:] == (1, 1):
            return Map(node.inputs[0], (1, node.shape[0], 1, 1))
        return x

    def select(self, x: Map, start: int, stop: int) -> Map:
        """Take the channels [start, stop)."""
        channels = self.size(x)[0]
        chosen = np.eye(channels)[start:stop, :, None, None]
        return self.conv(x, self.fixed(f'select.{start}', chosen), None)

    def like(self, x: Map, values: np.ndarray) -> Map:
        """Return a map of the size of `x` that is `values` `[C]` everywhere."""
        channels, out = self.size(x)[0], len(values)
        groups = math.gcd(channels, out)
        nothing = self.fixed('nothing', np.zeros((out, channels // groups, 1, 1)))
        return self.conv(x, nothing, self.fixed('constant', values), groups=groups)

    def open_feedback(self, shape: tuple[int, int, int]) -> Map:
        """Return the state of a settling block before the node that computes it exists."""
        if self._feedback:
            raise Unsupported('a settling block inside another one', 'put them side by side')
        self._feedback[-1] = shape
        return Map(-1, (1, *shape))

    def close_feedback(self, first: int, result: Map, tolerance: float, max_sweeps: int) -> Map:
        """Let the nodes from `first` on read `result` as the state."""
        if result.index < first:
            result = self.identity(result)
        for i, node in enumerate(self.nodes[first:], first):
            inputs = tuple(result.index if j < 0 else j for j in node.inputs)
            self.nodes[i] = replace(node, inputs=inputs)
        self.loops.append(Loop(first, len(self.nodes) - 1, tolerance, max_sweeps))
        self._feedback.clear()
        return result


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def _common(*sizes: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the size that all broadcast to."""
    channels, height, width = np.broadcast_shapes(*sizes)
    return channels, height, width

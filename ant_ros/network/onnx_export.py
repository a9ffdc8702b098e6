# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write a graph, or one of its nodes for patches, as an ONNX model."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import math
from typing import Any

import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper
from onnx import TensorProto

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Loop
from ant_ros.network.graph import Node
from ant_ros.network.graph import resize_taps
from ant_ros.network.lowering.builder import ONE

__all__ = ['node_to_onnx', 'to_onnx']

# What ONNX Runtime takes from 1.13 on.
_OPSET = 17
_IR_VERSION = 8


def to_onnx(graph: Graph, maps: Sequence[int] | None = None) -> onnx.ModelProto:
    """Write the whole graph, dense; the input is 'input' `[1, C, H, W]`, float32.

    Args:
        graph: The network.
        maps: Nodes whose maps `[1, C, H, W]` are the outputs, 'map_<index>' each. If None the
            outputs are those of the module in its own shapes, 'output_0' and so on.

    Returns:
        The model (opset 17).
    """
    writer = _Writer(graph)
    wanted = set(graph.outputs if maps is None else maps)
    loops = {loop.first: loop for loop in graph.loops}
    index = 1
    while index < len(graph.nodes):
        if index in loops:
            _write_loop(writer, loops[index], wanted)
            index = loops[index].last + 1
        else:
            _write_node(writer, index)
            index += 1
    outputs = []
    if maps is None:
        for number, (node, shape) in enumerate(zip(graph.outputs, graph.output_shapes)):
            outputs.append(_value(f'output_{number}', shape))
            writer.add('Reshape', (f'map_{node}', writer.integers(shape)), f'output_{number}')
    else:
        for node in maps:
            outputs.append(_value(f'map_{node}', (1, *graph.nodes[node].shape)))
            if node == 0:
                writer.add('Identity', ('input',), 'map_0')
    return writer.model([_value('input', (1, *graph.nodes[0].shape))], outputs)


def node_to_onnx(graph: Graph, index: int) -> onnx.ModelProto:
    """Write one node for batches of patches.

    The inputs 'x_0', 'x_1' … are `[N, C, h, w]` with all of N, h and w free, and with the node's
    padding in them already; the output is 'y'.

    Raises:
        ValueError: The input, or a resizing: where a patch reads depends on where it lies.
    """
    node = graph.nodes[index]
    if node.kind in ('input', 'resize'):
        raise ValueError(f"node {index} ('{node.name}') is a {node.kind}, which has no form for "
                         'patches; compute it from resize_taps()')
    writer = _Writer(graph)
    inputs = [f'x_{i}' for i in range(len(node.inputs))]
    _write_operation(writer, index, inputs, 'y', padded=True)
    shapes = [('n', graph.nodes[i].shape[0], f'h{k}', f'w{k}')
              for k, i in enumerate(node.inputs)]
    return writer.model([_value(name, shape) for name, shape in zip(inputs, shapes)],
                        [_value('y', ('n', node.shape[0], 'h', 'w'))])


def _value(name: str, shape: Sequence[Any]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


class _Writer:
    """Collects ONNX nodes and constants of one (sub)graph."""

    def __init__(self, graph: Graph, constants: dict[str, onnx.TensorProto] | None = None,
                 prefix: str = '') -> None:
        self.graph = graph
        self.nodes: list[onnx.NodeProto] = []
        self.constants = {} if constants is None else constants
        self.prefix = prefix
        self.names: dict[int, str] = {0: 'input'}

    def add(self, kind: str, inputs: Sequence[str], output: str | None = None,
            **attributes: Any) -> str:
        """Append an operation and return the name of its output."""
        output = output or f'{self.prefix}value_{len(self.nodes)}'
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        """Keep a constant and return its name."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value, order='C'), name)
        return name

    def weights(self, key: str) -> str:
        """Keep a tensor of the graph and return its name."""
        return self.constant(f'tensor {key}', self.graph.tensors[key])

    def integers(self, values: Sequence[int]) -> str:
        """Keep a list of integers and return its name."""
        return self.constant(f'integers {list(values)}', np.array(values, np.int64))

    def number(self, value: float) -> str:
        """Keep a float32 scalar and return its name."""
        return self.constant(f'number {value!r}', np.array(value, np.float32))

    def model(self, inputs: list[onnx.ValueInfoProto],
              outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """Return the checked model."""
        body = helper.make_graph(self.nodes, 'network', inputs, outputs,
                                 list(self.constants.values()))
        model = helper.make_model(body, opset_imports=[helper.make_opsetid('', _OPSET)],
                                  ir_version=_IR_VERSION, producer_name='ant_ros')
        onnx.checker.check_model(model)
        return model


def _write_node(writer: _Writer, index: int, names: Mapping[int, str] | None = None) -> None:
    """Write a node of the whole graph; `names` are those of feedback inputs."""
    output = f'{writer.prefix}map_{index}'
    inputs = [(names or {}).get(i) or writer.names[i] for i in writer.graph.nodes[index].inputs]
    _write_operation(writer, index, inputs, output, padded=False)
    writer.names[index] = output


def _write_operation(writer: _Writer, index: int, inputs: list[str], output: str,
                     padded: bool) -> None:
    node = writer.graph.nodes[index]
    if node.kind in ('conv', 'depthwise'):
        result = _write_conv(writer, node, inputs[0], padded)
    elif node.kind == 'maxpool':
        result = _write_maxpool(writer, node, inputs[0], padded)
    elif node.kind == 'resize':
        result = _write_resize(writer, index, inputs[0])
    elif node.kind == 'concat':
        result = writer.add('Concat', inputs, axis=1)
    elif node.kind == 'mean':
        result = writer.add('GlobalAveragePool', inputs)
    else:
        result = inputs[0]
        for other in inputs[1:]:
            result = writer.add({'add': 'Add', 'mul': 'Mul'}[node.kind], (result, other))
    _write_activation(writer, node, result, output)


def _write_conv(writer: _Writer, node: Node, x: str, padded: bool) -> str:
    assert node.weight is not None
    pads = [0, 0, 0, 0] if padded else list(node.padding)
    if min(pads) < 0:
        x = writer.add('Pad', (x, writer.integers((0, 0, *pads[:2], 0, 0, *pads[2:]))))
        pads = [0, 0, 0, 0]
    # Padding stays a convolution: ONNX Runtime (to 1.31 at least) merges a Pad with zeros into a
    # MaxPool after it as if it were with minus infinity.
    if node.kind == 'depthwise' and node.kernel == node.stride == (1, 1) and not any(pads):
        return _write_scale(writer, node, x)
    weight = writer.graph.tensors[node.weight]
    smaller = all(pad < node.kernel[i % 2] for i, pad in enumerate(pads))
    if node.weight.startswith('fixed.average') and node.bias is None and smaller:
        mean = writer.add('AveragePool', (x,), kernel_shape=node.kernel, strides=node.stride,
                          pads=pads, count_include_pad=1)
        factor = float(weight.flat[0]) * math.prod(node.kernel)
        exact = math.isclose(factor, 1.0, rel_tol=1e-6)
        return mean if exact else writer.add('Mul', (mean, writer.number(factor)))
    inputs = [x, writer.weights(node.weight)]
    if node.bias is not None:
        inputs.append(writer.weights(node.bias))
    return writer.add('Conv', inputs, kernel_shape=node.kernel, strides=node.stride, pads=pads,
                      dilations=node.dilation, group=node.groups)


def _write_scale(writer: _Writer, node: Node, x: str) -> str:
    """Write a depthwise kernel of one position as product and sum."""
    assert node.weight is not None
    shape = (node.shape[0], 1, 1)
    if not node.weight.startswith(ONE):
        value = writer.graph.tensors[node.weight].reshape(shape)
        x = writer.add('Mul', (x, writer.constant(f'scale {node.weight}', value)))
    if node.bias is not None:
        value = writer.graph.tensors[node.bias].reshape(shape)
        x = writer.add('Add', (x, writer.constant(f'shift {node.bias}', value)))
    return x


def _write_maxpool(writer: _Writer, node: Node, x: str, padded: bool) -> str:
    pads = (0, 0, 0, 0) if padded else node.padding
    limits = (node.kernel[0], node.kernel[1], node.kernel[0], node.kernel[1])
    if any(pad >= limit for pad, limit in zip(pads, limits)):
        lowest = writer.number(float(np.finfo(np.float32).min))
        x = writer.add('Pad', (x, writer.integers((0, 0, *pads[:2], 0, 0, *pads[2:])), lowest))
        pads = (0, 0, 0, 0)
    return writer.add('MaxPool', (x,), kernel_shape=node.kernel, strides=node.stride, pads=pads,
                      dilations=node.dilation)


def _write_resize(writer: _Writer, index: int, x: str) -> str:
    node = writer.graph.nodes[index]
    size = writer.graph.nodes[node.inputs[0]].shape[1:]
    if node.resize == 'nearest':
        if any(target % s for target, s in zip(node.shape[1:], size)):
            for axis in (0, 1):
                low, _, _ = resize_taps(writer.graph, index, axis)
                x = writer.add('Gather', (x, writer.integers(low.tolist())), axis=2 + axis)
            return x
        attributes = {'coordinate_transformation_mode': 'asymmetric', 'nearest_mode': 'floor'}
    else:
        attributes = {'coordinate_transformation_mode':
                      'align_corners' if node.align_corners else 'half_pixel'}
    return writer.add('Resize', (x, '', '', writer.integers((1, *node.shape))),
                      mode={'nearest': 'nearest', 'bilinear': 'linear'}[node.resize],
                      **attributes)


def _write_activation(writer: _Writer, node: Node, x: str, output: str) -> None:
    kind = node.activation
    if kind == 'relu6':
        writer.add('Clip', (x, writer.number(0.0), writer.number(6.0)), output)
    elif kind == 'silu':
        writer.add('Mul', (x, writer.add('Sigmoid', (x,))), output)
    elif kind == 'gelu':
        half = writer.add('Mul', (x, writer.number(0.5)))
        scaled = writer.add('Mul', (x, writer.number(math.sqrt(0.5))))
        factor = writer.add('Add', (writer.add('Erf', (scaled,)), writer.number(1.0)))
        writer.add('Mul', (half, factor), output)
    else:
        name, attributes = _ACTIVATIONS[kind]
        if kind in ('leaky_relu', 'elu'):
            attributes = {'alpha': node.slope}
        writer.add(name, (x,), output, **attributes)


_ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    'none': ('Identity', {}), 'relu': ('Relu', {}), 'sigmoid': ('Sigmoid', {}),
    'tanh': ('Tanh', {}), 'hardswish': ('HardSwish', {}), 'leaky_relu': ('LeakyRelu', {}),
    'elu': ('Elu', {}), 'hardsigmoid': ('HardSigmoid', {'alpha': 1 / 6, 'beta': 0.5}),
}


def _write_loop(writer: _Writer, loop: Loop, wanted: set[int]) -> None:
    """Write a settling block as an ONNX Loop; it carries the maps that are read elsewhere."""
    graph = writer.graph
    members = range(loop.first, loop.last + 1)
    feedback = sorted({i for n in members for i in graph.nodes[n].inputs if i >= n})
    after = {i for node in graph.nodes[loop.last + 1:] for i in node.inputs} | wanted
    carried = sorted(set(feedback) | (after & set(members)))
    body = _Writer(graph, writer.constants, prefix=f'loop_{loop.first}_')
    body.names = dict(writer.names)
    old = {i: f'loop_{loop.first}_before_{i}' for i in carried}
    for n in members:
        _write_node(body, n, {i: old[i] for i in graph.nodes[n].inputs if i >= n})
    go_on = _write_change(body, loop, feedback, old)
    shapes = {i: (1, *graph.nodes[i].shape) for i in carried}
    flag = TensorProto.BOOL
    inputs = [helper.make_tensor_value_info(f'{body.prefix}sweep', TensorProto.INT64, []),
              helper.make_tensor_value_info(f'{body.prefix}more', flag, []),
              *(_value(old[i], shapes[i]) for i in carried)]
    outputs = [helper.make_tensor_value_info(go_on, flag, []),
               *(_value(body.names[i], shapes[i]) for i in carried)]
    inner = helper.make_graph(body.nodes, f'settle_{loop.first}', inputs, outputs)
    starts = [writer.constant(f'zeros {shapes[i]}', np.zeros(shapes[i], np.float32))
              for i in carried]
    bound = writer.constant(f'bound {loop.max_sweeps}', np.array(loop.max_sweeps, np.int64))
    names = [f'map_{i}' for i in carried]
    writer.nodes.append(helper.make_node(
        'Loop', [bound, writer.constant('true', np.array(True)), *starts], names, body=inner))
    writer.names.update(zip(carried, names))


def _write_change(body: _Writer, loop: Loop, feedback: list[int], old: Mapping[int, str]) -> str:
    """Write whether the state still changes by the tolerance or more."""
    changes = [body.add('ReduceMax', (body.add('Abs', (body.add(
        'Sub', (body.names[i], old[i])),)),), keepdims=0) for i in feedback]
    if not changes:
        return body.add('Identity', (body.constant('false', np.array(False)),))
    change = changes[0] if len(changes) == 1 else body.add('Max', changes)
    still = body.add('Less', (change, body.number(loop.tolerance)))
    return body.add('Not', (still,))

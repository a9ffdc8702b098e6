# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make a graph of nodes from a PyTorch module."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import fx

from ant_ros.network.conversion_error import ConversionError
from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.dense import run_dense
from ant_ros.network.graph import Graph
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.functions import FUNCTIONS
from ant_ros.network.lowering.modules import MODULES
from ant_ros.network.lowering.simplification import simplify
from ant_ros.network.lowering.tracing import trace
from ant_ros.network.settling import Settling

__all__ = ['ConversionError', 'convert']

_AGREEMENT = 1e-3  # float32 noise of deep networks stays far below, a wrong lowering above
_OF_SHAPE = ('zeros_like', 'ones_like', 'full_like', 'new_zeros', 'new_ones', 'new_full')
_NORM = 'use BatchNorm2d: its statistics are fixed, these need the whole map'
_END = 'end the module before it and apply it to the answer'
_UNROLL = 'write the recurrence with convolutions and unroll it in forward()'
_ATTENTION = 'use convolutions: attention lets every position read every other'
_CURES = {
    **dict.fromkeys(('ConvTranspose2d', 'conv_transpose2d'), 'use Upsample followed by Conv2d'),
    **dict.fromkeys(('GroupNorm', 'InstanceNorm2d', 'LayerNorm', 'RMSNorm', 'LocalResponseNorm',
                     'group_norm', 'instance_norm', 'layer_norm', 'normalize'), _NORM),
    **dict.fromkeys(('softmax', 'Softmax', 'Softmax2d', 'log_softmax', 'LogSoftmax', 'argmax',
                     'topk', 'sort', 'permute', 'transpose'), _END),
    **dict.fromkeys(('LSTM', 'GRU', 'RNN', 'LSTMCell', 'GRUCell', 'RNNCell'), _UNROLL),
    **dict.fromkeys(('MultiheadAttention', 'scaled_dot_product_attention', 'matmul', 'bmm',
                     'einsum', 'TransformerEncoderLayer'), _ATTENTION),
    **dict.fromkeys(('Softplus', 'softplus', 'Mish', 'mish', 'CELU', 'celu', 'exp', 'log'),
                    'use SiLU, ELU or another of the activations'),
    **dict.fromkeys(('max', 'amax', 'maximum', 'min', 'amin', 'minimum'),
                    'use max_pool2d or adaptive_max_pool2d over positions'),
    **dict.fromkeys(('Conv1d', 'Conv3d', 'conv1d', 'conv3d'), 'use Conv2d'),
}


def convert(module: torch.nn.Module, expected: np.ndarray | torch.Tensor) -> Graph:
    """Trace `module` on `expected` and lower it to a graph.

    The graph is run once and compared with the module.

    Args:
        module: In evaluation mode, float32, of one map; its control flow may depend on sizes.
        expected: The expected input `[1, C, H, W]` or `[C, H, W]`, float32.

    Returns:
        The graph; its outputs in the order of the tuple, list or dictionary that the module
        returns.

    Raises:
        ConversionError: The module is in training mode, `expected` is no such map, or an
            operation cannot be converted; the message names node, operation and what to do.
    """
    example = _checked_input(expected)
    _check_module(module)
    traced = trace(module, example, leaves=(Settling,))
    channels, height, width = example.shape[1:]
    builder = GraphBuilder((channels, height, width), _names(module))
    answer = _lower(builder, traced, [Map(0, (1, channels, height, width))], module)
    outputs = [_as_output(builder, out) for out in _flat(answer)]
    if not outputs:
        raise ConversionError(f'{type(module).__name__} returns nothing')
    graph = simplify(Graph(tuple(builder.nodes), tuple(out.index for out in outputs),
                           tuple(out.shape for out in outputs), builder.tensors,
                           tuple(builder.loops)))
    _compare(graph, module, example)
    return graph


def _checked_input(expected: np.ndarray | torch.Tensor) -> torch.Tensor:
    if not isinstance(expected, (np.ndarray, torch.Tensor)):
        raise ConversionError(f'the expected input is a {type(expected).__name__}; give an array '
                              '[1, C, H, W], float32')
    if str(expected.dtype).removeprefix('torch.') != 'float32':
        raise ConversionError(f'the expected input is {expected.dtype}; give float32')
    example = (torch.from_numpy(np.array(expected)) if isinstance(expected, np.ndarray)
               else expected.detach().cpu())
    if example.ndim == 3:
        example = example[None]
    if example.ndim != 4 or len(example) != 1 or example.numel() == 0:
        raise ConversionError(f'the expected input has shape {list(example.shape)}; give one map '
                              '[1, C, H, W] or [C, H, W]')
    if not bool(torch.isfinite(example).all()):
        raise ConversionError('the expected input holds NaN or Inf; give finite numbers')
    return example.contiguous()


def _check_module(module: torch.nn.Module) -> None:
    if not isinstance(module, torch.nn.Module):
        raise ConversionError(f'a {type(module).__name__} is not a torch.nn.Module')
    training = [name or type(module).__name__ for name, part in module.named_modules()
                if part.training]
    if training:
        raise ConversionError(f'the module is in training mode ({training[0]}); call eval() first')
    for name, value in module.named_parameters():
        if value.dtype != torch.float32 or value.device.type != 'cpu':
            raise ConversionError(f'parameter {name} is {value.dtype} on {value.device}; call '
                                  'module.float().cpu() first')
        if not bool(torch.isfinite(value).all()):
            raise ConversionError(f'parameter {name} holds NaN or Inf; give finite weights')


def _names(module: torch.nn.Module) -> dict[int, str]:
    """Name parameters and buffers by id; one that is shared has its first name."""
    return {id(value): name
            for name, value in (*module.named_parameters(), *module.named_buffers())}


def _lower(builder: GraphBuilder, traced: fx.GraphModule, inputs: list[Map],
           module: torch.nn.Module, prefix: str = '') -> Any:
    """Lower every traced node and return what the module returns, with maps for tensors."""
    known: dict[fx.Node, Any] = {}
    given = iter(inputs)
    for node in traced.graph.nodes:
        if node.op == 'placeholder':
            known[node] = next(given)
            continue
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), known.__getitem__)
        if node.op == 'output':
            return args[0]
        if not _holds_map((args, kwargs)) or _operation(traced, node) in _OF_SHAPE:
            known[node] = node.meta['value']
            continue
        builder.name = prefix + node.name.removeprefix('network_')
        try:
            known[node] = _lower_node(builder, traced, node, args, kwargs)
        except Unsupported as error:
            raise ConversionError(f'{_described(builder, traced, node)}: {error}') from error
        except TypeError as error:
            raise ConversionError(f'{_described(builder, traced, node)} is called with arguments '
                                  f'that are not supported: {error}; leave them out') from error
        if _in_place(traced, node) and isinstance(node.args[0], fx.Node):
            known[node.args[0]] = known[node]
    raise ConversionError(f'{type(module).__name__} returns nothing')


def _lower_node(builder: GraphBuilder, traced: fx.GraphModule, node: fx.Node,
                args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if node.op == 'call_module':
        part = traced.get_submodule(str(node.target))
        if isinstance(part, Settling):
            return _lower_settling(builder, part, node, *args, **kwargs)
        lowering: Any = next((MODULES[kind] for kind in type(part).__mro__ if kind in MODULES),
                             None)
        if lowering is not None:
            return lowering(builder, part, *args, **kwargs)
    else:
        lowering = FUNCTIONS.get(_operation(traced, node).rstrip('_'))
        if lowering is not None:
            return lowering(builder, *args, **kwargs)
    operation = _operation(traced, node)
    raise Unsupported('there is no such operation in an asynchronous network', _CURES.get(
        operation, 'replace it by convolutions, pooling, resizing, sums, products, '
        'concatenations or activations, or end the module before it'))


def _operation(traced: fx.GraphModule, node: fx.Node) -> str:
    """Name what a node calls: 'Conv2d', 'relu', 'add_'."""
    if node.op == 'call_module':
        return type(traced.get_submodule(str(node.target))).__name__
    if node.op == 'call_method':
        return str(node.target)
    name = getattr(node.target, '__name__', str(node.target))
    return {'boolean_dispatch': 'pooling'}.get(name, name)


def _described(builder: GraphBuilder, traced: fx.GraphModule, node: fx.Node) -> str:
    return f"node '{builder.name}' ({_operation(traced, node)})"


def _in_place(traced: fx.GraphModule, node: fx.Node) -> bool:
    """Whether a node overwrites its first operand."""
    if node.op == 'call_module':
        return bool(getattr(traced.get_submodule(str(node.target)), 'inplace', False))
    name = _operation(traced, node)
    return bool(node.kwargs.get('inplace')) or name in ('iadd', 'isub', 'imul', 'itruediv') or (
        name.endswith('_') and not name.endswith('__'))


def _lower_settling(builder: GraphBuilder, part: Settling, node: fx.Node, x: Map) -> Map:
    """Lower the cell once, with an edge back from its result to the state that it reads."""
    prefix = f'{builder.name}.'
    example = torch.zeros(x.shape)
    source = node.args[0]
    if isinstance(source, fx.Node):
        example = source.meta['value']
    start = part.start(example)
    traced = trace(part.cell, example, start, leaves=(Settling,))
    first = len(builder.nodes)
    state = builder.open_feedback((start.shape[1], start.shape[2], start.shape[3]))
    answer = _lower(builder, traced, [x, state], part.cell, prefix)
    if not isinstance(answer, Map) or builder.size(answer) != builder.size(state):
        raise Unsupported('the cell of a settling block returns something else than its state',
                          'return one map of the size of the state')
    builder.name = prefix.rstrip('.')
    result = builder.close_feedback(first, answer, part.tolerance, part.max_sweeps)
    return Map(result.index, tuple(start.shape))


def _holds_map(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_holds_map(v) for v in value)
    if isinstance(value, dict):
        return any(_holds_map(v) for v in value.values())
    return isinstance(value, Map)


def _flat(answer: Any) -> list[Any]:
    """Return the outputs in their order, whatever holds them."""
    if isinstance(answer, dict):
        return [out for value in answer.values() for out in _flat(value)]
    if isinstance(answer, (tuple, list)):
        return [out for value in answer for out in _flat(value)]
    return [answer]


def _as_output(builder: GraphBuilder, out: Any) -> Map:
    if not isinstance(out, Map):
        raise ConversionError(f'the module returns a {type(out).__name__} that does not depend on '
                              'its input; return maps and vectors computed from it only')
    builder.name = 'output'
    return out if out.index > 0 else builder.identity(out)


def _compare(graph: Graph, module: torch.nn.Module, example: torch.Tensor) -> None:
    """Make sure that the graph computes what the module does."""
    with torch.no_grad():
        expected = _flat(module(example.clone()))
        outputs = run_dense(graph, example)
    for index, (y, out) in enumerate(zip(expected, outputs)):
        if not bool(torch.isfinite(y).all()):
            raise ConversionError(f'output {index} of the module holds NaN or Inf on the expected '
                                  'input; check its weights')
        error = float((out - y).abs().max() / y.abs().max().clamp_min(1e-12))
        if error > _AGREEMENT:
            raise ConversionError(
                f'output {index} of the converted network differs from the module by '
                f'{error:.1e} of its largest value: something in {type(module).__name__} is not '
                'what tracing sees (a view changed in place, or random numbers?); write it '
                'without')

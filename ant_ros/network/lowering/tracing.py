# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Trace a module with torch.fx while computing on the expected input.

Every traced node carries the value that it had, in `node.meta['value']`, so that sizes are plain
numbers: arithmetic with them and decisions that rest on them trace without more ado.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
import operator
from typing import Any

import torch
from torch import fx

from ant_ros.network.conversion_error import ConversionError

__all__ = ['trace']


class _ValuedProxy(fx.Proxy):
    """A proxy that knows the shape of what it stands for."""

    @property
    def shape(self) -> Any:
        return self._value().shape

    @property
    def ndim(self) -> int:
        return self._value().ndim

    @property
    def dtype(self) -> torch.dtype:
        return self._value().dtype

    @property
    def device(self) -> torch.device:
        return self._value().device

    def size(self, dim: int | None = None) -> Any:
        return self._value().size() if dim is None else self._value().size(dim)

    def dim(self) -> int:
        return self._value().dim()

    def numel(self) -> int:
        return self._value().numel()

    def __len__(self) -> int:
        return len(self._value())

    def __iter__(self) -> Iterator[fx.Proxy]:
        return (self.tracer.create_proxy('call_function', operator.getitem, (self, i), {})
                for i in range(len(self)))

    def __bool__(self) -> bool:
        raise fx.proxy.TraceError('a decision rests on the values of a map')

    __index__ = __int__ = __float__ = __bool__

    def item(self) -> Any:
        raise fx.proxy.TraceError('a number is read out of a map')

    tolist = item

    def _value(self) -> Any:
        return self.node.meta['value']


class _ValuedTracer(fx.Tracer):
    """Compute each node as it is traced."""

    def __init__(self, examples: tuple[torch.Tensor, ...], leaves: tuple[type, ...]) -> None:
        super().__init__()
        self._examples = iter(examples)
        self._leaves = leaves
        self._computing = False

    def is_leaf_module(self, m: torch.nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, self._leaves) or super().is_leaf_module(m, module_qualified_name)

    def proxy(self, node: fx.Node) -> fx.Proxy:
        return _ValuedProxy(node, self)

    def call_module(self, m: torch.nn.Module, forward: Callable[..., Any],
                    args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._computing:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if self._computing:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        node = super().create_node(*args, **kwargs)
        if node.op != 'output':
            self._computing = True
            try:
                node.meta['value'] = self._compute(node)
            finally:
                self._computing = False
        return node

    def _compute(self, node: fx.Node) -> Any:
        if node.op == 'placeholder':
            return next(self._examples).clone()
        target: Any = node.target
        if node.op == 'get_attr':
            value: Any = self.root
            for part in target.split('.'):
                value = getattr(value, part)
            return value
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), lambda n: n.meta['value'])
        if node.op == 'call_module':
            return self.root.get_submodule(target)(*args, **kwargs)
        if node.op == 'call_method':
            return getattr(args[0], target)(*args[1:], **kwargs)
        return target(*args, **kwargs)


class _OneInput(torch.nn.Module):
    """Holds the user's module, so that tracing leaves nothing in it and defaults stay plain."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> Any:
        return self.network(x)


class _TwoInputs(_OneInput):
    """The same for the cell of a settling block."""

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> Any:  # type: ignore[override]
        return self.network(x, state)


def trace(module: torch.nn.Module, *examples: torch.Tensor,
          leaves: tuple[type, ...] = ()) -> fx.GraphModule:
    """Trace `module` on one or two examples.

    Args:
        module: The module, in evaluation mode.
        examples: Its inputs `[1, C, H, W]`.
        leaves: Classes of modules that stay one node, besides those of torch.nn.

    Returns:
        The traced module; every node of its graph has `meta['value']`.

    Raises:
        ConversionError: what it does cannot be traced.
    """
    name = type(module).__name__
    tracer = _ValuedTracer(examples, leaves)
    holder = _OneInput(module) if len(examples) == 1 else _TwoInputs(module)
    try:
        with torch.no_grad():
            return fx.GraphModule(holder, tracer.trace(holder))
    except fx.proxy.TraceError as error:
        raise ConversionError(
            f'{name} cannot be traced{_where(tracer)}: {error}. Its control flow may depend on '
            'sizes, never on values: compute both branches and combine them, or convert the '
            'parts before and after the decision one by one') from error
    except Exception as error:
        shapes = ' and '.join(str(list(example.shape)) for example in examples)
        raise ConversionError(
            f'{name} cannot be traced on an input of {shapes}{_where(tracer)}: '
            f'{type(error).__name__}: {error}. Check that the module takes a map of this size, '
            'and that it does tensor operations only') from error


def _where(tracer: fx.Tracer) -> str:
    """Say how far tracing came."""
    graph = getattr(tracer, 'graph', None)
    nodes = list(graph.nodes) if graph is not None else []
    return f' (last operation traced: {nodes[-1].name})' if nodes else ''

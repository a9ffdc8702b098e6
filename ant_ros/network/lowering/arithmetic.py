# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums and products of maps, and of maps with constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.convolution import channelwise

__all__ = ['ARITHMETIC']


def _operand(b: GraphBuilder, x: Map, other: Any) -> tuple[str, Any]:
    """Sort the second operand: ('number', float), ('channels', tensor [C]) or ('map', Map)."""
    if isinstance(other, Map):
        return 'map', other
    value = torch.as_tensor(other).detach().double()
    if value.numel() == 1:
        return 'number', float(value)
    full = torch.broadcast_to(value, np.broadcast_shapes(value.shape, x.shape))
    if full.shape != x.shape:
        channels = b.size(x)[0]
        if len(full.shape) != 4 or (channels > 1 and full.shape[1] != channels):
            raise Unsupported(f'a map of {list(x.shape)} with a constant of {list(full.shape)}',
                              'give both the same number of channels')
        target = (full.shape[1], full.shape[2], full.shape[3])
        return 'wider', target
    full = full.reshape(b.size(x))
    if not bool((full == full[:, :1, :1]).all()):
        raise Unsupported('a constant that differs between positions',
                          'give it to the network as further channels of the input, or use one '
                          'number per channel')
    return 'channels', full[:, 0, 0]


def _same_view(b: GraphBuilder, x: Map, y: Map) -> tuple[Map, Map]:
    """Return both as maps; views of the same shape must have the same map behind them."""
    if x.shape == y.shape and b.size(x) == b.size(y):
        return x, y
    if len(x.shape) == len(y.shape) == 4:
        return x, y
    raise Unsupported(f'{list(x.shape)} from a map of {b.size(x)} with {list(y.shape)} from one '
                      f'of {b.size(y)}', 'bring both to the same map [1, C, H, W] before')


def _add(b: GraphBuilder, x: Any, y: Any, *, alpha: float = 1.0) -> Map:
    if not isinstance(x, Map):
        return _add(b, _scale(b, y, alpha), x)
    kind, value = _operand(b, x, y)
    if kind == 'number':
        return b.scaled(x, 1.0, alpha * value)
    if kind == 'wider':
        return _add(b, b.broadcast(x, value), y, alpha=alpha)
    if kind == 'channels':
        return channelwise(b, x, None, alpha * value, _label(b, y))
    x, y = _same_view(b, x, _scale(b, value, alpha))
    return _shaped(b.add(x, y), x, y)


def _scale(b: GraphBuilder, x: Map, factor: float) -> Map:
    return b.scaled(x, float(factor))


def _sub(b: GraphBuilder, x: Any, y: Any, *, alpha: float = 1.0) -> Map:
    return _add(b, x, y, alpha=-alpha)


def _rsub(b: GraphBuilder, x: Any, y: Any, *, alpha: float = 1.0) -> Map:
    return _add(b, y, x, alpha=-alpha)


def _mul(b: GraphBuilder, x: Any, y: Any) -> Map:
    if not isinstance(x, Map):
        x, y = y, x
    kind, value = _operand(b, x, y)
    if kind == 'number':
        return b.scaled(x, value)
    if kind == 'wider':
        return _mul(b, b.broadcast(x, value), y)
    if kind == 'channels':
        return channelwise(b, x, value, None, _label(b, y))
    x, y = _same_view(b, x, value)
    return _shaped(b.mul(x, y), x, y)


def _shaped(result: Map, x: Map, y: Map) -> Map:
    # torch's own function imports a computer algebra system for this: a second at every start.
    return Map(result.index, np.broadcast_shapes(x.shape, y.shape))


def _label(b: GraphBuilder, value: Any) -> str:
    """Name a constant by its parameter, or as a fixed one."""
    return b.names.get(id(value), f'fixed.{b.name}')


def _div(b: GraphBuilder, x: Any, y: Any, *, rounding_mode: str | None = None) -> Map:
    if isinstance(y, Map) or rounding_mode is not None:
        raise Unsupported('division by a map, or with rounding',
                          'divide by numbers, or replace the quotient by a gate in (0, 1)')
    return _mul(b, x, 1.0 / torch.as_tensor(y).double())


def _neg(b: GraphBuilder, x: Map) -> Map:
    return b.scaled(x, -1.0)


def _pow(b: GraphBuilder, x: Any, exponent: Any) -> Map:
    if not isinstance(x, Map) or exponent not in (1, 2, 3):
        raise Unsupported(f'the power {exponent}', 'use the powers 1 to 3 of a map')
    out = x
    for _ in range(int(exponent) - 1):
        out = _mul(b, out, x)
    return out


def _square(b: GraphBuilder, x: Map) -> Map:
    return _pow(b, x, 2)


ARITHMETIC: dict[str, Callable[..., Map]] = {
    **dict.fromkeys(('add', 'iadd'), _add), **dict.fromkeys(('sub', 'isub', 'subtract'), _sub),
    'rsub': _rsub, **dict.fromkeys(('mul', 'imul', 'multiply'), _mul),
    **dict.fromkeys(('div', 'divide', 'true_divide', 'truediv', 'itruediv'), _div),
    **dict.fromkeys(('neg', 'negative'), _neg), 'pow': _pow, 'square': _square}

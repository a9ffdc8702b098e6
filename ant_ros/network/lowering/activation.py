# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Activations, and what can be written with them."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.convolution import channelwise

__all__ = ['ACTIVATIONS']


def _activation(kind: str) -> Callable[..., Map]:
    return lambda b, x, inplace=False: b.identity(x, kind)


def _leaky_relu(b: GraphBuilder, x: Map, negative_slope: float = 0.01,
                inplace: bool = False) -> Map:
    return b.identity(x, 'leaky_relu', float(negative_slope))


def _elu(b: GraphBuilder, x: Map, alpha: float = 1.0, inplace: bool = False) -> Map:
    return b.identity(x, 'elu', float(alpha))


def _selu(b: GraphBuilder, x: Map, inplace: bool = False) -> Map:
    return b.scaled(b.identity(x, 'elu', 1.6732632423543772), 1.0507009873554805)


def _gelu(b: GraphBuilder, x: Map, approximate: str = 'none') -> Map:
    if approximate != 'none':
        raise Unsupported(f'GELU approximated by {approximate}', "use approximate='none'")
    return b.identity(x, 'gelu')


def _parametric_relu(b: GraphBuilder, x: Map, weight: torch.Tensor) -> Map:
    """Lower relu(x) - weight * relu(-x)."""
    slope = weight.detach().expand(b.size(x)[0]).clone()
    negative = b.identity(b.scaled(x, -1.0), 'relu')
    name = b.names.get(id(weight), b.name)
    return b.add(b.identity(x, 'relu'), channelwise(b, negative, -slope, None, name))


def _clamp(b: GraphBuilder, x: Map, min: float | None = None,
           max: float | None = None) -> Map:
    if isinstance(min, (Map, torch.Tensor)) or isinstance(max, (Map, torch.Tensor)):
        raise Unsupported('bounds that are tensors', 'use numbers as bounds')
    if min is None:
        return x if max is None else _clamp_max(b, x, max)
    if max is None:
        return _clamp_min(b, x, min)
    if not max > min:
        raise Unsupported(f'clamp to [{min}, {max}]', 'give an upper bound above the lower one')
    factor = 6.0 / (max - min)
    inside = b.identity(b.scaled(x, factor, -min * factor), 'relu6')
    return b.scaled(inside, 1.0 / factor, min)


def _clamp_min(b: GraphBuilder, x: Map, min: float) -> Map:
    return b.scaled(b.identity(b.scaled(x, 1.0, -min), 'relu'), 1.0, min)


def _clamp_max(b: GraphBuilder, x: Map, max: float) -> Map:
    return b.scaled(b.identity(b.scaled(x, -1.0, max), 'relu'), -1.0, max)


def _hardtanh(b: GraphBuilder, x: Map, min_val: float = -1.0, max_val: float = 1.0,
              inplace: bool = False) -> Map:
    return _clamp(b, x, min_val, max_val)


def _abs(b: GraphBuilder, x: Map) -> Map:
    return b.add(b.identity(x, 'relu'), b.identity(b.scaled(x, -1.0), 'relu'))


ACTIVATIONS: dict[str, Callable[..., Map]] = {
    **{name: _activation(name) for name in ('relu', 'relu6', 'silu', 'sigmoid', 'tanh',
                                            'hardswish', 'hardsigmoid')},
    'swish': _activation('silu'), 'leaky_relu': _leaky_relu, 'elu': _elu, 'selu': _selu,
    'gelu': _gelu, 'prelu': _parametric_relu, 'clamp': _clamp, 'clip': _clamp,
    'clamp_min': _clamp_min, 'clamp_max': _clamp_max, 'hardtanh': _hardtanh, 'abs': _abs}

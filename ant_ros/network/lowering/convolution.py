# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions, linear layers and batch normalisation."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
import math
from typing import Any

import torch

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.pair import pair

__all__ = ['CONVOLUTIONS', 'channelwise']


def _padding(value: int | str | Sequence[int], kernel: tuple[int, int],
             dilation: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return (top, left, bottom, right)."""
    if value == 'valid':
        return 0, 0, 0, 0
    if value == 'same':
        rows, columns = (d * (k - 1) for d, k in zip(dilation, kernel))
        return rows // 2, columns // 2, rows - rows // 2, columns - columns // 2
    assert not isinstance(value, str)
    rows, columns = pair(value)
    return rows, columns, rows, columns


def _conv2d(b: GraphBuilder, x: Map, weight: torch.Tensor, bias: torch.Tensor | None = None,
            stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Map:
    if isinstance(weight, Map) or isinstance(bias, Map):
        raise Unsupported('the kernel depends on the input', 'use a fixed kernel')
    kernel = (weight.shape[2], weight.shape[3])
    return b.conv(
        x, b.weights(weight, 'weight'),
        None if bias is None else b.weights(bias, 'bias'),
        stride=pair(stride), dilation=pair(dilation), groups=groups,
        padding=_padding(padding, kernel, pair(dilation)))


def _linear(b: GraphBuilder, x: Map, weight: torch.Tensor,
           bias: torch.Tensor | None = None) -> Map:
    """Lower a matrix product on a vector to a convolution of the size of the map behind it."""
    size = b.size(x)
    if math.prod(x.shape) != weight.shape[1] or x.shape[-1] != weight.shape[1]:
        raise Unsupported(
            f'a linear layer on {list(x.shape)}', 'flatten the map to a vector [1, N] before it, '
            'or use a 1x1 convolution')
    name = b.names.get(id(weight), f'{b.name}.weight')
    out = b.conv(x, b.computed(weight, (len(weight), *size), name),
                 None if bias is None else b.weights(bias, 'bias'))
    return Map(out.index, (*x.shape[:-1], len(weight)))


def _batch_norm(b: GraphBuilder, x: Map, running_mean: torch.Tensor | None,
               running_var: torch.Tensor | None, weight: torch.Tensor | None = None,
               bias: torch.Tensor | None = None, training: bool = False,
               momentum: float = 0.1, eps: float = 1e-5) -> Map:
    """Lower the normalisation to scale and shift per channel."""
    if training or running_mean is None or running_var is None:
        raise Unsupported('batch normalisation with the statistics of the batch',
                          'use running statistics: track_running_stats=True, then eval()')
    scale = (running_var.double() + eps).rsqrt()
    if weight is not None:
        scale = scale * weight.double()
    shift = -running_mean.double() * scale
    if bias is not None:
        shift = shift + bias.double()
    name = b.names.get(id(running_var), f'{b.name}.running_var').rpartition('.')[0]
    return channelwise(b, x, scale, shift, name)


def channelwise(b: GraphBuilder, x: Map, scale: torch.Tensor | None,
                 shift: torch.Tensor | None, name: str) -> Map:
    """Scale and shift by one number per channel `[C]` that belongs to what is called `name`."""
    channels = b.size(x)[0]
    return b.affine(
        x, b.ones(channels) if scale is None
        else b.computed(scale, (channels, 1, 1, 1), f'{name}.scale'),
        None if shift is None else b.computed(shift, (channels,), f'{name}.shift'))


CONVOLUTIONS: dict[str, Callable[..., Map]] = {
    'conv2d': _conv2d, 'linear': _linear, 'batch_norm': _batch_norm}

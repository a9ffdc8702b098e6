# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the modules of torch.nn become: the lowering of the function that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.functions import FUNCTIONS

__all__ = ['MODULES']

Lowering = Callable[[GraphBuilder, Any, Map], Map]


def _conv2d(b: GraphBuilder, m: nn.Conv2d, x: Map) -> Map:
    if m.padding_mode != 'zeros':
        raise Unsupported(f'a convolution with padding_mode={m.padding_mode!r}',
                          "use padding_mode='zeros'")
    return FUNCTIONS['conv2d'](b, x, m.weight, m.bias, m.stride, m.padding, m.dilation, m.groups)


def _batch_norm(b: GraphBuilder, m: nn.BatchNorm2d, x: Map) -> Map:
    return FUNCTIONS['batch_norm'](b, x, m.running_mean, m.running_var, m.weight, m.bias,
                                   eps=m.eps)


def _linear(b: GraphBuilder, m: nn.Linear, x: Map) -> Map:
    return FUNCTIONS['linear'](b, x, m.weight, m.bias)


def _max_pool(b: GraphBuilder, m: nn.MaxPool2d, x: Map) -> Map:
    return FUNCTIONS['max_pool2d'](b, x, m.kernel_size, m.stride, m.padding, m.dilation,
                                   m.ceil_mode, m.return_indices)


def _avg_pool(b: GraphBuilder, m: nn.AvgPool2d, x: Map) -> Map:
    return FUNCTIONS['avg_pool2d'](b, x, m.kernel_size, m.stride, m.padding, m.ceil_mode,
                                   m.count_include_pad, m.divisor_override)


def _upsample(b: GraphBuilder, m: nn.Upsample, x: Map) -> Map:
    return FUNCTIONS['interpolate'](b, x, m.size, m.scale_factor, m.mode, m.align_corners,
                                    m.recompute_scale_factor)


def _calls(name: str, *attributes: str) -> Lowering:
    """Call the function `name` with these attributes of the module."""
    return lambda b, m, x: FUNCTIONS[name](b, x, *(getattr(m, key) for key in attributes))


MODULES: dict[type[nn.Module], Lowering] = {
    nn.Conv2d: _conv2d, nn.BatchNorm2d: _batch_norm, nn.BatchNorm1d: _batch_norm,
    nn.SyncBatchNorm: _batch_norm, nn.Linear: _linear,
    nn.MaxPool2d: _max_pool, nn.AvgPool2d: _avg_pool,
    nn.AdaptiveAvgPool2d: _calls('adaptive_avg_pool2d', 'output_size'),
    nn.AdaptiveMaxPool2d: _calls('adaptive_max_pool2d', 'output_size', 'return_indices'),
    nn.Upsample: _upsample, nn.UpsamplingNearest2d: _upsample,
    nn.UpsamplingBilinear2d: _upsample,
    nn.ReLU: _calls('relu'), nn.ReLU6: _calls('relu6'), nn.SiLU: _calls('silu'),
    nn.Sigmoid: _calls('sigmoid'), nn.Tanh: _calls('tanh'), nn.Hardswish: _calls('hardswish'),
    nn.Hardsigmoid: _calls('hardsigmoid'), nn.SELU: _calls('selu'),
    nn.Hardtanh: _calls('hardtanh', 'min_val', 'max_val'),
    nn.LeakyReLU: _calls('leaky_relu', 'negative_slope'), nn.ELU: _calls('elu', 'alpha'),
    nn.GELU: _calls('gelu', 'approximate'), nn.PReLU: _calls('prelu', 'weight'),
    nn.ZeroPad2d: _calls('pad', 'padding'),
    nn.ConstantPad2d: lambda b, m, x: FUNCTIONS['pad'](b, x, m.padding, value=m.value),
    nn.Flatten: _calls('flatten', 'start_dim', 'end_dim'),
    nn.Unflatten: _calls('unflatten', 'dim', 'unflattened_size'),
    **dict.fromkeys((nn.Identity, nn.Dropout, nn.Dropout2d, nn.AlphaDropout,
                     nn.FeatureAlphaDropout), _calls('identity')),
}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Padding, pooling, means and interpolation."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
import math
from typing import Any

import numpy as np
import torch

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.pair import pair

__all__ = ['WINDOWS']


def _pad(b: GraphBuilder, x: Map, pad: Sequence[int], mode: str = 'constant',
         value: float | None = None) -> Map:
    if mode != 'constant' or value:
        raise Unsupported(f'padding with mode {mode!r} and value {value}', 'pad with zeros')
    if len(x.shape) != 4 or any(pad[4:]):
        raise Unsupported(f'padding {list(pad)} of {list(x.shape)}', 'pad rows and columns of a '
                          'map [1, C, H, W] only')
    left, right, top, bottom = (*pad[:4], 0, 0)[:4]
    if min(left, right, top, bottom) < 0:
        size = x.shape[2:]
        rows, columns = ((max(-low, 0), s + min(high, 0))
                         for low, high, s in ((top, bottom, size[0]), (left, right, size[1])))
        return _pad(b, b.crop(x, rows, columns), [max(p, 0) for p in (left, right, top, bottom)])
    return b.identity(x, padding=(top, left, bottom, right)) if any(pad) else x


def _windows(size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int],
             padding: tuple[int, int], dilation: tuple[int, int],
             ceil: bool) -> tuple[int, int, int, int]:
    """Return the padding (top, left, bottom, right) with the rows that ceil mode adds."""
    extra = []
    for s, k, step, p, d in zip(size, kernel, stride, padding, dilation):
        free = s + 2 * p - d * (k - 1) - 1
        count = -(-free // step) if ceil else free // step
        if ceil and count * step >= s + p:
            count -= 1
        extra.append(max(count * step - free, 0))
    return padding[0], padding[1], padding[0] + extra[0], padding[1] + extra[1]


def _max_pool2d(b: GraphBuilder, x: Map, kernel_size: Any, stride: Any = None, padding: Any = 0,
                dilation: Any = 1, ceil_mode: bool = False, return_indices: bool = False) -> Map:
    if return_indices:
        raise Unsupported('max pooling that returns indices', 'use return_indices=False')
    kernel, spacing = pair(kernel_size), pair(dilation)
    step = pair(stride) if stride else kernel
    channels, *size = b.size(x)
    edges = _windows((size[0], size[1]), kernel, step, pair(padding), spacing, ceil_mode)
    rows, columns = ((s + before + after - d * (k - 1) - 1) // t + 1
                     for s, k, t, d, before, after
                     in zip(size, kernel, step, spacing, edges[:2], edges[2:]))
    return b.emit('maxpool', (x,), (channels, rows, columns), kernel=kernel, stride=step,
                  padding=edges, dilation=spacing)


def _avg_pool2d(b: GraphBuilder, x: Map, kernel_size: Any, stride: Any = None, padding: Any = 0,
                ceil_mode: bool = False, count_include_pad: bool = True,
                divisor_override: float | None = None) -> Map:
    kernel = pair(kernel_size)
    step = pair(stride) if stride else kernel
    edges = _windows(b.size(x)[1:], kernel, step, pair(padding), (1, 1), ceil_mode)
    if edges[:2] != edges[2:]:
        raise Unsupported('average pooling whose last window is cut by ceil_mode',
                          'use ceil_mode=False, or pad the map with zeros before')
    if any(edges) and not count_include_pad:
        raise Unsupported('average pooling that leaves the padding out of the mean',
                          'use count_include_pad=True, or no padding')
    return b.average(x, kernel, step, edges, divisor_override or kernel[0] * kernel[1])


def _divided(size: tuple[int, ...], output_size: Any) -> tuple[int, int]:
    """Return the window of an adaptive pooling."""
    wanted = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
    target = [s if w is None else w for s, w in zip(size, wanted)]
    if any(s % t for s, t in zip(size, target)):
        raise Unsupported(f'adaptive pooling of {size} to {tuple(target)}',
                          'pool to a size that divides the size of the map')
    return size[0] // target[0], size[1] // target[1]


def _adaptive_avg_pool2d(b: GraphBuilder, x: Map, output_size: Any) -> Map:
    size = b.size(x)[1:]
    window = _divided(size, output_size)
    if window == (1, 1):
        return x
    if window == size:
        return b.emit('mean', (x,), (b.size(x)[0], 1, 1))
    return b.average(x, window, window, (0, 0, 0, 0), window[0] * window[1])


def _adaptive_max_pool2d(b: GraphBuilder, x: Map, output_size: Any,
                         return_indices: bool = False) -> Map:
    window = _divided(b.size(x)[1:], output_size)
    return _max_pool2d(b, x, window, return_indices=return_indices)


def _mean(b: GraphBuilder, x: Map, dim: Any = None, keepdim: bool = False, *,
          dtype: torch.dtype | None = None) -> Map:
    """Lower the mean over all positions, or over the channels of a map."""
    rank = len(x.shape)
    dims = (dim,) if isinstance(dim, int) else tuple(range(rank) if dim is None else dim)
    dims = tuple(sorted(d % rank for d in dims))
    shape = tuple(1 if i in dims else s for i, s in enumerate(x.shape))
    channels, height, width = b.size(x)
    if shape[:2] == (1, channels) and math.prod(shape) == channels:
        index = b.emit('mean', (x,), (channels, 1, 1)).index if height * width > 1 else x.index
    elif rank == 4 and dims == (1,):
        chosen = np.full((1, channels, 1, 1), 1.0 / channels)
        index = b.conv(x, b.fixed('channel_mean', chosen), None).index
    else:
        raise Unsupported(f'a mean of {list(x.shape)} over dimensions {dims}',
                          'take it over rows and columns (2, 3), or over the channels (1)')
    return Map(index, shape if keepdim else _without(shape, dims))


def _sum(b: GraphBuilder, x: Map, dim: Any = None, keepdim: bool = False, *,
         dtype: torch.dtype | None = None) -> Map:
    mean = _mean(b, x, dim, keepdim)
    return b.scaled(mean, math.prod(x.shape) / math.prod(mean.shape))


def _without(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(s for i, s in enumerate(shape) if i not in dims)


def _interpolate(b: GraphBuilder, x: Map, size: Any = None, scale_factor: Any = None,
                 mode: str = 'nearest', align_corners: bool | None = None,
                 recompute_scale_factor: bool | None = None, antialias: bool = False) -> Map:
    if mode not in ('nearest', 'bilinear') or antialias:
        raise Unsupported(f'interpolation with mode {mode!r}, antialias={antialias}',
                          "use mode='nearest' or 'bilinear' without antialias")
    channels, height, width = b.size(x)
    if size is not None:
        rows, columns = pair(size)
    else:
        factors = ((float(scale_factor),) * 2 if isinstance(scale_factor, (int, float))
                   else tuple(float(f) for f in scale_factor))
        rows, columns = math.floor(height * factors[0]), math.floor(width * factors[1])
        exact = rows == height * factors[0] and columns == width * factors[1]
        if not (exact or recompute_scale_factor or align_corners):
            raise Unsupported(f'a scale factor of {scale_factor} on {height}x{width} positions',
                              'give the size wanted, or recompute_scale_factor=True')
    if (rows, columns) == (height, width):
        return x
    return b.emit('resize', (x,), (channels, rows, columns), resize=mode,
                  align_corners=bool(align_corners))


WINDOWS: dict[str, Callable[..., Map]] = {
    'pad': _pad, 'max_pool2d': _max_pool2d, 'max_pool2d_with_indices': _max_pool2d,
    'avg_pool2d': _avg_pool2d, 'adaptive_avg_pool2d': _adaptive_avg_pool2d,
    'adaptive_max_pool2d': _adaptive_max_pool2d, 'mean': _mean, 'sum': _sum,
    'interpolate': _interpolate, 'upsample': _interpolate}

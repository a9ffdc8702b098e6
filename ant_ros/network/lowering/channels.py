# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Concatenation of channels, and parts of maps."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.views import reshape

__all__ = ['CHANNELS']


def _cat(b: GraphBuilder, tensors: Sequence[Any], dim: int = 0) -> Map:
    maps = [x for x in tensors if isinstance(x, Map)]
    if dim % len(maps[0].shape) != 1:
        raise Unsupported(f'concatenation along dimension {dim}', 'concatenate channels (dim=1)')
    parts = [x if isinstance(x, Map) else _constant_map(b, maps[0], x) for x in tensors]
    sizes = [b.size(x) for x in parts]
    if any(len(x.shape) != 4 and size[1:] != (1, 1) for x, size in zip(parts, sizes)):
        raise Unsupported('concatenation of flattened maps',
                          'pool every map to [1, C] before, or concatenate the maps')
    channels = sum(size[0] for size in sizes)
    out = b.emit('concat', tuple(parts), (channels, *sizes[0][1:]))
    return Map(out.index, (1, channels, *maps[0].shape[2:]))


def _constant_map(b: GraphBuilder, beside: Map, value: torch.Tensor) -> Map:
    """Turn a constant of one number per channel into a map of the size of `beside`."""
    flat = value.detach().double().reshape(value.shape[1], -1)
    if not bool((flat == flat[:, :1]).all()):
        raise Unsupported('a constant map that differs between positions',
                          'give it to the network as further channels of the input')
    out = b.like(beside, flat[:, 0].numpy())
    return Map(out.index, tuple(value.shape))


def _chunk(b: GraphBuilder, x: Map, chunks: int, dim: int = 0) -> tuple[Map, ...]:
    size = -(-x.shape[dim] // chunks)
    return _split(b, x, size, dim)


def _split(b: GraphBuilder, x: Map, split_size_or_sections: Any,
           dim: int = 0) -> tuple[Map, ...]:
    sections = split_size_or_sections
    if dim % len(x.shape) != 1:
        raise Unsupported(f'a split along dimension {dim}', 'split channels (dim=1)')
    total = x.shape[1]
    if isinstance(sections, int):
        sections = [min(sections, total - i) for i in range(0, total, sections)]
    ends = np.cumsum(sections).tolist()
    return tuple(_channels(b, x, end - size, end) for end, size in zip(ends, sections))


def _channels(b: GraphBuilder, x: Map, start: int, stop: int) -> Map:
    channels = b.size(x)[0]
    if x.shape[1] != channels:
        raise Unsupported('a part of a flattened map', 'take channels before flattening')
    if (start, stop) == (0, channels):
        return x
    return Map(b.select(x, start, stop).index, (1, stop - start, *x.shape[2:]))


def _getitem(b: GraphBuilder, x: Any, key: Any) -> Any:
    """Lower `x[:, a:b]`, `x[:, :, r:s, t:u]`, and new axes."""
    if not isinstance(x, Map):
        return x[key]
    keys = key if isinstance(key, tuple) else (key,)
    if not all(k is None or isinstance(k, slice) or k is Ellipsis or k == 0 for k in keys):
        raise Unsupported(f'the index {key}', 'take slices of channels, rows and columns')
    ranges, shape = _ranges(x.shape, keys)
    if len(ranges) >= 2 and (ranges[1].stop - ranges[1].start) != x.shape[1]:
        x = _channels(b, x, ranges[1].start, ranges[1].stop)
    if len(ranges) == 4:
        x = b.crop(x, (ranges[2].start, ranges[2].stop), (ranges[3].start, ranges[3].stop))
    return reshape(b, x, shape)


def _ranges(shape: tuple[int, ...],
            keys: tuple[Any, ...]) -> tuple[list[range], tuple[int, ...]]:
    """Return the positions taken along every axis, and the shape of what is taken."""
    if Ellipsis in keys:
        at = keys.index(Ellipsis)
        missing = len(shape) - sum(k is not None for k in keys) + 1
        keys = (*keys[:at], *(slice(None),) * missing, *keys[at + 1:])
    keys = (*keys, *(slice(None),) * (len(shape) - sum(k is not None for k in keys)))
    ranges: list[range] = []
    result: list[int] = []
    for k in keys:
        if k is None:
            result.append(1)
            continue
        whole = range(shape[len(ranges)])
        taken = whole[k] if isinstance(k, slice) else whole[:1]
        if taken.step != 1 or (not isinstance(k, slice) and len(whole) != 1):
            raise Unsupported(f'the index {k} on an axis of {len(whole)}',
                              'take slices without a step; for every second position use a '
                              'stride')
        ranges.append(taken)
        if isinstance(k, slice):
            result.append(len(taken))
    return ranges, tuple(result)


def _narrow(b: GraphBuilder, x: Map, dim: int, start: int, length: int) -> Map:
    return _split(b, x, [start, length, x.shape[dim] - start - length], dim)[1]


CHANNELS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(('cat', 'concat', 'concatenate'), _cat), 'chunk': _chunk, 'split': _split,
    'narrow': _narrow, 'getitem': _getitem}

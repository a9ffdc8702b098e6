# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Operations that only change the shape in which a map is seen."""

from __future__ import annotations

from collections.abc import Callable
import math
from typing import Any

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map

__all__ = ['VIEWS', 'reshape']


def reshape(b: GraphBuilder, x: Map, *shape: Any) -> Map:
    """See the same numbers, in row-major order, in another shape.

    Raises:
        Unsupported: The new shape is a map that is not the one behind `x`.
    """
    wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    known = math.prod(s for s in wanted if s != -1)
    sizes = tuple(math.prod(x.shape) // known if s == -1 else int(s) for s in wanted)
    if len(sizes) == 4 and sizes != (1, *b.size(x)):
        raise Unsupported(f'a view of a map of {b.size(x)} as {list(sizes)}',
                          'keep channels, rows and columns apart from each other')
    return Map(x.index, sizes)


def _flatten(b: GraphBuilder, x: Map, start_dim: int = 0, end_dim: int = -1) -> Map:
    rank = len(x.shape)
    start, end = start_dim % rank, end_dim % rank
    return reshape(b, x, (*x.shape[:start], -1, *x.shape[end + 1:]))


def _unflatten(b: GraphBuilder, x: Map, dim: int, sizes: Any) -> Map:
    at = dim % len(x.shape)
    return reshape(b, x, (*x.shape[:at], *sizes, *x.shape[at + 1:]))


def _squeeze(b: GraphBuilder, x: Map, dim: Any = None) -> Map:
    rank = len(x.shape)
    dims = range(rank) if dim is None else (dim,) if isinstance(dim, int) else dim
    gone = {d % rank for d in dims if x.shape[d] == 1}
    return reshape(b, x, tuple(s for i, s in enumerate(x.shape) if i not in gone))


def _unsqueeze(b: GraphBuilder, x: Map, dim: int) -> Map:
    at = dim % (len(x.shape) + 1)
    return reshape(b, x, (*x.shape[:at], 1, *x.shape[at:]))


def _expand(b: GraphBuilder, x: Map, *shape: Any) -> Map:
    wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    sizes = (*wanted[:len(wanted) - len(x.shape)],
             *(s if w == -1 else w for s, w in zip(x.shape, wanted[-len(x.shape):])))
    if sizes == x.shape:
        return x
    if len(x.shape) != 4 or len(sizes) != 4:
        raise Unsupported(f'{list(x.shape)} repeated to {list(sizes)}',
                          'repeat maps [1, C, H, W] only')
    return b.broadcast(x, (sizes[1], sizes[2], sizes[3]))


def _expand_as(b: GraphBuilder, x: Map, other: Any) -> Map:
    return _expand(b, x, tuple(other.shape))


def _view_as(b: GraphBuilder, x: Map, other: Any) -> Map:
    return reshape(b, x, tuple(other.shape))


VIEWS: dict[str, Callable[..., Map]] = {
    'flatten': _flatten, 'view': reshape, 'reshape': reshape, 'unflatten': _unflatten,
    'squeeze': _squeeze, 'unsqueeze': _unsqueeze, 'expand': _expand, 'expand_as': _expand_as,
    'view_as': _view_as, 'reshape_as': _view_as}

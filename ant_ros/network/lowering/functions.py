# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What torch's functions and methods become: one lowering per name.

A lowering has the arguments of the torch function of its name, after the builder; maps arrive as
`Map`, everything that does not depend on the input as the value that it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ant_ros.network.conversion_error import Unsupported
from ant_ros.network.lowering.activation import ACTIVATIONS
from ant_ros.network.lowering.arithmetic import ARITHMETIC
from ant_ros.network.lowering.builder import GraphBuilder
from ant_ros.network.lowering.builder import Map
from ant_ros.network.lowering.channels import CHANNELS
from ant_ros.network.lowering.convolution import CONVOLUTIONS
from ant_ros.network.lowering.views import VIEWS
from ant_ros.network.lowering.windows import WINDOWS

__all__ = ['FUNCTIONS']


def _unchanged(b: GraphBuilder, x: Map, *args: Any, **kwargs: Any) -> Map:
    return x


def _dropout(b: GraphBuilder, x: Map, p: float = 0.5, training: bool = True,
             inplace: bool = False) -> Map:
    if training and p:
        raise Unsupported('dropout that is on', 'pass training=self.training and call eval()')
    return x


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **CONVOLUTIONS, **ACTIVATIONS, **ARITHMETIC, **WINDOWS, **CHANNELS, **VIEWS,
    **dict.fromkeys(('contiguous', 'clone', 'detach', 'float', 'to', 'cpu', 'identity'),
                    _unchanged),
    **dict.fromkeys(('dropout', 'dropout2d', 'alpha_dropout', 'feature_alpha_dropout'), _dropout)}

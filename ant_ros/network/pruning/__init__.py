# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks with fewer synapses: whole channels and neurons go, so that time is saved."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ant_ros.network.pruning.dispatch import prune
    from ant_ros.network.pruning.pruned_network import PrunedNetwork
    from ant_ros.network.pruning.synapses import count_synapses

__all__ = ['PrunedNetwork', 'count_synapses', 'prune']

_MODULES = {'PrunedNetwork': 'pruned_network', 'count_synapses': 'synapses', 'prune': 'dispatch'}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_MODULES[name]}'), name)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks with fewer synapses: whole channels and neurons go, so that time is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ant_ros.lazy_names import lazy_names

if TYPE_CHECKING:
    from ant_ros.network.pruning.dispatch import prune
    from ant_ros.network.pruning.pruned_network import PrunedNetwork
    from ant_ros.network.pruning.synapses import count_synapses

__all__ = ['PrunedNetwork', 'count_synapses', 'prune']

__getattr__ = lazy_names(__name__, {
    'PrunedNetwork': 'pruned_network', 'count_synapses': 'synapses', 'prune': 'dispatch'})

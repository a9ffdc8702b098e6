# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The network: units that compute only where they are woken.

What needs torch, Numba or ONNX Runtime is imported when it is first asked for, so that a node
that does not need it starts fast.
"""

from typing import TYPE_CHECKING

from ant_ros.lazy_names import lazy_names
from ant_ros.network.patch_features import PatchFeatures
from ant_ros.network.work import Work

if TYPE_CHECKING:
    from ant_ros.network.async_network import Answer
    from ant_ros.network.async_network import AsyncNetwork
    from ant_ros.network.contraction import ContractionError
    from ant_ros.network.conversion_error import ConversionError
    from ant_ros.network.energy import EnergyCounter
    from ant_ros.network.energy import EnergyEstimate
    from ant_ros.network.energy import estimate_energy
    from ant_ros.network.event_log import EventLog
    from ant_ros.network.event_log import EventLogError
    from ant_ros.network.event_log import load_event_log
    from ant_ros.network.layout import Unit
    from ant_ros.network.pruning.dispatch import prune
    from ant_ros.network.settling import Settling
    from ant_ros.network.training import TrainableNetwork
    from ant_ros.network.tuned_layout import tune_layout
    from ant_ros.network.tuned_layout import TunedLayout
    from ant_ros.network.turing import Machine
    from ant_ros.network.turing import TuringNetwork

__all__ = [
    'Answer', 'AsyncNetwork', 'ContractionError', 'ConversionError', 'EnergyCounter',
    'EnergyEstimate', 'EventLog', 'EventLogError', 'Machine', 'PatchFeatures', 'Settling',
    'TrainableNetwork', 'TunedLayout', 'TuringNetwork', 'Unit', 'Work', 'estimate_energy',
    'load_event_log', 'prune', 'tune_layout',
]

__getattr__ = lazy_names(__name__, {
    'Answer': 'async_network', 'AsyncNetwork': 'async_network', 'ContractionError': 'contraction',
    'ConversionError': 'conversion_error', 'EnergyCounter': 'energy', 'EnergyEstimate': 'energy',
    'estimate_energy': 'energy', 'EventLog': 'event_log', 'EventLogError': 'event_log',
    'load_event_log': 'event_log', 'Unit': 'layout', 'Settling': 'settling',
    'TrainableNetwork': 'training', 'Machine': 'turing', 'TuringNetwork': 'turing',
    'prune': 'pruning.dispatch', 'tune_layout': 'tuned_layout', 'TunedLayout': 'tuned_layout',
})


def __dir__() -> list[str]:
    return sorted(__all__)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Temporal neurons with active dendrites: spike times, local plasticity, winner take all.

A line spikes once in a cycle or never; synapses are small integers; a neuron fires when its
segments' responses add up; the earliest neuron wins, and only what made it win learns.
"""

from typing import TYPE_CHECKING

from ant_ros.lazy_names import lazy_names

if TYPE_CHECKING:
    from ant_ros.network.temporal.clustering import Proposal
    from ant_ros.network.temporal.clustering import TemporalClusters
    from ant_ros.network.temporal.column import ColumnSpikes
    from ant_ros.network.temporal.column import NO_WINNER
    from ant_ros.network.temporal.column import TemporalColumn
    from ant_ros.network.temporal.decoder import TallyDecoder
    from ant_ros.network.temporal.dendrite import Dendrites
    from ant_ros.network.temporal.encoding import latency
    from ant_ros.network.temporal.encoding import NEVER
    from ant_ros.network.temporal.encoding import on_off
    from ant_ros.network.temporal.plasticity import Plasticity
    from ant_ros.network.temporal.pruning import prune_temporal

__all__ = [
    'NEVER',
    'NO_WINNER',
    'ColumnSpikes',
    'Dendrites',
    'Plasticity',
    'Proposal',
    'TallyDecoder',
    'TemporalClusters',
    'TemporalColumn',
    'latency',
    'on_off',
    'prune_temporal',
]

__getattr__ = lazy_names(__name__, {
    'ColumnSpikes': 'column', 'Dendrites': 'dendrite', 'latency': 'encoding',
    'NEVER': 'encoding', 'NO_WINNER': 'column', 'on_off': 'encoding',
    'Plasticity': 'plasticity', 'Proposal': 'clustering', 'prune_temporal': 'pruning',
    'TallyDecoder': 'decoder', 'TemporalClusters': 'clustering', 'TemporalColumn': 'column'})

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Choose the channels that go: least error of the answers for the synapses and work saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.network.graph import Graph
from ant_ros.network.layout import LANES
from ant_ros.network.pruning.channels import copied_channels
from ant_ros.network.pruning.channels import is_dense
from ant_ros.network.pruning.channels import Strands
from ant_ros.network.pruning.elimination import eliminate
from ant_ros.network.pruning.elimination import Reader
from ant_ros.network.pruning.observation import Observation
from ant_ros.network.pruning.synapses import count_kept
from ant_ros.network.pruning.synapses import count_macs

__all__ = ['choose', 'layers_that_read']

_WIDE = 4 * LANES
"""Families of this many strands lose whole vectors, because parts of vectors save no time."""

_OVERSHOOT = 0.02
"""Part of the synapses that may go beyond what was asked, for the sake of whole vectors."""


@dataclass
class _Family:
    """Strands in the order in which they go, the errors, and how many are gone by now."""

    order: np.ndarray
    errors: np.ndarray
    gone: int = 0

    @property
    def left(self) -> int:
        return len(self.order) - self.gone

    @property
    def step(self) -> int:
        """Strands that go next, at least one of which stays."""
        if len(self.order) < _WIDE:
            return min(1, self.left - 1)
        return min(self.left % LANES or LANES, self.left - 1)

    @property
    def error(self) -> float:
        """Error that the next step adds."""
        return float(self.errors[self.gone + self.step] - self.errors[self.gone])


def layers_that_read(graph: Graph, strands: Strands) -> dict[str, list[int]]:
    """Return the nodes of each dense layer that reads removable strands, by its weight."""
    removable = np.zeros(strands.count, bool)
    for family in strands.families:
        removable[family] = True
    layers: dict[str, list[int]] = defaultdict(list)
    for index, node in enumerate(graph.nodes):
        if (is_dense(node) and node.weight is not None and copied_channels(graph, node) is None
                and removable[strands.of[node.inputs[0]]].any()):
            layers[node.weight].append(index)
    return dict(layers)


def choose(graph: Graph, strands: Strands, layers: Mapping[str, Sequence[int]],
           seen: Mapping[str, Observation], fraction: float) -> list[np.ndarray]:
    """Return which channels stay, per node, `[channels]` of bool.

    Args:
        graph: The network.
        strands: What goes together.
        layers: Nodes of the layers that read it, by weight.
        seen: What these layers read.
        fraction: Part of the synapses that is to go, at least; up to 2 % more go to
            make whole vectors.

    Raises:
        ValueError: even with one strand of each family left, too few synapses are gone.
    """
    families = [_ordered(graph, strands, family, layers, seen) for family in strands.families]
    stays = np.ones(strands.count, bool)
    total = _Size.of(graph, strands, stays)
    now = total
    while now.synapses > (1.0 - fraction) * total.synapses:
        steps = [(family, _without(stays, family, family.step))
                 for family in families if family.step]
        if not steps:
            raise ValueError(
                f'no more than {1 - now.synapses / total.synapses:.0%} of the {total.synapses} '
                f'synapses can be removed in whole channels, {fraction:.0%} were asked for: the '
                'network is too small, or its maps are outputs, parts of a settling block or '
                'read by grouped convolutions')
        rates = [family.error / now.saved(_Size.of(graph, strands, after), total)
                 for family, after in steps]
        family, after = steps[int(np.argmin(rates))]
        step = family.step
        least = (1.0 - fraction - _OVERSHOOT) * total.synapses
        while step > 1 and _Size.of(graph, strands, after).synapses < least:
            step -= 1
            after = _without(stays, family, step)
        family.gone += step
        stays = after
        now = _Size.of(graph, strands, stays)
    return [stays[of] for of in strands.of]


@dataclass(frozen=True)
class _Size:
    """What a network weighs, and what it takes to run it densely."""

    synapses: int
    macs: int

    @classmethod
    def of(cls, graph: Graph, strands: Strands, stays: np.ndarray) -> _Size:
        kept = [stays[of] for of in strands.of]
        return cls(count_kept(graph, kept), count_macs(graph, kept))

    def saved(self, after: _Size, total: _Size) -> float:
        """Return the part of the synapses and of the work that is saved, in sum."""
        return max((self.synapses - after.synapses) / total.synapses
                   + (self.macs - after.macs) / total.macs, 1e-12)


def _without(stays: np.ndarray, family: _Family, step: int) -> np.ndarray:
    """Return what stays once a family has lost so many more."""
    after = stays.copy()
    after[family.order[family.gone:family.gone + step]] = False
    return after


def _ordered(graph: Graph, strands: Strands, family: np.ndarray,
             layers: Mapping[str, Sequence[int]], seen: Mapping[str, Observation]) -> _Family:
    readers = []
    place = np.full(strands.count, -1)
    place[family] = np.arange(len(family))
    for key, nodes in layers.items():
        read = place[strands.of[graph.nodes[nodes[0]].inputs[0]]]
        channels = np.flatnonzero(read >= 0)
        if not len(channels):
            continue
        channels = channels[np.argsort(read[channels], kind='stable')]
        each = graph.tensors[key][0, 0].size
        columns = channels[:, None] * each + np.arange(each)
        weight = graph.tensors[key].reshape(len(graph.tensors[key]), -1).astype(np.float64)
        readers.append(Reader(weight, seen[key].covariance, seen[key].importance,
                              columns.reshape(len(family), -1)))
    order, errors = eliminate(readers, len(family))
    return _Family(family[order], errors)

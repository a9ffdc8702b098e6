# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Thresholds of the deep network trained on good parts, under the schedule that will run.

Each node has a threshold of its own. What a dense run answers is to be answered, and every unit
that computes has its price: a percent fewer of them may cost two percent more error.
"""

from __future__ import annotations

import numpy as np
import torch

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.backbone import with_thresholds
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.pretrained_stage import PLACED_TAPS
from ant_ros.network.conversion import convert
from ant_ros.network.training import TrainableNetwork

__all__ = ['train_thresholds']

_STEPS = 16
_BATCH = 4
_RATE = 0.2
_PRICE = 2.0


def train_thresholds(
    backbone: Backbone, mean: np.ndarray, inputs: np.ndarray, *, steps: int = _STEPS
) -> Backbone | None:
    """Return a backbone with thresholds that registered good parts are seen with cheaply.

    Parts that woke nothing teach nothing; None where none woke anything.

    Args:
        backbone: The network, whose thresholds are the start.
        mean: Expected part in three planes [3, H, W].
        inputs: What the network gets to see of good parts [N, 3, H, W].
        steps: Of the training.
    """
    expected = backbone.to_input(to_rgb(mean))
    network = TrainableNetwork(
        convert(backbone.tapped(PLACED_TAPS), expected), expected, threshold=0.0,
        passing=backbone.passing)
    network.weights.requires_grad_(False)
    images = torch.from_numpy(inputs[(inputs != expected).any(axis=(1, 2, 3))])
    if not len(images):
        return None
    with torch.no_grad():
        rest = network.run_dense(network.expected)
        wanted = network.run_dense(images)
        moved = [(one - still).square().mean() for one, still in zip(wanted, rest)]
    optimiser = torch.optim.Adam([network.log_thresholds], _RATE)
    draw = np.random.default_rng(0)
    for _ in range(steps):
        batch = torch.from_numpy(draw.permutation(len(images))[:_BATCH])
        ran = network(images[batch])
        error = torch.stack([
            (one - exact[batch]).square().mean() / size
            for one, exact, size in zip(ran.outputs, wanted, moved)]).sum()
        units = ran.units.mean()
        optimiser.zero_grad()
        (torch.log(error) + _PRICE * torch.log(units)).backward()
        optimiser.step()
    names = [node.name for node in network.graph.nodes]
    return with_thresholds(backbone, dict(zip(names[1:], network.thresholds.tolist()[1:])))

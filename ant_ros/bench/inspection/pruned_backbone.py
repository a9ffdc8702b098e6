# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A pretrained backbone with a part of its synapses gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
import hashlib
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.network.pruning import prune

if TYPE_CHECKING:
    from ant_ros.network.pruning import PrunedNetwork

__all__ = ['prune_backbone']


@dataclass(frozen=True)
class _Pruned(Backbone):
    """Whatever is cut out of the network is pruned.

    Attributes:
        fraction: Of the synapses that go.
        inputs: What the network gets to see at work [N, 3, H, W].
        cuts: What was pruned so far, by the blocks that it gives.
    """

    fraction: float = 0.0
    inputs: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    cuts: dict[tuple[int, ...], PrunedNetwork] = field(default_factory=dict)

    def tapped(self, taps: Sequence[int]) -> PrunedNetwork:
        """Return the pruned network up to the last of some blocks; pruned once."""
        blocks = tuple(taps)
        if blocks not in self.cuts:
            self.cuts[blocks] = prune(super().tapped(blocks), self.fraction, self.inputs)
        return self.cuts[blocks]


def prune_backbone(backbone: Backbone, fraction: float, inputs: np.ndarray) -> Backbone:
    """Return a backbone with so much of its synapses gone, wherever it is cut off.

    Args:
        backbone: The network.
        fraction: Of the synapses that go, in whole channels.
        inputs: What it gets to see at work [N, 3, H, W].
    """
    digest = hashlib.sha256(f'{backbone.digest} {fraction}'.encode())
    digest.update(np.ascontiguousarray(inputs).tobytes())
    whole = {one.name: getattr(backbone, one.name) for one in fields(backbone)}
    return _Pruned(**whole | {
        'name': f'{backbone.name}, {fraction:.0%} pruned', 'digest': digest.hexdigest()},
        fraction=fraction, inputs=inputs)

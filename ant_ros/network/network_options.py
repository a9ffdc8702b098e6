# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The options that an asynchronous network was made with."""

from __future__ import annotations

from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ant_ros.network.async_network import AsyncNetwork

__all__ = ['network_options']


def network_options(network: AsyncNetwork) -> dict[str, Any]:
    """Return what makes a like network of the same graph, or of one with the same nodes.

    The break-even is left out: it holds for the same weights and machine only.

    Returns:
        Keyword arguments of `AsyncNetwork`, `expected` included.
    """
    program = network.program
    return {
        'expected': program.reference_value(0).transpose(2, 0, 1).copy(),
        'spread': program.spread, 'threshold': network.threshold,
        'passing': program.passing.tolist(), 'mode': network.mode, 'tile': program.tile,
        'backend': network.backend}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer has cost."""

from dataclasses import dataclass

__all__ = ['Work']


@dataclass(frozen=True)
class Work:
    """Count the work that the network did for one answer.

    Attributes:
        units: Units (tiles) that were woken.
        units_total: Units that a dense run would have computed.
        macs: Multiply-accumulates done.
        macs_dense: Multiply-accumulates of a dense run.
        bytes: Bytes of activations and weights that the units read and wrote.
        seconds: Wall time spent in the network.
        joules: Energy, only where the machine has a real counter, else None.
    """

    units: int
    units_total: int
    macs: int
    macs_dense: int
    bytes: int
    seconds: float
    joules: float | None = None

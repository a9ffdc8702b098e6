# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer has cost."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ['Work', 'total_work']


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


def total_work(works: Sequence[Work]) -> Work:
    """Add up what several answers have cost; the energy is known only where each one's is."""
    joules = [work.joules for work in works if work.joules is not None]
    return Work(
        sum(work.units for work in works), sum(work.units_total for work in works),
        sum(work.macs for work in works), sum(work.macs_dense for work in works),
        sum(work.bytes for work in works), sum(work.seconds for work in works),
        sum(joules) if len(joules) == len(works) else None)

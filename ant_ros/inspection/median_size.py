# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The median size of values, without sorting them (compiled)."""

import numpy as np

from ant_ros.network.compiled import kernel

__all__ = ['median_size']

_HALVINGS = 12


@kernel
def median_size(values: np.ndarray, every: int) -> float:
    """Return the median of |values|, to 1 / 4096 of the largest.

    Good at: a thousand values, where halving an interval is faster than sorting or partitioning.

    Args:
        values: [N], float32.
        every: 1 to look at all of them, 4 to look at every fourth.
    """
    low, high, count = np.float32(0), np.float32(0), 0
    for one in range(0, len(values), every):
        high = max(high, abs(values[one]))
        count += 1
    for _ in range(_HALVINGS):
        middle = (low + high) / np.float32(2)
        below = 0
        for one in range(0, len(values), every):
            below += abs(values[one]) < middle
        if 2 * below < count:
            low = middle
        else:
            high = middle
    return float(high)

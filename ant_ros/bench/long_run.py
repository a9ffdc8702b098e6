# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Something done very often, with a look at what it uses now and then."""

from __future__ import annotations

from collections.abc import Callable
import time
from typing import TypeVar

import psutil

__all__ = ['LONG_RUN', 'SMALL_FRAME', 'long_run', 'resident_mb']

LONG_RUN = 100_000
SMALL_FRAME = {'width': 96, 'height': 72}

_LOOKS = 50
_MOST_SECONDS = 400.0

Look = TypeVar('Look')


def long_run(
    asked: int, work: Callable[[int], object], look: Callable[[int], Look], *,
    most_seconds: float = _MOST_SECONDS,
) -> list[Look]:
    """Do something so often, or until the time is up, and return what was seen on the way.

    Args:
        asked: How often.
        work: Called with 1, 2, ...
        look: Called 50 times, or as often as there is time for, with how often it was done.
        most_seconds: After which the next look is the last.
    """
    looks: list[Look] = []
    started = time.perf_counter()
    every = max(1, asked // _LOOKS)
    for number in range(1, asked + 1):
        work(number)
        if not number % every:
            looks.append(look(number))
            if time.perf_counter() - started > most_seconds:
                break
    return looks


def resident_mb() -> float:
    """Return the resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 2**20

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learning on the line: what labels change, how fast, how exactly, and what they cannot break."""

from pathlib import Path
from typing import Any

from ant_ros.bench.side_by_side import measure_side_by_side

__all__ = ['PARTS', 'TIMED', 'measure']

PARTS = ('bounded', 'neuro_symbolic', 'false_rejects', 'new_class', 'wrong_labels', 'crash',
         'exactness')
"""The longest first."""

TIMED = ('effect_ms',)
"""Parts that have the machine to themselves."""


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Measure every part on one thread, two at a time where none measures time on the clock.

    Each has `goals`: what was wanted, what was measured, and whether it was reached. One that
    lacks something says what, under `missing`.

    Raises:
        ImportError: threadpoolctl is not installed.
    """
    del data
    return measure_side_by_side(__name__, PARTS, quick, alone=TIMED)

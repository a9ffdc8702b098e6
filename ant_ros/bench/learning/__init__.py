# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learning on the line: what labels change, how fast, how exactly, and what they cannot break."""

from pathlib import Path
from typing import Any

from ant_ros.bench.one_thread import one_thread
from ant_ros.bench.parts import measure_parts

__all__ = ['PARTS', 'measure']

PARTS = ('exactness', 'false_rejects', 'new_class', 'wrong_labels', 'effect_ms', 'crash',
         'bounded', 'neuro_symbolic')


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Measure every part on one thread; one that lacks something says what, under `missing`.

    Each has `goals`: what was wanted, what was measured, and whether it was reached.

    Raises:
        ImportError: threadpoolctl is not installed.
    """
    del data
    with one_thread():
        return measure_parts(__name__, PARTS, quick)

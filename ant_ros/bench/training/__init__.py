# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training that costs almost nothing: sampled weights, temporal neurons, context, pruning."""

from pathlib import Path
from typing import Any

from ant_ros.bench.parts import measure_parts

__all__ = ['PARTS', 'measure']

PARTS = ('sampling', 'hamiltonian', 'streaming', 'temporal', 'forgetting', 'pruning')


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Measure every part and return the figures by part."""
    del data
    return measure_parts(__name__, PARTS, quick)

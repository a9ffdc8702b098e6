# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How long teaching from ten parts takes, and how large the recipe is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
import tempfile
import time
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Inspector

__all__ = ['measure']

_PARTS = 10


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return seconds to teach from ten parts on one thread, and bytes of the recipe on disk.

    `first_seconds` has all that happens once per process in it, such as loading a network.
    """
    taught = {'line hard': line_workload(line_scenario('hard', teach_parts=_PARTS), 0).teach}
    for images in sets[:1 if quick else None]:
        taught[images.name] = set_workload(images, 0).teach[:_PARTS]
    return {name: _teach(name, good, 1 if quick else 3) for name, good in taught.items()}


def _teach(name: str, good: Sequence[np.ndarray], rounds: int) -> dict[str, Any]:
    seconds = []
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            started = time.perf_counter()
            inspector = Inspector.teach(good, name=name)
            seconds.append(time.perf_counter() - started)
        recipe = Path(folder) / 'recipe'
        inspector.save(recipe)
        size = sum(path.stat().st_size for path in recipe.rglob('*') if path.is_file())
    return {'parts': len(good), 'first_seconds': seconds[0], 'seconds': float(np.median(seconds)),
            'recipe_bytes': size}

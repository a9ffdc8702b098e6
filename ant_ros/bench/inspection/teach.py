# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How long teaching from ten parts takes, and how large the recipe is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
from pathlib import Path
import tempfile
import time
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.goals import at_most
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Inspector

__all__ = ['measure']

_PARTS = 10
_MOST_SECONDS = 5.0
_MOST_BYTES = 20e6


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return seconds to teach from ten parts on one thread, and bytes of the recipe on disk.

    Each is taught in a process of its own: `first_seconds` has all that happens once per process
    in it, such as loading a network.
    """
    taught = {'line hard': line_workload(line_scenario('hard', teach_parts=_PARTS), 0).teach}
    for images in sets[:1 if quick else None]:
        taught[images.name] = set_workload(images, 0).teach[:_PARTS]
    figures = {}
    for name, good in taught.items():
        with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as process:
            figures[name] = process.submit(_teach, name, good, 2 if quick else 4).result()
    return figures | {'goals': {name: {
        'first_seconds': at_most(_MOST_SECONDS, found['first_seconds']),
        'seconds': at_most(_MOST_SECONDS, found['seconds']),
        'recipe_bytes': at_most(_MOST_BYTES, found['recipe_bytes'])}
        for name, found in figures.items()}}


def _teach(name: str, good: Sequence[np.ndarray], rounds: int) -> dict[str, Any]:
    seconds, cpu_seconds = [], []
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            started, worked = time.perf_counter(), time.process_time()
            inspector = Inspector.teach(good, name=name)
            seconds.append(time.perf_counter() - started)
            cpu_seconds.append(time.process_time() - worked)
        recipe = Path(folder) / 'recipe'
        inspector.save(recipe)
        size = sum(path.stat().st_size for path in recipe.rglob('*') if path.is_file())
    return {'parts': len(good), 'first_seconds': seconds[0],
            'seconds': float(np.median(seconds[1:])),
            'cpu_seconds': float(np.median(cpu_seconds[1:])), 'recipe_bytes': size}

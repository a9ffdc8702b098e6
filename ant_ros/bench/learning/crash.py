# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments while a process inspects, learns and saves."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
import multiprocessing
from pathlib import Path
import tempfile
from typing import Any

from ant_ros.bench import BenchError
from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.crash_rounds import kill_rounds
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.taught import new_inspector

__all__ = ['measure']

_KILLS = 200


def measure(quick: bool) -> dict[str, Any]:
    """Return what was found after each of 200 kills; see `crash_rounds`.

    Raises:
        BenchError: processes cannot be forked here.
    """
    if 'fork' not in multiprocessing.get_all_start_methods():
        raise BenchError('killing processes needs fork: run this on Linux')
    kills = 5 if quick else _KILLS
    parts = [(part.image, part.word) for part in (
        *defects(USUAL, SEED + 50, 20), *good_parts(USUAL, SEED + 51, 10))]
    with tempfile.TemporaryDirectory() as folder:
        new_inspector().save(Path(folder) / 'recipe')
        # What forks must not have threads: a process of its own does.
        with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:
            figures = pool.submit(kill_rounds, Path(folder), parts, kills, SEED).result()
    return {**figures, 'goals': {
        'kills': at_least(_KILLS, figures['kills']),
        'not_opened': at_most(0, figures['not_opened']),
        'acknowledged_and_lost': at_most(0, figures['acknowledged_and_lost'])}}

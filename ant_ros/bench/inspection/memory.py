# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Resident memory over very many inspections."""

from __future__ import annotations

from collections.abc import Sequence
import time
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.long_run import LONG_RUN
from ant_ros.bench.long_run import long_run
from ant_ros.bench.long_run import resident_mb
from ant_ros.bench.long_run import SMALL_FRAME
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Inspector
from ant_ros.simulation import load_scenario

__all__ = ['measure']

_QUICK_INSPECTIONS = 500
_DIFFERENT = 40
_SETTLED = 0.1
_MOST_SECONDS = 900.0
_FLAT_MB = 4.0


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Inspect small frames, good and bad in turn, and return how memory grew.

    `growth_mb` is from the first tenth of the run on, by which all that is made once is there;
    `mb_per_100_000` is the slope of a line through that. `inspections` says how many were run:
    fewer than 100,000 where the machine is too slow for a quarter of an hour.
    """
    del sets
    camera = load_scenario('demo').camera.model_copy(update=SMALL_FRAME)
    workload = line_workload(
        line_scenario('demo', camera=camera, defect_rate=0.1), _DIFFERENT)
    frames = [part.image for part in workload.test]
    asked = _QUICK_INSPECTIONS if quick else LONG_RUN
    with one_thread():
        inspector = Inspector.teach(workload.teach, name='memory')
        started = time.perf_counter()
        looks = long_run(
            asked, lambda number: inspector.inspect(frames[number % len(frames)]).anomaly_map,
            lambda number: (number, resident_mb()), most_seconds=_MOST_SECONDS)
        seconds = time.perf_counter() - started
    counts, sizes = zip(*looks)
    done = counts[-1]
    settled = [size for count, size in zip(counts, sizes) if count >= _SETTLED * done]
    late = [count for count in counts if count >= _SETTLED * done]
    slope = float(np.polyfit(late, settled, 1)[0]) if len(late) > 1 else 0.0
    goals = {'inspections': at_least(LONG_RUN, done),
             'mb_per_100_000': at_most(_FLAT_MB, 100_000 * slope)}
    return {'scenario': 'demo', 'different_parts': len(frames), 'bad_parts': sum(workload.bad),
            'inspections': done, 'frame': [SMALL_FRAME['height'], SMALL_FRAME['width']],
            'seconds': seconds, 'first_mb': settled[0], 'last_mb': settled[-1],
            'largest_mb': max(settled), 'growth_mb': settled[-1] - settled[0],
            'mb_per_100_000': 100_000 * slope, 'mb': list(sizes), 'goals': goals}

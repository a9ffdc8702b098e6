# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Resident memory over very many inspections."""

from __future__ import annotations

from collections.abc import Sequence
import time
from typing import Any

import numpy as np
import psutil

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Inspector
from ant_ros.simulation import load_scenario

__all__ = ['measure']

_INSPECTIONS = 100_000
_QUICK_INSPECTIONS = 500
_SMALL = {'width': 96, 'height': 72}
_DIFFERENT = 40
_LOOKS = 50
_MOST_SECONDS = 400.0
_SETTLED = 0.1


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Inspect small frames, good and bad in turn, and return how memory grew.

    `growth_mb` is from the first tenth of the run on, by which all that is made once is there;
    `mb_per_100_000` is the slope of a line through that. `inspections` says how many were run:
    fewer than 100,000 where the machine is too slow for seven minutes.
    """
    del sets
    camera = load_scenario('demo').camera.model_copy(update=_SMALL)
    workload = line_workload(
        line_scenario('demo', camera=camera, defect_rate=0.2), _DIFFERENT)
    frames = [part.image for part in workload.test]
    asked = _QUICK_INSPECTIONS if quick else _INSPECTIONS
    process = psutil.Process()
    counts, sizes = [], []
    with one_thread():
        inspector = Inspector.teach(workload.teach, name='memory')
        started = time.perf_counter()
        done = 0
        while done < asked and time.perf_counter() - started < _MOST_SECONDS:
            for _ in range(asked // _LOOKS):
                _ = inspector.inspect(frames[done % len(frames)]).anomaly_map
                done += 1
            counts.append(done)
            sizes.append(process.memory_info().rss / 2**20)
        seconds = time.perf_counter() - started
    settled = [size for count, size in zip(counts, sizes) if count >= _SETTLED * done]
    late = [count for count in counts if count >= _SETTLED * done]
    slope = np.polyfit(late, settled, 1)[0] if len(late) > 1 else 0.0
    return {'inspections': done, 'frame': [_SMALL['height'], _SMALL['width']],
            'seconds': seconds, 'first_mb': settled[0], 'last_mb': settled[-1],
            'largest_mb': max(settled), 'growth_mb': settled[-1] - settled[0],
            'mb_per_100_000': float(slope) * 100_000, 'mb': sizes}

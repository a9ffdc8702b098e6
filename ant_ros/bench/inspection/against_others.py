# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector against usual detectors in the same run: accuracy, and CPU time per good part."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ant_ros.bench import BenchError
from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation.split_run import Teacher
from ant_ros.bench.inspection.conventional import DenseFeatures
from ant_ros.bench.inspection.conventional import NearestNeighbours
from ant_ros.bench.inspection.conventional import PositionGaussian
from ant_ros.bench.inspection.real_parts import fully_taught
from ant_ros.bench.inspection.real_parts import SPLITS
from ant_ros.bench.inspection.turns import in_turns
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.one_thread import one_thread

__all__ = ['measure']

_QUICK_PARTS = 10
_ACCURACY = ('image_auroc', 'average_precision', 'frr_at_zero_escapes', 'pixel_auroc', 'aupro')
_OURS = 'inspector'


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return accuracy over the same re-splits, and CPU times taken in turns on one thread.

    Time is from the decoded frame to the score and the anomaly map, for all alike.

    Raises:
        BenchError: there is no set.
        ImportError: what the usual detectors need is not installed.
    """
    if not sets:
        raise BenchError('no photographs: give a folder with image sets as --data')
    features = DenseFeatures()
    figures: dict[str, Any] = {}
    for images in sets[:1 if quick else None]:
        teachers: dict[str, Teacher] = {
            _OURS: inspector_teacher(images.name),
            'position_gaussian': partial(PositionGaussian, features=features),
            'nearest_neighbours': partial(NearestNeighbours, features=features)}
        figures[images.name] = _times(images, teachers, quick)
        if not quick:
            for name, found in _accuracies(images, teachers).items():
                figures[images.name][name] |= {figure: found[figure] for figure in _ACCURACY}
    return figures


def _accuracies(images: ImageSet, teachers: Mapping[str, Teacher]) -> dict[str, dict[str, Any]]:
    """Return the means over the same re-splits, by detector."""
    others = {
        name: evaluate(images, teacher, splits=SPLITS, with_background=False).figures
        for name, teacher in teachers.items() if name != _OURS}
    return {_OURS: fully_taught(images, SPLITS), **others}


def _times(images: ImageSet, teachers: Mapping[str, Teacher], quick: bool) -> dict[str, Any]:
    """Return CPU milliseconds per good part, and ours over theirs."""
    workload = set_workload(images, _QUICK_PARTS if quick else None)
    with one_thread():
        detectors = {name: teacher(workload.teach) for name, teacher in teachers.items()}
        turns = in_turns(detectors, workload.good, with_map=True, rounds=1 if quick else 5)
    medians = {name: float(np.median(turns.cpu_ms[name])) for name in teachers}
    return {name: {'cpu_ms_good_p50': value, 'ours_over_theirs': medians[_OURS] / value}
            for name, value in medians.items()}

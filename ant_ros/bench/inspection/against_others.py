# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector against usual detectors in the same run: CPU time per good part, and AUROC."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench import BenchError
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation.figures import number
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.evaluation.split_run import Teacher
from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.inspection.conventional import usual_detectors
from ant_ros.bench.inspection.turns import in_turns
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.inspection.workloads import Workload
from ant_ros.bench.one_thread import one_thread

__all__ = ['measure']

_LINE_PARTS = 100
_QUICK_PARTS = 10
_ROUNDS = 3
_OURS = 'inspector'
_HALF = 0.5


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return CPU times taken in turns on one thread, and image AUROC, on the sets' own splits.

    Time is from the decoded frame to the score and the anomaly map, for all alike. `real_parts`
    has the accuracy of all of them over re-splits.

    Raises:
        BenchError: there is no set.
        ImportError: what the usual detectors need is not installed.
    """
    if not sets:
        raise BenchError('no photographs: give a folder with image sets as --data')
    usual = usual_detectors()
    workloads = [set_workload(images, _QUICK_PARTS if quick else None)
                 for images in sets[:1 if quick else None]]
    if not quick:
        workloads.append(line_workload(line_scenario('hard', defect_rate=0.35), _LINE_PARTS))
    figures = {workload.name: _compare(workload, usual, 1 if quick else _ROUNDS)
               for workload in workloads}
    return figures | {'goals': {name: _goals(found) for name, found in figures.items()}}


def _compare(
    workload: Workload, usual: Mapping[str, Teacher], rounds: int
) -> dict[str, dict[str, Any]]:
    teachers: dict[str, Teacher] = {_OURS: inspector_teacher(workload.name), **usual}
    with one_thread():
        detectors = {name: teacher(workload.teach) for name, teacher in teachers.items()}
        turns = in_turns(detectors, [part.image for part in workload.test], with_map=True,
                         rounds=rounds)
    bad = np.array(workload.bad)
    medians = {name: float(np.median(turns.cpu_ms[name][~bad])) for name in teachers}
    return {name: {'cpu_ms_good_p50': value, 'ours_over_theirs': medians[_OURS] / value,
                   'image_auroc': number(Ranking(turns.scores(name), bad).auroc())}
            for name, value in medians.items()}


def _goals(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    others = {name: one for name, one in found.items() if name != _OURS}
    auroc = max(one['image_auroc'] for one in others.values())
    return {'image_auroc': at_least(auroc, found[_OURS]['image_auroc']), **{
        f'ours_over_{name}': at_most(_HALF, one['ours_over_theirs'])
        for name, one in others.items()}}

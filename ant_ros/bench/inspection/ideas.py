# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What each idea is worth: the inspector with one thing changed, on line and photographs."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation.figures import number
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.inspection.turns import in_turns
from ant_ros.bench.inspection.turns import Turns
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.inspection.workloads import Workload
from ant_ros.bench.one_thread import one_thread

__all__ = ['measure']

_IDEAS: Mapping[str, Mapping[str, str]] = {
    'as it is': {}, 'gate open': {'gate': 'open'}, 'sampled features': {'backbone': 'sampled'},
    'pretrained features': {'backbone': 'efficientnet-lite0'}}
_NOT_OFFERED = {
    "neighbours' evidence off": 'the inspector has no switch for it',
    'thresholds trained under the schedule': 'the inspector does not take trained thresholds',
    '40 % pruned': 'a pruned network takes images of one size, the inspector chooses its own'}
_SCRATCH = 'scratch'


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return AUROC, FRR at zero escapes and CPU milliseconds per good part, a row per idea."""
    line = line_workload(line_scenario('hard', defect_rate=0.4), 20 if quick else 200)
    workloads = [line, *(set_workload(images) for images in ([] if quick else sets))]
    rows: dict[str, Any] = {idea: {} for idea in _IDEAS}
    for workload in workloads:
        for idea, found in _compare(workload, 1 if quick else 2).items():
            rows[idea][workload.name] = found
    return rows | {idea: {'missing': reason} for idea, reason in _NOT_OFFERED.items()}


def _compare(workload: Workload, rounds: int) -> dict[str, dict[str, Any]]:
    with one_thread():
        inspectors = {idea: inspector_teacher(workload.name, **options)(workload.teach)
                      for idea, options in _IDEAS.items()}
        turns = in_turns(inspectors, [part.image for part in workload.test], with_map=False,
                         rounds=rounds)
    return {idea: {'backbone': inspectors[idea].recipe.backbone,
                   **_figures(turns, idea, workload)} for idea in _IDEAS}


def _figures(turns: Turns, idea: str, workload: Workload) -> dict[str, Any]:
    scores, bad = turns.scores(idea), np.array(workload.bad)
    ranking = Ranking(scores, bad)
    figures: dict[str, Any] = {
        'image_auroc': number(ranking.auroc()),
        'frr_at_zero_escapes': number(ranking.frr_at_zero_escapes()),
        'cpu_ms_good_p50': float(np.median(turns.cpu_ms[idea][~bad]))}
    scratched = np.array([part.defect == _SCRATCH for part in workload.test])
    if scratched.any():
        apart = Ranking(scores[scratched | ~bad], scratched[scratched | ~bad])
        figures['scratches_image_auroc'] = number(apart.auroc())
        figures['scratches_frr_at_zero_escapes'] = number(apart.frr_at_zero_escapes())
    return figures

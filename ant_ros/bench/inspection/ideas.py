# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What each idea is worth: the inspector with one thing changed, on line and photographs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation.figures import number
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.inspection.variants import BASES
from ant_ros.bench.inspection.variants import Compared
from ant_ros.bench.inspection.variants import compared
from ant_ros.bench.inspection.variants import FULL
from ant_ros.bench.inspection.variants import QUICK

__all__ = ['measure']

_SCRATCH = 'scratch'


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return AUROC, FRR at zero escapes and CPU milliseconds per good part, a row per idea.

    `compared_with` names the row that an idea differs from in this one thing.
    """
    found = compared(tuple(sets), QUICK if quick else FULL)
    return {idea: {'compared_with': base, **{
        one.workload.name: _row(one, idea) for one in found}} for idea, base in BASES.items()}


def _row(found: Compared, idea: str) -> dict[str, Any]:
    if idea in found.left_out:
        return {'left_out': found.left_out[idea]}
    turns, workload = found.turns, found.workload
    scores, bad = turns.scores(idea), np.array(workload.bad)
    ranking = Ranking(scores, bad)
    works = [answer.work for answer, one in zip(turns.answers[idea], bad)
             if answer.work is not None and not one]
    figures: dict[str, Any] = {
        'backbone': found.inspectors[idea].recipe.backbone,
        'image_auroc': number(ranking.auroc()),
        'frr_at_zero_escapes': number(ranking.frr_at_zero_escapes()),
        'cpu_ms_good_p50': float(np.median(turns.cpu_ms[idea][~bad])),
        'network_ms_good_mean': float(np.mean(turns.network_ms[idea][~bad])),
        'units_good': float(np.mean([work.units for work in works])),
        'macs_good': float(np.mean([work.macs for work in works]))}
    scratched = np.array([part.defect == _SCRATCH for part in workload.test])
    if scratched.any():
        apart = Ranking(scores[scratched | ~bad], scratched[scratched | ~bad])
        figures['scratches'] = int(scratched.sum())
        figures['scratches_image_auroc'] = number(apart.auroc())
        figures['scratches_frr_at_zero_escapes'] = number(apart.frr_at_zero_escapes())
    return figures

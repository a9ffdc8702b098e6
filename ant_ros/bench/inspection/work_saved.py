# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the gate saves: the same inspector with its gate always open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation.figures import number
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.goals import at_most
from ant_ros.bench.inspection.turns import Turns
from ant_ros.bench.inspection.variants import AS_IT_IS
from ant_ros.bench.inspection.variants import BASES
from ant_ros.bench.inspection.variants import Compared
from ant_ros.bench.inspection.variants import compared
from ant_ros.bench.inspection.variants import FULL
from ant_ros.bench.inspection.variants import OPEN
from ant_ros.bench.inspection.variants import OPEN_PRETRAINED
from ant_ros.bench.inspection.variants import PRETRAINED
from ant_ros.bench.inspection.variants import QUICK
from ant_ros.inspection import Decision

__all__ = ['gates_compared', 'measure']

_AUROC_POINTS = 0.3
_NETWORK_SHARE = 1 / 5
_WHOLE_SHARE = 1 / 2


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return accuracy, escapes and CPU time on good parts with both gates, per workload.

    Where the good parts say that sampled features suffice, pretrained ones are compared as well.
    Goals are those of the inspector as it is; parts of free shape are seen whole by either gate
    and have none.
    """
    figures: dict[str, Any] = {}
    goals: dict[str, Any] = {}
    for one in compared(tuple(sets), QUICK if quick else FULL):
        name = one.workload.name
        found = figures[name] = gates_compared(one, OPEN)
        if one.inspectors[AS_IT_IS] is not one.inspectors[PRETRAINED]:
            figures[f'{name}, {PRETRAINED}'] = gates_compared(one, OPEN_PRETRAINED)
        if found['gated']:
            goals[name] = {
                'auroc_lost_points': at_most(_AUROC_POINTS, found['auroc_lost_points']),
                'extra_escapes': at_most(0, found['extra_escapes']),
                'network_time_share': at_most(_NETWORK_SHARE, found['network_time_share']),
                'frame_to_verdict_time_share':
                    at_most(_WHOLE_SHARE, found['frame_to_verdict_time_share'])}
    return figures | {'goals': goals}


def gates_compared(found: Compared, opened: str) -> dict[str, Any]:
    """Return the figures of a variant with an open gate, of the one without it, and of both.

    Shares are those of the learned gate, on good parts, of what the open one takes.
    """
    learned = BASES[opened]
    assert learned is not None
    recipe = found.inspectors[learned].recipe
    bad = np.array(found.workload.bad)
    gated, full = (_figures(found.turns, name, bad) for name in (learned, opened))
    return {
        'backbone': recipe.backbone,
        'gated': recipe.pretrained is None or recipe.pretrained.gate is not None,
        'good': int((~bad).sum()), 'bad': int(bad.sum()), 'learned': gated, 'open': full,
        'auroc_lost_points': None if gated['image_auroc'] is None else
            100 * (full['image_auroc'] - gated['image_auroc']),
        'extra_escapes': gated['escapes'] - full['escapes'],
        'network_time_share': gated['network_ms_good_mean'] / full['network_ms_good_mean'],
        'frame_to_verdict_time_share': gated['cpu_ms_good_mean'] / full['cpu_ms_good_mean']}


def _figures(turns: Turns, gate: str, bad: np.ndarray) -> dict[str, Any]:
    answers = turns.answers[gate]
    passed = np.array([answer.decision is Decision.PASS for answer in answers])
    works = [answer.work for answer, one in zip(answers, bad) if answer.work and not one]
    ranking = Ranking(turns.scores(gate), bad)
    return {
        'image_auroc': number(ranking.auroc()),
        'frr_at_zero_escapes': number(ranking.frr_at_zero_escapes()),
        'escapes': int((passed & bad).sum()), 'false_rejects': int((~passed & ~bad).sum()),
        'macs_good': float(np.mean([work.macs for work in works])),
        'network_ms_good_p50': float(np.median(turns.network_ms[gate][~bad])),
        'network_ms_good_mean': float(np.mean(turns.network_ms[gate][~bad])),
        'cpu_ms_good_p50': float(np.median(turns.cpu_ms[gate][~bad])),
        'cpu_ms_good_mean': float(np.mean(turns.cpu_ms[gate][~bad]))}

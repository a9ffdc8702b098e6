# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the gate saves: the same inspector with its gate always open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation.figures import number
from ant_ros.bench.evaluation.ranking import Ranking
from ant_ros.bench.evaluation.split_run import Answer
from ant_ros.bench.inspection.turns import in_turns
from ant_ros.bench.inspection.turns import Turns
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.inspection.workloads import Workload
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Decision

__all__ = ['compare', 'measure']

_GATES = ('learned', 'open')
_SAMPLED = 'sampled'
_PRETRAINED = 'efficientnet-lite0'


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return accuracy, escapes and CPU time on good parts with both gates, per workload.

    Sampled features have no open gate; so the line is inspected with pretrained ones, too.
    """
    rounds = 1 if quick else 2
    line = line_workload(line_scenario('hard', defect_rate=0.3), 30 if quick else 200)
    figures = {f'{line.name}, {_PRETRAINED}': compare(line, rounds, _PRETRAINED)}
    if not quick:
        figures[line.name] = compare(line, rounds)
    for images in sets[:1 if quick else None]:
        workload = set_workload(images, 10 if quick else None)
        figures[workload.name] = compare(workload, rounds)
    return figures


def compare(workload: Workload, rounds: int, backbone: str = 'auto') -> dict[str, Any]:
    """Teach with both gates and let both look at every part, in turns."""
    with one_thread():
        inspectors = {
            gate: inspector_teacher(workload.name, gate=gate, backbone=backbone)(workload.teach)
            for gate in _GATES}
        turns = in_turns(inspectors, [part.image for part in workload.test], with_map=False,
                         rounds=rounds)
    bad = np.array(workload.bad)
    figures = {gate: _figures(turns, gate, bad) for gate in _GATES}
    gated, full = (figures[gate] for gate in _GATES)
    chosen = inspectors[_GATES[0]].recipe.backbone
    differ = chosen != _SAMPLED
    return {
        'backbone': chosen, 'gates_differ': differ,
        'good': int((~bad).sum()), 'bad': int(bad.sum()), **figures,
        'auroc_lost_points': None if gated['image_auroc'] is None else
            100 * (full['image_auroc'] - gated['image_auroc']),
        'extra_escapes': gated['escapes'] - full['escapes'],
        'network_times_less': _ratio(full, gated, 'network_ms_good_p50') if differ else None,
        'frame_to_verdict_times_less':
            _ratio(full, gated, 'cpu_ms_good_p50') if differ else None}


def _figures(turns: Turns, gate: str, bad: np.ndarray) -> dict[str, Any]:
    passed = np.array([_passed(answer) for answer in turns.answers[gate]])
    ranking = Ranking(turns.scores(gate), bad)
    return {
        'image_auroc': number(ranking.auroc()),
        'frr_at_zero_escapes': number(ranking.frr_at_zero_escapes()),
        'escapes': int((passed & bad).sum()), 'false_rejects': int((~passed & ~bad).sum()),
        'macs_good': float(np.mean([_macs(answer) for answer, one in zip(
            turns.answers[gate], bad) if not one])),
        'network_ms_good_p50': float(np.median(turns.network_ms[gate][~bad])),
        'network_ms_good_mean': float(np.mean(turns.network_ms[gate][~bad])),
        'cpu_ms_good_p50': float(np.median(turns.cpu_ms[gate][~bad])),
        'cpu_ms_good_mean': float(np.mean(turns.cpu_ms[gate][~bad]))}


def _macs(answer: Answer) -> int:
    work = getattr(answer, 'work', None)
    return 0 if work is None else work.macs


def _passed(answer: Answer) -> bool:
    return getattr(answer, 'decision', None) is Decision.PASS


def _ratio(full: dict[str, Any], gated: dict[str, Any], name: str) -> float | None:
    """Return how many times more the open gate takes; None where the learned one takes none."""
    return full[name] / gated[name] if gated[name] > 0 else None

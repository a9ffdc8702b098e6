# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The product photographs: accuracy, mean of re-splits, fully taught and with few shots."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from functools import partial
from typing import Any

from ant_ros.bench import BenchError
from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import Evaluation
from ant_ros.bench.evaluation import FIGURES
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation.split_run import Teacher
from ant_ros.bench.goals import at_least
from ant_ros.bench.inspection.conventional import usual_detectors
from ant_ros.bench.inspection.part_alone import PartAlone
from ant_ros.inspection import TeachError

__all__ = ['SPLITS', 'measure', 'summary']

SPLITS = 5
"""Draws of what is taught and tested."""
_FEW_SHOTS = 10
_ALONE = '_part_alone'
_ACCURACY = ('image_auroc', 'average_precision', 'frr_at_zero_escapes', 'pixel_auroc', 'aupro')
_WANTED: Mapping[str, tuple[float, float]] = {
    'circuitboard': (0.95, 0.90), 'cookie': (0.998, 0.98), 'aliens': (0.998, 0.98)}
"""Image AUROC fully taught and with few shots, by the name of the set."""


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return the figures of each set, with all that train/good holds taught and with 10.

    The usual detectors see the same re-splits, and once more with the background hidden: what
    they lose by that, it told them. Sets of other names than the known three are
    wanted to be ranked better than those rank them.

    Raises:
        BenchError: there is no set.
        ImportError: what the usual detectors need is not installed.
    """
    if not sets:
        raise BenchError('no photographs: give a folder with image sets as --data')
    usual = {} if quick else usual_detectors()
    figures: dict[str, Any] = {}
    for images in sets:
        try:
            figures[images.name] = _measure_set(images, usual, quick)
        except TeachError as error:
            figures[images.name] = {'missing': str(error)}
    goals = {name: _goals(name, found) for name, found in figures.items()
             if 'missing' not in found}
    return figures | {'goals': goals}


def _measure_set(
    images: ImageSet, usual: Mapping[str, Teacher], quick: bool
) -> dict[str, Any]:
    """Return both figures; for a first look only those with few taught, of the set's own split."""
    teacher = inspector_teacher(images.name)
    figures: dict[str, Any] = {}
    if not quick:
        figures['full'] = summary(evaluate(images, teacher, splits=SPLITS))
    figures['few_shots'] = {'shots': min(_FEW_SHOTS, len(images.teach)), **summary(evaluate(
        images, teacher, splits=1 if quick else SPLITS,
        shots=min(_FEW_SHOTS, len(images.teach)), with_background=False))}
    for name, other in usual.items():
        found = evaluate(images, other, splits=SPLITS, with_background=False).figures
        figures[name] = {figure: found[figure] for figure in _ACCURACY}
        figures[f'{name}{_ALONE}'] = _without_background(images, other)
    return figures


def _without_background(images: ImageSet, other: Teacher) -> dict[str, Any]:
    """Return how well a detector ranks parts of which it sees no background."""
    try:
        found = evaluate(images, partial(PartAlone, teacher=other), splits=SPLITS,
                         with_background=False).figures
    except TeachError as error:
        return {'missing': str(error)}
    return {figure: found[figure] for figure in _ACCURACY}


def _goals(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wanted of a set, and what was reached."""
    full, others = found.get('full'), [
        one for kind, one in found.items()
        if kind not in ('full', 'few_shots') and not kind.endswith(_ALONE)]
    wanted, few = _WANTED.get(name, (None, None))
    goals: dict[str, Any] = {}
    if few is not None:
        goals['few_shots_image_auroc'] = at_least(few, found['few_shots']['image_auroc'])
    if full is None:
        return goals
    if wanted is None:
        ranked = [one['image_auroc'] for one in others if one['image_auroc'] is not None]
        if not ranked:
            return goals
        wanted = max(ranked)
    goals['image_auroc'] = at_least(wanted, full['image_auroc'])
    plain = [one['pixel_auroc'] for one in others if one['pixel_auroc'] is not None]
    if plain:
        goals['pixel_auroc'] = at_least(max(plain), full['pixel_auroc'])
    return goals


def summary(found: Evaluation) -> dict[str, Any]:
    """Return the figures of an evaluation with their intervals, and why some are not known."""
    return {
        'protocol': found.protocol, 'inspector': found.inspector,
        **{name: found.figures[name] for name in FIGURES},
        'intervals_95': found.intervals, 'per_split_image_auroc': found.per_split['image_auroc'],
        'unresolved': found.unresolved, 'decisions': found.decisions,
        'unreadable': len(found.faults)}

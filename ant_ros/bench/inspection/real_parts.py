# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The product photographs: accuracy, mean of re-splits, fully taught and with few shots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ant_ros.bench import BenchError
from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import Evaluation
from ant_ros.bench.evaluation import FIGURES
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.inspection import TeachError

__all__ = ['SPLITS', 'fully_taught', 'measure', 'summary']

SPLITS = 5
"""Draws of what is taught and tested."""
_FEW_SHOTS = 10


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Return the figures of each set, with all that train/good holds taught and with 10.

    Raises:
        BenchError: there is no set.
    """
    if not sets:
        raise BenchError('no photographs: give a folder with image sets as --data')
    figures: dict[str, Any] = {}
    for images in sets:
        try:
            figures[images.name] = _measure_set(images, quick)
        except TeachError as error:
            figures[images.name] = {'missing': str(error)}
    return figures


def _measure_set(images: ImageSet, quick: bool) -> dict[str, Any]:
    """Return both figures; for a first look only those with few taught, of the set's own split."""
    figures = {} if quick else {'full': fully_taught(images, SPLITS)}
    return figures | {f'shots_{_FEW_SHOTS}': summary(evaluate(
        images, inspector_teacher(images.name), splits=1 if quick else SPLITS,
        shots=min(_FEW_SHOTS, len(images.teach)), with_background=False))}


@cache
def fully_taught(images: ImageSet, splits: int) -> dict[str, Any]:
    """Return the figures with all that train/good holds taught; asked again, they are kept."""
    return summary(evaluate(images, inspector_teacher(images.name), splits=splits))


def summary(found: Evaluation) -> dict[str, Any]:
    """Return the figures of an evaluation with their intervals, and why some are not known."""
    return {
        'protocol': found.protocol, 'inspector': found.inspector,
        **{name: found.figures[name] for name in FIGURES},
        'intervals_95': found.intervals, 'per_split_image_auroc': found.per_split['image_auroc'],
        'unresolved': found.unresolved, 'decisions': found.decisions,
        'unreadable': len(found.faults)}

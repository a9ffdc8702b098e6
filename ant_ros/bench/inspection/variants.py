# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector, and the same with one thing changed, side by side on the same parts."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cache

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.inspection.pruned_backbone import prune_backbone
from ant_ros.bench.inspection.trained_thresholds import train_thresholds
from ant_ros.bench.inspection.turns import in_turns
from ant_ros.bench.inspection.turns import Turns
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.inspection.workloads import Workload
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Inspector
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import load_backbone
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.surprise import LINES

__all__ = ['AS_IT_IS', 'BASES', 'FULL', 'LINES_OFF', 'OPEN', 'OPEN_PRETRAINED', 'PRETRAINED',
           'PRUNED', 'QUICK', 'SAMPLED_ROW', 'THRESHOLDS', 'Compared', 'Extent', 'all_awake',
           'compared', 'make_variants']

AS_IT_IS = 'as it is'
OPEN = 'gate open'
SAMPLED_ROW = 'sampled features'
PRETRAINED = 'pretrained features'
OPEN_PRETRAINED = 'pretrained features, gate open'
LINES_OFF = "neighbours' evidence off"
THRESHOLDS = 'thresholds trained under the schedule'
PRUNED = '40 % pruned'

BASES: Mapping[str, str | None] = {
    AS_IT_IS: None, OPEN: AS_IT_IS, SAMPLED_ROW: AS_IT_IS, PRETRAINED: AS_IT_IS,
    OPEN_PRETRAINED: PRETRAINED, LINES_OFF: AS_IT_IS, THRESHOLDS: PRETRAINED, PRUNED: PRETRAINED}
"""Each variant, and the one that it differs from in one thing."""

_PRUNED_SHARE = 0.4
_ANY_EVIDENCE = 1e-6


@dataclass(frozen=True)
class Extent:
    """How much is compared.

    Attributes:
        line_parts: Parts of the line.
        rounds: How often each is looked at.
        photographs: Whether the photographs are, too.
        steps: Of the training of thresholds.
    """

    line_parts: int
    rounds: int
    photographs: bool
    steps: int


FULL = Extent(200, 2, True, 16)
QUICK = Extent(16, 1, False, 2)


@dataclass(frozen=True)
class Compared:
    """What the variants said of the same parts.

    Attributes:
        workload: The parts.
        inspectors: By name of the variant; one that is the same as another stands for both.
        turns: What they answered and what that took, by name.
        left_out: Why there is no such variant here, by name.
    """

    workload: Workload
    inspectors: Mapping[str, Inspector]
    turns: Turns
    left_out: Mapping[str, str]


@cache
def compared(sets: tuple[ImageSet, ...], extent: Extent) -> tuple[Compared, ...]:
    """Compare all variants on the line and on photographs; asked again, they are kept.

    All look at a frame one after the other, on one thread, so that a busy machine is fair to all.
    """
    line = line_workload(line_scenario('hard', defect_rate=0.35), extent.line_parts)
    workloads = [line, *(set_workload(images) for images in sets if extent.photographs)]
    return tuple(_compare(workload, extent) for workload in workloads)


def _compare(workload: Workload, extent: Extent) -> Compared:
    with one_thread():
        inspectors, left_out = make_variants(workload.name, workload.teach, extent.steps)
        alike = {name: next(other for other, known in inspectors.items() if known is one)
                 for name, one in inspectors.items()}
        turns = in_turns({name: inspectors[name] for name in dict.fromkeys(alike.values())},
                         [part.image for part in workload.test], with_map=False,
                         rounds=extent.rounds)
    return Compared(workload, inspectors, turns.also_called(alike), left_out)


def make_variants(
    name: str, good: Sequence[np.ndarray], steps: int
) -> tuple[dict[str, Inspector], dict[str, str]]:
    """Teach an inspector and its variants.

    Args:
        name: Of the product.
        good: Good parts.
        steps: Of the training of thresholds.

    Returns:
        The inspectors, and why one is left out, both by name of the variant.
    """
    def teach(**options: object) -> Inspector:
        return inspector_teacher(name, **options)(good)

    base = teach()
    sampled = base.recipe.backbone == SAMPLED
    pretrained = teach(backbone=EFFICIENTNET) if sampled else base
    stage = pretrained.recipe.pretrained
    registered = stage is not None and stage.kind is ShapeKind.REGISTERED
    opened = teach(backbone=EFFICIENTNET, gate='open') if registered else pretrained
    variants = {
        AS_IT_IS: base,
        OPEN: Inspector(all_awake(base.recipe)) if sampled else opened,
        SAMPLED_ROW: base if sampled else teach(backbone=SAMPLED),
        PRETRAINED: pretrained,
        OPEN_PRETRAINED: opened,
        LINES_OFF: Inspector(_without_lines(base.recipe))}
    left_out = {}
    backbone, inputs = load_backbone(), pretrained.network_inputs(good)
    if not registered:
        left_out[THRESHOLDS] = ('parts of free shape and textures are new all over and run '
                                'densely: there is no threshold in their way')
    elif (trained := train_thresholds(
            backbone, pretrained.recipe.mean, inputs, steps=steps)) is None:
        left_out[THRESHOLDS] = 'the good parts that were taught wake nothing to train on'
    else:
        variants[THRESHOLDS] = teach(backbone=trained)
    variants[PRUNED] = teach(backbone=prune_backbone(backbone, _PRUNED_SHARE, inputs))
    return variants, left_out


def all_awake(recipe: Recipe) -> Recipe:
    """Return a recipe with sampled features of which every tile of the part wakes."""
    return replace(recipe, limits=replace(recipe.limits, wake=_ANY_EVIDENCE))


def _without_lines(recipe: Recipe) -> Recipe:
    """Return a recipe in which nothing adds up along lines, at either stage.

    Limits stay as they were, which matters little to who ranks before whom.
    """
    surprise, deep = recipe.surprise, recipe.deep
    weights = surprise.weights.copy()
    weights[LINES] = 0
    return replace(recipe, surprise=replace(surprise, weights=weights),
                   deep=replace(deep, line_levels=np.zeros_like(deep.line_levels)))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn from more good parts without starting over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.calibration import Limits
from ant_ros.inspection.enough import Enough
from ant_ros.inspection.enough import measure_enough
from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.local_shift import learn_shift
from ant_ros.inspection.pretrained_stage import AnywhereEye
from ant_ros.inspection.pretrained_teaching import learn_placed_stage
from ant_ros.inspection.pretrained_teaching import learn_sights
from ant_ros.inspection.pretrained_teaching import Learned
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import room_for_parts
from ant_ros.inspection.sampled_teaching import learn_sampled
from ant_ros.inspection.sampled_teaching import Sampled
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.taught_parts import keep_parts
from ant_ros.inspection.taught_parts import pack_cut_out
from ant_ros.inspection.taught_parts import pack_view
from ant_ros.inspection.taught_parts import unpack_cut_out
from ant_ros.inspection.taught_parts import unpack_view

__all__ = ['Sharpened', 'sharpen_anywhere', 'sharpen_registered']


class Sharpened(NamedTuple):
    """What became of more good parts.

    Attributes:
        taken: How many were learned from.
        left_out: Number of each image that was not, from 0, and why.
        stopped: Numbers of the images that were, though the recipe would have stopped them.
        enough: Whether more good parts would change much.
    """

    taken: int
    left_out: tuple[tuple[int, str], ...]
    stopped: tuple[int, ...]
    enough: Enough

    @property
    def text(self) -> str:
        """The same as a sentence."""
        return self.told()

    def told(self, names: Sequence[str] = ()) -> str:
        """Return the same as a sentence, with names of the images; else they are numbered."""
        def name(number: int) -> str:
            return names[number] if names else f'image {number + 1}'
        which = ', '.join(map(name, self.stopped))
        stopped = f', of which {which} would have been stopped before' if which else ''
        left = ''.join(f'; {name(number)} was left out: {why}' for number, why in self.left_out)
        return f'{self.taken} more good parts{stopped}{left}; {self.enough.text}'


def sharpen_registered(
    recipe: Recipe, backbone: Backbone | None, more: Sequence[np.ndarray]
) -> Recipe:
    """Return a recipe of registered parts that was learned from more of them.

    The registered image stays; what is expected, its spreads, the memory and the limits are
    learned anew from all parts that are kept. Limits that confirmed parts bore out go: they were
    scored by another recipe.

    Args:
        recipe: What was taught.
        backbone: Its network; None with sampled features.
        more: Further good parts in the expected light [3, H, W] each.
    """
    taught, mask, stage = recipe.taught, recipe.mask, recipe.pretrained
    pictures = [pack_view(view, taught.reference) for view in more]
    views = np.stack([unpack_view(one, taught.reference)
                      for one in (*taught.pictures, *pictures)])
    mean, reach_px = learn_shift(views, mask)
    moving = recipe.prints.cover(mask.shape)
    sampled = learn_sampled(views, mean, mask, moving, reach_px, recipe.target_frr)
    learned = None
    if backbone is not None:
        assert stage is not None and stage.gate is not None
        learned = learn_placed_stage(
            backbone, 'open' if stage.gate.is_open else 'learned', views, mean, mask, moving,
            reach_px, recipe.target_frr, gone=taught.scores.tolist(), layout=stage.layout)
    judged = learned or sampled
    renewed = _renewed(recipe, sampled.limits, judged, pictures)
    return replace(renewed, mean=mean, reach_px=reach_px,
                   surprise=judged.surprise or sampled.surprise,
                   deep=sampled.deep)


def sharpen_anywhere(
    recipe: Recipe, backbone: Backbone, eye: AnywhereEye, more: Sequence[CutOut]
) -> Recipe:
    """Return a recipe of parts of free shape, or of a texture, that was learned from more.

    Args:
        recipe: What was taught.
        backbone: Its network.
        eye: What sees with it.
        more: Further good parts.
    """
    stage = recipe.pretrained
    assert stage is not None and stage.crop is not None
    taught = recipe.taught
    shown = [*map(unpack_cut_out, taught.pictures), *more]
    learned = learn_sights(
        backbone, eye, stage.crop, shown, recipe.target_frr, gone=taught.scores.tolist())
    return _renewed(recipe, recipe.limits, learned, [pack_cut_out(one) for one in more])


def _renewed(
    recipe: Recipe, limits: Limits, judged: Sampled | Learned, pictures: Sequence[bytes]
) -> Recipe:
    """Return a recipe with what was learned anew, and with further pictures."""
    taught, before = recipe.taught, recipe.taught_parts
    stage, scores = None, []
    if isinstance(judged, Learned):
        stage, scores = judged.stage, judged.scores
    renewed = replace(
        recipe, taught_parts=before + len(pictures), limits=judged.settle(limits),
        pretrained=stage, confirmed=np.zeros(0, np.float32),
        enough=measure_enough(judged.scores, judged.by_fewer, judged.limit, recipe.target_frr))
    return replace(renewed, kin=features_hash(recipe), taught=keep_parts(
        [*taught.pictures, *pictures], room_for_parts(renewed), reference=taught.reference,
        numbers=[*taught.numbers.tolist(), *range(before, before + len(pictures))],
        scores=scores, gone=taught.scores.tolist()))

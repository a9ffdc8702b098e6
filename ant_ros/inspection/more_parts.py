# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which of more good parts a recipe learns from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.backbone import bring_backbone
from ant_ros.inspection.backbone import load_backbone
from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.frame import to_frame
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.sharpening import sharpen_anywhere
from ant_ros.inspection.sharpening import sharpen_registered
from ant_ros.inspection.sharpening import Sharpened
from ant_ros.inspection.sight import Sight
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.teaching import MIN_PARTS
from ant_ros.inspection.teaching import TeachError
from ant_ros.inspection.viewing import View

if TYPE_CHECKING:
    import torch

__all__ = ['MOST_MORE', 'learn_from_more']

MOST_MORE = 200
"""Further parts that are learned from at once: all are held in memory."""

_ANOTHER = 3.0
"""Times the limit from which on a part is none of those that are taught."""


def learn_from_more(
    sight: Sight, images: Sequence[np.ndarray], network: torch.nn.Module | Backbone | None,
) -> tuple[Recipe, Sharpened]:
    """Return a recipe that has learned from more good parts; see `Inspector.sharpened`.

    Args:
        sight: What sees with the recipe as it is.
        images: One further good part each, at most `MOST_MORE`.
        network: The module, if the recipe was taught with one that was brought.

    Raises:
        TeachError: there are too many or too few, or none of them can be used.
    """
    if len(images) > MOST_MORE:
        raise TeachError(f'more than {MOST_MORE} images, which are too many at once: give '
                         'some of them, from the whole of a run')
    seen: list[np.ndarray | CutOut] = []
    left_out, stopped = [], []
    for number, image in enumerate(images):
        try:
            one, score = _taken(sight, image)
        except (ImageError, TeachError) as error:
            left_out.append((number, str(error)))
            continue
        seen.append(one)
        if score >= sight.recipe.limits.review:
            stopped.append(number)
    if images and not seen:
        raise TeachError(f'none of {len(images)} images can be learned from; image '
                         f'{left_out[0][0] + 1}: {left_out[0][1]}')
    known = len(sight.recipe.taught.pictures) + len(seen)
    if known < MIN_PARTS:
        raise TeachError(f'{known} pictures of good parts: at least {MIN_PARTS} are needed; '
                         'give more images')
    recipe = _learn_again(sight, seen, network)
    return recipe, Sharpened(len(seen), tuple(left_out), tuple(stopped), recipe.enough)


def _taken(sight: Sight, image: np.ndarray) -> tuple[np.ndarray | CutOut, float]:
    """Return what is learned from a good part, and its score."""
    shown = sight.show(to_frame(image, sight.recipe.format))
    if shown is None:
        raise TeachError('shows no part: check lighting and background')
    score, limit = float(sight.see(shown).score.max()), sight.recipe.limits.review
    if score >= _ANOTHER * limit:
        raise TeachError(
            f'is quite unlike the good parts: score {score:.3g}, limit {limit:.3g}; if it is '
            'good, teach a recipe with parts of both kinds')
    return np.stack(shown.planes) if isinstance(shown, View) else shown, score


def _learn_again(
    sight: Sight, more: Sequence[Any], network: torch.nn.Module | Backbone | None,
) -> Recipe:
    if sight.recipe.pretrained is None:
        return sharpen_registered(sight.recipe, None, more)
    backbone = load_backbone() if network is None else bring_backbone(network)
    if sight.anywhere is not None:
        return sharpen_anywhere(sight.recipe, backbone, sight.anywhere, more)
    return sharpen_registered(sight.recipe, backbone, more)

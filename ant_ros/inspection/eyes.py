# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which deep network looks at the parts of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.backbone import BackboneError
from ant_ros.inspection.backbone import bring_backbone
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import load_backbone
from ant_ros.inspection.pretrained_stage import AnywhereEye
from ant_ros.inspection.pretrained_stage import PlacedEye
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import RecipeError

if TYPE_CHECKING:
    import torch

__all__ = ['eyes_of']


def eyes_of(
    recipe: Recipe, network: torch.nn.Module | Backbone | None
) -> tuple[PlacedEye | None, AnywhereEye | None]:
    """Return what sees with the recipe's pretrained backbone; nothing with sampled features.

    Args:
        recipe: All that is known of the product.
        network: The module, if the recipe was taught with one that was brought.

    Returns:
        What looks at registered parts, or what looks at those without fixed places.

    Raises:
        RecipeError: the backbone is not at hand, or the layout is that of another network.
    """
    stage = recipe.pretrained
    if stage is None:
        return None, None
    try:
        if stage.backbone != EFFICIENTNET and network is None:
            raise BackboneError('it was taught with a module that was brought: bring it again, '
                                'in Python, as network=')
        backbone = load_backbone() if network is None else bring_backbone(network)
    except BackboneError as error:
        raise RecipeError(
            f'the recipe {recipe.name} needs {stage.backbone}: {error}') from error
    if backbone.digest != stage.digest:
        raise RecipeError(
            f'the recipe {recipe.name} was taught with other weights of {stage.backbone} than '
            'those at hand: install the version it was taught with, or teach again')
    if stage.placed is not None:
        return _placed_eye(recipe, backbone), None
    assert stage.crop is not None
    forms = [(sight.taps, sight.size) for sight in stage.sights]
    return None, AnywhereEye(backbone, stage.crop, forms)


def _placed_eye(recipe: Recipe, backbone: Backbone) -> PlacedEye:
    from ant_ros.network.tuned_layout import LayoutError
    stage = recipe.pretrained
    assert stage is not None and stage.gate is not None
    try:
        return PlacedEye(backbone, recipe.mean, stage.gate, stage.layout)
    except LayoutError as error:
        raise RecipeError(
            f'the layout of the recipe {recipe.name} belongs to another network: {error}. '
            'Measure it anew with python -m ant_ros tune, or leave it out: '
            'Inspector(load_recipe(PATH).with_layout(None))') from error

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which recipes see with the same features, so that labels are good for all of them."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from ant_ros.inspection.learning.place_features import PLACE_FEATURES
from ant_ros.inspection.recipe import Recipe

__all__ = ['features_hash']


def features_hash(recipe: Recipe) -> str:
    """Return the hash of all that a recipe's features are computed from.

    A recipe that was sharpened keeps that of the one it comes from: its parts lie in the same
    registered image and are compared with much the same, so that labels stay good.
    """
    if recipe.kin:
        return recipe.kin
    # From which score on a part is stopped changes no feature.
    limits = json.dumps({name: limit for name, limit in vars(recipe.limits).items()
                         if name not in ('review', 'reject')}, sort_keys=True)
    parts = (recipe.backbone, ','.join(PLACE_FEATURES), limits)
    digest = hashlib.sha256('|'.join(parts).encode())
    for array in (recipe.mean, recipe.mask, recipe.surprise.weights):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The versions of a recipe: kept, compared, brought back."""

from ant_ros.inspection.recipe_history.difference import compare_folders
from ant_ros.inspection.recipe_history.difference import compare_versions
from ant_ros.inspection.recipe_history.difference import Difference
from ant_ros.inspection.recipe_history.history import RecipeHistory
from ant_ros.inspection.recipe_history.history import RecipeLockedError
from ant_ros.inspection.recipe_history.version import RecipeVersion
from ant_ros.inspection.recipe_history.version import SELF_UPDATE
from ant_ros.inspection.recipe_history.version import versions_of

__all__ = [
    'SELF_UPDATE',
    'Difference',
    'RecipeHistory',
    'RecipeLockedError',
    'RecipeVersion',
    'compare_folders',
    'compare_versions',
    'versions_of',
]

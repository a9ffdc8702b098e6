# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure how a recipe's network runs fastest on this machine."""

from pathlib import Path
import time

from rich.console import Console

from ant_ros.cli.good_images import images_alike
from ant_ros.cli.good_images import where_good_are
from ant_ros.inspection import Inspector
from ant_ros.inspection.inspector import MOST_TUNED
from ant_ros.inspection.recipe_history import RecipeHistory

__all__ = ['tune_recipe']


def tune_recipe(recipe: Path, folder: Path, budget_s: float, by: str) -> None:
    """Measure a layout on the good images of a folder and keep it as a new version.

    A layout that the recipe has is not looked at, so that one that does not fit can be replaced.

    Raises:
        ImageError: the folder holds no image that can be read.
        RecipeError: the recipe cannot be read or written, or has nothing to tune.
    """
    console = Console()
    images = [image for _, image in images_alike(where_good_are(folder), MOST_TUNED)]
    with RecipeHistory(recipe, who='ant_ros tune') as history:
        known = history.load()
        inspector = Inspector(known if known.layout is None else known.with_layout(None))
        started = time.perf_counter()
        layout = inspector.tune(images, budget_s=budget_s)
        seconds = time.perf_counter() - started
        version = history.commit(inspector.recipe, who=by or 'ant_ros tune',
                                 why=f'layout measured on {layout.machine}')
    console.print(layout.describe(), highlight=False)
    console.print(f'measured in {seconds:.1f} s; version {version.number} of {recipe}')

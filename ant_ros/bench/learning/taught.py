# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Inspectors that were taught once, each with nothing learned yet."""

from __future__ import annotations

from collections.abc import Mapping
import functools

from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import teach_images
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.inspection import Inspector
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe import Recipe
from ant_ros.simulation import Scenario

__all__ = ['new_inspector']


def new_inspector(
    scenario: Scenario = USUAL, *, robot: str = 'robot', limits: Limits | None = None,
) -> OnlineInspector:
    """Return an inspector taught on the scenario's good parts, that nobody has told anything."""
    recipe, attached = _taught(scenario)
    inspector = OnlineInspector(Inspector(recipe), robot=robot, limits=limits)
    inspector.restore(attached)
    return inspector


@functools.cache
def _taught(scenario: Scenario) -> tuple[Recipe, Mapping[str, bytes]]:
    inspector = OnlineInspector.teach(
        teach_images(scenario, SEED), name=scenario.name, backbone='sampled')
    return inspector.recipe, inspector.attachments()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Inspectors that were taught once, each with nothing learned yet."""

from __future__ import annotations

from collections.abc import Mapping
import functools

import numpy as np

from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import teach_images
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.inspection import Inspector
from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.verdict import Verdict
from ant_ros.simulation import Scenario

__all__ = ['new_inspector', 'snapshot']


def new_inspector(
    scenario: Scenario = USUAL, *, robot: str = 'robot', limits: Limits | None = None,
) -> OnlineInspector:
    """Return an inspector taught on the scenario's good parts, that nobody has told anything."""
    recipe, attached = _taught(scenario)
    return _knowing(Inspector(recipe), attached, robot, limits)


def snapshot(inspector: OnlineInspector, scenario: Scenario = USUAL) -> OnlineInspector:
    """Return an inspector that judges for ever as one that `new_inspector` made does now.

    All snapshots of a scenario look at an image once if they are asked about it in a row: they
    saw the same, and differ in what they were told.
    """
    return _knowing(_one_look(scenario), inspector.attachments(), inspector.learner.robot,
                    inspector.learner.limits)


class _OneLook(Inspector):
    """Look at an image once, however often in a row it is asked about."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self._image: np.ndarray | None = None
        self._told: tuple[Verdict, Evidence | None]

    def look(self, image: np.ndarray) -> tuple[Verdict, Evidence | None]:
        if image is not self._image:
            self._told, self._image = super().look(image), image
        return self._told


@functools.cache
def _one_look(scenario: Scenario) -> Inspector:
    return _OneLook(_taught(scenario)[0])


def _knowing(
    eyes: Inspector, attached: Mapping[str, bytes], robot: str, limits: Limits | None,
) -> OnlineInspector:
    inspector = OnlineInspector(eyes, robot=robot, limits=limits)
    inspector.restore(attached)
    return inspector


@functools.cache
def _taught(scenario: Scenario) -> tuple[Recipe, Mapping[str, bytes]]:
    inspector = OnlineInspector.teach(
        teach_images(scenario, SEED), name=scenario.name, backbone='sampled')
    return inspector.recipe, inspector.attachments()

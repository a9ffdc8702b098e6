# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What makes a recipe ready to learn from labels: what its good parts look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import hashlib

import numpy as np

from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.learning import ALIKE
from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.online.forms import Forms
from ant_ros.inspection.online.forms import Usual
from ant_ros.inspection.online.forms import usual_to_bytes
from ant_ros.inspection.online.patterns import Patterns
from ant_ros.inspection.online.state import State
from ant_ros.inspection.recipe import Recipe

__all__ = ['LearnerMaker', 'usual_of', 'usual_of_taught']

_MOST_FORMS = 200
"""Good parts from which it is learned what they answer."""


@dataclass(frozen=True)
class LearnerMaker:
    """Make learners of one robot.

    Attributes:
        robot: Its name in the fleet.
        limits: What bounds the learning.
    """

    robot: str
    limits: Limits = field(default_factory=Limits)

    def make(
        self, recipe: Recipe, good: np.ndarray, usual: Usual | None,
        learned: bytes | None = None,
    ) -> Learner:
        """Return what learns from labels on parts of a recipe.

        Args:
            recipe: All that is known of the product.
            good: Features of the worst places of good parts [G, F].
            usual: What good parts answer to what is too faint to be a place.
            learned: What was learned before.

        Raises:
            MessageError: that is damaged, or of another recipe.
        """
        source = features_hash(recipe)
        if usual is not None:
            source += hashlib.sha256(usual_to_bytes(usual, source)).hexdigest()
        space = FeatureSpace.of(good, source, ALIKE, None if usual is None else usual.looks)
        if learned is not None:
            learner = Learner.from_bytes(learned, space, limits=self.limits)
            # A recipe that was copied before anybody labelled belongs to nobody yet.
            if learner.version or learner.challenge or learner.pending:
                return learner
        return Learner(space, robot=self.robot, limits=self.limits)

    def begin(self, inspector: Inspector, good: np.ndarray, usual: Usual | None = None) -> State:
        """Return what is known before the first label: what good parts look like."""
        learner = self.make(inspector.recipe, good, usual)
        forms = None if usual is None else Forms(inspector.recipe)
        return State(inspector, learner, good, Patterns(learner.space), forms=forms, usual=usual)


def usual_of_taught(inspector: Inspector, images: Sequence[np.ndarray]) -> Usual | None:
    """Return what good parts answer, from those that what is expected is the mean of."""
    count = len(images)
    return usual_of(inspector, images, count / (count - 1))


def usual_of(
    inspector: Inspector, images: Sequence[np.ndarray], factor: float = 1.0,
) -> Usual | None:
    """Return what good parts answer; None where too few of them do.

    Args:
        inspector: What sees.
        images: One good part each.
        factor: What their answers are multiplied with.
    """
    forms = Forms(inspector.recipe)
    found = []
    for image in images[:_MOST_FORMS]:
        _, evidence = inspector.look(image)
        seen = None if evidence is None else forms.brightness(image, evidence)
        if evidence is not None and seen is not None and any(
                plane.any() for plane in evidence.difference):
            found.append(factor * forms.answers(seen, evidence.difference))
    return forms.learn_usual(found)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""All that a verdict needs, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import numpy as np

from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.forms import Forms
from ant_ros.inspection.online.forms import Usual
from ant_ros.inspection.online.patterns import Patterns
from ant_ros.inspection.recipe import Recipe

__all__ = ['State']


@dataclass(frozen=True, eq=False)
class State:
    """What a verdict needs; replaced as a whole, so that another thread may judge meanwhile.

    Attributes:
        inspector: What sees, with what it followed by itself.
        learner: What learns; None where the recipe cannot learn.
        good: Features of the worst places of good parts [G, F].
        patterns: Groups of what nobody has named.
        shift: How what is expected followed good parts by itself; None: not at all.
        base: The recipe without that; None where there is none of that.
        forms: What answers to what is too faint to be a place.
        usual: What good parts answer to it.
        run: Parts judged by this recipe that may be confirmed as good.
    """

    inspector: Inspector
    learner: Learner | None = None
    good: np.ndarray | None = None
    patterns: Patterns | None = None
    shift: np.ndarray | None = None
    base: Recipe | None = None
    forms: Forms | None = None
    usual: Usual | None = None
    run: Run = field(default_factory=Run)

    @property
    def recipe(self) -> Recipe:
        """All that is known of the product, without what it followed by itself."""
        return self.base or self.inspector.recipe

    @property
    def unshifted(self) -> Inspector:
        """What sees, without what it followed by itself."""
        return self.inspector if self.base is None else self.inspector.like(self.base)

    def apart(self) -> State:
        """Return the same with an inspector of its own, while that of this one may be judging."""
        return replace(self, inspector=self.inspector.like(self.inspector.recipe))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is true of a part: its defect, and how well the camera could see it."""

from dataclasses import dataclass

import numpy as np

from ant_ros.simulation.part_plan import PartPlan
from ant_ros.simulation.part_plan import Role
from ant_ros.simulation.scenario import Scenario

__all__ = ['PartTruth', 'compare', 'good_part']


@dataclass(frozen=True)
class PartTruth:
    """The truth about one part.

    Attributes:
        part_id: of the part.
        role: `teach` or `inspect`.
        defect: its class, None for a good part.
        severity: 0 to 1.
        visible_pixels: those that differ from the flawless twin by at least the scenario's
            visibility limit (sigmas of the noise).
        contrast_sigmas: difference from the twin, in sigmas, that just as many pixels reach as
            the visibility limit asks for.
        visible: whether the defect reaches the limit.
        mask: pixels [H, W] that differ from the twin by more than one sigma; None for a good part.
    """

    part_id: str
    role: Role
    defect: str | None
    severity: float
    visible_pixels: int
    contrast_sigmas: float
    visible: bool
    mask: np.ndarray | None


def good_part(plan: PartPlan) -> PartTruth:
    """Return the truth about a part without a defect."""
    return PartTruth(plan.part_id, plan.role, None, 0.0, 0, 0.0, False, None)


def compare(plan: PartPlan, frame: np.ndarray, twin: np.ndarray, scenario: Scenario) -> PartTruth:
    """Measure a defect on noise-free frames [H, W, 3] of the part and of its flawless twin."""
    if plan.defect is None:
        return good_part(plan)
    # Without noise, one grey level is the least that an image can show.
    sigma = max(scenario.noise.sigma, 1.0)
    # The sensor clips: what is brighter than white in both cannot be told apart.
    contrast = np.abs(np.clip(frame, 0, 255) - np.clip(twin, 0, 255)).max(axis=2) / sigma
    limit = scenario.visibility
    visible_pixels = int(np.count_nonzero(contrast >= limit.sigmas))
    at_limit = np.partition(contrast, -limit.pixels, axis=None)[-limit.pixels]
    return PartTruth(plan.part_id, plan.role, plan.defect.kind, plan.defect.severity,
                     visible_pixels, float(at_limit), visible_pixels >= limit.pixels,
                     contrast > 1.0)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of the simulated line, photographed once for all figures that need them."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
import functools

import numpy as np

from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.inspection.learning import GOOD
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import PartTruth
from ant_ros.simulation import Scenario
from ant_ros.simulation import Triggered

__all__ = ['OTHER_VARIATIONS', 'SEED', 'USUAL', 'LinePart', 'defects', 'good_parts',
           'good_parts_as_they_come', 'new_supplier', 'teach_images']

SEED = 60_001
"""Seeds from here on are for measuring; development uses others."""

USUAL = line_scenario('demo')
"""What the inspector is taught on."""

OTHER_VARIATIONS = {
    'print': USUAL.model_copy(update={
        'cosmetic': USUAL.cosmetic.model_copy(update={'print_offset_mm': 1.0})}),
    'tone': USUAL.model_copy(update={
        'cosmetic': USUAL.cosmetic.model_copy(update={'tone': 0.15})})}
"""Other harmless differences that may arrive: print further off, brighter and darker metal."""

_TEXTURE = {'variation': 1.7}
_GRAIN = {'grain_deg': 10.0}


@dataclass(frozen=True, eq=False)
class LinePart:
    """A frame of one part and the truth about it.

    Attributes:
        part: ID, unlike that of any other part of the same run.
        image: [H, W, 3].
        truth: What it is.
    """

    part: str
    image: np.ndarray
    truth: PartTruth

    @property
    def word(self) -> str:
        """What a person who sees it says: 'good' or its class of defect."""
        return self.truth.defect or GOOD


def new_supplier(scenario: Scenario = USUAL) -> Scenario:
    """Return a scenario whose parts come from another supplier: harmless, and never seen.

    The metal is brushed more coarsely, and in more directions.
    """
    return scenario.model_copy(update={
        'texture': scenario.texture.model_copy(update=_TEXTURE),
        'cosmetic': scenario.cosmetic.model_copy(update=_GRAIN)})


def teach_images(scenario: Scenario = USUAL, seed: int = SEED) -> Sequence[np.ndarray]:
    """Return the frames of the good parts to teach from."""
    return tuple(one.image for one in _photograph(scenario, seed, 0))


def good_parts(scenario: Scenario, seed: int, count: int) -> Sequence[LinePart]:
    """Return so many good parts."""
    flawless = scenario.model_copy(update={'defect_rate': 0.0, 'teach_parts': 0})
    return _photograph(flawless, seed, count)


def good_parts_as_they_come(scenario: Scenario, seed: int, count: int) -> Iterator[LinePart]:
    """Yield so many good parts at most, each photographed when it is asked for and not kept."""
    flawless = scenario.model_copy(update={'defect_rate': 0.0, 'teach_parts': 0})
    return _come(flawless, seed, count)


def defects(scenario: Scenario, seed: int, count: int) -> Sequence[LinePart]:
    """Return the parts with a visible defect among so many defective ones."""
    defective = scenario.model_copy(update={'defect_rate': 1.0, 'teach_parts': 0})
    return tuple(one for one in _photograph(defective, seed, count) if one.truth.visible)


@functools.cache
def _photograph(scenario: Scenario, seed: int, count: int) -> Sequence[LinePart]:
    return tuple(_come(scenario, seed, count))


def _come(scenario: Scenario, seed: int, count: int) -> Iterator[LinePart]:
    left = scenario.teach_parts + count
    with InspectionLine(scenario, seed=seed, parts=count) as line:
        while not line.finished and left > 0:
            for event in line.step():
                if isinstance(event, Triggered) and left > 0:
                    left -= 1
                    yield LinePart(f'{scenario.name}-{seed}-{event.part_id}', event.image,
                                   event.truth)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What inspectors are compared on: photographs of a set, or of the simulated line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.bench.evaluation import ImageSet
from ant_ros.inspection import ImageError
from ant_ros.inspection import read_image
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import load_scenario
from ant_ros.simulation import Scenario
from ant_ros.simulation import Triggered

__all__ = ['Part', 'Workload', 'line_scenario', 'line_workload', 'set_workload']

LINE_SEED = 40_001
"""Seeds from here on are for measuring; development uses small ones."""


@dataclass(frozen=True)
class Part:
    """A decoded frame and the truth about it.

    Attributes:
        image: [H, W] or [H, W, 3].
        defect: Its class of defect; None for a good part.
    """

    image: np.ndarray
    defect: str | None


@dataclass(frozen=True)
class Workload:
    """Good parts to teach from, and parts to test with; a defect that nobody can see is none."""

    name: str
    teach: tuple[np.ndarray, ...]
    test: tuple[Part, ...]

    @property
    def good(self) -> list[np.ndarray]:
        """Frames of the good parts to test with."""
        return [part.image for part in self.test if part.defect is None]

    @property
    def bad(self) -> list[bool]:
        """Which parts to test with are bad."""
        return [part.defect is not None for part in self.test]


def set_workload(images: ImageSet, most_per_kind: int | None = None) -> Workload:
    """Read a set's own split; files that cannot be read are left out.

    Args:
        images: The set.
        most_per_kind: Test with so many good and so many bad parts at most.
    """
    chosen = images.good[:most_per_kind] + images.bad[:most_per_kind]
    return Workload(
        images.name, tuple(part.image for part in _read(images.teach)), tuple(_read(chosen)))


def line_scenario(name: str, **changes: object) -> Scenario:
    """Return a scenario with some of its keys changed."""
    return load_scenario(name).model_copy(update=changes)


def line_workload(scenario: Scenario, parts: int, seed: int = LINE_SEED) -> Workload:
    """Photograph so many parts on the line; those with defects below visibility are left out."""
    teach: list[np.ndarray] = []
    test: list[Part] = []
    with InspectionLine(scenario, seed=seed, parts=parts) as line:
        while not line.finished:
            for event in line.step():
                if not isinstance(event, Triggered):
                    continue
                if event.truth.role == 'teach':
                    teach.append(event.image)
                elif event.truth.defect is None or event.truth.visible:
                    test.append(Part(event.image, event.truth.defect))
    return Workload(f'line {scenario.name}', tuple(teach), tuple(test))


def _read(samples: Sequence) -> list[Part]:
    parts = []
    for sample in samples:
        try:
            parts.append(Part(read_image(sample.path), sample.defect))
        except ImageError:
            continue
    return parts

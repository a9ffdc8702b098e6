# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a part family is: its shape, its paint, and where it can go wrong."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.surface import Look

__all__ = ['SHAPE_LEVELS', 'Absence', 'Family', 'Shape']

SHAPE_LEVELS = 6
"""Deformed shapes are made ahead in this many steps of severity."""


@dataclass(frozen=True)
class Absence:
    """A painted feature that is missing, by a degree of 0 (all there) to 1 (gone)."""

    place: int
    degree: float


@dataclass(frozen=True)
class Shape:
    """A mesh variant: which defect, where, and in which step of 1..SHAPE_LEVELS."""

    kind: str
    place: int
    level: int

    @property
    def degree(self) -> float:
        """The severity that this step stands for."""
        return self.level / SHAPE_LEVELS


@dataclass(frozen=True)
class Family:
    """A kind of part.

    Attributes:
        name: as in a scenario.
        size_mm: length along the belt, width, height.
        is_round: a disc (size_mm[0] is its diameter), else a box.
        mass_kg: of one part.
        paint: texture of a part, given its look, the factors [3] on its material's colour (1 for a
            good part) and the feature that is absent, if any.
        build: mesh of a good part, or of one of the given shape.
        material: mask [S, S] of the painted surface that defects may lie on.
        wrong_tints: factors per colour channel, each a wrong colour at full severity.
        soils: colours of dirt.
        painted_features: number of features that can be absent from the paint.
        shaped_features: number of features that can be absent from the mesh.
        bends: number of places where the mesh can be deformed.
    """

    name: str
    size_mm: tuple[float, float, float]
    is_round: bool
    mass_kg: float
    paint: Callable[[Look, np.ndarray, Absence | None], np.ndarray]
    build: Callable[[Shape | None], Mesh]
    material: Callable[[], np.ndarray]
    wrong_tints: tuple[tuple[float, float, float], ...]
    soils: tuple[tuple[float, float, float], ...]
    painted_features: int
    shaped_features: int
    bends: int

    def shapes(self) -> list[Shape]:
        """List every mesh variant."""
        places = [('deformation', place) for place in range(self.bends)]
        places += [('missing_feature', self.painted_features + place)
                   for place in range(self.shaped_features)]
        return [Shape(kind, place, level) for kind, place in places
                for level in range(1, SHAPE_LEVELS + 1)]

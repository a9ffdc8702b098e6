# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Features of made-up parts: good ones, four kinds of defect, and a new harmless texture."""

import numpy as np
import pytest

from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures

WIDTH = 24
KINDS = ('scratch', 'dent', 'stain', 'hole', 'texture')


class Line:
    """Draw places of parts; the same seed draws the same."""

    def __init__(self, seed: int = 0) -> None:
        fixed = np.random.default_rng(99)
        self._scale = fixed.uniform(0.5, 3.0, WIDTH)
        directions = fixed.normal(size=(len(KINDS), WIDTH))
        self._directions = dict(zip(
            KINDS, directions / np.linalg.norm(directions, axis=1, keepdims=True)))
        self._rng = np.random.default_rng(seed)
        self._count = 0
        self.name = f'{seed}'

    def good_places(self, count: int) -> np.ndarray:
        return self._rng.normal(size=(count, WIDTH)) * self._scale

    def places(self, kind: str, count: int) -> np.ndarray:
        strength = 2.0 * np.sqrt(WIDTH) * self._rng.uniform(0.8, 1.2, (count, 1))
        unlike = self._rng.normal(size=(count, WIDTH)) * 1.2
        return (unlike + strength * self._directions[kind]) * self._scale

    def parts(self, kind: str, count: int, *, flagged: bool | None = None) -> list[PartFeatures]:
        if flagged is None:
            flagged = kind != 'good'
        drawn = self.good_places(count) if kind == 'good' else self.places(kind, count)
        self._count += count
        return [PartFeatures(f'{self.name}-{self._count - count + i}', row[None], [flagged])
                for i, row in enumerate(drawn)]


@pytest.fixture
def line():
    return Line(1)


@pytest.fixture
def new_line():
    return Line


@pytest.fixture(scope='session')
def space():
    return FeatureSpace.of(Line(0).good_places(30), 'features of this test')

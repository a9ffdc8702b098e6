# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small photographs of the line, an inspector taught on them, and made-up places."""

import numpy as np
import pytest

from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import PartFeatures

WIDTH = 12
KINDS = ('good', 'scratch', 'dent', 'stain')


@pytest.fixture(scope='session')
def small():
    camera = USUAL.camera.model_copy(update={'width': 96, 'height': 72, 'supersample': 1})
    return USUAL.model_copy(update={'name': 'small', 'camera': camera})


@pytest.fixture(scope='session')
def small_parts(small):
    return [*good_parts(small, 1, 6), *defects(small, 2, 10)]


@pytest.fixture
def new_small_inspector(small):
    return lambda **options: new_inspector(small, **options)


@pytest.fixture(scope='session')
def space():
    return FeatureSpace.of(np.random.default_rng(0).normal(size=(40, WIDTH)), 'this test')


@pytest.fixture(scope='session')
def draw_words():
    directions = np.random.default_rng(1).normal(size=(len(KINDS), WIDTH))

    def draw(count, seed):
        rng = np.random.default_rng(seed)
        return [(PartFeatures(f'{seed}-{number}', (
            rng.normal(size=WIDTH) + 4 * directions[number % len(KINDS)])[None], [True]),
            KINDS[number % len(KINDS)]) for number in range(count)]
    return draw

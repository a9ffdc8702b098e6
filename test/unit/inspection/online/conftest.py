# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An inspector that was taught once, and a new one of its kind for each test."""

from collections.abc import Callable

import numpy as np
import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.good_looks import look_at_taught
from ant_ros.inspection.online.places import good_places


@pytest.fixture(scope='session')
def seeing(inspector) -> Inspector:
    return Inspector(inspector.recipe)


@pytest.fixture(scope='session')
def good(seeing, teach_images) -> np.ndarray:
    return good_places(look_at_taught(seeing, teach_images, 'auto'))


@pytest.fixture
def new_online(seeing, good) -> Callable[..., OnlineInspector]:
    def make(**options) -> OnlineInspector:
        return OnlineInspector(Inspector(seeing.recipe), good, **options)
    return make


@pytest.fixture
def online(new_online) -> OnlineInspector:
    return new_online()

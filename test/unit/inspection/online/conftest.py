# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An inspector that was taught once; a new one of its kind, and its desk, for each test."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import ledger_path
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


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / 'plate'


@pytest.fixture
def ledger(path) -> Iterator[Ledger]:
    with Ledger(ledger_path(path)) as ledger:
        yield ledger


@pytest.fixture
def desk(online, path, ledger) -> Iterator[LabelDesk]:
    with LabelDesk(online, path, ledger, who='test') as desk:
        desk.save(by='me', why='taught')
        yield desk

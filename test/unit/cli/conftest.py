# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A recipe that was taught once."""

from pathlib import Path

import pytest

from ant_ros.inspection.online import OnlineInspector


@pytest.fixture(scope='session')
def taught(tmp_path_factory, draw_plate) -> Path:
    """Return the folder of a recipe of plates; it is to be copied before it is changed."""
    path = tmp_path_factory.mktemp('taught') / 'plate'
    OnlineInspector.teach(
        [draw_plate(seed) for seed in range(8)], name='plate', backbone='sampled').save(path)
    return path

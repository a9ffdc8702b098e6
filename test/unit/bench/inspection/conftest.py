# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small image sets on disk."""

from pathlib import Path

import pytest


@pytest.fixture(scope='session')
def sets_folder(tmp_path_factory, write_plates) -> Path:
    """A folder that holds the set `plates`, and another folder that is none."""
    root = tmp_path_factory.mktemp('sets')
    write_plates(root / 'plates')
    (root / 'notes').mkdir()
    return root

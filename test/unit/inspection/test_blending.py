# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The part where it is news, and what is expected elsewhere."""

import numpy as np
import pytest

from ant_ros.inspection.blending import blend


@pytest.fixture
def scene():
    """Return planes, matrix, offset, and what is expected, of an image of 6 by 9."""
    rng = np.random.default_rng(3)
    planes = tuple(rng.normal(100, 20, (6, 9)).astype(np.float32) for _ in range(3))
    matrix, offset = rng.normal(size=(3, 3)), rng.normal(size=3)
    expected = rng.normal(size=(3, 6, 9)).astype(np.float32)
    return planes, matrix.astype(np.float32), offset.astype(np.float32), expected


def _seen(planes, matrix, offset):
    return np.tensordot(matrix, np.stack(planes), 1) + offset[:, None, None]


def test_the_whole_part_is_taken_where_all_of_it_is_close(scene):
    planes, matrix, offset, _ = scene
    blended = blend(*scene, np.ones((6, 9), np.float32))

    assert blended == pytest.approx(_seen(planes, matrix, offset), rel=1e-4, abs=1e-3)


def test_what_is_not_close_is_exactly_as_expected(scene):
    *_, expected = scene
    close = np.zeros((6, 9), np.float32)
    close[2, 3] = 1
    blended = blend(*scene, close)
    differs = (blended != expected).any(axis=0)

    assert np.argwhere(differs).tolist() == [[2, 3]]
    assert blended is not expected


def test_between_them_it_is_mixed(scene):
    planes, matrix, offset, expected = scene
    blended = blend(*scene, np.full((6, 9), 0.25, np.float32))

    assert blended == pytest.approx(
        0.75 * expected + 0.25 * _seen(planes, matrix, offset), rel=1e-4, abs=1e-3)

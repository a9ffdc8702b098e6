# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Smaller pictures are what OpenCV makes of them."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.pyramid import halved
from ant_ros.inspection.pyramid import shrunk
from ant_ros.inspection.shrinking import area_means
from ant_ros.inspection.shrinking import halved_less
from ant_ros.inspection.shrinking import halved_to_four

_RNG = np.random.default_rng(2)


@pytest.mark.parametrize('shape', [(40, 60), (41, 61), (2, 2), (3, 5)])
def test_half_a_frame_with_a_fourth_channel(shape):
    frame = _RNG.integers(0, 256, (*shape, 3), dtype=np.uint8)

    np.testing.assert_array_equal(
        halved_to_four(frame), cv2.cvtColor(halved(frame), cv2.COLOR_RGB2RGBA))


def test_a_frame_that_may_not_be_written_is_shrunk_as_any_other():
    frame = _RNG.integers(0, 256, (64, 96, 3), dtype=np.uint8)
    locked = frame.copy()
    locked.flags.writeable = False
    wider = np.zeros((64, 200, 3), np.uint8)
    wider[:, :96] = frame

    for one in (locked, wider[:, :96]):
        np.testing.assert_array_equal(shrunk(one, 1), shrunk(frame, 1))


@pytest.mark.parametrize('channels', [3, 4])
@pytest.mark.parametrize(('size', 'wanted'), [
    ((75, 50), (60, 41)), ((160, 120), (159, 61)), ((97, 33), (50, 17)), ((50, 2), (32, 1))])
def test_means_over_areas(channels, size, wanted):
    picture = _RNG.integers(0, 256, (*size[::-1], channels), dtype=np.uint8)
    expected = cv2.resize(picture[..., :3], wanted, interpolation=cv2.INTER_AREA)

    found = area_means(picture, *wanted)
    assert found.reshape(-1).astype(int) == pytest.approx(expected.reshape(-1), abs=1)


def test_half_of_planes_less_what_is_expected():
    planes = _RNG.normal(size=(3, 12, 20)).astype(np.float32)
    less = _RNG.normal(size=(3, 6, 10)).astype(np.float32)

    expected = planes.reshape(3, 6, 2, 10, 2).mean(axis=(2, 4)) - less
    assert halved_less(tuple(planes), less) == pytest.approx(expected, abs=1e-5)

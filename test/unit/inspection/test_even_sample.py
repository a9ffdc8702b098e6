# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is sampled between pixels is as sharp as what is sampled at them, however it is turned."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.even_sample import sample_evenly
from ant_ros.inspection.even_sample import usual_blur
from ant_ros.inspection.pyramid import sample
from ant_ros.inspection.pyramid import shrunk

_SIZE = (48, 40)
_INNER = (slice(4, -4), slice(4, -4))
_NOISE = np.random.default_rng(3).integers(60, 190, (80, 90, 3), np.uint8)


def _waves(matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a pattern of waves both ways as it is where a map leads, mean 0, float64."""
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    x, y = np.tensordot(matrix, np.stack([columns, rows, np.ones_like(rows)]), 1)
    return 40 * np.sin(2 * np.pi * 0.15 * x) + 40 * np.cos(2 * np.pi * 0.15 * y)


@pytest.mark.parametrize('fraction', [0.0, 0.25, 0.5, 0.8125])
def test_it_is_linear_less_the_excess_of_blur(fraction):
    matrix = np.array([[1, 0, 12 + fraction], [0, 1, 9.0]])
    picture = shrunk(_NOISE, 0)
    linear = sample(picture, matrix, _SIZE)[..., :3].astype(float)
    across = np.roll(linear, 1, 1) + np.roll(linear, -1, 1) - 2 * linear
    down = np.roll(linear, 1, 0) + np.roll(linear, -1, 0) - 2 * linear
    excess = 0.5 * fraction * (1 - fraction) - 1 / 16
    expected = np.clip(linear - excess * across + down / 32, 0, 255)

    seen = sample_evenly(picture, matrix, _SIZE, (1 / 16, 1 / 32))
    assert np.abs(seen[_INNER] - expected[_INNER]).max() < 1


@pytest.mark.parametrize('degrees', [11.0, 45.0, 120.0, 200.0])
def test_fine_waves_keep_their_shape(degrees):
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix = np.array([[cos, -sin, 61.3], [sin, cos, 58.7]])
    waves = np.rint(128 + _waves(np.eye(2, 3), (160, 160))).astype(np.uint8)
    picture = shrunk(cv2.merge([waves] * 3), 0)
    expected = _waves(matrix, _SIZE)[_INNER]

    def unevenness(seen: np.ndarray) -> float:
        found = seen[..., 0][_INNER] - 128.0
        gain = (found * expected).sum() / (expected**2).sum()
        return float((found - gain * expected).std())

    blur = usual_blur([matrix], _SIZE)
    assert unevenness(sample_evenly(picture, matrix, _SIZE, blur)) < 0.6 * unevenness(
        sample(picture, matrix, _SIZE))


def test_the_usual_blur_is_that_of_linear_sampling():
    at_pixels = np.array([[1, 0, 12.0], [0, 1, 9.0]])
    between = np.array([[1, 0, 12.5], [0, 1, 9.0]])
    turned = np.array([[0.94, -0.34, 20.4], [0.34, 0.94, 10.6]])

    assert usual_blur([at_pixels], _SIZE) == (0, 0)
    assert usual_blur([between, at_pixels], _SIZE) == pytest.approx((1 / 16, 0))
    assert usual_blur([turned], _SIZE) == pytest.approx((1 / 12, 1 / 12), abs=0.002)


def test_parts_that_all_lie_alike_are_sampled_linearly():
    matrix = np.array([[1, 0, 12.3], [0, 1, 9.8]])
    picture = shrunk(_NOISE, 0)
    linear = sample(picture, matrix, _SIZE)[..., :3].astype(int)

    evenly = sample_evenly(picture, matrix, _SIZE, usual_blur([matrix], _SIZE))
    assert np.abs(evenly - linear).max() <= 1
    assert np.array_equal(sample_evenly(picture, matrix, _SIZE, None), linear)


def test_it_ends_at_black_and_at_white():
    picture = shrunk(np.where(_NOISE > 125, 255, 0).astype(np.uint8), 0)
    matrix = np.array([[0.94, -0.34, 20.4], [0.34, 0.94, 10.6]])
    change = sample_evenly(picture, matrix, _SIZE, (0, 0)).astype(int) - sample(
        picture, matrix, _SIZE)[..., :3]

    assert np.abs(change).max() < 100   # nothing has gone round from 255 to 0

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Light is taken out, colour of the part is not."""

import numpy as np
import pytest

from ant_ros.inspection.lighting import apply_lighting
from ant_ros.inspection.lighting import fit_lighting
from ant_ros.inspection.lighting import sample_pixels
from ant_ros.inspection.lighting import sample_places
from ant_ros.inspection.lighting import to_planes
from ant_ros.inspection.lighting import to_rgb

_LIMITS = np.array([[-0.02] * 3, [0.02] * 3])


def _part() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.clip(rng.normal((150, 120, 90), 25, (64, 96, 3)), 20, 230).astype(np.float32)


def _fit(seen: np.ndarray, expected: np.ndarray, surroundings: np.ndarray):
    pixels = sample_pixels(np.ones(seen.shape[:2], bool))
    return fit_lighting(
        seen.reshape(-1, 3)[pixels], expected.reshape(-1, 3)[pixels],
        sample_places(pixels, seen.shape[:2]), surroundings, _LIMITS)


def _as_planes(rgb: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rgb.transpose(2, 0, 1))


def test_planes_and_back():
    assert to_rgb(to_planes(_part())) == pytest.approx(_part(), abs=1e-3)


def test_gain_that_part_and_surroundings_share_is_taken_out():
    part = _part()
    lighting = _fit(part * 0.8, part, np.log([1.25] * 3))

    left = np.stack(apply_lighting(part * 0.8, lighting, _as_planes(part))) - to_planes(part)
    assert np.abs(left).max() < 1.0


def test_slope_of_light_is_taken_out():
    part = _part()
    ramp = (1 + 0.06 * np.linspace(-1, 1, 96, dtype=np.float32))[None, :, None]
    lighting = _fit(part * ramp, part, np.zeros(3))

    left = np.stack(apply_lighting(part * ramp, lighting, _as_planes(part))) - to_planes(part)
    assert np.abs(left).mean() < 1.5


@pytest.mark.parametrize('factor', [(0.8, 0.8, 0.8), (1.1, 1.0, 0.9)])
def test_wrong_colour_of_the_part_alone_stays(factor):
    part = _part()
    wrong = part * np.float32(factor)
    lighting = _fit(wrong, part, np.zeros(3))

    left = np.stack(apply_lighting(wrong, lighting, _as_planes(part))) - to_planes(part)
    assert np.abs(left).mean() > 5


def test_blown_pixels_are_at_least_as_bright_as_expected():
    expected = np.full((32, 32, 3), 240, np.float32)
    seen = np.full((32, 32, 3), 255, np.uint8)
    lighting = _fit(seen.astype(np.float32), expected * 1.2, np.log([1.0] * 3))

    planes = apply_lighting(seen, lighting, _as_planes(expected * 1.2))
    assert planes[0] == pytest.approx(to_planes(expected * 1.2)[0], abs=0.5)

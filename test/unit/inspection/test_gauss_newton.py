# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A map that is a little off settles where the picture looks as expected."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.brightness_samples import packed
from ant_ros.inspection.gauss_newton import settle
from ant_ros.inspection.registration import make_reference

_SIZE = (120, 90)


def _template() -> np.ndarray:
    rng = np.random.default_rng(3)
    noise = cv2.GaussianBlur(rng.normal(0, 1, (90, 120, 3)).astype(np.float32), (0, 0), 3)
    return 128 + 40 * noise / noise.std()


def _turned(angle_deg: float, x: float, y: float, scale: float) -> np.ndarray:
    """Return the map from the registered image to a picture of 200 x 160 pixels."""
    turn = np.deg2rad(angle_deg)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.hstack([linear, (np.array([100 + x, 80 + y]) - linear @ (60, 45))[:, None]])


def _picture(matrix: np.ndarray) -> np.ndarray:
    seen = cv2.warpAffine(_template(), matrix, (200, 160), flags=cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(np.clip(seen, 0, 255).astype(np.uint8), cv2.COLOR_RGB2RGBA)


def _settle(picture: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, float]:
    mask = np.full(_SIZE[::-1], 255, np.uint8)
    reference = make_reference(_template(), mask, (60, 45), 50, mix=np.full(3, 1 / 3), scale=1.0)
    level = reference.levels[0]
    return settle(packed(picture), start, 0, level.points, level.values, level.spread,
                  level.solver, (59.5, 44.5), reference.mix, 1.0, 20)


def _farthest_px(one: np.ndarray, other: np.ndarray) -> float:
    corners = np.array([(0, 0, 1), (119, 0, 1), (0, 89, 1), (119, 89, 1)]).T
    return float(np.abs((one - other) @ corners).max())


@pytest.mark.parametrize('off', [(0, 1.5, -1.0, 1.0), (1.2, 0, 0, 1.0), (0, 0, 0, 1.02),
                                 (-0.8, 1.0, 0.7, 0.99)])
def test_rotation_shift_and_scale_are_found_to_a_part_of_a_pixel(off):
    true = _turned(20, 0, 0, 1.0)
    angle, x, y, scale = off
    found, likeness = _settle(_picture(true), _turned(20 + angle, x, y, scale))

    assert _farthest_px(found, true) < 0.1
    assert likeness > 0.99


def test_brighter_light_changes_nothing():
    true = _turned(-35, 0, 0, 1.0)
    start = _turned(-34, 1, 0, 1.0)
    dim = (_picture(true) * 0.7 + 20).astype(np.uint8)

    assert _farthest_px(_settle(dim, start)[0], _settle(_picture(true), start)[0]) < 0.1


def test_what_leads_to_another_size_is_not_followed():
    start = _turned(0, 0, 0, 1.14)
    found, _ = _settle(np.full((160, 200, 4), 128, np.uint8), start)

    assert np.isfinite(found).all()
    assert 1 / 1.15 < np.hypot(*found[:, 0]) < 1.15


def test_a_start_beyond_the_picture_stays_finite():
    found, likeness = _settle(_picture(_turned(0, 0, 0, 1.0)), _turned(0, 900, -700, 1.0))

    assert np.isfinite(found).all()
    assert likeness < 0.5

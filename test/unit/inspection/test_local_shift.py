# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small shifts are explained, damage is not."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.lighting import to_planes
from ant_ros.inspection.local_shift import LocalShift
from ant_ros.inspection.local_shift import settled_mean


def _print(shift_px: float = 0.0, *, damaged: bool = False) -> np.ndarray:
    fine = np.full((96 * 8, 128 * 8, 3), 180, np.uint8)
    for column in range(3):
        x = int((30 + 25 * column + shift_px) * 8)
        cv2.rectangle(fine, (x, 30 * 8), (x + 5 * 8, 60 * 8), (40, 40, 60), -1)
    if damaged:
        cv2.rectangle(fine, (54 * 8, 30 * 8), (62 * 8, 60 * 8), (180, 180, 180), -1)
    return to_planes(cv2.resize(fine, (128, 96), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize('shift_px', [0.3, -0.8])
def test_a_shifted_print_is_explained(shift_px):
    mean = _print()
    difference = list(_print(shift_px) - mean)
    left = LocalShift(mean, 1.5).remove(difference)

    assert np.abs(left).max() < 0.3 * np.abs(difference).max()


def test_a_missing_print_is_not():
    mean = _print()
    difference = list(_print(damaged=True) - mean)
    left = LocalShift(mean, 1.5).remove(difference)

    assert np.abs(left).max() > 0.6 * np.abs(difference).max()


def test_the_mean_of_shifted_prints_stays_sharp():
    views = np.stack([_print(shift) for shift in np.linspace(-0.8, 0.8, 8)])
    slope = np.abs(np.diff(settled_mean(views)[0], axis=1)).max()

    assert slope > 1.1 * np.abs(np.diff(views.mean(axis=0)[0], axis=1)).max()

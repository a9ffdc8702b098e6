# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums over planes are what NumPy makes of them."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.small_shifts import along_slopes
from ant_ros.inspection.small_shifts import moved_on
from ant_ros.inspection.small_shifts import shift_between
from ant_ros.inspection.small_shifts import without_shift

_RNG = np.random.default_rng(1)
_PLANES = _RNG.normal(size=(3, 24, 40)).astype(np.float32)
_TERMS = _RNG.normal(size=(3, 5, 24, 40)).astype(np.float32)


def test_along_slopes():
    products = (_PLANES[:, None] * _TERMS[:, :2]).sum(axis=0)

    expected = products.reshape(2, 12, 2, 20, 2).sum(axis=(2, 4))
    assert along_slopes(tuple(_PLANES), _TERMS) == pytest.approx(expected, abs=1e-4)


def test_the_shift_is_solved_for_bounded_and_brought_to_the_whole_size():
    along_x, along_y, *inverse = _RNG.normal(size=(5, 12, 20)).astype(np.float32)
    xx, xy, yy = inverse
    half = np.clip([xx * along_x + xy * along_y, xy * along_x + yy * along_y], -0.5, 0.5)

    expected = [cv2.resize(one, (40, 24), interpolation=cv2.INTER_LINEAR) for one in half]
    found = shift_between(along_x, along_y, np.stack(inverse), 0.5)
    assert found == pytest.approx(np.stack(expected), abs=1e-5)


def test_without_shift():
    x, y = shift = _RNG.normal(size=(2, 24, 40)).astype(np.float32)
    factors = np.stack([x, y, x * x, x * y, y * y])

    expected = _PLANES - (_TERMS * factors).sum(axis=1)
    assert without_shift(tuple(_PLANES), _TERMS, shift) == pytest.approx(expected, abs=1e-4)


def test_the_difference_to_what_is_expected_elsewhere():
    expected = _RNG.normal(size=(3, 24, 40)).astype(np.float32)
    shift = np.empty((2, 24, 40), np.float32)
    shift[0], shift[1] = 1.25, -0.5
    at = np.array([[1, 0, 1.25], [0, 1, -0.5]])

    moved = [cv2.warpAffine(one, at, (40, 24), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                            borderMode=cv2.BORDER_REPLICATE) for one in expected]
    found = moved_on(tuple(_PLANES), expected, shift)
    assert found == pytest.approx(_PLANES + expected - np.stack(moved), abs=1e-4)

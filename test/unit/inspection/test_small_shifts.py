# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums over planes are what NumPy makes of them."""

import numpy as np
import pytest

from ant_ros.inspection.small_shifts import along_slopes
from ant_ros.inspection.small_shifts import without_shift

_RNG = np.random.default_rng(1)
_PLANES = _RNG.normal(size=(3, 24, 40)).astype(np.float32)
_TERMS = _RNG.normal(size=(3, 5, 24, 40)).astype(np.float32)


def test_along_slopes():
    expected = (_PLANES[:, None] * _TERMS[:, :2]).sum(axis=0)

    assert along_slopes(tuple(_PLANES), _TERMS) == pytest.approx(expected, abs=1e-5)


def test_without_shift():
    x, y = _RNG.normal(size=(2, 24, 40)).astype(np.float32)
    factors = np.stack([x, y, x * x, x * y, y * y])

    expected = _PLANES - (_TERMS * factors).sum(axis=1)
    assert without_shift(tuple(_PLANES), _TERMS, x, y) == pytest.approx(expected, abs=1e-4)

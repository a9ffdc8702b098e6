# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Changed tiles of an image, whatever its size, and nothing that is not a number slips by."""

import numpy as np
import pytest

from ant_ros.network.detection import find_changes


def _find(image, expected, threshold=0.0, side=4, spread=None):
    shape = image.shape
    tiles = np.zeros(-(-shape[1] // side) * -(-shape[2] // side), np.int32)
    changes = np.zeros(len(tiles), np.float32)
    factors = np.zeros(0, np.float32) if spread is None else (1 / spread).ravel()
    count = find_changes(image.ravel(), expected.ravel(), factors, threshold, shape, side, tiles,
                         changes)
    return tiles[:count].tolist(), changes[:count]


@pytest.mark.parametrize('side', [1, 3, 4, 8])
@pytest.mark.parametrize('size', [(16, 16), (13, 21), (5, 3)])
@pytest.mark.parametrize('with_spread', [False, True])
def test_tiles_and_their_largest_change_are_found(side, size, with_spread):
    rng = np.random.default_rng(0)
    expected = rng.normal(size=(3, *size)).astype(np.float32)
    spread = rng.uniform(0.5, 2, expected.shape).astype(np.float32) if with_spread else None
    image = expected + (rng.random(expected.shape) < 0.02) * rng.normal(
        size=expected.shape).astype(np.float32)
    image = image.astype(np.float32)
    difference = np.abs(image - expected) * (1 if spread is None else 1 / spread)
    tiles, changes = _find(image, expected, 0.3, side, spread)
    columns = -(-size[1] // side)
    wanted = {}
    for row in range(-(-size[0] // side)):
        for column in range(columns):
            part = difference[:, row * side:(row + 1) * side, column * side:(column + 1) * side]
            if part.max() > 0.3:
                wanted[row * columns + column] = part.max()
    assert tiles == list(wanted)
    np.testing.assert_allclose(changes, list(wanted.values()), rtol=1e-6)


def test_a_change_as_large_as_the_threshold_is_no_event():
    expected = np.zeros((1, 8, 8), np.float32)
    image = expected.copy()
    image[0, 0, 0] = 0.5
    assert _find(image, expected, 0.5)[0] == []
    assert _find(image, expected, np.nextafter(np.float32(0.5), np.float32(0)))[0] == [0]
    assert _find(image, expected, -0.0)[0] == [0]


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize('place', [0, 9])
@pytest.mark.parametrize('with_spread', [False, True])
def test_what_is_not_finite_shows_at_any_threshold(value, place, with_spread):
    expected = np.zeros((2, 10, 10), np.float32)
    image = expected.copy()
    image[1, place, place] = value
    spread = np.full(expected.shape, 1e3, np.float32) if with_spread else None
    tiles, changes = _find(image, expected, 1e30, 4, spread)
    assert len(tiles) == 1
    assert not np.isfinite(changes[0])

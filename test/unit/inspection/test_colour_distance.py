# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far colours lie from the background, in which light."""

import numpy as np
import pytest

from ant_ros.inspection.colour_distance import colour_distances
from ant_ros.inspection.colour_distance import light_gain
from ant_ros.inspection.colour_distance import standing_out

_COLOUR = np.array([90, 100, 110], np.float32)
_WHITEN = np.hstack([np.eye(3) / 4, -_COLOUR[:, None] / 4]).astype(np.float32)


def test_distances_are_of_whitened_colours():
    rng = np.random.default_rng(0)
    look = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    mixing = rng.normal(size=(3, 4)).astype(np.float32)

    expected = np.linalg.norm(look.astype(np.float32) @ mixing[:, :3].T + mixing[:, 3], axis=2)
    assert colour_distances(look, mixing) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize('limit', [6.0, -1.0])
def test_what_is_farther_away_stands_out(limit):
    look = np.random.default_rng(1).integers(60, 150, (24, 32, 3), dtype=np.uint8)

    far = standing_out(look, _WHITEN, limit)
    np.testing.assert_array_equal(far, 255 * (colour_distances(look, _WHITEN) > limit))


def _border(level: float, *, part: float = 0.0) -> np.ndarray:
    """Return pixels along the border [600, 3] in some light, a share of them dark."""
    noise = np.random.default_rng(0).normal(0, 2, (600, 3))
    border = level * _COLOUR + noise
    border[:round(600 * part)] = 20
    return border.astype(np.uint8)


@pytest.mark.parametrize('level', [0.7, 1.0, 1.5])
def test_the_border_tells_the_light(level):
    gain = light_gain(_border(level, part=0.3), _COLOUR, _WHITEN, 6.0)

    assert gain == pytest.approx(np.full(3, 1 / level), rel=0.03)


def test_a_part_along_the_border_is_no_light():
    assert (light_gain(_border(1.0, part=0.6), _COLOUR, _WHITEN, 6.0) == 1).all()


def test_a_rim_is_no_light_where_the_rest_looks_like_the_background():
    border = _border(1.0)
    border[:330] = np.random.default_rng(1).integers(60, 200, (330, 3))

    assert (light_gain(border, _COLOUR, _WHITEN, 6.0) == 1).all()

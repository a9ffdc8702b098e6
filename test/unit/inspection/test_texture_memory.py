# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The Gaussian of a texture's features."""

import numpy as np
import pytest

from ant_ros.inspection.texture_memory import learn_texture

ALL = np.ones((12, 16), bool)


def _images(count: int, seed: int = 0) -> list[np.ndarray]:
    """Draw features [12, 16, 3] of which the last two are nearly the same."""
    draw = np.random.default_rng(seed)
    first, second, noise = draw.standard_normal((3, count, *ALL.shape)).astype(np.float32)
    return list(np.stack([first, second, second + 0.01 * noise], axis=-1) + 5)


def test_each_direction_counts_by_its_spread_unless_it_hardly_has_any():
    memory, *_ = learn_texture(_images(10))

    distances = memory.measure(_images(1, seed=1)[0], ALL)

    assert np.sqrt((distances**2).mean()) == pytest.approx(np.sqrt(2), rel=0.1)


def test_a_change_counts_most_where_good_ones_hardly_vary():
    memory, *_ = learn_texture(_images(10))
    along, across = (np.full((*ALL.shape, 3), 5, np.float32) for _ in range(2))
    along[3, 4] += (0, 0.5, 0.5)
    across[3, 4] += (0, 0.5, -0.5)

    usual, unusual = (memory.measure(one, ALL)[3, 4] for one in (along, across))

    assert unusual > 5 * usual


def test_what_does_not_count_is_left_out():
    memory, *_ = learn_texture(_images(10))
    near = ALL.copy()
    near[:, 8:] = False

    distances = memory.measure(_images(1, seed=1)[0], near)

    assert (distances[near] > 0).all()
    assert not distances[~near].any()


def test_few_unusual_positions_are_not_diluted():
    memory, *_ = learn_texture(_images(10))
    crack = np.ones((100, 100), np.float32)
    crack[50, :100] = 9

    assert memory.score(crack) == pytest.approx(9)
    assert memory.score(np.array([[9, 9, 9, 0, 0, 0]], np.float32)) == pytest.approx(9)


def test_each_image_is_scored_by_the_others():
    images = _images(6)
    images[2] = images[2] + np.float32(4)
    memory, scores, _ = learn_texture(images)

    assert int(np.argmax(scores)) == 2
    others, *_ = learn_texture(images[:2] + images[3:])
    assert scores[2] == pytest.approx(others.score(others.measure(images[2], ALL)), rel=1e-3)
    assert scores[2] > memory.score(memory.measure(images[2], ALL))


def test_features_that_never_change_do_no_harm():
    images = [np.concatenate([one, np.ones((*ALL.shape, 2), np.float32)], axis=-1)
              for one in _images(5)]
    memory, scores, _ = learn_texture(images)

    assert np.isfinite(scores).all()
    assert np.isfinite(memory.measure(images[0], ALL)).all()

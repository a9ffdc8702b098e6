# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images in which there is nothing to learn from are named."""

import numpy as np
import pytest

from ant_ros.inspection import Inspector


@pytest.fixture(scope='module')
def mixed(plate) -> Inspector:
    good = [plate(seed) for seed in range(7)]
    black, white = np.zeros_like(good[0]), np.full_like(good[0], 255)
    belt = np.full_like(good[0], 48)
    return Inspector.teach([good[0], black, *good[1:4], white, *good[4:], belt],
                           backbone='sampled')


def test_images_that_nothing_was_learned_from_are_told_with_the_reason(mixed):
    assert mixed.recipe.taught_parts == 7
    assert mixed.recipe.left_out == (
        (1, 'the image is all black'), (5, 'the image is all white'),
        (9, 'no part was found in it'))


def test_they_are_kept_with_the_recipe(mixed, tmp_path):
    mixed.save(tmp_path / 'recipe')
    assert Inspector.load(tmp_path / 'recipe').recipe.left_out == mixed.recipe.left_out


def test_a_texture_is_not_taught_from_a_black_image():
    rng = np.random.default_rng(5)
    images = [np.clip(rng.normal(140, 25, (128, 160, 3)), 0, 255).astype(np.uint8)
              for _ in range(6)]
    taught = Inspector.teach([*images, np.zeros_like(images[0])], backbone='sampled')
    assert taught.recipe.taught_parts == 6
    assert taught.recipe.left_out == ((6, 'the image is all black'),)

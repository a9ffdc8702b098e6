# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m ant_ros tune` measures a layout and keeps it as a version."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ant_ros.cli.app import app
from ant_ros.inspection import Inspector
from ant_ros.inspection.recipe import load_recipe
from ant_ros.inspection.recipe_history import RecipeHistory


def plate(seed: int) -> np.ndarray:
    """Draw a plate with two holes on a dark belt, a little shifted, with sensor noise."""
    random = np.random.default_rng(seed)
    image = np.full((96, 128, 3), 40, np.uint8)
    x, y = 24 + random.integers(-3, 4), 20 + random.integers(-3, 4)
    cv2.rectangle(image, (x, y), (x + 80, y + 56), (180, 175, 170), -1)
    cv2.circle(image, (x + 20, y + 28), 7, (60, 60, 60), -1)
    cv2.circle(image, (x + 56, y + 24), 10, (60, 60, 60), -1)
    return np.clip(image + random.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope='module')
def images(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('set') / 'train/good'
    folder.mkdir(parents=True)
    for seed in range(5):
        cv2.imwrite(str(folder / f'{seed}.png'), plate(seed))
    return folder.parents[1]


def test_layout_becomes_a_version_of_the_recipe(images, tmp_path):
    recipe = tmp_path / 'plate'
    good = [plate(seed) for seed in range(5)]
    Inspector.teach(good, name='plate', backbone='efficientnet-lite0').save(recipe)

    result = run('tune', recipe, images, '--budget', 1, '--by', 'mia')

    assert result.exit_code == 0, result.output
    layout = load_recipe(recipe).layout
    assert layout is not None and layout.inputs == 5
    assert f'backend {layout.backend}' in ' '.join(result.output.split())
    with RecipeHistory(recipe, who='test') as history:
        assert [version.why.split(' on ')[0] for version in history.versions] == [
            'found at the place of the recipe', 'layout measured']
        assert history.versions[-1].who == 'mia'


def test_what_cannot_be_tuned_is_said(images, tmp_path):
    recipe = tmp_path / 'plate'
    Inspector.teach([plate(seed) for seed in range(5)], backbone='sampled').save(recipe)

    result = run('tune', recipe, images)
    assert result.exit_code == 2
    assert 'nothing to tune' in result.output
    (tmp_path / 'nothing').mkdir()
    result = run('tune', recipe, tmp_path / 'nothing')
    assert result.exit_code == 2
    assert 'no images' in result.output

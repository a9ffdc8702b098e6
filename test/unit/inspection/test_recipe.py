# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recipes on disk: whole or not at all."""

import json
import os

import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection import RecipeError


@pytest.fixture
def folder(inspector, tmp_path):
    inspector.save(tmp_path / 'plate')
    return tmp_path / 'plate'


def test_loaded_inspector_says_the_same(inspector, folder, plate):
    loaded = Inspector.load(folder)

    assert (loaded.name, loaded.version) == ('plate', 1)
    for image in (plate(1000), plate(2000, defect='scratch')):
        assert loaded.inspect(image).score == inspector.inspect(image).score
        assert loaded.inspect(image).regions == inspector.inspect(image).regions


def test_recipe_without_a_part_can_be_loaded(tmp_path):
    import numpy as np
    rng = np.random.default_rng(3)
    images = [rng.integers(80, 120, (96, 128), np.uint8) for _ in range(6)]
    Inspector.teach(images).save(tmp_path / 'noise')

    assert Inspector.load(tmp_path / 'noise').recipe.background is None


def test_saving_again_replaces_and_leaves_nothing_behind(inspector, folder):
    inspector.save(folder)

    assert [path.name for path in folder.parent.iterdir()] == ['plate']
    assert sorted(path.name for path in folder.iterdir()) == [
        'recipe.json', 'weights.safetensors']


def test_recipe_is_small(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 20e6


def test_foreign_folder_is_not_overwritten(inspector, tmp_path):
    (tmp_path / 'photos').mkdir()
    (tmp_path / 'photos' / 'holiday.jpg').write_bytes(b'1')

    with pytest.raises(RecipeError, match='is no recipe'):
        inspector.save(tmp_path / 'photos')
    assert (tmp_path / 'photos' / 'holiday.jpg').read_bytes() == b'1'


def test_failed_save_keeps_the_old_recipe(inspector, folder, monkeypatch):
    def fail(handle):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', fail)
    with pytest.raises(RecipeError, match='No space left'):
        inspector.save(folder)
    monkeypatch.undo()

    assert Inspector.load(folder).name == 'plate'
    assert [path.name for path in folder.parent.iterdir()] == ['plate']


def test_missing_folder(tmp_path):
    with pytest.raises(RecipeError, match='cannot read the recipe'):
        Inspector.load(tmp_path / 'nothing')


def test_truncated_weights(folder):
    weights = folder / 'weights.safetensors'
    weights.write_bytes(weights.read_bytes()[:-100])

    with pytest.raises(RecipeError, match='does not match its hash'):
        Inspector.load(folder)


@pytest.mark.parametrize(('key', 'value', 'message'), [
    ('schema', 99, 'has schema 99'),
    ('kind', 'cake', 'is not a recipe'),
    ('limits', {'wake': 1.0}, 'is damaged'),
    ('format', None, 'is damaged'),
    ('scale', 'wide', 'is damaged'),
])
def test_damaged_description(folder, key, value, message):
    description = json.loads((folder / 'recipe.json').read_text())
    description[key] = value
    (folder / 'recipe.json').write_text(json.dumps(description))

    with pytest.raises(RecipeError, match=message):
        Inspector.load(folder)


@pytest.mark.parametrize('content', ['', '[1, 2]', '{"kind": ', '\x00\xff'])
def test_description_that_is_no_recipe(folder, content):
    (folder / 'recipe.json').write_text(content)

    with pytest.raises(RecipeError):
        Inspector.load(folder)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What differs between two versions, in words a person can check."""

import dataclasses

import numpy as np
import pytest
from safetensors.numpy import save_file

from ant_ros.inspection import RecipeError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe_history import compare_folders
from ant_ros.inspection.recipe_history import compare_versions
from ant_ros.inspection.recipe_history import RecipeHistory


@pytest.fixture
def path(inspector, tmp_path):
    """Versions: as taught, one pixel brighter, a higher limit, rules, the first again."""
    place = tmp_path / 'plate'
    recipe = inspector.recipe
    mean = recipe.mean.copy()
    mean[0, 0, 0] += 2
    limits = dataclasses.replace(recipe.limits, reject=recipe.limits.reject * 2)
    with RecipeHistory(place) as opened:
        opened.commit(recipe, who='ana', why='taught')
        opened.commit(dataclasses.replace(recipe, mean=mean), who='ana', why='brighter')
        opened.commit(dataclasses.replace(recipe, mean=mean, limits=limits), who='ana',
                      why='limit', attachments={'rules.yaml': b'a: 1\nb: 2\n'})
        opened.commit(recipe, who='ana', why='rules', attachments={'rules.yaml': b'a: 1\nc: 3\n'})
        opened.roll_back(1, who='ana')
    return place


def test_a_tensor_and_how_far_it_went(path, inspector):
    change, = compare_versions(path, 1, 2)

    assert change.name == 'mean'
    assert change.amount.startswith(f'1 of {inspector.recipe.mean.size} elements, by 2 at most')


def test_a_value_and_an_attachment(path, inspector):
    limit, rules = compare_versions(path, 2, 3)

    assert limit.name == 'limits.reject'
    assert float(limit.before) == pytest.approx(inspector.recipe.limits.reject, rel=1e-5)
    assert '+100.00%' in limit.amount
    assert (rules.name, rules.before, rules.after) == ('rules.yaml', '', '10 bytes')


def test_lines_of_text(path):
    rules = [change for change in compare_versions(path, 3, 4) if change.name == 'rules.yaml']

    assert [change.amount for change in rules] == ['1 lines added, 1 removed']


def test_a_version_brought_back_does_not_differ(path):
    assert compare_versions(path, 1, 5) == []


def test_a_version_that_is_not_kept(path):
    with pytest.raises(RecipeError, match=r'version 9 .* is not kept'):
        compare_versions(path, 1, 9)


def test_what_was_learned_is_told_as_labels(teach_images, plate, tmp_path):
    place = tmp_path / 'plate'
    online = OnlineInspector.teach(teach_images, name='plate', backbone='sampled')
    online.save(place)
    for part, word, by in (('a', 'spot', 'ana'), ('b', 'good', '')):
        online.learn(online.inspect(plate(2000, defect='spot' if word != 'good' else ''), part),
                     word, by=by, create=True)
    online.add_challenge(online.inspect(plate(2001, defect='dent'), 'c'), 'dent', create=True)
    online.save(place)
    online.undo()
    online.save(place)

    assert [vars(one) for one in compare_versions(place, 1, 2)] == [
        {'name': 'challenge part c', 'before': '', 'after': 'dent', 'amount': 'new'},
        {'name': 'label on a', 'before': '', 'after': 'spot by ana', 'amount': 'new'},
        {'name': 'label on b', 'before': '', 'after': 'good', 'amount': 'new'}]
    change, = compare_versions(place, 2, 3)
    assert (change.name, change.after, change.amount) == ('label on b', '', 'gone')


def test_attachments_of_arrays_are_compared(tmp_path):
    for name, value in (('a', 1.0), ('b', 3.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'shift.safetensors').write_bytes(
            pack('shift', {'source': name}, {'shift': np.full(4, value)}))

    change, = compare_folders(tmp_path / 'a', tmp_path / 'b')
    assert change.name == 'shift.safetensors: shift'
    assert change.amount.startswith('4 of 4 elements, by 2 at most')


def test_tensors_that_come_go_and_change_their_form(tmp_path):
    sets = {'a': {'gone': np.zeros(2), 'form': np.zeros(2), 'flag': np.ones(3, bool)},
            'b': {'new': np.zeros(2), 'form': np.zeros(3), 'flag': np.array([1, 0, 1], bool)}}
    for name, tensors in sets.items():
        (tmp_path / name).mkdir()
        save_file(tensors, tmp_path / name / 'state.safetensors')

    changes = {change.name: change.amount
               for change in compare_folders(tmp_path / 'a', tmp_path / 'b')}
    assert changes == {
        'state.safetensors: gone': 'gone', 'state.safetensors: new': 'new',
        'state.safetensors: form': 'of another form',
        'state.safetensors: flag': '1 of 3 elements'}


@pytest.mark.parametrize(('name', 'content'), [
    ('a.json', b'{'), ('a.safetensors', b'12'),
    ('a.safetensors', pack('shift', {}, {'a': np.zeros(2)})[:-3])])
def test_a_damaged_file_is_told(tmp_path, name, content):
    for folder in ('a', 'b'):
        (tmp_path / folder).mkdir()
    (tmp_path / 'b' / name).write_bytes(content)

    with pytest.raises(RecipeError, match=f'{name} .* is damaged'):
        compare_folders(tmp_path / 'a', tmp_path / 'b')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Each change a version, any of them brought back, one writer, whatever happens meanwhile."""

import dataclasses
import itertools
import json
import os
import subprocess
import sys

from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection import RecipeError
from ant_ros.inspection.recipe import load_recipe
from ant_ros.inspection.recipe_history import history
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.recipe_history import RecipeLockedError
from ant_ros.inspection.recipe_history import SELF_UPDATE
from ant_ros.inspection.recipe_history import version_writer
from ant_ros.inspection.recipe_history import versions_of


@pytest.fixture
def path(inspector, tmp_path):
    """A recipe that was taught and saved."""
    inspector.save(tmp_path / 'plate')
    return tmp_path / 'plate'


def darker(recipe, by: float):
    return dataclasses.replace(recipe, mean=recipe.mean - np.float32(by))


def numbers(opened) -> list[int]:
    return [version.number for version in opened.versions]


def _interrupt(*_) -> None:
    raise KeyboardInterrupt


def test_a_taught_recipe_is_the_first_version(path):
    with RecipeHistory(path) as opened:
        assert [(version.number, version.who) for version in opened.versions] == [(1, 'unknown')]
        assert load_recipe(path).version == opened.load().version == 1


def test_a_change_is_a_version_at_the_place_and_in_the_history(path):
    with RecipeHistory(path) as opened:
        recipe = darker(opened.load(), 1)
        version = opened.commit(recipe, who='ana', why='label 7')

    assert (version.number, version.who, version.why) == (2, 'ana', 'label 7')
    assert load_recipe(path).version == 2
    np.testing.assert_array_equal(load_recipe(path).mean, recipe.mean)
    assert versions_of(path)[-1] == version
    assert Inspector.load(path).version == 2


def test_rolling_back_brings_the_content_back_as_a_new_version(path):
    with RecipeHistory(path) as opened:
        taught = opened.load()
        opened.commit(darker(taught, 1), who='ana', why='wrong', attachments={'state': b'new'})
        version = opened.roll_back(1, who='ben')

        assert (version.number, version.restored_from, version.who) == (3, 1, 'ben')
        assert opened.load().version == load_recipe(path).version == 3
        np.testing.assert_array_equal(opened.load().mean, taught.mean)
        assert opened.attachments() == {}
        assert opened.attachments(2) == {'state': b'new'}


def test_what_does_not_change_is_kept_once(path):
    with RecipeHistory(path) as opened:
        recipe = opened.load()
        for number in range(3):
            opened.commit(recipe, who='ana', why='learned', attachments={'n': bytes([number])})
        weights = {os.stat(path.with_name('plate.history') / f'{version.number:06}'
                           / 'weights.safetensors').st_ino for version in opened.versions}

        assert len(weights) == 1
        assert [opened.attachments(number)['n'] for number in (2, 3, 4)] == [b'\0', b'\1', b'\2']
        assert opened.load(3).version == 3


def test_attachments_stay_until_others_come(path):
    with RecipeHistory(path) as opened:
        opened.commit(opened.load(), who='ana', why='rules', attachments={'rules.yaml': b'a: 1'})
        opened.commit(darker(opened.load(), 1), who='ana', why='light')

        assert opened.attachments() == {'rules.yaml': b'a: 1'}
        assert (path / 'rules.yaml').read_bytes() == b'a: 1'


@pytest.mark.parametrize('name', ['recipe.json', 'version.json', '../x', '.hidden', ''])
def test_a_name_that_cannot_be_attached_is_refused(path, name):
    with RecipeHistory(path) as opened, pytest.raises(RecipeError, match='plain file name'):
        opened.commit(opened.load(), who='ana', why='x', attachments={name: b''})


def test_only_so_many_versions_are_kept(path):
    with RecipeHistory(path, keep=3) as opened:
        for _ in range(5):
            opened.commit(opened.load(), who='ana', why='learned')

        assert numbers(opened) == [4, 5, 6]
        with pytest.raises(RecipeError, match='of 4 to 6 there are 3'):
            opened.roll_back(2, who='ana')
    with RecipeHistory(path, keep=2) as opened:
        assert numbers(opened) == [5, 6]


def test_what_made_itself_never_pushes_out_what_people_made(path):
    with RecipeHistory(path, keep=4) as opened:  # version 1 is what was taught
        for who in ('ana', SELF_UPDATE, 'ben', *[SELF_UPDATE] * 5):
            opened.commit(opened.load(), who=who, why='learned')

        assert numbers(opened) == [1, 2, 4, 9]
        opened.commit(opened.load(), who='ana', why='learned')
        assert numbers(opened) == [1, 2, 4, 10]
        opened.commit(opened.load(), who='ana', why='learned')
        assert numbers(opened) == [2, 4, 10, 11]


def test_a_version_that_was_not_put_in_place_follows_one_that_made_itself(path, monkeypatch):
    with RecipeHistory(path, keep=3) as opened:
        opened.commit(darker(opened.load(), 1), who='ana', why='light')
        opened.commit(darker(opened.load(), 2), who=SELF_UPDATE, why='light')
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(history, 'place_version', _interrupt)
            opened.commit(darker(opened.load(), 3), who='ana', why='light')
    with RecipeHistory(path, keep=3) as opened:
        assert numbers(opened) == [1, 2, 4]
        assert opened.current is not None and opened.current.who == 'ana'


def test_there_is_one_writer_and_the_second_learns_who(path):
    with RecipeHistory(path, who='inspector on line 1'), \
            pytest.raises(RecipeLockedError, match='inspector on line 1, process'):
        RecipeHistory(path)
    RecipeHistory(path).close()


def test_a_killed_writer_holds_nothing(path):
    code = (f'import os, signal; from ant_ros.inspection.recipe_history import RecipeHistory; '
            f'held = RecipeHistory({str(path)!r}); os.kill(os.getpid(), signal.SIGKILL)')
    assert subprocess.run([sys.executable, '-c', code], timeout=60).returncode == -9

    RecipeHistory(path).close()


def test_a_recipe_taught_anew_becomes_the_next_version(path, inspector):
    with RecipeHistory(path) as opened:
        opened.commit(darker(opened.load(), 1), who='ana', why='learned')
    inspector.save(path)
    with RecipeHistory(path) as opened:
        assert numbers(opened) == [1, 2, 3]
        assert opened.current.why == 'found at the place of the recipe'
    assert load_recipe(path).version == 3


def test_an_attachment_edited_in_place_becomes_the_next_version_and_spoils_no_other(path):
    with RecipeHistory(path) as opened:
        opened.commit(opened.load(), who='ana', why='rules', attachments={'rules.yaml': b'a: 1'})
    with open(path / 'rules.yaml', 'r+b') as file:
        file.write(b'b: 2')
    with RecipeHistory(path) as opened:
        assert opened.attachments(2) == {'rules.yaml': b'a: 1'}
        assert opened.attachments(3) == {'rules.yaml': b'b: 2'}


@pytest.mark.parametrize('function', ['place_version', 'save_recipe'])
def test_a_full_disk_changes_nothing(path, monkeypatch, function):
    def fail(*_):
        raise OSError(28, 'No space left on device')
    with RecipeHistory(path) as opened:
        before = opened.versions
        with monkeypatch.context() as patch:
            patch.setattr(history if function == 'place_version' else version_writer, function,
                          fail)
            with pytest.raises(RecipeError, match='No space left'):
                opened.commit(darker(opened.load(), 1), who='ana', why='learned')

        assert opened.versions == before
        assert load_recipe(path).version == 1
        assert opened.commit(darker(opened.load(), 1), who='ana', why='again').number == 2
    assert not list(path.parent.glob('.plate*'))
    assert not list((path.parent / 'plate.history').glob('.new*'))


def test_a_process_killed_between_history_and_place_is_caught_up(path, monkeypatch):
    with RecipeHistory(path) as opened, monkeypatch.context() as patch:
        patch.setattr(history, 'place_version', lambda *_: None)
        opened.commit(darker(opened.load(), 1), who='ana', why='learned')
    assert load_recipe(path).version == 1

    RecipeHistory(path).close()
    assert load_recipe(path).version == 2


def test_a_recipe_that_is_gone_comes_back(path):
    with RecipeHistory(path) as opened:
        opened.commit(darker(opened.load(), 1), who='ana', why='learned')
    path.rename(path.with_name('lost'))

    RecipeHistory(path).close()
    assert load_recipe(path).version == 2


def test_what_a_killed_process_left_is_removed(path):
    RecipeHistory(path).close()
    for left in (path.with_name('.plate.new'), path.with_name('.plate.old'),
                 path.with_name('plate.history') / '.new-abc'):
        left.mkdir()
        (left / 'x').touch()

    RecipeHistory(path).close()
    assert sorted(entry.name for entry in path.parent.iterdir()) == ['plate', 'plate.history']
    assert not list((path.parent / 'plate.history').glob('.new*'))


def test_a_damaged_recipe_is_refused_with_the_way_back(path):
    with RecipeHistory(path) as opened:
        opened.commit(opened.load(), who='ana', why='learned')
    weights = (path / 'weights.safetensors').read_bytes()
    (path / 'weights.safetensors').unlink()
    (path / 'weights.safetensors').write_bytes(weights[:-8])

    with pytest.raises(RecipeError, match=r'move .* away'):
        RecipeHistory(path)
    path.rename(path.with_name('damaged'))
    RecipeHistory(path).close()
    assert load_recipe(path).version == 2


def test_a_damaged_version_is_not_brought_back(path):
    with RecipeHistory(path) as opened:
        opened.commit(darker(opened.load(), 1), who='ana', why='x', attachments={'a': b'1'})
        opened.commit(darker(opened.load(), 1), who='ana', why='x', attachments={})
        (path.with_name('plate.history') / '000002' / 'a').write_bytes(b'2')
        with pytest.raises(RecipeError, match='does not match its hash'):
            opened.roll_back(2, who='ana')
        assert numbers(opened) == [1, 2, 3]


def test_a_damaged_note_is_told(path):
    RecipeHistory(path).close()
    note = path.with_name('plate.history') / '000001' / 'version.json'
    note.write_text(json.dumps({'number': 1}))

    with pytest.raises(RecipeError, match=r'cannot read .*version\.json'):
        RecipeHistory(path)
    with pytest.raises(RecipeError, match=r'cannot read .*version\.json'):
        versions_of(path)


def test_without_a_recipe_there_is_no_version(tmp_path, inspector):
    with RecipeHistory(tmp_path / 'plate') as opened:
        assert opened.current is None
        with pytest.raises(RecipeError, match='teach it first'):
            opened.load()
        assert opened.commit(inspector.recipe, who='ana', why='taught').number == 1


def test_one_version_is_no_history(path):
    with pytest.raises(ValueError, match='at least 2'):
        RecipeHistory(path, keep=1)


_counter = itertools.count()


@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(
    st.sampled_from(('commit', 'roll_back', 'reopen', 'edit')), st.integers(0, 9)), max_size=8))
def test_each_version_is_what_it_was_whatever_came_after(inspector, tmp_path, steps):
    path, keep = tmp_path / str(next(_counter)), 4
    with RecipeHistory(path, keep=keep) as opened:
        opened.commit(inspector.recipe, who='ana', why='taught', attachments={'state': b''})
    written = {1: b''}
    opened = RecipeHistory(path, keep=keep)
    for step, choice in steps:
        newest = max(written)
        if step == 'commit':
            written[newest + 1] = bytes([choice])
            opened.commit(inspector.recipe, who='ana', why='learned',
                          attachments={'state': bytes([choice])})
        elif step == 'roll_back':
            kept = numbers(opened)
            written[newest + 1] = written[kept[choice % len(kept)]]
            opened.roll_back(kept[choice % len(kept)], who='ana')
        else:
            opened.close()
            if step == 'edit' and written[newest] != b'by hand %d' % choice:
                (path / 'state').write_bytes(b'by hand %d' % choice)
                written[newest + 1] = b'by hand %d' % choice
            opened = RecipeHistory(path, keep=keep)
    with opened:
        assert numbers(opened) == sorted(written)[-keep:]
        for number in numbers(opened):
            assert opened.attachments(number) == {'state': written[number]}
        assert (path / 'state').read_bytes() == written[max(written)]
        assert load_recipe(path).version == max(written)

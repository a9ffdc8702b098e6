# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A folder takes another's place, at once where the system can."""

import ctypes
import os

import pytest

from ant_ros.inspection import swap


@pytest.fixture
def folders(tmp_path):
    for name in ('new', 'place'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'is').write_text(name)
    return tmp_path / 'new', tmp_path / 'place'


@pytest.fixture(params=['exchange', 'rename'])
def way(request, monkeypatch):
    if request.param == 'rename':
        monkeypatch.setattr(ctypes, 'CDLL', lambda *_, **__: object())
    return request.param


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_one_is_there_and_nothing_is_left(folders, way):
    swap.swap_in(*folders)

    assert (folders[1] / 'is').read_text() == 'new'
    assert names(folders[1].parent) == ['place']


def test_an_empty_place_is_taken(folders, way):
    (folders[1] / 'is').unlink()
    folders[1].rmdir()
    swap.swap_in(*folders)

    assert (folders[1] / 'is').read_text() == 'new'


def test_what_a_killed_process_left_is_no_hindrance(folders, way):
    (folders[1].with_name('.place.old')).mkdir()
    swap.swap_in(*folders)

    assert names(folders[1].parent) == ['place']


def test_at_no_moment_the_place_is_empty(folders, monkeypatch):
    seen = []
    rename = os.rename

    def watch(source, target):
        seen.append((folders[1] / 'is').exists())
        rename(source, target)
        seen.append((folders[1] / 'is').exists())
    monkeypatch.setattr(os, 'rename', watch)
    swap.swap_in(*folders)

    assert seen == [True, True]


def test_when_it_fails_the_old_one_stays(folders, way):
    new, place = folders
    with pytest.raises(OSError):
        swap.swap_in(new.with_name('missing'), place)

    assert (place / 'is').read_text() == 'place'

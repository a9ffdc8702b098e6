# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import sys
from types import ModuleType

import pytest

from ant_ros.bench import BenchError
from ant_ros.bench import inspection
from ant_ros.inspection import TeachError


def test_sets_are_found_in_a_folder_and_a_set_is_one(sets_folder):
    assert [images.name for images in inspection.image_sets(sets_folder)] == ['plates']
    assert [images.name for images in inspection.image_sets(sets_folder / 'plates')] == ['plates']
    assert inspection.image_sets(None) == []


@pytest.mark.parametrize('name', ['notes', 'nowhere'])
def test_a_folder_without_a_set_is_refused(sets_folder, name):
    with pytest.raises(BenchError, match='holds no image set'):
        inspection.image_sets(sets_folder / name)


def test_what_a_part_lacks_is_said_and_the_others_are_measured(monkeypatch, sets_folder, capsys):
    def lacking(error):
        def measure(sets, quick):
            raise error
        return measure

    makers = {'one': lambda sets, quick: {'figure': len(sets), 'quick': quick},
              'two': lacking(BenchError('no line')), 'three': lacking(ImportError('no torch')),
              'four': lacking(TeachError('too few'))}
    for name, maker in makers.items():
        module = ModuleType(name)
        module.measure = maker
        monkeypatch.setitem(sys.modules, f'ant_ros.bench.inspection.{name}', module)
    monkeypatch.setattr(inspection, 'PARTS', tuple(makers))
    assert inspection.measure(data=sets_folder, quick=True) == {
        'sets': ['plates'], 'one': {'figure': 1, 'quick': True}, 'two': {'missing': 'no line'},
        'three': {'missing': 'no torch'}, 'four': {'missing': 'too few'}}
    assert 'no line' in capsys.readouterr().out


def test_every_part_has_a_module_that_measures():
    import importlib
    for part in inspection.PARTS:
        assert callable(importlib.import_module(f'ant_ros.bench.inspection.{part}').measure)

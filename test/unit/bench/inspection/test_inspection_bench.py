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


def test_timed_parts_come_after_those_that_run_side_by_side(monkeypatch, sets_folder):
    asked = []

    def side_by_side(package, parts, quick, given):
        asked.append(parts)
        return {part: {'quick': quick, 'sets': len(given[0])} for part in parts}

    def lacking(sets, quick):
        raise TeachError('too few')

    monkeypatch.setattr(inspection, 'measure_side_by_side', side_by_side)
    def last(sets, quick):
        asked.append('one')
        return {'figure': len(sets)}

    for name, maker in (('one', last), ('two', lacking)):
        module = ModuleType(name)
        module.measure = maker
        monkeypatch.setitem(sys.modules, f'ant_ros.bench.inspection.{name}', module)
    monkeypatch.setattr(inspection, 'TIMED', ('one', 'two'))
    figures = inspection.measure(data=sets_folder, quick=True)
    assert asked[0] == inspection.PARTS and len(asked) == 2
    assert figures['line'] == {'quick': True, 'sets': 1}
    assert (figures['sets'], figures['one']) == (['plates'], {'figure': 1})
    assert figures['two'] == {'missing': 'too few'}


def test_every_part_has_a_module_that_measures():
    import importlib
    for part in (*inspection.PARTS, *inspection.TIMED):
        assert callable(importlib.import_module(f'ant_ros.bench.inspection.{part}').measure)

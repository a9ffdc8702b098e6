# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from ant_ros.bench.side_by_side import measure_side_by_side

_PART = """
import os
from ant_ros.bench import BenchError
def measure(quick):
    if {poor}:
        raise BenchError('no data')
    return {{'process': os.getpid(), 'quick': quick}}
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / 'parts_of_a_test'
    folder.mkdir()
    (folder / '__init__.py').touch()
    for name, poor in (('one', False), ('poor', True), ('timed', False)):
        (folder / f'{name}.py').write_text(_PART.format(poor=poor))
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


def test_each_part_has_a_process_of_its_own(package, capsys):
    figures = measure_side_by_side(package, ('one', 'poor'), True, alone=('timed',))
    assert list(figures) == ['one', 'poor', 'timed']
    assert figures['poor'] == {'missing': 'no data'}
    assert figures['one']['quick'] and figures['timed']['quick']
    assert len({os.getpid(), figures['one']['process'], figures['timed']['process']}) == 3
    said = capsys.readouterr().out
    assert said.index('poor …') < said.index('timed …')
    assert 'no data' in said

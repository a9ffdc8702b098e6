# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import json
import sys
from types import ModuleType

import pytest

from ant_ros import bench
from ant_ros.bench import parts
from ant_ros.bench.goals import at_most


@pytest.fixture
def two_benches(monkeypatch):
    for number, name in enumerate(('one', 'two')):
        module = ModuleType(name)
        module.measure = lambda data, quick, number=number: {'figure': number, 'quick': quick}
        monkeypatch.setitem(sys.modules, f'ant_ros.bench.{name}', module)
    monkeypatch.setattr(bench, 'BENCHES', {'one': 'the first', 'two': 'the second'})


def test_figures_of_one_benchmark_are_top_level_keys(two_benches, tmp_path):
    bench.run_bench('two', json_file=tmp_path / 'figures.json', quick=True)
    figures = json.loads((tmp_path / 'figures.json').read_text())
    assert (figures['figure'], figures['quick']) == (1, True)
    assert figures['machine']['cores'] >= 1


def test_an_unknown_benchmark_names_those_there_are(two_benches):
    with pytest.raises(bench.BenchError, match='choose all, one, two'):
        bench.run_bench('three')


def test_figures_that_could_not_be_written_are_not_measured(two_benches, monkeypatch, tmp_path):
    monkeypatch.setattr(sys.modules['ant_ros.bench.two'], 'measure', lambda **_: 1 / 0)
    with pytest.raises(bench.BenchError, match='cannot be written'):
        bench.run_bench('two', json_file=tmp_path / 'missing' / 'figures.json')


def test_parts_are_measured_in_order_and_drawn_where_they_can_be(monkeypatch, tmp_path, capsys):
    drawn = []
    for name in ('plain', 'plotted'):
        module = ModuleType(name)
        module.measure = lambda quick, name=name: {'name': name, 'rows': [{'x': 1.5}, {'x': 2}]}
        monkeypatch.setitem(sys.modules, f'somewhere.{name}', module)
    sys.modules['somewhere.plotted'].draw = lambda figures, file: drawn.append((figures, file))
    monkeypatch.setitem(sys.modules, 'somewhere', ModuleType('somewhere'))
    monkeypatch.setattr(parts, 'PICTURES', tmp_path / 'plots')
    figures = parts.measure_parts('somewhere', ('plain', 'plotted'), quick=True)
    assert list(figures) == ['plain', 'plotted']
    assert drawn == [(figures['plotted'], tmp_path / 'plots' / 'plotted.png')]
    assert '1.5' in capsys.readouterr().out


def test_a_part_that_lacks_something_says_so_and_the_others_go_on(monkeypatch, capsys):
    for name, fault in (('poor', ImportError('no torch')), ('asked', bench.BenchError('no data'))):
        module = ModuleType(name)
        module.measure = lambda quick, fault=fault: _fail(fault)
        monkeypatch.setitem(sys.modules, f'somewhere.{name}', module)
    module = ModuleType('rich')
    module.measure = lambda quick: {
        'rows': [{'x': 7}, {'x': 8}], 'goals': {'x': at_most(7, 8)}}
    monkeypatch.setitem(sys.modules, 'somewhere.rich', module)
    monkeypatch.setitem(sys.modules, 'somewhere', ModuleType('somewhere'))
    figures = parts.measure_parts('somewhere', ('poor', 'asked', 'rich'), quick=True)
    assert (figures['poor'], figures['asked']) == ({'missing': 'no torch'}, {'missing': 'no data'})
    said = capsys.readouterr().out
    assert 'rows [2] x' in said
    assert 'goal x: 8 (wanted: at most 7): MISSED' in said
    assert 'wanted' not in said.partition('goal x')[0].partition('rows [2]')[2]


def _fail(fault: Exception) -> None:
    raise fault

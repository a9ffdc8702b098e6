# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies
import pytest

from ant_ros.simulation.scenario import DEFECT_CLASSES
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.scenario import load_scenario
from ant_ros.simulation.scenario import make_scenario
from ant_ros.simulation.scenario import Scenario
from ant_ros.simulation.scenario import scenario_names
from ant_ros.simulation.scenario import ScenarioError

GOOD = {'name': 'mine', 'defects': [{'class': 'scratch'}]}


def error_of(**changes) -> str:
    with pytest.raises(ScenarioError) as caught:
        make_scenario({**GOOD, **changes})
    return str(caught.value)


def test_reading_a_scenario_takes_no_physics():
    code = ("import sys, ant_ros.simulation as s; s.load_scenario('demo'); "
            "print('pybullet' in sys.modules); s.InspectionLine; print('pybullet' in sys.modules)")
    printed = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout
    assert [word for word in printed.split() if word in ('True', 'False')] == ['False', 'True']


def test_the_package_brings_three_scenarios():
    assert scenario_names() == ('demo', 'hard', 'shift')


def test_demo_shows_every_class_in_200_parts():
    demo = load_scenario('demo')
    assert (demo.parts, demo.defect_rate, demo.teach_parts) == (200, 0.1, 10)
    assert {defect.kind for defect in demo.defects} == set(DEFECT_CLASSES)


def test_shift_is_ten_thousand_parts_with_one_in_a_thousand_defective():
    shift = load_scenario('shift')
    assert (shift.parts, shift.defect_rate) == (10_000, 0.001)


def test_hard_has_every_knob_on_and_a_class_that_appears_mid_shift():
    hard, demo = load_scenario('hard'), load_scenario('demo')
    for section in ('pose', 'noise', 'lighting', 'texture', 'cosmetic'):
        easy = getattr(demo, section).model_dump()
        for key, value in getattr(hard, section).model_dump().items():
            assert value > 0, f'{section}.{key}'
            if key != 'drift_period_parts':
                assert value > easy[key], f'{section}.{key}'
    assert max(defect.appears_after for defect in hard.defects) == 0.5


def test_an_unknown_name_is_answered_with_the_nearest_one():
    with pytest.raises(ScenarioError, match=r"did you mean 'demo'.*demo, hard, shift"):
        load_scenario('demoo')


def test_a_file_is_loaded_by_its_path(tmp_path):
    file = tmp_path / 'own.yaml'
    file.write_text('name: own\ndefect_rate: 0\nfamily: gear\n')
    assert load_scenario(str(file)).family == 'gear'


def test_a_missing_file_is_named():
    with pytest.raises(ScenarioError, match=r'/nowhere/x\.yaml: No such file'):
        load_scenario('/nowhere/x.yaml')


@pytest.mark.parametrize('text', ['a: [', '\x00'])
def test_what_is_not_yaml_is_refused(tmp_path, text):
    file = tmp_path / 'broken.yaml'
    file.write_text(text)
    with pytest.raises(ScenarioError, match='is not YAML'):
        load_scenario(str(file))


def test_yaml_that_is_no_mapping_is_refused():
    with pytest.raises(ScenarioError, match='expected a mapping of keys, got list'):
        make_scenario([1, 2])


def test_a_misspelt_key_is_named_with_the_right_one():
    text = error_of(belt={'speed': 0.3})
    assert 'belt.speed: no such key' in text
    assert "did you mean 'speed_m_s'" in text
    assert 'pitch_m' in text


def test_a_misspelt_key_of_a_defect_is_named():
    text = error_of(defects=[{'class': 'scratch', 'severty': [0, 1]}])
    assert "defects.0.severty: no such key (did you mean 'severity'?)" in text


def test_a_value_out_of_range_is_named_with_what_is_allowed():
    text = error_of(belt={'speed_m_s': 7})
    assert 'belt.speed_m_s' in text
    assert 'less than or equal to 0.5' in text
    assert 'got 7' in text


def test_an_unknown_class_is_answered_with_all_classes():
    text = error_of(defects=[{'class': 'rust'}])
    assert 'defects.0.class' in text
    assert "'rust'" in text
    assert all(name in text for name in DEFECT_CLASSES)


def test_a_part_without_a_print_has_no_pale_one():
    pale = [{'class': 'pale_print'}]
    assert make_scenario({'name': 'pale', 'family': 'bottle_cap', 'defects': pale}).defects
    assert 'a gear has no print' in error_of(family='gear', defects=pale)


def test_an_unknown_family_is_answered_with_all_families():
    text = error_of(family='nut')
    assert all(name in text for name in FAMILIES)


@pytest.mark.parametrize(('changes', 'words'), [
    ({'defects': []}, 'appears_after 0'),
    ({'defects': [{'class': 'scratch', 'appears_after': 0.5}]}, 'appears_after 0'),
    ({'defects': [{'class': 'scratch'}, {'class': 'scratch'}]}, 'each class once'),
    ({'defects': [{'class': 'scratch', 'severity': [0.9, 0.1]}]}, 'lower end of a range'),
    ({'belt': {'pitch_m': 0.12, 'pitch_jitter_m': 0.01}}, 'touch'),
    ({'noise': {'sigma': float('nan')}}, 'noise.sigma'),
    ({'name': None}, 'name'),
])
def test_what_makes_no_sense_is_refused(changes, words):
    assert words in error_of(**changes)


def test_a_missing_name_is_named():
    with pytest.raises(ScenarioError, match='name: this key is required'):
        make_scenario({})


def test_every_error_is_listed_at_once():
    text = error_of(belt={'speed_m_s': 7}, noise={'sigma': -1})
    assert 'belt.speed_m_s' in text
    assert 'noise.sigma' in text


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.dictionaries(
    strategies.sampled_from([*Scenario.model_fields, 'bogus']),
    strategies.recursive(
        strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats()
        | strategies.text(max_size=5),
        lambda inner: strategies.lists(inner, max_size=2)
        | strategies.dictionaries(strategies.sampled_from(['class', 'sigma', 'speed_m_s', 'x']),
                                  inner, max_size=2), max_leaves=4)))
def test_any_content_gives_a_scenario_or_a_scenario_error(content):
    try:
        scenario = make_scenario(content)
    except ScenarioError as error:
        assert '\n' in str(error)
    else:
        assert make_scenario(scenario.model_dump(by_alias=True)) == scenario

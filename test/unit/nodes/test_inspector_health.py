# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Diagnostics tell what is wrong and what to do."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from ant_ros.nodes.arrivals import Rates
from ant_ros.nodes.compute_figures import ComputeFigures
from ant_ros.nodes.health import Level
from ant_ros.nodes.inspector_health import compute_health
from ant_ros.nodes.inspector_health import input_health
from ant_ros.nodes.inspector_health import InputFigures
from ant_ros.nodes.inspector_health import learning_health
from ant_ros.nodes.inspector_health import model_health
from ant_ros.nodes.inspector_health import state_health
from ant_ros.nodes.learning import LearningFigures
from ant_ros.nodes.losses import LOSS_CAUSES

WELL = InputFigures(
    topic='/image', reliability='best_effort', publishers=1, others=(), rates=Rates(30.0, 30.0),
    received=300, age_s=0.01, silent=False, lost=dict.fromkeys(LOSS_CAUSES, 0),
    lost_lately=frozenset(), triggered=True, triggers=300, triggers_lost=0, waiting=0)


@pytest.mark.parametrize(('change', 'level', 'text'), [
    ({}, Level.OK, 'matched 1 publisher, 30 of 30 Hz arriving'),
    ({'publishers': 0, 'others': ('/cam/image_raw',)}, Level.ERROR,
     'no publisher on /image: remap image to your camera (topics with images: /cam/image_raw)'),
    ({'publishers': 0}, Level.ERROR, 'topics with images: none'),
    ({'age_s': None}, Level.OK, 'no image yet'),
    ({'age_s': None, 'silent': True}, Level.ERROR, 'no image yet'),
    ({'age_s': 4.26, 'silent': True}, Level.ERROR, 'silent for 4.3 s'),
    ({'rates': Rates(6.0, 30.0)}, Level.WARN,
     'matched 1 publisher, 6 of 30 Hz arriving: frames get lost on the way: in the camera '
     "driver's process set FASTRTPS_DEFAULT_PROFILES_FILE"),
    ({'lost_lately': {'unstamped'}}, Level.ERROR, 'stamp 0'),
    ({'lost_lately': {'bad'}, 'lost': {**WELL.lost, 'bad': 7}}, Level.WARN,
     '7 images could not be read'),
    ({'triggers': 0}, Level.WARN, 'images arrive but no trigger'),
    ({'triggers': 0, 'triggered': False}, Level.OK, '30 of 30 Hz'),
    ({'triggers_lost': 2}, Level.ERROR, '2 triggers were published but never arrived'),
    ({'publishers': 2}, Level.WARN, 'cannot be counted with more than one publisher'),
])
def test_input(change, level: Level, text: str) -> None:
    health = input_health(replace(WELL, **change))
    assert health.level is level
    assert text in health.message
    assert {f'lost_{cause}' for cause in LOSS_CAUSES} <= set(health.values)


def _compute(**change):
    return compute_health(ComputeFigures().summary(), **{
        'waiting': 0, 'capacity': 20, 'stuck_s': None, 'overflowing': False, 'faults': 0,
        'last_fault': '', 'illegal_requests': 0, **change})


@pytest.mark.parametrize(('change', 'level', 'text'), [
    ({}, Level.OK, 'ms from image to verdict'),
    ({'stuck_s': 12.0}, Level.ERROR, 'has not answered for 12.0 s'),
    ({'faults': 2, 'last_fault': 'OSError: x'}, Level.WARN, '2 faults were caught, the last: OSE'),
    ({'overflowing': True}, Level.WARN, 'faster than they can be inspected'),
])
def test_compute(change, level: Level, text: str) -> None:
    health = _compute(**change)
    assert health.level is level
    assert text in health.message


def _judge(**change) -> SimpleNamespace:
    return SimpleNamespace(**{
        'inspector': SimpleNamespace(name='plate', version=3), 'recipe_path': '', 'lesson': None,
        'recipe_fault': '', 'occupied': '', 'learning_failed': False, 'learning_message': 'taught',
        'why_no_recipe': lambda: 'no recipe', 'rules_fault': '',
        'rules_in_words': 'rules a.yaml', 'rules_left_out': '', **change})


@pytest.mark.parametrize(('judge', 'level', 'text'), [
    (None, Level.OK, 'not configured'),
    (_judge(), Level.OK, "recipe 'plate' version 3"),
    (_judge(occupied='loading'), Level.WARN, 'loading a recipe'),
    (_judge(inspector=None), Level.WARN, 'no recipe; all parts are uninspected'),
    (_judge(inspector=None, recipe_fault='refused'), Level.ERROR, 'no recipe'),
    (_judge(recipe_fault='refused'), Level.ERROR, "refused; recipe 'plate' version 3 stays"),
    (_judge(rules_left_out='a.yaml is not in force'), Level.WARN,
     "recipe 'plate' version 3: a.yaml is not in force"),
])
def test_model(judge, level: Level, text: str) -> None:
    health = model_health(judge)
    assert (health.level, text in health.message) == (level, True)


def test_model_says_which_rules_are_in_force() -> None:
    assert model_health(_judge()).values['rules'] == 'rules a.yaml'


def _learning(
        ledger_fault: str = '', drift: str = '', fault: str = '', **figures) -> SimpleNamespace:
    ledger = SimpleNamespace(waiting=1, lost=0, fault=ledger_fault)
    return SimpleNamespace(
        figures=LearningFigures(**{'off': '', **figures}), waiting=2, not_merged=4,
        drift=drift, fault=fault, answers={'applied': 5, 'unknown part': 1},
        ledger_health=(ledger, SimpleNamespace(
            waiting=3, lost=4, archived=7, not_archived=1, without_image=1, fault='')))


@pytest.mark.parametrize(('judge', 'learning', 'level', 'text'), [
    (None, None, Level.OK, 'not configured'),
    (_judge(), _learning(learned=3, pending=1), Level.OK, 'taught; 3 labels learned, 1 pending'),
    (_judge(), _learning(off='save it'), Level.OK, 'taught; no labels are taken: save it'),
    (_judge(), _learning(fault='locked'), Level.WARN, 'locked'),
    (_judge(), _learning('disk full'), Level.WARN, 'disk full'),
    (_judge(), _learning(drift='no longer hold'), Level.WARN, 'no longer hold'),
    (_judge(rules_fault='no rules'), _learning(), Level.WARN, 'no rules'),
    (_judge(inspector=SimpleNamespace(rules_doubt="class 'scrach' is not known")), _learning(),
     Level.WARN, "class 'scrach' is not known"),
    (_judge(learning_failed=True, learning_message='no'), _learning(), Level.ERROR, 'no'),
    (_judge(lesson=SimpleNamespace(images=[1, 2], wanted=10, sharpens=False)), _learning(),
     Level.OK, '2 of 10 good parts'),
])
def test_learning(judge, learning, level: Level, text: str) -> None:
    health = learning_health(judge, learning)
    assert (health.level, text in health.message) == (level, True)


def test_learning_counts() -> None:
    values = learning_health(_judge(), _learning(
        classes=('dent', 'spot'))).values
    assert (values['answered_applied'], values['answered_unknown_part']) == (5, 1)
    assert (values['ledger_waiting'], values['ledger_lost'], values['labels_waiting']) == (4, 4, 2)
    assert (values['images_archived'], values['images_not_archived']) == (7, 2)
    assert (values['classes'], values['fleet_messages_refused']) == ('dent, spot', 4)


def test_state() -> None:
    assert state_health('active', '').level is Level.OK
    assert 'autostart' in state_health('unconfigured', '').message
    fault = state_health('inactive', 'on_activate: OSError: x')
    assert (fault.level, fault.message) == (Level.ERROR, 'inactive: on_activate: OSError: x')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules on the command line: shown, and learned from folders."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ant_ros.cli.app import app
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.rules import load_rules

THEIRS = """# what the customer wants
rules:
- name: long scratches  # agreed in May
  when: {length_px: {at_least: 60}}
  then: scrap

learned:
- name: old
  when: {elongation: {below: 2}}
  then: accept

default: review
"""


def draw(seed: int, kind: str = '') -> np.ndarray:
    rng = np.random.default_rng(seed)
    image = np.full((120, 160, 3), 45, np.float32)
    x, y = rng.integers(-6, 7, 2)
    cv2.rectangle(image, (45 + x, 35 + y), (115 + x, 85 + y), (150, 155, 165), -1)
    cv2.circle(image, (60 + x, 48 + y), 6, (45, 45, 45), -1)
    cv2.rectangle(image, (92 + x, 70 + y), (106 + x, 76 + y), (60, 60, 90), -1)
    if kind == 'accept':
        cv2.circle(image, (85 + x, 60 + y), 2, (90, 90, 90), -1)
    elif kind == 'rework':
        cv2.line(image, (72 + x, 76 + y), (98 + x, 50 + y), (230, 230, 235), 2)
    elif kind == 'scrap':
        cv2.circle(image, (85 + x, 60 + y), 9, (70, 70, 70), -1)
    return np.clip(image + rng.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)


def run(*arguments: object):
    return CliRunner().invoke(app, ['rules', *map(str, arguments)])


@pytest.fixture(scope='module')
def recipe(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp('taught') / 'plate'
    OnlineInspector.teach(
        [draw(seed) for seed in range(8)], name='plate', backbone='sampled').save(path)
    return path


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp('labelled')
    for kind in ('accept', 'rework', 'scrap'):
        (path / kind).mkdir()
        for seed in range(6):
            cv2.imwrite(str(path / kind / f'{seed}.png'), draw(100 + seed, kind)[..., ::-1])
    return path


def test_rules_are_learned_shown_and_used(recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'

    result = run('learn', recipe, folder, rules)

    assert result.exit_code == 0, result.output
    assert 'measured 6 accept, 6 rework, 6 scrap' in result.output
    assert 'Learned from 6 of 6 parts labelled scrap' in result.output
    assert run('show', rules).output in result.output
    inspector = OnlineInspector.load(recipe)
    inspector.set_rules(rules)
    for kind in ('accept', 'rework', 'scrap'):
        assert [inspector.inspect(draw(seed, kind)).disposition
                for seed in range(200, 204)] == [kind] * 4


def test_what_people_wrote_stays_and_comes_first(recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(THEIRS)

    assert run('learn', recipe, folder, rules).exit_code == 0

    text = rules.read_text()
    assert text.startswith(THEIRS[:THEIRS.index('learned:')].rstrip())
    assert 'default: review' in text
    book = load_rules(rules)
    assert book.in_order[0].name == 'long scratches'
    assert book.learned and 'old' not in {rule.name for rule in book.learned}


def test_a_label_against_a_persons_rule_is_told_and_the_rule_stays(recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text('rules:\n- {name: all, when: {area_px: {at_least: 1}}, then: scrap}\n')

    result = run('learn', recipe, folder, rules)

    assert result.exit_code == 1
    assert "a person's rule stays in force: accept/0.png is labelled accept, but scrap" in (
        result.output)
    assert load_rules(rules).learned == ()


def test_a_dry_run_writes_nothing(recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'
    assert run('learn', recipe, folder, rules, '--dry-run').exit_code == 0
    assert not rules.exists()


@pytest.mark.parametrize(('arguments', 'text'), [
    (('show', '{tmp}/none.yaml'), 'cannot read the rules'),
    (('learn', '{recipe}', '{tmp}', '{tmp}/r.yaml'), 'accept, rework and scrap'),
    (('learn', '{tmp}/none', '{folder}', '{tmp}/r.yaml'), 'none'),
])
def test_bad_input(recipe, folder, tmp_path, arguments, text):
    given = [one.format(tmp=tmp_path, recipe=recipe, folder=folder) for one in arguments]
    result = run(*given)
    assert result.exit_code == 2
    assert text in result.output

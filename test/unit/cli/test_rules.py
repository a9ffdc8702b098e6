# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules on the command line: shown, and learned from folders."""

from pathlib import Path
import shutil

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
  digest: DIGEST

default: review
"""


MARKS = {'accept': 'speck', 'rework': 'short scratch', 'scrap': 'large spot'}


def run(*arguments: object):
    return CliRunner().invoke(app, ['rules', *map(str, arguments)])


@pytest.fixture
def recipe(taught) -> Path:
    return taught


@pytest.fixture(scope='module')
def folder(tmp_path_factory, draw_plate) -> Path:
    path = tmp_path_factory.mktemp('labelled')
    for kind in MARKS:
        (path / kind).mkdir()
        for seed in range(6):
            image = draw_plate(100 + seed, MARKS[kind])
            cv2.imwrite(str(path / kind / f'{seed}.png'), image[..., ::-1])
    return path


def test_rules_are_learned_shown_and_used(recipe, folder, tmp_path, draw_plate):
    rules = tmp_path / 'rules.yaml'

    result = run('learn', recipe, folder, rules)

    assert result.exit_code == 0, result.output
    assert 'measured 6 accept, 6 rework, 6 scrap' in result.output
    assert 'Learned from 6 of 6 parts labelled scrap' in result.output
    assert run('show', rules).output in result.output
    inspector = OnlineInspector.load(recipe)
    inspector.set_rules(rules)
    for kind in MARKS:
        assert [inspector.inspect(draw_plate(seed, MARKS[kind])).disposition
                for seed in range(200, 204)] == [kind] * 4


def test_images_that_cannot_be_used_are_named_counted_and_left_out(
        recipe, folder, tmp_path):
    shutil.copytree(folder, tmp_path / 'labelled')
    (tmp_path / 'labelled/scrap/0.png').write_bytes(b'no image')
    cv2.imwrite(str(tmp_path / 'labelled/rework/1.png'), np.zeros((120, 160), np.uint8))

    result = run('learn', recipe, tmp_path / 'labelled', tmp_path / 'rules.yaml')

    assert result.exit_code == 0, result.output
    said = ' '.join(result.output.split())
    assert 'scrap/0.png' in said and 'rework/1.png: an image of grey uint8' in said
    assert '2 of 18 images could not be used' in said
    assert 'measured 6 accept, 5 rework, 5 scrap' in said


def test_what_people_wrote_stays_and_comes_first(recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(THEIRS)
    digest = load_rules(rules).learned[0].signed().digest
    rules.write_text(THEIRS.replace('DIGEST', digest))

    assert run('learn', recipe, folder, rules).exit_code == 0

    text = rules.read_text()
    assert text.startswith(THEIRS[:THEIRS.index('learned:')].rstrip())
    assert 'default: review' in text
    book = load_rules(rules)
    assert book.in_order[0].name == 'long scratches'
    assert book.learned and 'old' not in {rule.name for rule in book.learned}


def test_a_learned_rule_that_a_person_changed_stays_and_that_is_told(
        recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'
    run('learn', recipe, folder, rules)
    changed = load_rules(rules).learned[0]
    rules.write_text(rules.read_text().replace(
        'then: scrap', 'then: rework\n  because: anna can polish it', 1))
    assert 'A person has changed it since it was learned' in run('show', rules).output

    for _ in range(2):
        result = run('learn', recipe, folder, rules)
        kept = load_rules(rules).learned[0]

        assert f'not as it was learned: {changed.name}' in ' '.join(result.output.split())
        assert "a person's rule stays in force: scrap/0.png is labelled scrap" in result.output
        assert (kept.name, kept.when, kept.because) == (
            changed.name, changed.when, 'anna can polish it')
        assert (kept.then.value, kept.support, kept.digest) == ('rework', None, None)


def test_a_label_against_a_persons_rule_is_told_and_the_rule_stays(recipe, folder, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text('rules:\n- {name: all, when: {area_px: {at_least: 1}}, then: scrap}\n')

    result = run('learn', recipe, folder, rules)

    assert result.exit_code == 1
    assert "a person's rule stays in force: accept/0.png is labelled accept, but scrap" in (
        result.output)
    assert load_rules(rules).learned == ()


def test_a_class_that_the_recipe_does_not_know_is_told(recipe, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(THEIRS.replace('{length_px', '{class: scrach, length_px'))

    alone, beside = run('show', rules), run('show', rules, '--recipe', recipe)

    assert alone.exit_code == beside.exit_code == 0
    assert 'careful' not in alone.output
    assert ("careful: class 'scrach' (rule 'long scratches') is not known to the recipe; known "
            'are unknown') in ' '.join(beside.output.split())


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

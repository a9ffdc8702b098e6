# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that people edit while the line runs."""

import os

import pytest

from ant_ros.inspection.rules.rule_file import Reload
from ant_ros.inspection.rules.rule_file import RuleFile

TEXT = 'default: {}\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'rules.yaml'
    path.write_text(TEXT.format('scrap'))
    os.utime(path, ns=(1, 1))
    return path


def test_nothing_is_read_while_nothing_changes(file):
    rules = RuleFile(file)
    file.write_text(TEXT.format('accep'))
    file.write_text(TEXT.format('scrap'))
    os.utime(file, ns=(1, 1))
    assert rules.reload_if_changed() == Reload(False)
    assert rules.book.default.value == 'scrap'


def test_new_rules_are_in_force_at_once(file):
    rules = RuleFile(file)
    file.write_text(TEXT.format('accept'))
    assert rules.reload_if_changed() == Reload(True)
    assert rules.book.default.value == 'accept'
    assert rules.reload_if_changed() == Reload(False)


def test_a_file_put_in_place_of_it_is_noticed(file, tmp_path):
    rules = RuleFile(file)
    other = tmp_path / 'new.yaml'
    other.write_text(TEXT.format('scrap').replace('scrap', 'rework'))
    os.utime(other, ns=(1, 1))
    os.replace(other, file)
    assert rules.reload_if_changed().changed
    assert rules.book.default.value == 'rework'


def test_bad_rules_leave_the_old_ones_in_force_and_are_told_once(file):
    rules = RuleFile(file)
    file.write_text(TEXT.format('acept'))
    said = rules.reload_if_changed()
    assert not said.changed
    assert "'acept' (did you mean 'accept'?)" in said.error
    assert 'stay in force' in said.error
    assert rules.book.default.value == 'scrap'
    assert rules.reload_if_changed() == Reload(False)
    file.write_text(TEXT.format('accept'))
    assert rules.reload_if_changed() == Reload(True)


def test_a_file_that_is_gone_is_told_and_may_come_back(file):
    rules = RuleFile(file)
    file.unlink()
    assert 'No such file' in rules.reload_if_changed().error
    file.write_text(TEXT.format('scrap'))
    assert rules.reload_if_changed() == Reload(True)  # as they were, and no longer at fault
    assert rules.book.default.value == 'scrap'

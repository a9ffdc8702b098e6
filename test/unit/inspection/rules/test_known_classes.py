# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A rule on a class that nothing is called by."""

from ant_ros.inspection.rules.known_classes import say_unknown_classes
from ant_ros.inspection.rules.rule_book import make_rules

BOOK = make_rules({
    'rules': [{'name': 'a', 'when': {'class': ['scrach', 'dent', 'unknown']}, 'then': 'scrap'},
              {'name': 'small', 'when': {'size_px': {'below': 3}}, 'then': 'accept'}],
    'learned': [{'name': 'b', 'when': {'class': 'scrach'}, 'then': 'rework'}]})


def test_a_misspelt_class_is_told_with_its_rules_and_what_was_meant():
    assert say_unknown_classes(BOOK, ['dent', 'scratch']) == (
        "class 'scrach' (rule 'a', 'b') is not known to the recipe (did you mean 'scratch'?); "
        'known are dent, scratch, unknown')


def test_nothing_is_said_of_classes_that_are_known():
    assert say_unknown_classes(BOOK, ['dent', 'scrach']) == ''


def test_a_recipe_without_classes_knows_only_unknown():
    told = say_unknown_classes(BOOK, ())
    assert told.count('is not known') == 2
    assert told.endswith('known are unknown')

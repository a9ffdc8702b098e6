# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules in plain words."""

from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.rule_book import make_rules
from ant_ros.inspection.rules.wording import explain
from ant_ros.inspection.rules.wording import say_facts
from ant_ros.inspection.rules.wording import say_region


def test_all_rules_are_told_in_order_with_their_support_and_the_default():
    book = make_rules({
        'zones': {'rim': {'rectangle': [0, 0, 9, 9]}},
        'rules': [{'name': 'long scratch', 'then': 'scrap', 'because': 'it weakens the rim.',
                   'when': {'class': ['scratch', 'crack'], 'touches': 'rim',
                            'length_mm': {'at_least': 3, 'below': 20}}}],
        'learned': [{'name': 'learned rework 1', 'then': 'rework', 'support': {
            'parts': 4, 'of': 5}, 'when': {'zone': 'rim', 'count': {'at_least': 2}}}],
        'default': 'accept'})
    assert explain(book).split('\n') == [
        '1. long scratch: if class is scratch or crack and it touches rim and length_mm is at '
        'least 3 and below 20, then scrap, because it weakens the rim.',
        '2. learned rework 1: if zone is rim and the number of such regions is at least 2, then '
        'rework. Learned from 4 of 5 parts labelled rework.',
        '3. Any other region: accept.']


def test_facts_stand_beside_what_is_asked_for():
    rule = {'name': 'r', 'then': 'scrap', 'when': {
        'class': ['a', 'b'], 'elongation': {'at_least': 2}, 'count': {'below': 5}}}
    when = make_rules({'rules': [rule]}).rules[0].when
    region = Measured(label='b', length_px=30.0, breadth_px=4.0)
    assert say_facts(when, region, 3) == (
        'class is b, elongation 7.5 is at least 2, '
        '3 such regions, which is at least 1 and below 5')


def test_a_region_is_told_in_millimetres_where_they_are_known():
    assert say_region(Measured(label='dent', length_px=12, x=3.4, y=5.6, zone='rim')) == (
        'dent, 12 px long, rim (3, 6)')
    assert say_region(Measured(length_px=12, mm_per_px=0.1)) == (
        'unknown, 1.2 mm long, elsewhere (0, 0)')

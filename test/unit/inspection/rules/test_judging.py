# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done with a part."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
import pytest

from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.judging import fulfils
from ant_ros.inspection.rules.judging import judge
from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.rule_book import make_rules
from ant_ros.inspection.rules.rule_book import RuleBook

SCALED = {'mm_per_px': 0.1}
BOOK = make_rules({
    'zones': {'rim': {'rectangle': [0, 0, 9, 9]}, 'window': {'rectangle': [20, 0, 9, 9]}},
    'rules': [
        {'name': 'long scratch', 'when': {'class': 'scratch', 'length_mm': {'at_least': 3}},
         'then': 'scrap', 'because': 'it weakens the part'},
        {'name': 'stain in the window', 'when': {'class': 'stain', 'touches': 'window'},
         'then': 'rework'},
        {'name': 'many stains', 'when': {'class': 'stain', 'count': {'at_least': 3}},
         'then': 'rework'},
        {'name': 'stain', 'when': {'class': 'stain'}, 'then': 'accept'},
    ]})
STAIN = Measured('stain', zone='rim', touches=('rim',))
SCRATCH = Measured('scratch', length_px=42.0, **SCALED)


def test_the_first_rule_that_matches_decides_and_says_why():
    said = judge(BOOK, [SCRATCH])
    assert (said.disposition, said.rule, said.region) == (Disposition.SCRAP, 'long scratch', 0)
    assert said.sentence == (
        "scrap by rule 'long scratch': it weakens the part (scratch, 4.2 mm long, elsewhere "
        '(0, 0); class is scratch, length_mm 4.2 is at least 3)')


def test_bounds_hold_at_their_lower_end_only():
    rule = make_rules({'rules': [{'name': 'r', 'then': 'scrap', 'when': {
        'length_px': {'at_least': 3, 'below': 5}}}]}).rules[0]
    held = [fulfils(rule.when, Measured(length_px=length)) for length in (2.9, 3, 4.9, 5)]
    assert held == [False, True, True, False]


def test_a_part_without_regions_is_accepted():
    said = judge(BOOK, [])
    assert (said.disposition, said.rule, said.region) == (Disposition.ACCEPT, None, None)


def test_what_is_excused_excuses_nothing_else():
    said = judge(BOOK, [STAIN, SCRATCH])
    assert (said.disposition, said.region) == (Disposition.SCRAP, 1)
    assert [one.disposition for one in said.regions] == [Disposition.ACCEPT, Disposition.SCRAP]
    assert judge(BOOK, [STAIN]).disposition is Disposition.ACCEPT


def test_a_region_that_no_rule_speaks_of_is_left_to_the_default():
    said = judge(BOOK, [Measured('dent')])
    assert (said.disposition, said.rule) == (Disposition.REVIEW, None)
    assert said.sentence.startswith('review by default: no rule speaks of this region (dent')


def test_what_is_touched_counts_even_if_most_lies_elsewhere():
    over_the_edge = Measured('stain', zone='rim', touches=('rim', 'window'))
    assert judge(BOOK, [over_the_edge]).rule == 'stain in the window'


def test_regions_are_counted_together():
    assert judge(BOOK, [STAIN] * 2).disposition is Disposition.ACCEPT
    said = judge(BOOK, [STAIN] * 3)
    assert (said.disposition, said.rule) == (Disposition.REWORK, 'many stains')
    assert '3 such regions, which is at least 3' in said.sentence


def test_millimetres_without_a_scale_go_to_review_and_say_so():
    said = judge(BOOK, [Measured('scratch', length_px=42.0)])
    assert (said.disposition, said.rule) == (Disposition.REVIEW, 'long scratch')
    assert "'long scratch' asks for length_mm, which cannot be told" in said.sentence
    # Where another condition settles it, the scale is not missed.
    assert judge(BOOK, [STAIN]).disposition is Disposition.ACCEPT


def test_a_count_of_what_cannot_be_told_goes_to_review():
    book = make_rules({'default': 'accept', 'rules': [{
        'name': 'two long ones', 'then': 'scrap',
        'when': {'length_mm': {'at_least': 3}, 'count': {'at_least': 2}}}]})
    unknown = Measured('scratch', length_px=42.0)
    assert judge(book, [unknown]).disposition is Disposition.ACCEPT
    assert judge(book, [unknown, unknown]).disposition is Disposition.REVIEW
    assert judge(book, [SCRATCH, unknown]).disposition is Disposition.REVIEW
    assert judge(book, [SCRATCH, SCRATCH]).disposition is Disposition.SCRAP


def test_a_shift_that_is_not_known_goes_to_review_and_says_so():
    book = make_rules({'default': 'accept', 'rules': [{
        'name': 'a shade', 'then': 'accept',
        'when': {'colour_shift': {'below': 8}, 'length_mm': {'below': 9}}}]})
    unknown = Measured('stain', brightness_shift=None, colour_shift=None)
    said = judge(book, [unknown])
    assert said.disposition is Disposition.REVIEW
    assert ('asks for length_mm, colour_shift, which cannot be told without millimetres per pixel '
            'and a golden image in colour, which grey images') in said.sentence
    assert 'without a golden image' in judge(book, [Measured(
        'stain', colour_shift=None, **SCALED)]).sentence


def test_a_count_says_what_is_missing_elsewhere():
    book = make_rules({'rules': [{'name': 'two', 'then': 'scrap', 'when': {
        'colour_shift': {'at_least': 8}, 'count': {'at_least': 2}}}]})
    said = judge(book, [Measured(colour_shift=9.0), Measured(colour_shift=None)])
    assert 'asks for a count of regions, which cannot be told without a golden' in said.sentence


def test_peoples_rules_come_before_learned_ones():
    stain = {'when': {'class': 'stain'}}
    book = make_rules({'rules': [{'name': 'a', 'then': 'accept', **stain}],
                       'learned': [{'name': 'b', 'then': 'scrap', **stain}]})
    assert judge(book, [STAIN]).rule == 'a'


regions = strategies.builds(
    Measured, label=strategies.sampled_from(['scratch', 'stain', 'dent']),
    length_px=strategies.floats(1, 90), touches=strategies.sampled_from([(), ('window',)]),
    mm_per_px=strategies.sampled_from([None, 0.1]))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(strategies.lists(regions, min_size=1, max_size=5), strategies.randoms())
def test_the_order_of_the_regions_does_not_matter(found, random):
    shuffled = random.sample(found, len(found))
    assert judge(BOOK, found).disposition is judge(BOOK, shuffled).disposition


@settings(max_examples=100, deadline=None, derandomize=True)
@given(strategies.lists(regions, max_size=4), regions)
def test_without_counts_one_more_region_never_makes_it_milder(found, more):
    book = BOOK.model_copy(update={'rules': tuple(
        rule for rule in BOOK.rules if rule.when.count is None)})
    order = list(Disposition)
    before, after = judge(book, found).disposition, judge(book, [*found, more]).disposition
    assert order.index(after) >= order.index(before)


@pytest.mark.parametrize('default', list(Disposition))
def test_without_rules_the_default_decides(default):
    assert judge(RuleBook(default=default), [STAIN]).disposition is default

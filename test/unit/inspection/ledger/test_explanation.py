# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why was 4711 passed."""

from dataclasses import asdict

import pytest

from ant_ros.inspection.ledger import explain
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import time_text
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region

SOON_S = 20.0
NOON_NS = 1_777_636_800 * 10 ** 9


def told(ledger: Ledger, part: str) -> str:
    ledger.flush(SOON_S)
    with LedgerReader(ledger.path) as reader:
        return explain(reader, part)


def test_all_that_an_auditor_asks_for(ledger, make_record):
    for part, label, version in (('1', 'good', 2), ('2', 'scratch', 3), ('3', 'good', 4)):
        number = ledger.record_label(
            part=part, label=label, by='ana', recipe='gear').result(SOON_S)
        ledger.resolve_label(number, LabelState.APPLIED, model_version=version)
    ledger.record_recipe_version(recipe='gear', version=3, who='ana', why='label 2')
    ledger.record_verdict(make_record(
        '4711', inspector='line 1', recipe_version=3, wall_ns=NOON_NS, image_hash='abc',
        score=1.71234, rule='small mark', disposition='accept',
        regions=({'x': 3, 'y': 4, 'peak': 1.71234, 'accepted': "rule 'small mark'"},),
        rule_sentence='a scratch of 0.4 mm is below 1 mm', units=3, units_total=100,
        macs=2_000_000, macs_dense=90_000_000, stage=1, compute_ms=8.25))
    ledger.record_image(part='4711', image_hash='abc', file='000000000001-4711-pass.png',
                        file_hash='f', size=7)
    ledger.record_image_removal(file='000000000001-4711-pass.png', reason='the limit')
    text = told(ledger, '4711')

    for said in (
            'part 4711 was passed on 2026-05-01 12:00:00Z by line 1 (verdict 1, ant_ros ',
            'reason: looks like the good parts',
            'score: 1.712, review from 1.000, reject from 1.250',
            "taken as harmless by rule 'small mark': x 3, y 4, peak 1.71",
            'rule: small mark: a scratch of 0.4 mm is below 1 mm',
            'disposition: accept',
            'stage 1, 3 of 100 tiles woken, 2.00 of 90.00 million multiply-adds, 8.2 ms',
            'recipe: gear version 3, made by ana on ', ': label 2',
            'labels learned by then: 1 good, 1 scratch',
            'scratch on part 2 by ana',
            'image: SHA-256 abc, archived as 000000000001-4711-pass.png, removed on ',
            ': the limit'):
        assert said in text, text
    assert 'part 3' not in text


def test_what_was_said_of_it_since(ledger, make_record):
    ledger.record_verdict(make_record('4711', Decision.REJECT))
    number = ledger.record_label(part='4711', label='good', by='ana').result(SOON_S)
    ledger.resolve_label(number, LabelState.REFUSED, reason='scratch 7 would pass')
    text = told(ledger, '4711')

    assert 'was rejected' in text
    assert 'labelled good by ana' in text
    assert 'refused: scratch 7 would pass' in text


def test_a_part_that_nobody_looked_at(ledger, make_record):
    ledger.record_verdict(make_record('4711', Decision.UNINSPECTED, reason='no image came',
                                      cause='no_image', score=None, recipe=''))
    text = told(ledger, '4711')

    assert 'was not inspected' in text
    assert 'cause: no_image' in text
    assert 'recipe: none' in text
    assert 'score' not in text


def test_a_version_that_brings_another_one_back_knows_what_that_knew(ledger, make_record):
    for part, version in (('1', 2), ('2', 3)):
        number = ledger.record_label(
            part=part, label='good', by='ana', recipe='gear').result(SOON_S)
        ledger.resolve_label(number, LabelState.APPLIED, model_version=version)
    ledger.record_recipe_version(recipe='gear', version=4, who='ben', why='too lax',
                                 restored_from=2)
    ledger.record_verdict(make_record('4711', recipe_version=4))
    text = told(ledger, '4711')

    assert 'made by ben' in text
    assert 'brings back version 2' in text
    assert 'learned by then: 1 good' in text


def test_an_id_that_came_twice_tells_of_the_last(ledger, make_record):
    ledger.record_verdict(make_record('4711', Decision.REJECT))
    ledger.record_verdict(make_record('4711'))
    text = told(ledger, '4711')

    assert 'was passed' in text
    assert 'last of several' in text


def test_regions_are_told_with_all_that_was_measured_and_with_what_was_not(ledger, make_record):
    seen = (Region(1, 2, 3, 4, 12, 2.5, 1, 6.25, 3.5, -12.0), Region(5, 6, 7, 8, 20, 1.25, 0))
    ledger.record_verdict(make_record(regions=tuple(asdict(region) for region in seen)))
    text = told(ledger, '4711')
    assert ('region 1: x 1, y 2, width 3, height 4, area_px 12, peak 2.5, stage 1, elongation '
            '6.25, colour_shift 3.5, brightness_shift -12') in text
    assert 'elongation 1, colour_shift unknown, brightness_shift unknown' in text


def test_many_regions_are_cut_short(ledger, make_record):
    ledger.record_verdict(make_record(regions=tuple({'x': x} for x in range(9))))

    assert 'and 4 regions more' in told(ledger, '4711')


def test_many_places_taken_as_harmless_are_cut_short(ledger, make_record):
    ledger.record_verdict(make_record(regions=tuple(
        {'x': x, 'peak': x, 'accepted': 'a label'} for x in range(9))))
    text = told(ledger, '4711')

    assert 'score: 0.500 (8.000 with what was taken as harmless)' in text
    assert 'and 4 more taken as harmless' in text
    assert 'region 1' not in text


def test_many_kinds_of_changes_are_cut_short(ledger, make_record):
    for version in range(1, 15):
        ledger.record_recipe_version(
            recipe='gear', version=version, who='ana', why=f'why {version}')
    ledger.record_verdict(make_record('4711', recipe_version=13))
    text = told(ledger, '4711')

    assert '3 earlier changes of other kinds, and' in text
    assert [f': why {version}\n' in text[text.index('what else'):]
            for version in (3, 4, 13, 14)] == [False, True, True, False]


def test_an_unknown_part_and_why_it_might_be(path, make_record):
    with Ledger(path, keep_verdicts=10) as ledger:
        with pytest.raises(LedgerError, match='check the ID'):
            told(ledger, 'nobody')
        for number in range(1001):
            ledger.record_verdict(make_record(str(number), macs=2 ** 70 if not number else 0))
        ledger.flush(SOON_S)
        with pytest.raises(LedgerError, match=r'1 verdicts could not .*up to number \d+ were'):
            told(ledger, '1')


def test_times_before_the_clock_was_set(ledger, make_record):
    assert time_text(0) == '1970-01-01 00:00:00Z'
    assert time_text(-1) == '1969-12-31 23:59:59Z'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why was 4712 passed, asked of the ledger after the inspector has learned and has rules."""

from dataclasses import replace
import re

import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.ledger import explain
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.online.online_verdict import join_online

SOON_S = 20.0
ACCEPT = 'rules:\n- {name: dust, when: {length_px: {at_least: 1}}, then: accept}\n'


@pytest.fixture
def show(desk, ledger, plate):
    def inspect(part: str, defect: str = 'spot', seed: int = 2000):
        verdict = desk.inspector.inspect(plate(seed, defect=defect), part)
        ledger.record_verdict(to_record(verdict, part=part))
        return verdict
    return inspect


def _why(ledger, part: str) -> str:
    ledger.flush(SOON_S)
    with LedgerReader(ledger.path) as reader:
        return explain(reader, part)


def test_a_part_that_passes_because_of_a_label(desk, ledger, show):
    before = show('4711')
    assert desk.label('4711', 'good', by='anna').state is LabelState.APPLIED

    verdict = show('4712', seed=2001)

    assert (verdict.decision, verdict.regions, verdict.classes) == (Decision.PASS, (), ())
    assert {one.by for one in verdict.accepted} == {'4711 is good'}
    worst = verdict.accepted[0].region
    assert verdict.first_score == worst.peak >= before.reject_threshold
    assert verdict.score < verdict.review_threshold
    assert verdict.reason.endswith('like what was called good (4711 is good)')
    text = _why(ledger, '4712')
    assert 'was passed' in text
    assert f'({worst.peak:.3f} with what was taken as harmless), review from' in text
    assert re.search(r'taken as harmless by 4711 is good \(said by anna, [\d :Z-]+\): '
                     rf'x {worst.x}, y {worst.y}, width {worst.width}, ', text)
    assert 'region 1' not in text
    assert 'region 1' in _why(ledger, '4711')


def test_a_part_that_passes_because_of_a_rule(desk, ledger, show, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(ACCEPT)
    desk.inspector.set_rules(rules)

    verdict = show('4712')

    assert (verdict.decision, verdict.regions) == (Decision.PASS, ())
    assert {one.by for one in verdict.accepted} == {"rule 'dust'"}
    assert verdict.first_score == verdict.score == verdict.accepted[0].region.peak
    text = _why(ledger, '4712')
    assert f'score: {verdict.score:.3f}, review from' in text
    assert f"taken as harmless by rule 'dust': x {verdict.accepted[0].region.x}, y " in text
    assert "rule: dust: accept by rule 'dust'" in text


def test_a_part_that_passes_because_of_a_label_and_a_rule(desk, show, plate, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(ACCEPT)
    show('4711')
    desk.label('4711', 'good', by='anna')
    desk.inspector.set_rules(rules)
    image = plate(2001, defect='spot')
    image[(plate(2001, defect='dent') != plate(2001)).any(axis=2)] = 30

    verdict = desk.inspector.judge(image, '4712')

    assert verdict.decision is Decision.PASS
    assert {one.by for one in verdict.accepted} == {'4711 is good', "rule 'dust'"}


def test_a_part_that_passes_because_of_what_another_robot_was_told(
        desk, ledger, show, new_online, plate):
    other = new_online(robot='north')
    other.learn(other.inspect(plate(2000, defect='spot'), '1'), 'good')
    other.learn(other.inspect(plate(2000, defect='scratch'), '2'), 'scratch', create=True)
    desk.merge(other.export(), by='ben')

    verdict = show('4712', seed=2001)

    assert {one.by for one in verdict.accepted} == {'a label of robot north'}
    text = _why(ledger, '4712')
    assert 'taken as harmless by a label of robot north: x ' in text
    assert 'labels learned by then: none here' in text
    assert re.search(r'version 2 by ben, [\d :Z-]+: merge: learned from north '
                     r'\(the fleet so far: north: \d good and 1 defective places\)', text)


def test_what_else_was_learned_by_then(desk, ledger, show, plate):
    desk.inspector.inspect(plate(3000), 'good')
    desk.confirm(by='anna')
    show('early')
    desk.label('early', 'good', by='anna')
    desk.sharpen([plate(seed) for seed in range(3001, 3004)], by='ben')
    desk.roll_back(3, by='carl')
    show('4712', seed=2001)
    desk.label('4712', 'dent', by='anna', create=True)

    text = _why(ledger, '4712')

    assert 'recipe: plate version 5, made by carl on ' in text
    assert 'labels learned by then: 1 good\n' in text
    learned = text[text.index('what else it had learned by then:'):].splitlines()
    assert [re.sub(r'\d{4}-.*Z', 'T', line.strip()) for line in learned[1:4]] == [
        'version 1 by me, T: taught',
        'version 2 by anna, T: a run confirmed as good: ' + learned[2].partition('good: ')[2],
        'version 5 by carl, T: back to version 3']
    assert '1 good parts confirmed' in learned[2]
    assert 'sharpened' not in text


def test_changes_of_one_kind_are_told_once(desk, ledger, show, plate):
    for seed in range(3000, 3003):
        desk.inspector.inspect(plate(seed), f'{seed}')
        desk.confirm(by='anna')
    show('4712')

    text = _why(ledger, '4712')

    text = text[text.index('what else'):]
    assert text.count('a run confirmed as good') == 1
    assert 'version 4 by anna' in text and 'good (the last of 3): 1 good parts' in text


def test_all_parts_in_an_image_keep_what_was_taken_as_harmless(desk, show):
    show('4711')
    desk.label('4711', 'good', by='anna')
    one, other = show('4712', seed=2001), show('4713', '', seed=1000)
    assert other.accepted == ()

    for order in ([one, other], [other, one]):
        joined = join_online(order, [(0, 0, 9, 9), (9, 0, 9, 9)])
        assert joined.accepted == one.accepted
        assert joined.first_score == one.first_score


def test_a_stopped_part_tells_which_of_its_places_are_harmless(desk, ledger, show, plate):
    show('4711')
    desk.label('4711', 'good', by='anna')
    image = plate(2001, defect='spot')
    image[(plate(2001, defect='dent') != plate(2001)).any(axis=2)] = 30
    verdict = desk.inspector.inspect(image, '4712')
    ledger.record_verdict(to_record(verdict, part='4712'))

    assert verdict.decision is not Decision.PASS
    assert {one.by for one in verdict.accepted} == {'4711 is good'}
    assert not {one.region for one in verdict.accepted} & set(verdict.regions)
    text = _why(ledger, '4712')
    assert 'region 1: x' in text and 'taken as harmless by 4711 is good' in text
    assert replace(verdict, accepted=()).first_score == verdict.score

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What rules may say, and how they are read."""

from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies
import pytest

from ant_ros.inspection.rules.predicates import NUMBERS
from ant_ros.inspection.rules.rule_book import Conditions
from ant_ros.inspection.rules.rule_book import load_rules
from ant_ros.inspection.rules.rule_book import make_rules
from ant_ros.inspection.rules.rule_book import RuleBook
from ant_ros.inspection.rules.rule_book import RuleError
from ant_ros.inspection.rules.rule_book import save_learned
from ant_ros.inspection.rules.rule_book import save_rules

TEXT = """
zones:
  rim: {rectangle: [10, 20, 30, 5]}
  window: {polygon: [[0, 0], [10, 0], [0, 10]]}
rules:
  - name: long scratch
    when:
      class: scratch
      length_mm: {at_least: 3}
    then: scrap
    because: it weakens the rim
  - name: many small stains
    when: {class: [stain, unknown], zone: [rim, elsewhere], count: {at_least: 3}}
    then: rework
default: review
"""
RULE = {'name': 'mine', 'when': {'class': 'scratch'}, 'then': 'scrap'}


def written(tmp_path, text: str):
    file = tmp_path / 'rules.yaml'
    file.write_text(text)
    return file


def error_of(**changes) -> str:
    with pytest.raises(RuleError) as caught:
        make_rules({'rules': [{**RULE, **changes}]})
    return str(caught.value)


def test_a_file_is_read(tmp_path):
    book = load_rules(written(tmp_path, TEXT))
    assert [rule.name for rule in book.rules] == ['long scratch', 'many small stains']
    assert book.rules[0].when.kind == ('scratch',)
    assert book.rules[0].when.numbers['length_mm'].at_least == 3
    assert book.rules[1].when.count.at_least == 3
    assert set(book.zones) == {'rim', 'window'}


def test_an_empty_file_sends_everything_to_review(tmp_path):
    assert load_rules(written(tmp_path, '# nothing yet\n')).default.value == 'review'


def test_what_is_written_is_read_again(tmp_path):
    book = load_rules(written(tmp_path, TEXT))
    save_rules(book, tmp_path / 'again.yaml')
    assert load_rules(tmp_path / 'again.yaml') == book
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith('.')] == []


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(RuleError, match=r'cannot write the rules .*nowhere'):
        save_rules(RuleBook(), tmp_path / 'nowhere' / 'rules.yaml')


def test_there_is_a_condition_for_every_predicate():
    assert set(NUMBERS) == set(Conditions.model_fields) - {'kind', 'zone', 'touches', 'count'}


@pytest.mark.parametrize(('changes', 'parts'), [
    ({'then': 'scarp'}, ('rules.0 (mine).then', "'scarp'", "did you mean 'scrap'",
                         'accept, rework, review, scrap')),
    ({'wen': {}}, ('rules.0 (mine).wen', 'no such key', "did you mean 'when'", 'because')),
    ({'when': {'lenght_mm': {'below': 1}}}, ('rules.0 (mine).when.lenght_mm', 'no such key',
                                             "did you mean 'length_mm'", 'elongation')),
    ({'when': {'length_mm': {'above': 1}}}, ('when.length_mm.above', 'no such key',
                                             'allowed are at_least, below')),
    ({'when': {'length_mm': {'below': 'long'}}}, ('when.length_mm.below', 'number', "'long'")),
    ({'when': {'length_mm': {'at_least': 3, 'below': 2}}},
     ('when.length_mm', 'nothing is at least 3 and below 2')),
    ({'when': {'length_mm': {}}}, ('when.length_mm', 'give at_least, below, or both')),
    ({'when': {'length_mm': {'below': float('nan')}}}, ('when.length_mm.below', 'finite', 'nan')),
    ({'when': {'area_share': {'below': 25}}},
     ('rules.0 (mine).when', 'area_share is a share, 0 to 1, got 25; write 25 % as 0.25')),
    ({'when': {'confidence': {'at_least': -1}}}, ('confidence is a share', 'got -1')),
    ({'when': {'length_mm': 3}}, ('rules.0 (mine).when.length_mm', 'got 3')),
    ({'when': {}}, ('rules.0 (mine).when', 'no condition is given')),
    ({'when': {'count': {'at_least': 0}}}, ('when.count.at_least', 'greater than or equal to 1')),
    ({'when': {'count': {'at_most': 1}}}, ('when.count.at_most', 'allowed are at_least, below')),
    ({'when': {'count': {'at_least': 2, 'below': 2}}}, ('when.count', 'nothing is at least 2')),
    ({'when': {'zone': 'rim'}}, ('when.zone', "'rim'", 'allowed are elsewhere')),
    ({'when': {'touches': 'rim'}}, ('when.touches', "'rim'", 'there are none')),
    ({'name': ''}, ('rules.0 ().name', 'at least 1 character')),
    ({'support': {'part': 3}}, ('support.part', "did you mean 'parts'", 'required')),
])
def test_what_is_wrong_names_rule_key_value_and_what_is_allowed(changes, parts):
    text = error_of(**changes)
    for part in parts:
        assert part in text


@pytest.mark.parametrize(('content', 'cause'), [
    ([], 'expected a mapping with the keys zones, rules'),
    ({'rules': 3}, r'rules: .* got 3'),
    ({'rules': [3]}, r'rules\.0: .* got 3'),
    ({'rules': [{'when': {'class': 'a'}}]}, r'rules\.0\.name: this key is required'),
    ({'rulez': []}, r"rulez: no such key \(did you mean 'rules'\?\)"),
    ({'rules': [RULE, RULE]}, "each name once, got 'mine' twice"),
    ({'rules': [RULE], 'learned': [RULE]}, "each name once, got 'mine' twice"),
    ({'zones': {'elsewhere': {'rectangle': [0, 0, 1, 1]}}}, "'elsewhere' means outside"),
    ({'zones': {'rim': {'rectangel': [0, 0, 1, 1]}}}, r"zones\.rim\.rectangel: no such key "
     r"\(did you mean 'rectangle'\?\); allowed are rectangle, polygon"),
    ({'zones': {'rim': {'rectangle': [0, 0, -1, 1]}}}, r'zones\.rim\.rectangle\.2: .*-1'),
    ({'default': 'pass'}, r"default: got 'pass'; allowed are accept"),
])
def test_what_is_wrong_elsewhere_is_named(content, cause):
    with pytest.raises(RuleError, match=cause):
        make_rules(content)


def test_all_faults_are_told_at_once():
    text = error_of(then='x', when={'length_mm': {'below': 'y'}})
    assert "'x'" in text
    assert "'y'" in text


def test_a_learned_rule_with_a_wrong_name_is_found_too():
    with pytest.raises(RuleError, match=r'learned\.0 \(mine\)\.when\.zone: no such zone'):
        make_rules({'learned': [{**RULE, 'when': {'zone': 'rim'}}]})


@pytest.mark.parametrize('text', ['rules: [', '\x00', 'a: &x [*x]\nb: {', '[' * 1200])
def test_what_is_not_yaml_is_refused(tmp_path, text):
    with pytest.raises(RuleError, match='is not YAML'):
        load_rules(written(tmp_path, text))


@pytest.mark.parametrize(('before', 'cause'), [
    ('default: scrap', 'would not be YAML'),
    ('rules:\n- {name: c, when: {zone: elsewhere}, then: scrap}', 'not those that were learned')])
def test_a_comment_that_ends_the_learned_rules_is_refused(tmp_path, before, cause):
    text = (f'{before}\nlearned:\n- {{name: a, when: {{zone: elsewhere}}, then: scrap}}\n'
            '# comment\n- {name: b, when: {zone: elsewhere}, then: scrap}\n')
    file = written(tmp_path, text)
    book = load_rules(file).model_copy(update={'learned': ()})
    with pytest.raises(RuleError, match=f'(?s){cause}.*start each line below .*comments too'):
        save_learned(book, file)
    assert file.read_text() == text


def test_a_key_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(RuleError, match=r"'rules' stands twice"):
        load_rules(written(tmp_path, 'rules: []\nrules: []\n'))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RuleError, match=r'cannot read the rules .*gone\.yaml: No such file'):
        load_rules(tmp_path / 'gone.yaml')


junk = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=8)
    | strategies.sampled_from(['rules', 'when', 'class', 'scrap', 'length_mm', 'at_least']),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(
        strategies.sampled_from(['rules', 'learned', 'zones', 'when', 'name', 'then', 'class',
                                 'length_mm', 'count', 'default', 'x']), inner, max_size=4),
    max_leaves=12)


@settings(max_examples=150, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])
@given(junk)
def test_no_content_brings_anything_but_rules_or_a_clear_error(content):
    try:
        assert isinstance(make_rules(content), RuleBook)
    except RuleError as error:
        assert str(error)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator and an auditor ask on the command line."""

import csv
from dataclasses import dataclass
from dataclasses import replace
import io
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ant_ros.cli.app import app
from ant_ros.cli.ledger import LabelWanted
from ant_ros.cli.ledger import Wanted
from ant_ros.cli.ledger_report import since_ns
from ant_ros.inspection import Inspector
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import VerdictRecord
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.verdict import Decision

HOUR_NS = 3600 * 10 ** 9
NOON_NS = 1_777_636_800 * 10 ** 9  # 2026-05-01 12:00 UTC


def run(*arguments: object):
    return CliRunner().invoke(app, ['ledger', *map(str, arguments)])


def record(part: str, decision: Decision, hour: int, **more) -> VerdictRecord:
    return VerdictRecord(part, decision, **{
        'reason': f'reason {part}', 'recipe': 'gear', 'recipe_version': 2, 'score': 0.5,
        'review_threshold': 1.0, 'reject_threshold': 1.25,
        'wall_ns': NOON_NS + hour * HOUR_NS, **more})


@dataclass(frozen=True)
class Place:
    """A ledger and a recipe with two versions."""

    ledger: Path
    recipe: Path


@pytest.fixture(scope='module')
def place(tmp_path_factory) -> Place:
    root = tmp_path_factory.mktemp('ledger')
    with Ledger(root / 'ledger.db') as ledger:
        ledger.record_verdict(record('4711', Decision.PASS, 0))
        ledger.record_verdict(record('4712', Decision.REJECT, 1, rule='big', disposition='scrap'))
        ledger.record_verdict(record('part [red]', Decision.REVIEW, 2, recipe='cap'))
        ledger.record_verdict(record('4713', Decision.PASS, 3, macs=2 ** 70))
        for part, label, state in (('4711', 'good', LabelState.APPLIED),
                                   ('4712', 'dent', LabelState.PENDING)):
            number = ledger.record_label(part=part, label=label, by='ana', recipe='gear').result(9)
            if state is not LabelState.PENDING:
                ledger.resolve_label(number, state, model_version=2)
        ledger.record_recipe_version(recipe='gear', version=2, who='ana', why='label 1')
        ledger.record_update(recipe='gear', model_version=2, who='ana', why='label 1',
                             what='wider at 3 places')
        ledger.record_refusal(recipe='gear', who='ben', what='label 2', reason='dent 7 would pass')
    rng = np.random.default_rng(3)
    recipe = Inspector.teach(
        [rng.integers(80, 120, (96, 128), np.uint8) for _ in range(6)], name='gear').recipe
    with RecipeHistory(root / 'gear') as history:
        history.commit(recipe, who='ana', why='taught')
        history.commit(replace(recipe, mean=recipe.mean + np.float32(1)), who='ben', why='light')
    return Place(root / 'ledger.db', root / 'gear')


def test_a_list_and_what_is_missing_from_it(place):
    result = run('list', place.ledger)

    assert result.exit_code == 0, result.output
    for said in ('4711', '2026-05-01 13:00:00Z', 'part [red]', 'big: scrap', 'gear v2',
                 '3 verdicts', 'not recorded: 1 verdicts, parts 4713 to 4713'):
        assert said in result.output


@pytest.mark.parametrize(('options', 'parts'), [
    (('--decision', 'reject'), ['4712']),
    (('--recipe', 'cap'), ['part [red]']),
    (('--label', 'good'), ['4711']),
    (('--since', '2026-05-01T13:00'), ['4712', 'part [red]']),
    (('--since', '2026-05-01T15:00+02:00', '--decision', 'review'), ['part [red]']),
    (('--decision', 'uninspected'), []),
])
def test_filters_of_an_export(place, options, parts):
    result = run('export', place.ledger, '-', *options)

    assert result.exit_code == 0, result.output
    assert [row['part'] for row in csv.DictReader(io.StringIO(result.output))] == parts


def test_an_export_holds_all_that_was_recorded(place, tmp_path):
    result = run('export', place.ledger, tmp_path / 'shift.csv')

    assert result.exit_code == 0, result.output
    assert '3 verdicts written' in result.output
    with open(tmp_path / 'shift.csv', newline='') as file:
        first, second, _ = csv.DictReader(file)
    assert first | {'number': '1', 'time': '2026-05-01 12:00:00Z', 'part': '4711',
                    'decision': 'pass', 'score': '0.5', 'label': 'good',
                    'label_state': 'applied'} == first
    assert (second['rule'], second['label_state']) == ('big', 'pending')


def test_the_last_so_many(place):
    result = run('list', place.ledger, '--last', '1')

    assert 'part [red]' in result.output
    assert '4711' not in result.output


def test_why_a_part_was_passed(place):
    result = run('explain', place.ledger, '4711')

    assert result.exit_code == 0, result.output
    for said in ('part 4711 was passed', 'score: 0.500', 'gear version 2, made by ana',
                 'learned by then: 1 good'):
        assert said in result.output


def test_all_of_one_part(place):
    result = run('show', place.ledger, '4711')

    assert result.exit_code == 0, result.output
    assert 'label 1: good by ana' in result.output
    assert 'applied in version 2' in result.output


def test_labels_by_what_became_of_them(place):
    result = run('labels', place.ledger, '--state', 'pending')

    assert result.exit_code == 0, result.output
    assert 'dent' in result.output
    assert '1 labels' in result.output


def test_what_was_learned_and_what_was_refused(place):
    result = run('changes', place.ledger, '--recipe', 'gear')

    assert result.exit_code == 0, result.output
    for said in ('wider at 3 places', 'refused', 'dent 7 would pass', '2 changes'):
        assert said in result.output


def test_the_ledger_of_a_recipe_is_found_beside_it(tmp_path):
    (tmp_path / 'gear').mkdir()
    missing = run('labels', tmp_path / 'gear')
    assert missing.exit_code == 2 and 'gear.ledger' in ''.join(missing.output.split())
    with Ledger(tmp_path / 'gear.ledger') as ledger:
        ledger.record_verdict(record('4711', Decision.PASS, 0))

    assert '4711' in run('list', tmp_path / 'gear').output
    assert 'pass' in run('explain', tmp_path / 'gear', '4711').output


def test_versions_of_a_ledger_and_of_a_recipe(place):
    ledger, recipe = run('versions', place.ledger), run('versions', place.recipe)

    assert 'label 1' in ledger.output
    assert 'taught' in recipe.output
    assert 'ben' in recipe.output


def test_what_differs(place):
    result = run('diff', place.recipe, 1, 2)

    assert result.exit_code == 0, result.output
    assert 'mean' in result.output
    assert 'by 1 at most' in result.output
    assert 'do not differ' in run('diff', place.recipe, 2, 2).output


def test_back_to_a_version(place):
    with RecipeHistory(place.recipe) as history:
        newest = history.current.number
    result = run('rollback', place.recipe, 1, '--by', 'ana', '--why', 'too dark')

    assert result.exit_code == 0, result.output
    assert f'is version {newest + 1} now: too dark' in result.output
    assert 'do not differ' in run('diff', place.recipe, 1, newest + 1).output


def test_no_version_comes_back_while_somebody_holds_the_recipe(place):
    with RecipeHistory(place.recipe, who='inspector'):
        result = run('rollback', place.recipe, 1, '--by', 'ana')

    assert result.exit_code == 2
    assert 'being written by inspector' in result.output


@pytest.mark.parametrize(('arguments', 'said'), [
    (('list', 'MISSING'), 'there is no ledger'),
    (('list', 'FOREIGN'), 'not a database'),
    (('list', 'LEDGER', '--since', 'yesterday'), 'give a span'),
    (('list', 'LEDGER', '--decision', 'perhaps'), 'perhaps'),
    (('explain', 'LEDGER', 'nobody'), 'holds no verdict'),
    (('show', 'LEDGER', 'nobody'), 'knows nothing'),
    (('export', 'LEDGER', 'MISSING/x.csv'), 'No such file'),
    (('versions', 'MISSING'), 'no recipe with a history'),
    (('diff', 'RECIPE', '1', '99'), 'is not kept'),
    (('rollback', 'RECIPE', '99', '--by', 'ana'), 'is not kept'),
])
def test_bad_input_exits_with_2_and_says_what_is_wrong(place, tmp_path, arguments, said):
    (tmp_path / 'foreign').write_bytes(b'a holiday picture' * 300)
    places = {'LEDGER': place.ledger, 'RECIPE': place.recipe, 'MISSING': tmp_path / 'missing',
              'FOREIGN': tmp_path / 'foreign', 'MISSING/x.csv': tmp_path / 'missing/x.csv'}
    result = run(*(places.get(word, word) for word in arguments))

    assert result.exit_code == 2, result.output
    assert said in ' '.join(result.output.split())
    assert not (tmp_path / 'missing').exists()


@pytest.mark.parametrize(('text', 'hours'), [
    ('8h', -8), ('90m', -1.5), ('1.5d', -36), ('7200s', -2), ('2026-05-01', -12),
    ('2026-05-01T06:00', -6), ('2026-05-01T06:00Z', -6), ('2026-05-01T06:00+02:00', -8)])
def test_since_when(text, hours):
    assert since_ns(text, NOON_NS) == NOON_NS + hours * HOUR_NS


@pytest.mark.parametrize('text', ['', 'h', '-3h', '3w', '2026-13-01'])
def test_no_time(text):
    with pytest.raises(ValueError, match='is no time'):
        since_ns(text, NOON_NS)


def test_what_can_be_asked_for_is_what_there_is():
    assert [one.value for one in LabelWanted] == [one.value for one in LabelState]
    assert [one.value for one in Wanted] == [one.value for one in Decision]

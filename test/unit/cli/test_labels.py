# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels on the command line."""

from dataclasses import replace
from pathlib import Path
import shutil

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ant_ros.cli import labels
from ant_ros.cli.app import app
from ant_ros.cli.node_labels import node_that_holds
from ant_ros.inspection import Decision
from ant_ros.inspection import read_image
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.ledger import Archive
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.ledger import VerdictFilter
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe_history import RecipeHistory


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def recipe(taught, tmp_path) -> Path:
    return Path(shutil.copytree(taught, tmp_path / 'plate'))


@pytest.fixture
def image(tmp_path, draw_plate):
    def write(name: str, defect: str = '', seed: int = 100) -> Path:
        path = tmp_path / f'{name}.png'
        cv2.imwrite(str(path), draw_plate(seed, defect)[..., ::-1])
        return path
    return write


def test_a_label_on_an_image_is_learned_and_written_down(recipe, image, draw_plate):
    refused = run('label', recipe, image('4711', 'spot'), 'spot', '--by', 'me')
    assert refused.exit_code == 1 and 'give --create' in refused.output

    result = run('label', recipe, image('4711', 'spot'), 'spot', '--by', 'me', '--create')

    assert result.exit_code == 0, result.output
    assert result.output.startswith('applied: ') and 'recipe version 2' in result.output
    with LedgerReader(ledger_path(recipe)) as reader:
        # The one that was refused in an earlier run is the first.
        first, entry = reader.labels()
        assert first.state.value == 'refused'
        assert (entry.part, entry.label, entry.by, entry.state.value) == (
            '4711', 'spot', 'me', 'applied')
        verdict = next(iter(reader.verdicts(VerdictFilter(last=1)))).record
        assert (verdict.part, verdict.recipe_version) == ('4711', 1)
        assert verdict.image_hash
        assert entry.verdict is not None
    assert OnlineInspector.load(recipe).inspect(draw_plate(101, 'spot')).classes == ('spot',)


def test_further_good_parts_sharpen_a_recipe(recipe, image, tmp_path):
    folder = tmp_path / 'more'
    folder.mkdir()
    for seed in range(200, 204):
        shutil.move(image(f'g{seed}', '', seed), folder)
    assert run('label', recipe, image('odd', 'spot'), 'good').exit_code == 0

    (folder / 'notes.gif').write_bytes(b'')
    cv2.imwrite(str(folder / 'small.png'), np.zeros((8, 8, 3), np.uint8))
    result = run('sharpen', recipe, folder, '--by', 'me')
    assert '1 file is no image that can be read here: notes.gif' in result.output
    assert 'small.png was left out: an image of 8 x 8 px is too small' in result.output

    assert result.exit_code == 0, result.output
    sharpened = OnlineInspector.load(recipe)
    assert sharpened.recipe.taught_parts == 12
    assert sharpened.learner.labels['odd'].word == 'good'
    assert run('sharpen', recipe, tmp_path / 'nowhere').exit_code == 2


def test_a_folder_of_good_parts_is_confirmed(recipe, image, tmp_path):
    folder = tmp_path / 'run'
    folder.mkdir()
    for name, defect, seed in (('a', '', 100), ('b', '', 101), ('c', 'spot', 102)):
        shutil.move(image(name, defect, seed), folder)

    refused = run('confirm', recipe, folder)
    assert refused.exit_code == 1
    assert '1 of 3 parts were stopped: c;' in refused.output and '--stopped-too' in refused.output

    result = run('confirm', recipe, folder, '--stopped-too', '--by', 'me')
    assert result.exit_code == 0, result.output
    assert 'not guaranteed, 3 of 199 good parts confirmed' in result.output
    assert len(OnlineInspector.load(recipe).recipe.confirmed) == 3
    assert run('undo', recipe).exit_code == 0
    assert len(OnlineInspector.load(recipe).recipe.confirmed) == 0
    assert run('confirm', recipe, tmp_path / 'nowhere').exit_code == 2


def test_good_after_all_counts_for_inspect(recipe, image, tmp_path):
    folder = tmp_path / 'images'
    folder.mkdir()
    spot = image('a', 'spot')
    shutil.copy(spot, folder)
    assert run('inspect', recipe, folder).exit_code == 1

    assert run('label', recipe, spot, 'good').exit_code == 0

    assert run('inspect', recipe, folder).exit_code == 0


def test_the_last_change_is_undone_and_any_label_forgotten(recipe, image):
    for name, seed in (('a', 100), ('b', 101)):
        assert run('label', recipe, image(name, 'spot', seed), 'spot', '--create').exit_code == 0

    forgotten = run('forget', recipe, 1, '--by', 'me')
    assert forgotten.exit_code == 0, forgotten.output
    assert 'a is spot' in forgotten.output and 'is forgotten' in forgotten.output
    assert list(OnlineInspector.load(recipe).learner.labels) == ['b']
    undone = run('undo', recipe)
    assert undone.exit_code == 0, undone.output
    assert sorted(OnlineInspector.load(recipe).learner.labels) == ['a', 'b']

    assert run('forget', recipe, 99).exit_code == 1
    for _ in range(2):
        assert run('undo', recipe).exit_code == 0
    nothing = run('undo', recipe)
    assert nothing.exit_code == 1 and 'nothing to undo' in nothing.output
    with LedgerReader(ledger_path(recipe)) as reader:
        assert [entry.state.value for entry in reader.labels()] == ['undone', 'undone']


def test_an_image_is_no_part_that_a_node_has_seen(recipe, image, monkeypatch):
    asked = []

    def answer(node, part, word, by, *, create):
        asked.append((node, part, word))
        return Answer(LabelState.UNKNOWN_PART, 3, f'no features of part {part!r}')
    monkeypatch.setattr(labels, 'label_by_node', answer)
    with RecipeHistory(recipe, who='node /inspector'):
        result = run('label', recipe, image('4711'), 'good')
    assert asked == [('/inspector', '4711', 'good')]
    assert result.exit_code == 1 and 'stop the node' in result.output


@pytest.mark.parametrize(('inspected', 'asked'), [
    (['4711'], '4711'), (['4711.png'], '4711.png'), (['other', 'live/4711.png'], 'live/4711.png'),
    (['4711.png', 'live/4711.png'], None)])
def test_an_image_is_the_part_that_the_node_has_inspected(
        recipe, image, monkeypatch, inspected, asked):
    parts = []

    def answer(node, part, word, by, *, create):
        parts.append(part)
        return Answer(LabelState.APPLIED, 3, 'done')
    monkeypatch.setattr(labels, 'label_by_node', answer)
    (recipe.parent / 'live').mkdir()
    verdict = OnlineInspector.load(recipe).inspect(read_image(image('live/4711')))
    with Ledger(ledger_path(recipe)) as ledger:
        for part in inspected:
            ledger.record_verdict(to_record(verdict, part=part, inspector='inspector'))
        ledger.flush()
    with RecipeHistory(recipe, who='node /inspector'):
        result = run('label', recipe, image('live/4711'), 'good')

    assert parts == ([asked] if asked else [])
    assert result.exit_code == (0 if asked else 2), result.output
    if not asked:
        assert 'the parts live/4711.png, 4711.png: give the ID' in ' '.join(result.output.split())


def test_a_part_that_nobody_knows(recipe):
    result = run('label', recipe, 'nobody', 'good')

    assert result.exit_code == 1
    assert 'unknown part' in result.output and 'give an image' in result.output


def test_bad_input_exits_with_2(recipe, image, tmp_path):
    (tmp_path / 'no.png').write_text('no image')
    with RecipeHistory(recipe, who='somebody'):
        locked = run('label', recipe, image('a'), 'good')
    for result, text in (
            (run('label', tmp_path / 'none', 'a', 'good'), 'cannot read the recipe'),
            (run('label', recipe, tmp_path / 'no.png', 'good'), 'no.png'),
            (locked, 'somebody')):
        assert result.exit_code == 2, result.output
        assert text in result.output


def test_challenge_is_added_run_and_listed(recipe, image):
    assert run('challenge', 'run', recipe).exit_code == 1
    bad, good = image('bad', 'scratch'), image('fine')
    assert run('challenge', 'add', recipe, 'scratch', bad, '--create').exit_code == 0
    assert run('challenge', 'add', recipe, 'good', good).exit_code == 0

    result = run('challenge', 'run', recipe)

    assert result.exit_code == 0, result.output
    assert '1 of 1 known defects are stopped, 1 of 1 known good parts pass' in result.output
    listed = run('challenge', 'list', recipe).output
    assert 'bad  scratch  by hand' in listed and '2 parts' in listed


def test_robots_are_merged(recipe, tmp_path, draw_plate):
    other = tmp_path / 'elsewhere' / 'plate'
    shutil.copytree(recipe, other)
    theirs = OnlineInspector.load(other, robot='elsewhere')
    theirs.learn(theirs.inspect(draw_plate(100, 'spot'), 'a'), 'spot', create=True)
    theirs.save(other)

    result = run('merge', recipe, other)

    assert result.exit_code == 0, result.output
    assert 'learned from elsewhere' in result.output
    assert 'nothing new' in run('merge', recipe, other).output
    merged = OnlineInspector.load(recipe)
    assert merged.inspect(draw_plate(101, 'spot')).classes == ('spot',)
    assert merged.inspect(draw_plate(101)).decision is Decision.PASS
    again = run('merge', other, other)
    assert again.exit_code == 2 and 'different computers' in again.output


def test_the_node_that_holds_a_recipe_is_known(recipe):
    assert node_that_holds(recipe) is None
    with RecipeHistory(recipe, who='node /line/inspector'):
        assert node_that_holds(recipe) == '/line/inspector'
    with RecipeHistory(recipe, who='somebody'):
        assert node_that_holds(recipe) is None


def test_the_challenge_set_asks_before_it_makes_a_class(recipe, image):
    spot = image('a', 'spot')
    refused = run('challenge', 'add', recipe, 'spto', spot)
    assert refused.exit_code == 1 and 'give --create if it is new' in refused.output
    assert run('challenge', 'add', recipe, 'spot', spot, '--create').exit_code == 0
    assert "did you mean 'spot'?" in run('challenge', 'add', recipe, 'spto', spot).output
    assert "give 'good'" in run('challenge', 'add', recipe, 'Good', spot, '--create').output
    assert OnlineInspector.load(recipe).learner.classes == ('spot',)


def test_a_part_is_taken_out_of_the_challenge_set(recipe, image):
    run('challenge', 'add', recipe, 'spot', image('a', 'spot'), '--create')
    assert run('challenge', 'remove', recipe, 'b').exit_code == 1

    result = run('challenge', 'remove', recipe, 'a', '--by', 'me')

    assert result.exit_code == 0 and 'a is in the challenge set no more' in result.output
    assert 'empty' in run('challenge', 'run', recipe).output
    assert run('undo', recipe).exit_code == 0
    assert '1 of 1 known defects are stopped' in run('challenge', 'run', recipe).output


def test_known_parts_that_cannot_be_seen_again_are_named(recipe, image, tmp_path):
    folder = tmp_path / 'more'
    folder.mkdir()
    for seed in range(200, 204):
        shutil.move(image(f'g{seed}', '', seed), folder)
    run('challenge', 'add', recipe, 'spot', image('a', 'spot'), '--create')
    run('sharpen', recipe, folder)
    assert run('challenge', 'run', recipe).exit_code == 0
    shutil.rmtree(recipe.with_name('plate.history') / 'pictures')
    run('sharpen', recipe, folder)

    result = run('challenge', 'run', recipe)

    assert result.exit_code == 1
    assert '0 of 0 known defects are stopped' in result.output
    assert '1 of 1 known parts could not be looked at again' in result.output
    assert 'last seen before the recipe has changed' in run('challenge', 'list', recipe).output


def test_the_archive_of_the_node_is_left_as_it_is(recipe, image):
    assert run('label', recipe, image('first', 'spot'), 'good').exit_code == 0
    folder = recipe.with_name('elsewhere')  # as the node's parameter `archive` says
    with Ledger(ledger_path(recipe)) as ledger:
        entry = next(iter(LedgerReader(ledger.path).verdicts(VerdictFilter(last=1))))
        Archive(folder, ledger).store(
            replace(entry.record, decision=Decision.REJECT), read_image(image('first', 'spot')))
        ledger.flush()

    assert run('label', recipe, image('4711', 'spot'), 'good').exit_code == 0

    with LedgerReader(ledger_path(recipe)) as reader:
        kept, = reader.images('first')
        assert kept.removed_ns is None and (folder / kept.file).is_file()
        assert not list(reader.images('4711'))
    assert not recipe.with_name('plate.images').exists()
    # The picture is kept with the recipe.
    assert 'could not be looked at' not in run('challenge', 'run', recipe).output

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ant_ros.cli.app import app


@pytest.fixture(scope='module')
def folder(tmp_path_factory, write_plates) -> Path:
    return write_plates(tmp_path_factory.mktemp('evaluated') / 'plates')


def run(*arguments: object):
    return CliRunner().invoke(app, ['evaluate', *(str(argument) for argument in arguments)])


def test_figures_are_printed_and_written_with_a_page(folder, tmp_path):
    result = run(folder, '--json', tmp_path / 'f.json', '--html', tmp_path / 'f.html')
    assert result.exit_code == 0, result.output
    assert 'image_auroc' in result.output
    figures = json.loads((tmp_path / 'f.json').read_text())
    assert figures['image_auroc'] == 1.0
    assert figures['backbone'] == 'auto'
    assert figures['recall_at_frr_1pct'] is None
    assert '<figure class="bad">' in (tmp_path / 'f.html').read_text()


def test_shots_and_splits_are_drawn_and_what_cannot_be_read_is_listed(folder, tmp_path):
    broken = folder / 'test/good/broken.png'
    broken.write_bytes(b'nothing')
    try:
        result = run(folder, '--shots', 8, '--splits', 2, '--seed', 3, '--json',
                     tmp_path / 'f.json')
    finally:
        broken.unlink()
    assert result.exit_code == 0, result.output
    assert 'broken.png' in result.output
    assert '1 of 19 images could not be used' in result.output
    figures = json.loads((tmp_path / 'f.json').read_text())
    assert len(figures['per_split']['image_auroc']) == 2
    assert figures['images']['unreadable'] == 1
    assert (figures['shots'], figures['seed']) == (8, 3)


@pytest.mark.parametrize(('arguments', 'said'), [
    (('MISSING',), 'train/good'), (('FOLDER', '--shots', 11), '11 shots'),
    (('FOLDER', '--splits', 2, '--shots', 14), '14 shots'),
])
def test_bad_input_exits_with_2_and_says_what_is_wrong(folder, tmp_path, arguments, said):
    places = {'MISSING': tmp_path / 'missing', 'FOLDER': folder}
    result = run(*(places.get(one, one) for one in arguments))
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize('option', ['--json', '--html'])
def test_where_nothing_can_be_written_nothing_is_inspected(folder, tmp_path, monkeypatch, option):
    def inspected(*_: object, **__: object) -> None:
        raise AssertionError('it began to work')
    monkeypatch.setattr('ant_ros.cli.evaluation.evaluate', inspected)
    result = run(folder, option, tmp_path / 'missing' / 'file')
    assert result.exit_code == 2, result.output
    assert 'cannot be written' in result.output

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is said before it is known where to write it down, and after."""

import numpy as np
import pytest

from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes import books
from ant_ros.nodes.books import Books
from ant_ros.nodes.books import Keeping
from ant_ros.nodes.judging import Judged
from ant_ros.nodes.part_verdict import PartVerdict

PIXELS = np.full((20, 30, 3), 7, np.uint8)


def say(kept: Books, part: str, decision: Decision = Decision.REJECT) -> None:
    report = PartVerdict(part, 0, '', 'me', decision, 'why')
    kept.record(report, Judged(report, None, PIXELS))


def written(path) -> list[str]:
    with LedgerReader(path) as reader:
        return [entry.record.part for entry in reader.verdicts()]


def test_what_is_said_early_is_written_down_in_its_order(tmp_path):
    kept = Books(Keeping(archive_mb=1))
    for part in 'abc':
        say(kept, part)
    assert kept.health is None

    kept.open(str(tmp_path / 'plate'))
    say(kept, 'd')
    kept.close()

    assert written(tmp_path / 'plate.ledger') == ['a', 'b', 'c', 'd']
    assert len(list((tmp_path / 'plate.images').iterdir())) == 4


def test_of_what_is_said_too_early_the_number_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(books, '_MOST_EARLY', 2)
    kept = Books(Keeping())
    for part in 'abcd':
        say(kept, part)
    kept.open(str(tmp_path / 'plate'))
    kept.close()

    assert written(tmp_path / 'plate.ledger') == ['a', 'b']
    assert '2 verdicts are not written down' in kept.faults['early']


def test_of_early_parts_only_the_first_keep_their_image(tmp_path, monkeypatch):
    monkeypatch.setattr(books, '_MOST_EARLY_IMAGES', 1)
    kept = Books(Keeping(archive_mb=1))
    say(kept, 'a')
    say(kept, 'b')
    kept.open(str(tmp_path / 'plate'))
    kept.close()

    assert len(list((tmp_path / 'plate.images').iterdir())) == 1


def test_without_a_recipe_nothing_is_written(tmp_path):
    kept = Books(Keeping())
    say(kept, 'a')
    kept.open('')
    say(kept, 'b')
    assert (kept.health, kept.faults) == (None, {})

    kept.open(str(tmp_path / 'plate'))
    say(kept, 'c')
    kept.close()
    assert written(tmp_path / 'plate.ledger') == ['c']


def test_what_is_said_while_the_ledger_changes_place_is_in_the_new_one(tmp_path, monkeypatch):
    kept = Books(Keeping())
    kept.open(str(tmp_path / 'one'))
    say(kept, 'a')
    close = Recorder.close

    def close_slowly(recorder: Recorder) -> None:
        say(kept, 'meanwhile')
        close(recorder)
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, 'close', close_slowly)
        kept.open(str(tmp_path / 'two'))
    say(kept, 'b')
    kept.close()

    assert written(tmp_path / 'one.ledger') == ['a']
    assert written(tmp_path / 'two.ledger') == ['meanwhile', 'b']


def test_a_ledger_of_its_own_place_stays_open_when_the_recipe_changes(tmp_path):
    kept = Books(Keeping(ledger=str(tmp_path / 'book')))
    kept.open(str(tmp_path / 'one'))
    first = kept.ledger
    kept.open(str(tmp_path / 'two'))
    assert kept.ledger is first
    kept.close()


@pytest.mark.parametrize(('where', 'what'), [('ledger', 'nothing is written down'),
                                             ('images', 'no images are kept')])
def test_what_cannot_be_opened_is_told(tmp_path, where, what):
    place = tmp_path / f'plate.{where}'
    if where == 'ledger':
        place.mkdir()
    else:
        place.write_text('no folder')
    kept = Books(Keeping(archive_mb=1))
    kept.open(str(tmp_path / 'plate'))
    assert what in ' '.join(kept.faults.values())
    kept.close()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files of today, of yesterday, of somebody else, and damaged ones."""

from contextlib import closing
from dataclasses import fields
import sqlite3

import pytest

from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import schema
from ant_ros.inspection.ledger import VerdictRecord


@pytest.fixture
def written(path, make_record):
    with Ledger(path) as ledger:
        for number in range(300):
            ledger.record_verdict(make_record(str(number), reason=f'reason {number}.'))
    return path


def damage(path, start: int, length: int) -> None:
    with open(path, 'r+b') as file:
        file.seek(start)
        file.write(b'\xa5' * length)


def test_what_is_committed_is_synced(path):
    with closing(schema.open_to_write(path)) as connection:
        assert connection.execute('PRAGMA journal_mode').fetchone() == ('wal',)
        assert connection.execute('PRAGMA synchronous').fetchone() == (2,)


def test_the_columns_are_the_fields(path):
    with closing(schema.open_to_write(path)) as connection:
        columns = [row[1] for row in connection.execute('PRAGMA table_info(verdicts)')]
    assert sorted(columns) == sorted(
        ['id', 'session', *(field.name for field in fields(VerdictRecord))])


def test_an_older_ledger_is_brought_up_to_date_with_all_that_it_holds(written, monkeypatch):
    step = ("ALTER TABLE verdicts ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",)
    monkeypatch.setattr(schema, 'MIGRATIONS', (*schema.MIGRATIONS, step))
    with pytest.raises(LedgerError, match='start the inspector'):
        LedgerReader(written)

    with Ledger(written), LedgerReader(written) as reader:
        assert len(list(reader.verdicts())) == 300
    with closing(sqlite3.connect(written)) as connection:
        assert connection.execute('PRAGMA user_version').fetchone() == (2,)
        assert connection.execute('SELECT DISTINCT note FROM verdicts').fetchall() == [('none',)]


def test_a_step_that_fails_changes_nothing(written, monkeypatch):
    steps = ('ALTER TABLE verdicts ADD COLUMN note TEXT', 'ALTER TABLE nothing ADD COLUMN x')
    with monkeypatch.context() as patch:
        patch.setattr(schema, 'MIGRATIONS', (*schema.MIGRATIONS, steps))
        with pytest.raises(LedgerError):
            Ledger(written)

    with Ledger(written), LedgerReader(written) as reader:
        assert len(list(reader.verdicts())) == 300


@pytest.mark.parametrize('use', [Ledger, LedgerReader])
def test_a_newer_ledger_is_refused(written, use):
    with closing(sqlite3.connect(written)) as connection:
        connection.execute('PRAGMA user_version = 99')

    with pytest.raises(LedgerError, match='use the version that wrote it'):
        use(written)


@pytest.mark.parametrize('use', [Ledger, LedgerReader])
def test_a_database_of_something_else_is_refused_and_left_alone(path, use):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('CREATE TABLE cakes (id INTEGER)')
    before = path.read_bytes()

    with pytest.raises(LedgerError, match='something else'):
        use(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize('use', [Ledger, LedgerReader])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, use):
    path.write_bytes(b'a holiday picture' * 1000)

    with pytest.raises(LedgerError, match='keep the file'):
        use(path)
    assert path.read_bytes() == b'a holiday picture' * 1000


def test_a_damaged_ledger_is_not_written_but_read_as_far_as_it_goes(written):
    page = written.read_bytes().index(b'reason 200.') // 4096
    damage(written, page * 4096, 4096)
    before = written.read_bytes()

    with pytest.raises(LedgerError, match=r'damaged: keep the file.*recover'):
        Ledger(written)
    assert written.read_bytes() == before
    read = []
    with LedgerReader(written) as reader, pytest.raises(LedgerError, match='malformed'):
        read.extend(entry.record.part for entry in reader.verdicts())
    assert read == [str(number) for number in range(len(read))]
    assert len(read) > 100


def test_an_empty_file_becomes_a_ledger(path):
    path.touch()
    with Ledger(path):
        pass

    with LedgerReader(path) as reader:
        assert list(reader.verdicts()) == []


def test_a_missing_ledger_is_not_made_by_reading(path):
    with pytest.raises(LedgerError, match='there is no ledger'):
        LedgerReader(path)
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / 'file').touch()

    with pytest.raises(LedgerError, match='cannot make the folder'):
        Ledger(tmp_path / 'file' / 'ledger.db')


def test_a_ledger_is_read_where_nothing_may_be_written(written):
    written.chmod(0o444)
    written.parent.chmod(0o555)
    try:
        with LedgerReader(written) as reader:
            assert len(list(reader.verdicts())) == 300
    finally:
        written.parent.chmod(0o755)

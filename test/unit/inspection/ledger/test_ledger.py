# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is acknowledged is committed, verdicts never wait, nothing is lost in silence."""

from contextlib import closing
import math
from pathlib import Path
import sqlite3
import subprocess
import sys

from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import VerdictRecord
from ant_ros.inspection.verdict import Decision

SOON_S = 20.0


def rows(path: Path, query: str) -> list:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def hold(path: Path) -> sqlite3.Connection:
    """Take the right to write away from everybody else."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    return other


def parts(path: Path) -> list[str]:
    with LedgerReader(path) as reader:
        return [entry.record.part for entry in reader.verdicts()]


@settings(max_examples=30, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(
    VerdictRecord, part=st.text(st.characters(codec='utf-8')),
    decision=st.sampled_from(Decision),
    reason=st.text(st.characters(codec='utf-8')),
    score=st.none() | st.floats(allow_nan=False), stage=st.integers(0, 1),
    macs=st.integers(0, 2 ** 63 - 1), wall_ns=st.integers(-2 ** 63, 2 ** 63 - 1),
    mono_ns=st.integers(0, 2 ** 63 - 1), regions=st.lists(st.dictionaries(
        st.sampled_from(('x', 'peak')), st.floats(allow_nan=False))).map(tuple)))
def test_a_verdict_is_read_as_it_was_given(ledger, record):
    assert ledger.record_verdict(record)
    ledger.flush(SOON_S)

    with LedgerReader(ledger.path) as reader:
        *_, entry = reader.verdicts()
    assert entry.record == record


def test_measurements_that_are_no_numbers_and_numbers_of_numpy_are_kept(ledger, make_record):
    ledger.record_verdict(make_record(
        score=math.nan, regions=({'peak': np.float32(1.5), 'area_px': np.int64(7)},)))
    ledger.flush(SOON_S)

    with LedgerReader(ledger.path) as reader:
        record = next(reader.verdicts()).record
    assert record.score is None
    assert record.regions == ({'peak': 1.5, 'area_px': 7},)


def test_the_order_is_that_of_arrival_though_the_clock_goes_back(ledger, make_record):
    for number, wall_ns in enumerate((3000, 1000, 2000)):
        ledger.record_verdict(make_record(str(number), wall_ns=wall_ns))
    ledger.flush(SOON_S)

    assert parts(ledger.path) == ['0', '1', '2']


def test_a_label_is_committed_when_it_is_acknowledged(ledger, make_record):
    ledger.record_verdict(make_record('4711'))
    number = ledger.record_label(part='4711', label='good', by='ana').result(SOON_S)

    assert rows(ledger.path, 'SELECT id, part, label, by, verdict FROM labels') == [
        (number, '4711', 'good', 'ana', 1)]


def test_what_became_of_a_label_is_its_last_state_and_the_history_stays(ledger):
    number = ledger.record_label(part='4711', label='good', by='ana').result(SOON_S)
    for state, version in ((LabelState.APPLIED, 2), (LabelState.UNDONE, 3)):
        ledger.resolve_label(number, state, reason='so it is', model_version=version)
    ledger.flush(SOON_S)

    with LedgerReader(ledger.path) as reader:
        label, = reader.labels()
        history = reader.label_history(number)
    assert (label.state, label.model_version, label.verdict) == (LabelState.UNDONE, 3, None)
    assert [state for _, state, _, _ in history] == [
        LabelState.PENDING, LabelState.APPLIED, LabelState.UNDONE]


def test_an_unknown_label_cannot_be_resolved_and_the_others_can(ledger):
    known = ledger.record_label(part='1', label='good', by='ana')
    unknown = ledger.resolve_label(99, LabelState.APPLIED, model_version=2)

    assert known.result(SOON_S) == 1
    with pytest.raises(LedgerError, match='cannot be written'):
        unknown.result(SOON_S)


def test_updates_refusals_and_versions_are_kept(ledger):
    ledger.record_update(recipe='gear', model_version=2, who='ana', why='label 1',
                         what='wider at 3 places')
    ledger.record_refusal(recipe='gear', who='ben', what='label 2', reason='scratch 7 would pass')
    ledger.record_recipe_version(recipe='gear', version=2, who='ana', why='label 1')
    ledger.flush(SOON_S)

    with LedgerReader(ledger.path) as reader:
        made, refused = reader.changes('gear')
        assert (made.refused, made.model_version, made.who, made.why, made.what) == (
            False, 2, 'ana', 'label 1', 'wider at 3 places')
        assert (refused.refused, refused.model_version, refused.who, refused.what, refused.why) \
            == (True, None, 'ben', 'label 2', 'scratch 7 would pass')
        assert list(reader.changes('cap')) == []
        assert [(version.version, version.who) for version in reader.versions()] == [(2, 'ana')]


@pytest.mark.parametrize('statement', [
    "UPDATE verdicts SET decision = 'pass'", 'DELETE FROM verdicts', 'DELETE FROM labels',
    "UPDATE label_states SET state = 'applied'"])
def test_history_cannot_be_changed(ledger, make_record, statement):
    ledger.record_verdict(make_record(decision=Decision.REJECT))
    ledger.record_label(part='4711', label='good', by='ana')
    ledger.flush(SOON_S)

    with closing(sqlite3.connect(ledger.path)) as other, \
            pytest.raises(sqlite3.IntegrityError, match='append-only'):
        other.execute(statement)


def test_while_the_file_is_locked_labels_get_the_fault_and_verdicts_wait(ledger, make_record):
    other = hold(ledger.path)
    assert ledger.record_verdict(make_record('1'))
    with pytest.raises(LedgerError, match=r'locked.*close the other program'):
        ledger.record_label(part='1', label='good', by='ana').result(SOON_S)
    assert 'locked' in ledger.health.fault
    assert ledger.health.waiting == 1

    other.close()
    while ledger.health.fault:
        pass  # the next attempt comes by itself
    ledger.flush(SOON_S)
    assert parts(ledger.path) == ['1']
    assert rows(ledger.path, 'SELECT count(*) FROM labels') == [(0,)]
    assert ledger.health.lost == 0


def test_what_does_not_fit_into_the_queue_is_counted_and_noted_as_a_gap(path, make_record):
    with Ledger(path, capacity=3, busy_s=0.0, retry_s=0.01) as ledger:
        other = hold(path)
        taken = [ledger.record_verdict(make_record(str(number))) for number in range(6)]
        assert taken == [True] * 3 + [False] * 3
        assert ledger.health.lost == 3
        other.close()

    assert parts(path) == ['0', '1', '2']
    with LedgerReader(path) as reader:
        assert [row[1:4] for row in reader.gaps()] == [(3, '3', '5')]


def test_a_verdict_that_cannot_be_written_holds_up_no_other(ledger, make_record):
    ledger.record_verdict(make_record('1'))
    ledger.record_verdict(make_record('2', macs=2 ** 70))
    ledger.record_verdict(make_record('3', reason='\ud800'))
    ledger.record_verdict(make_record('4'))
    ledger.flush(SOON_S)
    ledger.flush(SOON_S)

    assert parts(ledger.path) == ['1', '4']
    assert ledger.health.lost == 2
    with LedgerReader(ledger.path) as reader:
        assert [row[1:4] for row in reader.gaps()] == [(2, '2', '3')]


def test_a_full_disk_is_told_and_what_waits_at_the_end_is_not_hidden(path, make_record):
    ledger = Ledger(path, max_bytes=200_000, retry_s=0.01)
    written = 0
    with pytest.raises(LedgerError, match=r'is full.*another place .--ledger'):
        while True:
            ledger.record_label(part='x' * 5000, label='good', by='ana').result(SOON_S)
            written += 1
    ledger.record_verdict(make_record('1' * 100_000))
    with pytest.raises(LedgerError, match='1 verdicts are not in the ledger'):
        ledger.close()

    assert rows(path, 'PRAGMA integrity_check') == [('ok',)]
    assert rows(path, 'SELECT count(*) FROM labels') == [(written,)]
    with Ledger(path) as again:
        again.record_label(part='1', label='good', by='ana').result(SOON_S)


def test_a_limit_on_file_sizes_loses_nothing_that_was_acknowledged(path):
    code = f"""
import resource
from ant_ros.inspection.ledger import Ledger, LedgerError
ledger = Ledger({str(path)!r}, retry_s=0.01)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
written = 0
try:
    while written < 1000:
        ledger.record_label(part='x' * 5000, label='good', by='ana').result(20)
        written += 1
except LedgerError as error:
    assert 'check the disk' in str(error) or 'free space' in str(error), error
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
ledger.record_label(part='after', label='good', by='ana').result(20)
ledger.close()
print(written)
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    written = int(done.stdout)
    assert 0 < written < 1000
    assert rows(path, 'PRAGMA integrity_check') == [('ok',)]
    assert rows(path, 'SELECT count(*) FROM labels') == [(written + 1,)]


def test_a_storm_of_labels_is_answered_one_by_one(ledger):
    answers = [ledger.record_label(part=str(number), label='good', by='ana')
               for number in range(1000)]

    assert sorted(answer.result(SOON_S) for answer in answers) == list(range(1, 1001))


def test_the_oldest_verdicts_go_but_those_with_labels_stay(path, make_record):
    with Ledger(path, keep_verdicts=500) as ledger:
        ledger.record_verdict(make_record('first'))
        ledger.record_label(part='first', label='good', by='ana').result(SOON_S)
        for number in range(2, 2001):
            ledger.record_verdict(make_record(str(number)))
        ledger.flush(SOON_S)

    with LedgerReader(path) as reader:
        entries = list(reader.verdicts())
        removed = reader.removed_verdicts()
    assert entries[0].record.part == 'first'
    assert [entry.number for entry in entries[1:]] == list(range(removed + 1, 2001))
    assert len(entries) == 501


def test_closed_means_closed(ledger, make_record):
    ledger.close()
    ledger.close()

    with pytest.raises(LedgerError, match='is closed'):
        ledger.record_verdict(make_record())


def test_two_programs_write_to_one_ledger(path, make_record):
    with Ledger(path) as one, Ledger(path) as two:
        for number in range(50):
            one.record_verdict(make_record(f'one {number}'))
            two.record_verdict(make_record(f'two {number}'))
        one.flush(SOON_S)
        two.flush(SOON_S)

    written = parts(path)
    for name in ('one', 'two'):
        assert [part for part in written if part.startswith(name)] == [
            f'{name} {number}' for number in range(50)]

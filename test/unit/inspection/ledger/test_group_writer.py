# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What waits for the disk, in which order, and what is said when it cannot."""

from concurrent.futures import Future
import sqlite3
import threading

import pytest

from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger.group_writer import Entry
from ant_ros.inspection.ledger.group_writer import GroupWriter
from ant_ros.inspection.ledger.group_writer import Loss

SOON_S = 20.0


class Disk:
    """A database whose writing can be held up and made to fail."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.execute('CREATE TABLE entries (name TEXT)')
        self.path = path
        self.losses: list[Loss] = []
        self.fault = ''
        self.opened = threading.Event()
        self.opened.set()
        self.reached = threading.Event()

    def entry(self, name: str, *, asks: bool = False) -> Entry:
        def write(connection: sqlite3.Connection) -> str:
            self.reached.set()
            assert self.opened.wait(SOON_S)
            if self.fault:
                raise sqlite3.OperationalError(self.fault)
            if name == 'bad':
                raise ValueError('of no kind')
            connection.execute('INSERT INTO entries VALUES (?)', (name,))
            return name.upper()
        answer = Future() if asks else None
        return Entry(write, answer, name)

    def note(self, connection: sqlite3.Connection, loss: Loss) -> None:
        self.losses.append(loss)

    def names(self) -> list[str]:
        with sqlite3.connect(self.path) as other:
            return [name for name, in other.execute('SELECT name FROM entries ORDER BY rowid')]


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path / 'disk.db')


@pytest.fixture
def writer(disk):
    opened = GroupWriter(disk.connection, capacity=2, retry_s=0.001, note_loss=disk.note)
    yield opened
    disk.fault = ''
    disk.opened.set()
    opened.close()


def hold(disk, writer, first: Entry) -> None:
    """Let the writer begin with an entry and wait there."""
    disk.opened.clear()
    assert writer.put(first)
    assert disk.reached.wait(SOON_S)


def test_answers_come_after_the_commit(disk, writer):
    entry = disk.entry('a', asks=True)
    seen = []
    entry.answer.add_done_callback(lambda _: seen.extend(disk.names()))
    hold(disk, writer, entry)
    assert not entry.answer.done()
    disk.opened.set()

    assert entry.answer.result(SOON_S) == 'A'
    writer.close()
    assert seen == ['a']


def test_all_that_waits_is_written_in_its_order(disk, writer):
    hold(disk, writer, disk.entry('a'))
    for name in 'bc':
        writer.put(disk.entry(name, asks=True))
    disk.opened.set()
    writer.close()

    assert disk.names() == ['a', 'b', 'c']
    assert writer.health.committed == 3


def test_a_full_queue_of_verdicts_leaves_room_for_labels(disk, writer):
    hold(disk, writer, disk.entry('a'))
    taken = [writer.put(disk.entry(name)) for name in 'bcd']
    labels = [disk.entry(name, asks=True) for name in 'xyz']
    taken += [writer.put(label) for label in labels]
    disk.opened.set()

    assert taken == [True, False, False, True, True, False]
    assert [label.answer.result(SOON_S) for label in labels[:2]] == ['X', 'Y']
    with pytest.raises(LedgerError, match='2 entries wait already'):
        labels[2].answer.result(SOON_S)
    writer.close()
    assert disk.names() == ['a', 'b', 'x', 'y']
    assert [(loss.count, loss.first, loss.last) for loss in disk.losses] == [(2, 'c', 'd')]


def test_while_the_disk_refuses_who_asks_is_told_and_who_does_not_waits(disk, writer):
    disk.fault = 'database or disk is full'
    label = disk.entry('x', asks=True)
    writer.put(disk.entry('a'))
    writer.put(label)
    with pytest.raises(LedgerError, match='free space'):
        label.answer.result(SOON_S)
    health = writer.health
    assert (health.waiting, health.lost) == (1, 0)
    assert 'free space' in health.fault
    assert health.failures >= 1

    disk.fault = ''
    again = disk.entry('y', asks=True)
    while not again.answer.done() or again.answer.exception():
        again = disk.entry('y', asks=True)
        writer.put(again)
        again.answer.exception(SOON_S)
    assert disk.names() == ['a', 'y']
    assert writer.health.fault == ''


def test_what_cannot_be_written_is_left_out_alone(disk, writer):
    hold(disk, writer, disk.entry('a'))
    bad, good = disk.entry('bad', asks=True), disk.entry('good', asks=True)
    for entry in (disk.entry('bad'), bad, good):
        writer.put(entry)
    disk.opened.set()

    assert good.answer.result(SOON_S) == 'GOOD'
    with pytest.raises(LedgerError, match=r'cannot be written: of no kind'):
        bad.answer.result(SOON_S)
    writer.close()
    assert disk.names() == ['a', 'good']
    assert [(loss.count, loss.first) for loss in disk.losses] == [(1, 'bad')]


def test_closing_tells_how_much_is_not_written(disk, writer):
    disk.fault = 'database or disk is full'
    writer.put(disk.entry('a'))
    writer.put(disk.entry('b'))

    assert writer.close() == 2
    assert writer.health.lost == 2
    assert writer.health.waiting == 0
    with pytest.raises(LedgerError, match='is closed'):
        writer.put(disk.entry('c'))


def test_two_losses_become_one():
    joined = Loss(2, 'a', 'b', 'full').joined(Loss(3, 'c', 'e', 'full'))

    assert joined == Loss(5, 'a', 'e', 'full')
    assert joined.joined(None) == joined

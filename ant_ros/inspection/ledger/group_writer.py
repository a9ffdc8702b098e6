# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A thread that commits what others hand to it, together, so that nobody waits for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
import sqlite3
import threading
from typing import Any

from ant_ros.inspection.ledger.ledger_error import cure_of
from ant_ros.inspection.ledger.ledger_error import LedgerError

__all__ = ['Entry', 'GroupWriter', 'Loss', 'WriterHealth']

_GROUP = 512
"""Entries of one commit at most."""


@dataclass(frozen=True)
class Entry:
    """Something to write.

    Attributes:
        write: Writes it in the open transaction; what it returns becomes the answer.
        answer: Gets the result once it is committed, or the fault. None for what may wait for
            the disk as long as it takes.
        name: What to call it when it is lost.
    """

    write: Callable[[sqlite3.Connection], Any]
    answer: Future[Any] | None = None
    name: str = ''


@dataclass(frozen=True)
class Loss:
    """Entries without an answer that could not be kept.

    Attributes:
        count: How many in a row.
        first: Name of the first.
        last: Name of the last.
        reason: Why.
    """

    count: int
    first: str
    last: str
    reason: str

    def joined(self, later: Loss | None) -> Loss:
        """Return both as one."""
        if later is None:
            return self
        return Loss(self.count + later.count, self.first, later.last, self.reason)


@dataclass(frozen=True)
class WriterHealth:
    """How the writing goes.

    Attributes:
        committed: Entries that are on the disk.
        waiting: Entries that are not yet.
        lost: Entries without an answer that could not be kept; the ledger gets a note of them.
        failures: Commits that failed, further attempts included.
        fault: What is wrong now, with the cure; empty when all is well.
    """

    committed: int
    waiting: int
    lost: int
    failures: int
    fault: str


class GroupWriter:
    """Commit entries in the order in which they came, as many at a time as are there.

    While the disk is full or the file is locked, entries with an answer get the fault, and the
    others wait and are tried again. A full queue takes no more: what it turns away is counted.

    Args:
        connection: Where to; used by the writer's thread only, and closed by it.
        capacity: Entries that may wait, of those with and of those without an answer each.
        retry_s: Pause after a commit that failed.
        note_loss: Writes down what was lost, as part of the next commit.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, capacity: int, retry_s: float,
        note_loss: Callable[[sqlite3.Connection, Loss], None],
    ) -> None:
        self._connection = connection
        self._capacity = capacity
        self._retry_s = retry_s
        self._note_loss = note_loss
        self._queue: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._answers = 0
        self._loss: Loss | None = None
        self._committed = self._lost = self._failures = 0
        self._fault = ''
        self._thread = threading.Thread(target=self._run, name='ledger writer', daemon=True)
        self._thread.start()

    @property
    def health(self) -> WriterHealth:
        """How the writing goes; the numbers belong together."""
        with self._changed:
            return WriterHealth(self._committed, len(self._queue), self._lost, self._failures,
                                self._fault)

    def put(self, entry: Entry) -> bool:
        """Hand over an entry without waiting; tell whether it was taken.

        Raises:
            LedgerError: the writer is closed.
        """
        with self._changed:
            if self._closing:
                raise LedgerError('the ledger is closed: open it again')
            asks = entry.answer is not None
            waiting = self._answers if asks else len(self._queue) - self._answers
            if waiting < self._capacity:
                self._queue.append(entry)
                self._answers += asks
                self._changed.notify()
                return True
            reason = f'{self._capacity} entries wait already'
            if self._fault:
                reason += f', because: {self._fault}'
            if entry.answer is None:
                self._lose(entry.name, reason)
        if entry.answer is not None:
            entry.answer.set_exception(LedgerError(f'not recorded: {reason}'))
        return False

    def close(self) -> int:
        """Write what waits, once more if the disk refused it; return how many are not written."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        with self._changed:
            for entry in self._queue:
                self._lose(entry.name, self._fault)
            left = len(self._queue)
            self._queue.clear()
        return left

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._queue or self._loss or self._closing):
                    self._changed.wait()
                if not (self._queue or self._loss):
                    break
                group = list(islice(self._queue, _GROUP))
                loss, self._loss = self._loss, None
            try:
                outcomes = self._commit(group, loss)
            except Exception as error:
                if self._stay_behind(error, loss):
                    break
            else:
                self._answer(group, outcomes)
        self._connection.close()

    def _commit(self, group: list[Entry], loss: Loss | None) -> list[Any]:
        """Write a group and return the results, an exception for what cannot be written."""
        connection = self._connection
        try:
            connection.execute('BEGIN IMMEDIATE')
            if loss is not None:
                self._note_loss(connection, loss)
            outcomes = [self._write(entry) for entry in group]
            connection.execute('COMMIT')
        except BaseException:
            if connection.in_transaction:
                connection.execute('ROLLBACK')
            raise
        return outcomes

    def _write(self, entry: Entry) -> Any:
        self._connection.execute('SAVEPOINT entry')
        try:
            outcome = entry.write(self._connection)
        except Exception as error:
            if _is_of_the_disk(error):
                raise
            self._connection.execute('ROLLBACK TO entry')
            outcome = error
        self._connection.execute('RELEASE entry')
        return outcome

    def _answer(self, group: list[Entry], outcomes: list[Any]) -> None:
        with self._changed:
            self._fault = ''
            for entry, outcome in zip(group, outcomes):
                self._queue.popleft()
                self._answers -= entry.answer is not None
                if not isinstance(outcome, Exception):
                    self._committed += 1
                elif entry.answer is None:
                    self._lose(entry.name, f'cannot be written: {outcome}')
        for entry, outcome in zip(group, outcomes):
            if entry.answer is None:
                continue
            if isinstance(outcome, Exception):
                entry.answer.set_exception(
                    LedgerError(f'not recorded, it cannot be written: {outcome}'))
            else:
                entry.answer.set_result(outcome)

    def _stay_behind(self, error: Exception, loss: Loss | None) -> bool:
        """Answer those who wait for one, keep the rest for later; tell whether to give up."""
        with self._changed:
            self._fault = cure_of(error)
            self._failures += 1
            if loss is not None:
                self._loss = loss.joined(self._loss)
            answers = [entry.answer for entry in self._queue if entry.answer is not None]
            self._queue = deque(entry for entry in self._queue if entry.answer is None)
            self._answers = 0
            closing = self._closing
        for answer in answers:
            answer.set_exception(LedgerError(f'not recorded: {self._fault}'))
        if not closing:
            with self._changed:
                self._changed.wait_for(lambda: self._closing, self._retry_s)
        return closing

    def _lose(self, name: str, reason: str) -> None:
        self._lost += 1
        loss = Loss(1, name, name, reason)
        self._loss = self._loss.joined(loss) if self._loss else loss


def _is_of_the_disk(error: Exception) -> bool:
    """Tell faults of the file, which may pass, from those of one entry, which stay."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError

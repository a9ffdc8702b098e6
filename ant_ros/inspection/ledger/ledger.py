# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write down what the inspector says and learns, without ever holding it up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import fields
import itertools
import json
import os
from pathlib import Path
import sqlite3
import time
from types import TracebackType
from typing import Any

import ant_ros
from ant_ros.inspection.ledger.group_writer import Entry
from ant_ros.inspection.ledger.group_writer import GroupWriter
from ant_ros.inspection.ledger.group_writer import Loss
from ant_ros.inspection.ledger.group_writer import WriterHealth
from ant_ros.inspection.ledger.ledger_error import LedgerError
from ant_ros.inspection.ledger.ledger_error import told
from ant_ros.inspection.ledger.records import LabelState
from ant_ros.inspection.ledger.records import VerdictRecord
from ant_ros.inspection.ledger.schema import open_to_write

__all__ = ['Ledger']

KEEP_VERDICTS = 1_000_000
MAX_BYTES = 2 << 30

_COLUMNS = tuple(field.name for field in fields(VerdictRecord))
_INSERT_VERDICT = (f'INSERT INTO verdicts (session, {", ".join(_COLUMNS)}) '
                   f'VALUES (?{", ?" * len(_COLUMNS)})')
_TRIM_STEP = 1000
"""Verdicts between two looks at how many there are."""


class Ledger:
    """Every verdict, label, update, refusal and recipe version, in the order in which they came.

    Good at: never delaying a verdict, and keeping what it has acknowledged through a crash or a
    power cut (SQLite with write-ahead logging, each commit synced). Bad at: disks in a network.

    `record_verdict` returns at once; the verdict is written by a thread of the ledger, and a
    crash loses at most what still waits in `health`. All other methods return a future that is
    done when the entry is committed, and not before: wait for it before telling anybody. It
    raises `LedgerError` when the disk refuses; nothing is recorded then, and the same call may
    be tried again.

    While the disk refuses, verdicts wait and are tried again; what no longer fits into the queue
    is counted, and noted in the ledger as a gap as soon as it can be written.

    Args:
        path: The file; made where there is none.
        capacity: Verdicts that may wait for the disk, about 2 kB of memory each, and as many
            other entries.
        keep_verdicts: Verdicts that are kept, about 0.3 kB each and 0.1 kB per region. Older
            ones are removed, with a note, unless a label is about them. Labels, updates,
            refusals and versions are never removed.
        max_bytes: Size of the file beyond which nothing more is taken.
        busy_s: How long one attempt waits for another program that writes.
        retry_s: Pause between attempts when the disk refuses.

    Raises:
        LedgerError: the file is damaged, foreign or cannot be written; it stays as it is.
    """

    def __init__(
        self, path: Path, *, capacity: int = 10_000, keep_verdicts: int = KEEP_VERDICTS,
        max_bytes: int = MAX_BYTES, busy_s: float = 1.0, retry_s: float = 0.5,
    ) -> None:
        self.path = Path(path)
        self._keep = keep_verdicts
        connection = open_to_write(self.path, busy_s=busy_s, max_bytes=max_bytes)
        try:
            with told(self.path):
                self._session = connection.execute(
                    'INSERT INTO sessions (software, process, wall_ns, mono_ns) '
                    'VALUES (?, ?, ?, ?)',
                    (ant_ros.__version__, os.getpid(), time.time_ns(), time.monotonic_ns()),
                ).lastrowid
        except BaseException:
            connection.close()
            raise
        self._counter = itertools.count(1)
        self._writer = GroupWriter(
            connection, capacity=capacity, retry_s=retry_s, note_loss=self._note_loss)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def health(self) -> WriterHealth:
        """How the writing goes."""
        return self._writer.health

    def record_verdict(self, record: VerdictRecord) -> bool:
        """Hand over a verdict without waiting; tell whether there was room for it.

        Raises:
            LedgerError: the ledger is closed.
        """
        taken = self._writer.put(
            Entry(lambda connection: self._insert_verdict(connection, record), name=record.part))
        if next(self._counter) % _TRIM_STEP == 0:
            self._call(self._trim)
        return taken

    def record_label(self, *, part: str, label: str, by: str, recipe: str = '',
                     state: LabelState = LabelState.PENDING, reason: str = 'received',
                     model_version: int | None = None) -> Future[int]:
        """Write down a label as it comes in; the future's result is the label's ID.

        Args:
            part: The part it is about.
            label: `good` or a class.
            by: Who says it.
            recipe: Recipe it is said to.
            state: What became of it, where that is known already.
            reason: Why.
            model_version: Version of the recipe that it made, if any.
        """
        wall_ns, mono_ns = time.time_ns(), time.monotonic_ns()

        def write(connection: sqlite3.Connection) -> int:
            number = connection.execute(
                'INSERT INTO labels (session, part, label, by, recipe, verdict, wall_ns, mono_ns) '
                'VALUES (?, ?, ?, ?, ?, (SELECT max(id) FROM verdicts WHERE part = ?), ?, ?)',
                (self._session, part, label, by, recipe, part, wall_ns, mono_ns)).lastrowid
            assert number is not None
            _insert_state(connection, number, state, reason, model_version)
            return number
        return self._call(write)

    def resolve_label(self, number: int, state: LabelState, *, reason: str = '',
                      model_version: int | None = None) -> Future[None]:
        """Write down what became of a label; the states before it stay in its history.

        Args:
            number: ID of the label; an unknown one makes the future fail.
            state: What became of it.
            reason: Why.
            model_version: Version of the recipe that it made, or that takes it back.
        """
        return self._call(lambda connection: _insert_state(
            connection, number, state, reason, model_version))

    def record_update(self, *, recipe: str, model_version: int, who: str, why: str,
                      what: str) -> Future[None]:
        """Write down that the model was changed: who, why, and what changed in a sentence."""
        return self._insert('updates', recipe=recipe, model_version=model_version, who=who,
                            why=why, what=what)

    def record_refusal(self, *, recipe: str, who: str, what: str, reason: str,
                       model_version: int | None = None) -> Future[None]:
        """Write down that something was refused: what, who wanted it, and the reason."""
        return self._insert('refusals', recipe=recipe, model_version=model_version, who=who,
                            what=what, reason=reason)

    def record_recipe_version(self, *, recipe: str, version: int, who: str, why: str,
                              restored_from: int | None = None, digest: str = '',
                              made_ns: int | None = None) -> Future[None]:
        """Write down a version of a recipe.

        Args:
            recipe: Name of the recipe.
            version: Its number.
            who: Who made it.
            why: What for.
            restored_from: The version whose content it brings back, None for a new one.
            digest: Hash of its content.
            made_ns: When it was made, in nanoseconds since 1970; now if left out.
        """
        return self._insert('recipe_versions', recipe=recipe, version=version, who=who, why=why,
                            restored_from=restored_from, hash=digest,
                            wall_ns=time.time_ns() if made_ns is None else made_ns)

    def record_image(self, *, part: str, image_hash: str, file: str, file_hash: str,
                     size: int) -> Future[None]:
        """Write down that an image was archived."""
        wall_ns = time.time_ns()
        return self._call(lambda connection: _execute(
            connection, 'INSERT INTO images (part, image_hash, file, file_hash, bytes, wall_ns) '
            'VALUES (?, ?, ?, ?, ?, ?)', (part, image_hash, file, file_hash, size, wall_ns)))

    def record_image_removal(self, *, file: str, reason: str) -> Future[None]:
        """Write down that an image was removed from the archive."""
        wall_ns = time.time_ns()
        return self._call(lambda connection: _execute(
            connection, 'INSERT INTO image_removals (file, reason, wall_ns) VALUES (?, ?, ?)',
            (file, reason, wall_ns)))

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until all that was handed over is committed.

        Raises:
            LedgerError: the disk refuses, with the cure.
            TimeoutError: it took longer.
        """
        try:
            self._call(lambda connection: None).result(timeout_s)
        except LedgerError:
            raise
        except Exception as error:  # concurrent.futures has its own TimeoutError in Python 3.10
            raise TimeoutError(f'the ledger {self.path} is not written after {timeout_s} s') \
                from error

    def close(self) -> None:
        """Write what waits and close the file; calling it again does nothing.

        Raises:
            LedgerError: the disk refused to the end; says how many verdicts are not in the ledger.
        """
        left = self._writer.close()
        if left:
            raise LedgerError(f'{left} verdicts are not in the ledger {self.path}: '
                              f'{self._writer.health.fault}')

    def _call(self, write: Callable[[sqlite3.Connection], Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        # Nobody may cancel what might already be on the disk.
        answer.set_running_or_notify_cancel()
        self._writer.put(Entry(write, answer))
        return answer

    def _insert(self, table: str, **values: Any) -> Future[None]:
        values = {'session': self._session, 'wall_ns': time.time_ns(), **values}
        names, marks = ', '.join(values), ', '.join('?' * len(values))
        row = tuple(values.values())
        return self._call(lambda connection: _execute(
            connection, f'INSERT INTO {table} ({names}) VALUES ({marks})', row))

    def _insert_verdict(self, connection: sqlite3.Connection, record: VerdictRecord) -> None:
        values = vars(record) | {
            'decision': record.decision.value,
            'regions': json.dumps(record.regions, default=_plain)}
        connection.execute(
            _INSERT_VERDICT, (self._session, *(values[name] for name in _COLUMNS)))

    def _note_loss(self, connection: sqlite3.Connection, loss: Loss) -> None:
        connection.execute(
            'INSERT INTO gaps (session, verdicts, first_part, last_part, reason, wall_ns) '
            'VALUES (?, ?, ?, ?, ?, ?)',
            (self._session, loss.count, loss.first, loss.last, loss.reason, time.time_ns()))

    def _trim(self, connection: sqlite3.Connection) -> None:
        """Remove the oldest verdicts beyond the limit that no label is about."""
        first, last = connection.execute(
            'SELECT (SELECT coalesce(max(last), 0) + 1 FROM verdict_removals), '
            '(SELECT coalesce(max(id), 0) FROM verdicts)').fetchone()
        last -= self._keep
        if last < first:
            return
        connection.execute(
            'INSERT INTO verdict_removals (first, last, reason, wall_ns) VALUES (?, ?, ?, ?)',
            (first, last, f'the newest {self._keep} are kept', time.time_ns()))
        connection.execute(
            'DELETE FROM verdicts WHERE id BETWEEN ? AND ? AND NOT EXISTS '
            '(SELECT 1 FROM labels WHERE verdict = verdicts.id)', (first, last))


def _insert_state(connection: sqlite3.Connection, number: int, state: LabelState, reason: str,
                  model_version: int | None) -> None:
    connection.execute(
        'INSERT INTO label_states (label, state, reason, model_version, wall_ns) '
        'VALUES (?, ?, ?, ?, ?)', (number, state.value, reason, model_version, time.time_ns()))


def _execute(connection: sqlite3.Connection, statement: str, row: tuple[Any, ...]) -> None:
    connection.execute(statement, row)


def _plain(value: Any) -> Any:
    """Make a plain number of NumPy's, which is no JSON."""
    return value.item()

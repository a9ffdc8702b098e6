# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger's tables, how older files become of today's form, and how a file is opened.

Every table is append-only: triggers refuse changes and removals. What is true now is read from
the history (a label's state is its last one). Only verdicts and the notes on images may be
removed, oldest first, and only after the removal itself has been written down.
"""

from __future__ import annotations

from pathlib import Path
import sqlite3
from urllib.parse import quote

from ant_ros.inspection.ledger.ledger_error import LedgerError
from ant_ros.inspection.ledger.ledger_error import told

__all__ = ['MIGRATIONS', 'open_to_read', 'open_to_write']

APPLICATION_ID = 0x414E5452
"""Marks an SQLite file as a ledger of ant_ros."""

_TABLES = (
    """CREATE TABLE sessions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, software TEXT NOT NULL, process INTEGER NOT NULL,
        wall_ns INTEGER NOT NULL, mono_ns INTEGER NOT NULL)""",
    """CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL REFERENCES sessions(id),
        part TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL,
        inspector TEXT NOT NULL, cause TEXT NOT NULL, score REAL, review_threshold REAL,
        reject_threshold REAL, stage INTEGER NOT NULL, units INTEGER NOT NULL,
        units_total INTEGER NOT NULL, macs INTEGER NOT NULL, macs_dense INTEGER NOT NULL,
        compute_ms REAL, latency_ms REAL, regions TEXT NOT NULL, disposition TEXT NOT NULL,
        rule TEXT NOT NULL, rule_sentence TEXT NOT NULL, recipe TEXT NOT NULL,
        recipe_version INTEGER NOT NULL, image_hash TEXT NOT NULL, wall_ns INTEGER NOT NULL,
        mono_ns INTEGER NOT NULL)""",
    'CREATE INDEX verdicts_of_part ON verdicts(part)',
    """CREATE TABLE labels (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL REFERENCES sessions(id),
        part TEXT NOT NULL, label TEXT NOT NULL, by TEXT NOT NULL, recipe TEXT NOT NULL,
        verdict INTEGER, wall_ns INTEGER NOT NULL, mono_ns INTEGER NOT NULL)""",
    'CREATE INDEX labels_of_part ON labels(part)',
    'CREATE INDEX labels_of_verdict ON labels(verdict)',
    """CREATE TABLE label_states (
        id INTEGER PRIMARY KEY AUTOINCREMENT, label INTEGER NOT NULL REFERENCES labels(id),
        state TEXT NOT NULL, reason TEXT NOT NULL, model_version INTEGER,
        wall_ns INTEGER NOT NULL)""",
    'CREATE INDEX states_of_label ON label_states(label)',
    """CREATE VIEW labels_now AS
        SELECT labels.id AS id, part, labels.label AS label, by, recipe, labels.wall_ns AS wall_ns,
            verdict, state, reason, model_version
        FROM labels JOIN label_states ON label_states.id = (
            SELECT max(id) FROM label_states WHERE label_states.label = labels.id)""",
    """CREATE TABLE updates (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL REFERENCES sessions(id),
        recipe TEXT NOT NULL, model_version INTEGER NOT NULL, who TEXT NOT NULL,
        why TEXT NOT NULL, what TEXT NOT NULL, wall_ns INTEGER NOT NULL)""",
    """CREATE TABLE refusals (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL REFERENCES sessions(id),
        recipe TEXT NOT NULL, model_version INTEGER, who TEXT NOT NULL, what TEXT NOT NULL,
        reason TEXT NOT NULL, wall_ns INTEGER NOT NULL)""",
    """CREATE TABLE recipe_versions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL REFERENCES sessions(id),
        recipe TEXT NOT NULL, version INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        restored_from INTEGER, hash TEXT NOT NULL, wall_ns INTEGER NOT NULL)""",
    """CREATE TABLE images (
        id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT NOT NULL, image_hash TEXT NOT NULL,
        file TEXT NOT NULL, file_hash TEXT NOT NULL, bytes INTEGER NOT NULL,
        wall_ns INTEGER NOT NULL)""",
    'CREATE INDEX images_of_part ON images(part)',
    'CREATE INDEX images_of_file ON images(file)',
    """CREATE TABLE image_removals (
        id INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL, reason TEXT NOT NULL,
        wall_ns INTEGER NOT NULL)""",
    'CREATE INDEX removals_of_file ON image_removals(file)',
    """CREATE TABLE gaps (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL REFERENCES sessions(id),
        verdicts INTEGER NOT NULL, first_part TEXT NOT NULL, last_part TEXT NOT NULL,
        reason TEXT NOT NULL, wall_ns INTEGER NOT NULL)""",
    """CREATE TABLE verdict_removals (
        id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL,
        reason TEXT NOT NULL, wall_ns INTEGER NOT NULL)""",
)

_APPEND_ONLY = ('sessions', 'verdicts', 'labels', 'label_states', 'updates', 'refusals',
                'recipe_versions', 'images', 'image_removals', 'gaps', 'verdict_removals')

_NO_CHANGES = tuple(
    f"CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END" for table in _APPEND_ONLY)

_MAY_GO = {
    'verdicts': 'EXISTS (SELECT 1 FROM verdict_removals WHERE OLD.id BETWEEN first AND last)',
}
_NO_REMOVALS = tuple(
    f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} WHEN NOT {_MAY_GO.get(table, '0')} "
    f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END" for table in _APPEND_ONLY)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (*_TABLES, *_NO_CHANGES, *_NO_REMOVALS, f'PRAGMA application_id = {APPLICATION_ID}'),
)
"""Statements that lead from each version (`user_version`) to the next; never change one."""


def open_to_write(path: Path, *, busy_s: float = 1.0,
                  max_bytes: int | None = None) -> sqlite3.Connection:
    """Open a ledger, make it where there is none, bring an older one to today's form.

    What is committed is on the disk (WAL, synchronous FULL).

    Args:
        path: The file.
        busy_s: How long to wait for another program that writes.
        max_bytes: Size beyond which nothing more is taken.

    Raises:
        LedgerError: it is damaged, foreign, of a newer version, or cannot be written. The file
            stays as it is.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f'cannot make the folder of the ledger {path}: {error}') from error
    with told(path):
        connection = sqlite3.connect(
            path, timeout=busy_s, isolation_level=None, check_same_thread=False)
        try:
            _check_kind(connection, path)
            _set_up(connection, path, max_bytes)
            _migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a ledger without changing it, even where it may only be read or is partly damaged.

    Raises:
        LedgerError: it is missing, foreign, of another version, or unreadable.
    """
    if not path.is_file():
        raise LedgerError(f'there is no ledger at {path}: give the file that the inspector writes')
    with told(path):
        connection = _connect_to_read(path, 'mode=ro')
        try:
            try:
                _check_kind(connection, path)
            except sqlite3.OperationalError:
                if Path(f'{path}-wal').exists():
                    raise
                # A folder without write permission has no room for WAL's index; nobody writes.
                connection.close()
                connection = _connect_to_read(path, 'immutable=1')
                _check_kind(connection, path)
            if _version(connection) != len(MIGRATIONS):
                raise LedgerError(
                    f'the ledger {path} has version {_version(connection)}, this reads '
                    f'{len(MIGRATIONS)}: start the inspector with it once')
        except BaseException:
            connection.close()
            raise
    return connection


def _connect_to_read(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f'file:{quote(str(path.absolute()))}?{mode}', uri=True, isolation_level=None)


def _check_kind(connection: sqlite3.Connection, path: Path) -> None:
    kind = connection.execute('PRAGMA application_id').fetchone()[0]
    version = _version(connection)
    tables = connection.execute('SELECT count(*) FROM sqlite_master').fetchone()[0]
    if kind != APPLICATION_ID and (kind or version or tables):
        raise LedgerError(f'{path} is a database of something else: give another place')
    if version > len(MIGRATIONS):
        raise LedgerError(
            f'the ledger {path} has version {version}, this version of ant_ros knows '
            f'{len(MIGRATIONS)}: use the version that wrote it')


def _set_up(connection: sqlite3.Connection, path: Path, max_bytes: int | None) -> None:
    found = connection.execute('PRAGMA quick_check(1)').fetchone()[0]
    if found != 'ok':
        raise sqlite3.DatabaseError(f'database disk image is malformed ({found})')
    mode = connection.execute('PRAGMA journal_mode = WAL').fetchone()[0]
    if mode != 'wal':
        raise LedgerError(
            f'the disk of the ledger {path} cannot do write-ahead logging: use a local one')
    connection.execute('PRAGMA synchronous = FULL')
    connection.execute('PRAGMA foreign_keys = ON')
    if max_bytes is not None:
        page = connection.execute('PRAGMA page_size').fetchone()[0]
        connection.execute(f'PRAGMA max_page_count = {max(1, max_bytes // page)}')


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute('BEGIN IMMEDIATE')
    try:
        for number in range(_version(connection), len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f'PRAGMA user_version = {number + 1}')
        connection.execute('COMMIT')
    except BaseException:
        if connection.in_transaction:
            connection.execute('ROLLBACK')
        raise


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute('PRAGMA user_version').fetchone()[0]

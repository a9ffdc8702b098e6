# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a ledger, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sqlite3

__all__ = ['LedgerError', 'cure_of', 'told']

_CURES = (
    ('is full', 'free space on the disk, or give the ledger another place (--ledger, parameter '
     'ledger)'),
    ('locked', 'close the other program that holds it'),
    ('readonly', 'give the user write permission to it and its folder'),
    ('unable to open', 'check that its folder exists and may be read and written'),
    ('disk I/O error', 'check the disk: free space, the limit on file sizes, its health'),
    ('malformed', 'it is damaged: keep the file, move it away and start a new one; '
     '`sqlite3 FILE .recover` reads what is left'),
    ('not a database', 'it is damaged or something else: keep the file, give another place'),
)


class LedgerError(Exception):
    """The ledger cannot do what was asked; names the file, the cause and the cure."""


def cure_of(error: Exception) -> str:
    """Return what SQLite complains of, with what to do."""
    text = str(error)
    cure = next((cure for sign, cure in _CURES if sign in text), 'see the cause')
    return f'{text}; {cure}'


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite complains of into a `LedgerError` that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(f'the ledger {path}: {cure_of(error)}') from error

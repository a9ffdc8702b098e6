# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files that are on the disk when the call returns, and files under two names."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
import hashlib
import os
from pathlib import Path
import shutil

__all__ = ['digest_of', 'share_file', 'sync_together', 'write_synced']


def sync_together(paths: Sequence[Path]) -> None:
    """Sync files and folders, which takes hardly longer than one: they share the journal's turn.

    Raises:
        OSError: one cannot be synced.
    """
    with ThreadPoolExecutor(len(paths)) as pool:
        for done in [pool.submit(_sync, path) for path in paths]:
            done.result()


def write_synced(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        OSError: it cannot be written.
    """
    with open(path, 'wb') as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def share_file(source: Path, target: Path) -> None:
    """Let two names share a file; where the file system cannot, make a copy and sync it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        _sync(target)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

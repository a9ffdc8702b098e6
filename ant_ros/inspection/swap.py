# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Put a finished folder in the place of another in one step."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
import shutil

__all__ = ['swap_in']

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)


def swap_in(new: Path, place: Path) -> None:
    """Let `place` be what `new` is; a process killed at any moment leaves the old or the new.

    Where the file system cannot exchange two folders (Linux's `renameat2`), there is a moment
    in which nothing is at the place. After a power cut it may be the old one again.

    Raises:
        OSError: it cannot be done; the old one is still there.
    """
    old = place.with_name(f'.{place.name}.old')
    if old.exists():
        shutil.rmtree(old)
    if not place.exists():
        os.rename(new, place)
    elif _exchange(new, place):
        os.rename(new, old)
    else:
        os.rename(place, old)
        try:
            os.rename(new, place)
        except OSError:
            os.rename(old, place)
            raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names at once; tell whether the system can."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), 'renameat2', None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Find out before long work whether what comes of it can be written."""

from pathlib import Path

__all__ = ['check_output']


def check_output(*files: Path | None) -> None:
    """Make sure that files can be written; they stay as they are.

    Args:
        files: Where to write; None is passed over, and so are pipes and devices.

    Raises:
        OSError: one of them cannot be written; names the cure.
    """
    for file in files:
        if file is None or (file.exists() and not file.is_file() and not file.is_dir()):
            continue
        new = not file.exists()
        try:
            with file.open('a'):
                pass
        except OSError as error:
            raise OSError(f'{file} cannot be written ({error.strerror}): give a file in a folder '
                          'that exists and that you may write to') from error
        if new:
            file.resolve().unlink()  # a link stays, only what it led to was made

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a file can be written is known before the work that fills it."""

import errno
import os
from pathlib import Path

import pytest

from ant_ros.bench.output_file import check_output


def test_what_can_be_written_is_left_as_it_is(tmp_path):
    old, new = tmp_path / 'old.json', tmp_path / 'new.json'
    old.write_text('kept')
    check_output(old, new, None, Path(os.devnull))
    assert old.read_text() == 'kept'
    assert not new.exists()


def test_a_link_to_nothing_stays_one(tmp_path):
    link, target = tmp_path / 'link.json', tmp_path / 'target.json'
    link.symlink_to(target)
    check_output(link)
    assert link.is_symlink()
    assert not target.exists()


def test_a_link_to_itself_is_refused(tmp_path):
    link = tmp_path / 'link.json'
    link.symlink_to(link)
    with pytest.raises(OSError, match='cannot be written'):
        check_output(link)


def test_a_pipe_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    check_output(tmp_path / 'pipe')


def test_a_folder_or_a_missing_folder_is_refused(tmp_path):
    for bad in (tmp_path, tmp_path / 'missing' / 'file.json', tmp_path / 'file' / 'below'):
        (tmp_path / 'file').write_text('')
        with pytest.raises(OSError, match=r'cannot be written .* give a file in a folder'):
            check_output(bad)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    monkeypatch.setattr(Path, 'open', refuse)  # root, who may write everywhere, is told, too
    with pytest.raises(OSError, match='Permission denied'):
        check_output(tmp_path / 'file.json')

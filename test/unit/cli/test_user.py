# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who gives a command is known, or nobody is named."""

import getpass

import pytest

from ant_ros.cli.user import user


def test_the_user_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, 'getuser', lambda: 'ada')
    assert user() == 'ada'


@pytest.mark.parametrize('error', [KeyError('uid not found'), OSError('no user name')])
def test_a_process_without_a_user_names_nobody(
        monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse() -> str:
        raise error
    monkeypatch.setattr(getpass, 'getuser', refuse)
    assert user() == ''

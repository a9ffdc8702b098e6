# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0

import pytest
import typer

from ant_ros.cli.ending import bad_input
from ant_ros.cli.exit_codes import ExitCode


def test_ends_with_bad_input_and_says_what_is_wrong(capsys):
    with pytest.raises(typer.Exit) as ended, bad_input(KeyError, ValueError):
        raise ValueError('too short: give more')
    assert ended.value.exit_code == ExitCode.BAD_INPUT
    assert capsys.readouterr().err == 'error: too short: give more\n'


def test_ends_as_interrupted_on_ctrl_c():
    with pytest.raises(typer.Exit) as ended, bad_input(ValueError):
        raise KeyboardInterrupt
    assert ended.value.exit_code == ExitCode.INTERRUPTED


def test_lets_other_errors_through():
    with pytest.raises(ZeroDivisionError), bad_input(ValueError):
        raise ZeroDivisionError

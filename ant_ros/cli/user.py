# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who gives a command."""

import getpass
from typing import Annotated

import typer

__all__ = ['By', 'user']

By = Annotated[str, typer.Option(help='Who says so; the user if left out.')]


def user() -> str:
    """Return the name of the user; empty in a process without one, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ''

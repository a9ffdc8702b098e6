# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a command ends whose input is bad, or that is interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ant_ros.cli.exit_codes import ExitCode

__all__ = ['bad_input']


@contextmanager
def bad_input(*errors: type[Exception]) -> Iterator[None]:
    """End the command with what one of these errors says, and with the exit code that is due."""
    try:
        yield
    except errors as error:
        typer.secho(f'error: {error}', fg='red', err=True)
        raise typer.Exit(ExitCode.BAD_INPUT) from error
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None

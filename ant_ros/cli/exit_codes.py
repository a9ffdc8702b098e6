# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the exit codes of `python -m ant_ros` mean."""

import enum

__all__ = ['ExitCode']


class ExitCode(enum.IntEnum):
    """The exit codes; Typer itself uses 2 for a wrong command line, as do we for bad input."""

    OK = 0
    FOUND = 1
    """It ran as it should and found something: parts that do not pass, a broken invariant."""
    BAD_INPUT = 2
    FAILED = 3
    """A process of the line died, stalled, or did not start."""
    INTERRUPTED = 130

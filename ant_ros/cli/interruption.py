# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C that cannot get lost."""

import signal
from types import FrameType
from types import TracebackType

__all__ = ['Interruption']


class Interruption:
    """Note SIGINT and SIGTERM, and raise KeyboardInterrupt where the program asks for it.

    Python's own KeyboardInterrupt comes at any place, also inside a destructor or a callback of a
    library, which swallows it: then the program would run on.
    """

    def __init__(self) -> None:
        self._noted = False

    def __enter__(self) -> 'Interruption':
        self._previous = {number: signal.signal(number, self._note)
                          for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal has come."""
        if self._noted:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted = True

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Wait for a peer's answers, but not for a peer that is not there."""

from collections import Counter
import threading

__all__ = ['Handshake']


class Handshake:
    """
    Count what a peer still has to answer, and wait for it.

    A peer that lets a wait time out is absent: nothing is waited for until it is heard again.
    One thread expects and waits; answers come from any other.

    >>> gate = Handshake()
    >>> gate.expect('beat'); gate.answer('beat'); gate.wait(timeout_s=1.0)
    True
    """

    def __init__(self) -> None:
        self.present = True
        self.timeouts = 0
        self.answers = 0
        self._open: Counter[str] = Counter()
        self._closed = False
        self._changed = threading.Condition()

    @property
    def waiting(self) -> bool:
        """Whether the peer still owes an answer."""
        with self._changed:
            return bool(self._open)

    def expect(self, what: str) -> None:
        """Take note that the peer has been asked for an answer."""
        with self._changed:
            if self.present:
                self._open[what] += 1

    def answer(self, what: str) -> None:
        """Take note of an answer; one that nobody asked for shows that the peer is there."""
        with self._changed:
            self.present = True
            self.answers += 1
            if self._open[what] > 1:
                self._open[what] -= 1
            else:
                del self._open[what]
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is open; return False at once when the peer is absent."""
        with self._changed:
            if not self.present:
                return False
            if self._changed.wait_for(lambda: self._closed or not self._open, timeout_s):
                return not self._closed
            self.timeouts += 1
            self.present = False
            self._open.clear()
            return False

    def close(self) -> None:
        """Let every wait return."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What arrives on a topic, against what was published on it."""

from collections import deque
from dataclasses import dataclass

__all__ = ['Arrivals', 'Rates']

_WINDOW_S = 5.0


@dataclass(frozen=True)
class Rates:
    """How often messages arrive and how often they are published, in the last seconds."""

    arriving_hz: float
    published_hz: float


class Arrivals:
    """Count arrivals, and the messages missing between them.

    A publisher numbers its messages; a gap in the numbers is a loss on the way. The numbers of
    several publishers cannot be told apart (rclpy does not say who sent a message), so gaps are
    counted only while there is one publisher. A number that does not grow is a publisher that was
    started anew.
    """

    def __init__(self) -> None:
        self.received = 0
        self.last_s: float | None = None
        self._sequence: int | None = None
        self._window: deque[tuple[float, int]] = deque()

    def note(self, sequence: int | None, now_s: float, publishers: int = 1) -> int:
        """Take note of a message; return how many are missing before it.

        Args:
            sequence: the publisher's number of the message, None where the middleware has none.
            now_s: monotonic time.
            publishers: publishers that are matched now.
        """
        missing = 0
        if sequence is not None and publishers == 1:
            if self._sequence is not None and sequence > self._sequence:
                missing = sequence - self._sequence - 1
            self._sequence = sequence
        else:
            self._sequence = None
        self.received += 1
        self.last_s = now_s
        self._window.append((now_s, missing))
        self._forget(now_s)
        return missing

    def age_s(self, now_s: float) -> float | None:
        """Return the seconds since the last message, None before the first."""
        return None if self.last_s is None else now_s - self.last_s

    def rates(self, now_s: float) -> Rates:
        """Return the rates over the last seconds."""
        self._forget(now_s)
        if len(self._window) < 2:
            return Rates(0.0, 0.0)
        span_s = self._window[-1][0] - self._window[0][0]
        if span_s <= 0:
            return Rates(0.0, 0.0)
        # The first message opens the span; it and what was missing before it lie outside.
        arrived = len(self._window) - 1
        missing = sum(lost for _, lost in self._window) - self._window[0][1]
        return Rates(arrived / span_s, (arrived + missing) / span_s)

    def _forget(self, now_s: float) -> None:
        while self._window and self._window[0][0] < now_s - _WINDOW_S:
            self._window.popleft()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Keep simulated time in step with the wall clock."""

__all__ = ['Pace']

_LATEST_S = 0.1   # a delay beyond this is not caught up: a burst would be no real line


class Pace:
    """
    Say how long to wait before a moment of simulated time.

    >>> pace = Pace(factor=2.0)
    >>> pace.delay_s(time_s=10.0, now_s=100.0), pace.delay_s(time_s=11.0, now_s=100.2)
    (0.0, 0.3)
    """

    def __init__(self, factor: float):
        self.factor = factor
        self.late_s = 0.0
        self._zero_s: float | None = None

    def restart(self) -> None:
        """Begin anew at the next moment: simulated time was held."""
        self._zero_s = None

    def delay_s(self, time_s: float, now_s: float) -> float:
        """Return the wall time to wait until the simulated `time_s`, never negative."""
        if self._zero_s is None:
            self._zero_s = now_s - time_s / self.factor
        delay_s = round(self._zero_s + time_s / self.factor - now_s, 9)
        if delay_s < -_LATEST_S:
            self.late_s -= delay_s
            self._zero_s = now_s - time_s / self.factor
        return max(0.0, delay_s)

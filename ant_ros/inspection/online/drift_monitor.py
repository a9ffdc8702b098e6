# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tell when parts that pass no longer look as they did when the limits were set."""

from __future__ import annotations

from collections import deque
import math
import statistics
import threading

__all__ = ['DriftMonitor']

_SLACK = 0.5
_ALARM = 20.0
_MOST = 4.0
"""Standard deviations by which one part counts at most."""

_LATEST = 100
_LEAST_SCORE = 1e-6
_LEAST_SPREAD = 0.05


class DriftMonitor:
    """Watch the scores of parts that pass (Page: Continuous inspection schemes, 1954).

    The first parts say what is usual. From then on two sums are kept: by how many standard
    deviations scores were higher than usual, and lower, each less a slack. Good at: small
    changes that stay. Bad at: one odd part, which is the verdict's matter. Any thread may ask.

    Args:
        usual: Parts from which is learned what is usual.
    """

    def __init__(self, usual: int = 200) -> None:
        if usual < 2:
            raise ValueError(f'usual is {usual}: expected at least 2 parts')
        self._wanted = usual
        self._turn = threading.Lock()
        self._first: list[float] = []
        self._latest: deque[float] = deque(maxlen=_LATEST)
        self._mean = self._spread = 0.0
        self._higher = self._lower = 0.0

    def add(self, share: float) -> None:
        """Take the score of a part that passed, as a share of the limit."""
        value = math.log(max(share, _LEAST_SCORE))
        with self._turn:
            if len(self._first) < self._wanted:
                self._first.append(value)
                if len(self._first) == self._wanted:
                    self._mean = statistics.fmean(self._first)
                    self._spread = max(statistics.stdev(self._first), _LEAST_SPREAD)
                return
            self._latest.append(value)
            away = min(max((value - self._mean) / self._spread, -_MOST), _MOST)
            # Capped, so that it is soon well again when all is as it was.
            self._higher = min(max(0.0, self._higher + away - _SLACK), 2 * _ALARM)
            self._lower = min(max(0.0, self._lower - away - _SLACK), 2 * _ALARM)

    @property
    def warning(self) -> str:
        """What has changed, and what to do; empty if nothing has."""
        with self._turn:
            if max(self._higher, self._lower) < _ALARM:
                return ''
            before, now = math.exp(self._mean), math.exp(statistics.median(self._latest))
        what, risk = (('rose', 'more good parts may be stopped') if now > before else
                      ('fell', 'faint defects may pass, as with an image out of focus'))
        return (f'the calibration may no longer hold: scores of parts that pass {what} from '
                f'{before:.2f} to {now:.2f} of the limit, {risk}; look at light, camera and '
                'material, then teach again')

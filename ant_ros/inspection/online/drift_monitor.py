# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tell when parts no longer look as they did when the limits were set."""

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

_MOST_DEFECTS = 0.1
"""Share of defective parts that a line may have for long; more is worth a look."""

_CERTAIN = math.log(1e6)
"""In so many parts, e to the power of this, chance alone leads to one alarm at most."""


class DriftMonitor:
    """Watch the scores of parts that pass, and the share of parts that do not.

    The first parts say which scores are usual. From then on two sums are kept: by how many
    standard deviations scores were higher than usual, and lower, each less a slack. A third sum,
    from the first part on, asks whether parts are stopped as often as one in ten is defective,
    or rather far more often (both: Page: Continuous inspection schemes, 1954). Good at: small
    changes that stay, and light that fails. Bad at: one odd part, which is the verdict's matter;
    telling many defects from a calibration that is off. Any thread may ask.

    Args:
        usual: Parts from which is learned what is usual.
        target_frr: Share of good parts that is expected to be stopped.
    """

    def __init__(self, usual: int = 200, target_frr: float = 0.0) -> None:
        if usual < 2:
            raise ValueError(f'usual is {usual}: expected at least 2 parts')
        if not 0 <= target_frr < 1:
            raise ValueError(f'target_frr is {target_frr}: expected a share from 0, below 1')
        expected = 1 - (1 - _MOST_DEFECTS) * (1 - target_frr)
        feared = (1 + expected) / 2
        self._stop_says = math.log(feared / expected)
        self._pass_says = math.log((1 - feared) / (1 - expected))
        self._stops = 0.0
        self._stopped: deque[bool] = deque(maxlen=_LATEST)
        self._wanted = usual
        self._turn = threading.Lock()
        self._first: list[float] = []
        self._latest: deque[float] = deque(maxlen=_LATEST)
        self._mean = self._spread = 0.0
        self._higher = self._lower = 0.0

    def add(self, share: float) -> None:
        """Take the score of a part that passed, as a share of the limit, where it has one."""
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

    def count(self, *, stopped: bool) -> None:
        """Take whether an inspected part was stopped."""
        with self._turn:
            self._stopped.append(stopped)
            says = self._stop_says if stopped else self._pass_says
            self._stops = min(max(0.0, self._stops + says), 2 * _CERTAIN)

    @property
    def warning(self) -> str:
        """What has changed, and what to do; empty if nothing has."""
        with self._turn:
            if self._stops >= _CERTAIN:
                return ('the calibration no longer holds, or something is wrong with the parts: '
                        f'{sum(self._stopped)} of the latest {len(self._stopped)} were stopped; '
                        'look at lamps, camera and the pictures first; if they are as they were, '
                        'at what makes the parts')
            if max(self._higher, self._lower) < _ALARM:
                return ''
            before, now = math.exp(self._mean), math.exp(statistics.median(self._latest))
        what, risk = (('rose', 'more good parts may be stopped') if now > before else
                      ('fell', 'faint defects may pass, as with an image out of focus'))
        return (f'the calibration may no longer hold: scores of parts that pass {what} from '
                f'{before:.2f} to {now:.2f} of the limit, {risk}; look at light, camera and '
                'material, then teach again')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Add up the losses that nodes report, over their restarts."""

from collections import Counter
from collections.abc import Mapping

__all__ = ['LossTotals']

_PREFIX = 'lost_'


class LossTotals:
    """
    Follow counters of losses that begin at 0 again when their node is started anew.

    >>> totals = LossTotals()
    >>> for count in ('3', '5', '1'):
    ...     totals.report('inspector: input', {'lost_bad': count, 'age_s': '0.1'})
    >>> totals.by_cause()
    {'bad': 6}
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], int] = {}
        self._before: Counter[str] = Counter()

    def report(self, reporter: str, values: Mapping[str, str]) -> None:
        """Take the counts from a report: the values named `lost_CAUSE`."""
        for key, value in values.items():
            if not key.startswith(_PREFIX) or not value.isdecimal():
                continue
            cause = key[len(_PREFIX):]
            last = self._newest.get((reporter, cause), 0)
            if int(value) < last:
                self._before[cause] += last
            self._newest[reporter, cause] = int(value)

    def by_cause(self) -> dict[str, int]:
        """Return how many were lost in all, by cause."""
        total = self._before.copy()
        for (_, cause), count in self._newest.items():
            total[cause] += count
        return dict(total)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Winners become labels: count, online, which label each of them came with."""

from collections.abc import Hashable
from collections.abc import Sequence

import numpy as np

from ant_ros.network.temporal.column import NO_WINNER
from ant_ros.network.temporal.encoding import NEVER

__all__ = ['TallyDecoder']


class TallyDecoder:
    """Count labels by (column, winner, spike time), and let the columns vote.

    A vote is the logarithm of a label's share among what was counted in the same place, with one
    count divided over all labels added. Labels may be new at any time. (After the unsupervised
    column with a simple online decoder of Smith, arXiv 2011.13844; the vote is ours.)

    Args:
        columns: Columns that are listened to.
        ticks: Length of the cycle; 1 if spike times are not to be told apart.

    Raises:
        ValueError: No columns or ticks.
    """

    def __init__(self, columns: int = 1, ticks: int = 1) -> None:
        if columns < 1 or ticks < 1:
            raise ValueError(f'{columns} columns and {ticks} ticks: expected at least 1 each')
        self.columns, self.ticks = columns, ticks
        self._counts: dict[tuple[int, int, int], dict[Hashable, int]] = {}
        self._labels: dict[Hashable, int] = {}

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """Labels seen so far, in the order in which they came."""
        return tuple(self._labels)

    def learn(self, winners: Sequence[int] | np.ndarray, label: Hashable,
              times: Sequence[int] | np.ndarray | None = None) -> None:
        """Count a label.

        Args:
            winners: The winner of each column, or `NO_WINNER`, `[columns]`.
            label: What it was.
            times: Spike times of the winners `[columns]`; left out if `ticks` is 1.

        Raises:
            ValueError: Another number of columns, or times outside the cycle.
        """
        places = self._places(winners, times)
        self._labels[label] = self._labels.get(label, 0) + 1
        for place in places:
            counts = self._counts.setdefault(place, {})
            counts[label] = counts.get(label, 0) + 1

    def decide(self, winners: Sequence[int] | np.ndarray,
               times: Sequence[int] | np.ndarray | None = None) -> Hashable | None:
        """Return the label with most votes; of equals the one that came first.

        Args:
            winners: The winner of each column, or `NO_WINNER`, `[columns]`.
            times: Spike times of the winners `[columns]`; left out if `ticks` is 1.

        Returns:
            A label, or None if none of this was ever counted.

        Raises:
            ValueError: Another number of columns, or times outside the cycle.
        """
        known = [self._counts[place] for place in self._places(winners, times)
                 if place in self._counts]
        if not known:
            return None
        share = 1.0 / len(self._labels)
        votes = {label: sum(np.log((counts.get(label, 0) + share) / (sum(counts.values()) + 1.0))
                            for counts in known) for label in self._labels}
        return max(votes, key=lambda label: votes[label])

    def _places(self, winners: Sequence[int] | np.ndarray,
                times: Sequence[int] | np.ndarray | None) -> list[tuple[int, int, int]]:
        winners = np.asarray(winners)
        times = np.zeros(self.columns, np.int64) if times is None else np.asarray(times)
        if winners.shape != (self.columns,) or times.shape != (self.columns,):
            raise ValueError(f'{winners.shape} winners with {times.shape} times: expected one '
                             f'each for {self.columns} columns')
        heard = winners != NO_WINNER
        if (winners < NO_WINNER).any():
            raise ValueError(f'winner {winners.min()}: expected numbers of neurons, or '
                             f'NO_WINNER ({NO_WINNER})')
        if ((times < 0) | (times >= self.ticks))[heard & (times != NEVER)].any():
            raise ValueError(f'spike times {times.tolist()} are outside the cycle of '
                             f'{self.ticks} ticks')
        return [(int(column), int(winners[column]), int(times[column]))
                for column in np.flatnonzero(heard)]

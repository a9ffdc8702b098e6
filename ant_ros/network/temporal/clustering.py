# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recurring patterns find a neuron each, without labels, and get a name."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.dendrite import DendriteSpikes
from ant_ros.network.temporal.encoding import latency
from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.plasticity import follow

__all__ = ['Proposal', 'TemporalClusters']


@dataclass(frozen=True)
class Proposal:
    """What a pattern looks like.

    Attributes:
        cluster: Number of the cluster.
        name: Its name.
        confidence: 1 for the cluster's very pattern, 0 where it is no nearer than the next
            cluster or at the border of the unknown.
        seen: Patterns that the cluster has learned from.
    """

    cluster: int
    name: str
    confidence: float
    seen: int


class TemporalClusters:
    """Cluster patterns as they come: temporal neurons, one spike each, that grow in number.

    Features become pairs of spike times, large values early on one line and small ones on the
    other. The neuron that fires first takes the pattern and its ramps follow it (`follow`); if
    none fires, a new neuron does, up to a limit. Good at: few patterns, one look at each, no
    number of clusters known before. Bad at: clusters of very different widths; one tolerance
    holds for all.

    Args:
        low: Lowest value of the features, a number or `[D]`; below counts as equal.
        high: Highest value, a number or `[D]`; above counts as equal.
        features: D, where neither range says it.
        tolerance: Mean difference of a pattern from its cluster, in parts of the ranges, up to
            which it belongs to it; in (0, 1).
        limit: Most clusters there can be.
        rate: Probability that a weight takes a step towards a pattern, in [0, 1].
        levels: Values told apart within a range; the largest weight, up to 127.
        seed: Seed of the draws.

    Raises:
        ValueError: Empty ranges, or numbers out of their range.
    """

    def __init__(self, low: np.ndarray | float, high: np.ndarray | float, *,
                 features: int | None = None, tolerance: float = 0.12, limit: int = 32,
                 rate: float = 0.3, levels: int = 15, seed: int = 0) -> None:
        width = np.broadcast_shapes(np.shape(low), np.shape(high), (features or 1,))[0]
        self.low = np.broadcast_to(np.asarray(low, np.float64), width).copy()
        self.high = np.broadcast_to(np.asarray(high, np.float64), width).copy()
        latency(self.low, self.low, self.high, levels)  # refuses empty ranges
        if not 0.0 < tolerance < 1.0:
            raise ValueError(f'tolerance is {tolerance}, expected a part of the ranges in 0 to 1')
        if limit < 1:
            raise ValueError(f'limit is {limit}, expected at least one cluster')
        if not 0.0 <= rate <= 1.0:
            raise ValueError(f'rate is {rate}, expected a probability in 0 to 1')
        self.tolerance, self.rate = tolerance, rate
        threshold = max(int(np.ceil((1.0 - tolerance) * width * levels)), 1)
        self._neurons = Dendrites(np.arange(2 * width)[None], limit, 1, thresholds=threshold,
                                  ticks=levels, largest=levels)
        self._rng = np.random.default_rng(seed)
        self._names: dict[int, str] = {}

    @property
    def limit(self) -> int:
        """Most clusters there can be."""
        return self._neurons.weights.shape[1]

    @property
    def count(self) -> int:
        """Clusters there are."""
        return int(np.count_nonzero(self._neurons.wins))

    @property
    def seen(self) -> np.ndarray:
        """Patterns that each cluster has learned from, `[clusters]`."""
        return self._neurons.wins[0, :self.count, 0].copy()

    def learn(self, features: np.ndarray) -> int | None:
        """Learn from one pattern.

        Args:
            features: `[D]`.

        Returns:
            Number of its cluster, new or old; None if it fits none and the limit is reached.

        Raises:
            ValueError: NaN, or another number of features.
        """
        times = self._encode(np.asarray(features)[None])
        winner = self._winner(self._neurons.respond(times))
        if winner is None and self.count == self.limit:
            return None
        levels = self._neurons.ticks
        if winner is None:
            winner, weights = self.count, levels - np.minimum(times, levels)
        else:
            weights = follow(self._neurons.weights[:, winner, 0], times, levels, self.rate,
                             self._rng)
        self._neurons.replace(winner, weights)
        return winner

    def propose(self, features: np.ndarray) -> Proposal | None:
        """Say which cluster a pattern belongs to, without learning; None: unknown.

        Args:
            features: `[D]`.

        Raises:
            ValueError: NaN, or another number of features.
        """
        spikes = self._neurons.respond(self._encode(np.asarray(features)[None]))
        winner = self._winner(spikes)
        if winner is None:
            return None
        distances = self._distances(spikes)[0]
        others = np.delete(distances, winner)
        border = min(self.tolerance, others.min(initial=np.inf))
        confidence = 1.0 - distances[winner] / border if border > 0 else 0.0
        return Proposal(winner, self.name_of(winner), float(np.clip(confidence, 0.0, 1.0)),
                        int(self._neurons.wins[0, winner, 0]))

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Return the mean difference of patterns from every cluster, in parts of the ranges.

        Args:
            features: `[N, D]`.

        Returns:
            `[N, clusters]`, each from 0 to 1.

        Raises:
            ValueError: NaN, or another number of features.
        """
        return self._distances(self._neurons.respond(self._encode(np.asarray(features))))

    def name_of(self, cluster: int) -> str:
        """Return the name of a cluster: the one given, or 'pattern' and its number from 1.

        Raises:
            ValueError: No such cluster.
        """
        self._check(cluster)
        return self._names.get(cluster, f'pattern {cluster + 1}')

    def rename(self, cluster: int, name: str) -> None:
        """Give a cluster a name; several may have the same.

        Raises:
            ValueError: No such cluster, or an empty name.
        """
        self._check(cluster)
        if not name.strip():
            raise ValueError(f'the name of cluster {cluster} is empty: give it a word')
        self._names[cluster] = name

    def state(self) -> dict[str, np.ndarray]:
        """Return everything as arrays, names as UTF-8; the draws begin anew when restored."""
        names = '\n'.join(self._names.get(i, '').replace('\n', ' ') for i in range(self.count))
        return {'low': self.low.copy(), 'high': self.high.copy(),
                'numbers': np.array([self.tolerance, self.rate]),
                'names': np.frombuffer(names.encode(), np.uint8).copy(),
                **self._neurons.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray], seed: int = 0) -> 'TemporalClusters':
        """Return the clusters that `state` was asked of.

        Raises:
            ValueError: Arrays are missing or do not fit each other.
        """
        missing = {'low', 'high', 'numbers', 'names', 'weights'} - set(state)
        if missing:
            raise ValueError(f'the state lacks {", ".join(sorted(missing))}: give all arrays that '
                             'state() returned')
        neurons = Dendrites.from_state(state)
        tolerance, rate = (float(value) for value in state['numbers'])
        clusters = cls(state['low'], state['high'], tolerance=tolerance, rate=rate, seed=seed,
                       limit=neurons.weights.shape[1], levels=neurons.ticks)
        if clusters._neurons.weights.shape != neurons.weights.shape:
            raise ValueError(f'weights of shape {neurons.weights.shape} for {len(clusters.low)} '
                             'features: the state was mixed up or damaged')
        clusters._neurons = neurons
        names = bytes(state['names']).decode().split('\n')
        clusters._names = {i: name for i, name in enumerate(names) if name}
        return clusters

    def _encode(self, features: np.ndarray) -> np.ndarray:
        if features.ndim != 2 or features.shape[1] != len(self.low):
            raise ValueError(f'features of shape {features.shape[-1:]}: expected '
                             f'{len(self.low)} numbers for a pattern')
        return latency(features, self.low, self.high, self._neurons.ticks)

    def _check(self, cluster: int) -> None:
        if not 0 <= cluster < self.count:
            raise ValueError(f'there is no cluster {cluster}: there are {self.count}, numbered '
                             'from 0')

    def _winner(self, spikes: DendriteSpikes) -> int | None:
        """Return the neuron that fires first; of equals the largest potential, then number."""
        times, potentials = spikes.times[0, 0], spikes.potentials[0, 0]
        first = times.min()
        if first == NEVER:
            return None
        return int(np.where(times == first, potentials, -1.0).argmax())

    def _distances(self, spikes: DendriteSpikes) -> np.ndarray:
        silent = spikes.times[:, 0] == NEVER
        last = np.where(silent, spikes.potentials[:, 0], spikes.drive[:, -1])
        greatest = self._neurons.ticks * len(self.low)
        return (1.0 - last / greatest)[:, :self.count]

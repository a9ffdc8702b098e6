# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies that look alike, found by temporal neurons before anybody has named them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
import json

import numpy as np

from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.network.temporal.clustering import TemporalClusters

__all__ = ['Group', 'Proposals']

_RANGE = 6.0
"""Tolerances to either side of good parts within which anomalies are told apart."""

_MEMBERS = 50
_MEMBERS_KEY = 'members'


@dataclass(frozen=True)
class Group:
    """Anomalies that look alike.

    Attributes:
        number: Stays the same for as long as the group is there.
        name: What a person called it, else 'pattern' and its number from 1.
        seen: Anomalies in it.
        parts: IDs of the latest ones.
        confidence: How clearly the anomaly asked about belongs to it, 0 to 1.
    """

    number: int
    name: str
    seen: int
    parts: tuple[str, ...]
    confidence: float = 1.0


class Proposals:
    """Group unnamed anomalies as they come, so that an operator names a group once.

    Differences count in parts of what places of one kind may differ by. Good at: few kinds,
    without knowing how many. Bad at: a kind that looks different each time; it becomes several.

    Args:
        space: How features are made comparable.
        tolerance: Mean difference from a group up to which an anomaly belongs to it, in parts of
            what places of a kind may differ by; less makes more groups.
        limit: Most groups.
        seed: Seed of the neurons' draws.
    """

    def __init__(
        self, space: FeatureSpace, *, tolerance: float = 1.0, limit: int = 32, seed: int = 0,
    ) -> None:
        self._space = space
        self._clusters = TemporalClusters(
            -_RANGE, _RANGE, features=space.width, tolerance=tolerance / (2 * _RANGE),
            limit=limit, seed=seed)
        self._members: dict[int, deque[str]] = {}

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups."""
        return tuple(self._group(number) for number in range(self._clusters.count))

    def learn(self, part: str, vector: np.ndarray) -> Group | None:
        """Put an anomaly into a group, which may be new; None if it fits none and all are taken.

        Args:
            part: ID of the part.
            vector: Features of its place [F].

        Raises:
            ValueError: another number of features, or numbers that are not finite.
        """
        number = self._clusters.learn(self._pattern(vector))
        if number is None:
            return None
        self._members.setdefault(number, deque(maxlen=_MEMBERS)).append(part)
        return self._group(number)

    def propose(self, vector: np.ndarray) -> Group | None:
        """Say which group an anomaly [F] belongs to, without learning; None: none.

        Raises:
            ValueError: another number of features, or numbers that are not finite.
        """
        found = self._clusters.propose(self._pattern(vector))
        return None if found is None else self._group(found.cluster, found.confidence)

    def rename(self, number: int, name: str) -> None:
        """Give a group the name of a class.

        Raises:
            ValueError: no such group, or an empty name.
        """
        self._clusters.rename(number, name)

    def state(self) -> dict[str, np.ndarray]:
        """Return everything as arrays."""
        members = json.dumps({number: list(parts) for number, parts in self._members.items()})
        return {**self._clusters.state(),
                _MEMBERS_KEY: np.frombuffer(members.encode(), np.uint8).copy()}

    @classmethod
    def from_state(cls, space: FeatureSpace, state: Mapping[str, np.ndarray]) -> Proposals:
        """Return the proposals that `state` was asked of.

        Raises:
            ValueError: arrays are missing or do not fit each other.
        """
        if _MEMBERS_KEY not in state:
            raise ValueError(f'the state lacks {_MEMBERS_KEY}: give all arrays that state() '
                             'returned')
        arrays = {name: array for name, array in state.items() if name != _MEMBERS_KEY}
        proposals = cls(space)
        proposals._clusters = TemporalClusters.from_state(arrays)
        if len(proposals._clusters.low) != space.width:
            raise ValueError(f'groups of {len(proposals._clusters.low)} features: expected '
                             f'{space.width}')
        members = json.loads(bytes(state[_MEMBERS_KEY]))
        proposals._members = {
            int(number): deque(parts, maxlen=_MEMBERS) for number, parts in members.items()}
        return proposals

    def _pattern(self, vector: np.ndarray) -> np.ndarray:
        """Return how an anomaly differs from good parts [F], in parts of what a kind may."""
        scaled = self._space.scale(np.asarray(vector, np.float64)[None])[0]
        if not np.isfinite(scaled).all():
            raise ValueError('features that are not finite')
        return scaled / self._space.alike.mean(axis=0)

    def _group(self, number: int, confidence: float = 1.0) -> Group:
        return Group(number, self._clusters.name_of(number), int(self._clusters.seen[number]),
                     tuple(self._members.get(number, ())), confidence)

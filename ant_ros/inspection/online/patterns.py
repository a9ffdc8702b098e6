# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies that look alike and have no name yet, so that a person names them once."""

from __future__ import annotations

from collections.abc import Collection
import threading

import numpy as np

from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import Group
from ant_ros.inspection.learning import Proposals

__all__ = ['Patterns']

_ENOUGH = 3
"""Anomalies alike from which on they are a pattern."""


class Patterns:
    """Group what nobody has named, as it comes, and call the groups by number until they are.

    `say` may be asked from any thread while another one learns. What is known here is not saved:
    a name is learned as a label, the rest comes again.

    Args:
        space: How features are made comparable.
    """

    def __init__(self, space: FeatureSpace) -> None:
        self._proposals = Proposals(space)
        self._turn = threading.Lock()

    def learn(self, part: str, vector: np.ndarray) -> None:
        """Learn from an anomaly [F] that has no name; of a part once."""
        with self._turn:
            if not any(part in group.parts for group in self._proposals.groups):
                self._proposals.learn(part, vector)

    def say(self, vector: np.ndarray, classes: Collection[str]) -> str:
        """Say which pattern an anomaly [F] looks like; empty if none, or too few are known.

        Args:
            vector: Features of its place.
            classes: The classes there are; a name that is none of them is not used.
        """
        with self._turn:
            group = self._proposals.propose(vector)
            return '' if group is None or group.seen < _ENOUGH else _name(group, classes)

    def found(self, classes: Collection[str]) -> tuple[Group, ...]:
        """Return the patterns that have no name yet."""
        with self._turn:
            return tuple(group for group in self._proposals.groups
                         if group.seen >= _ENOUGH and group.name not in classes)

    def members(self, name: str) -> tuple[str, ...]:
        """Return the latest parts that look like a pattern, by its number, the latest first."""
        with self._turn:
            return next((tuple(dict.fromkeys(reversed(group.parts)))
                         for group in self._proposals.groups
                         if group.seen >= _ENOUGH and _numbered(group) == name), ())

    def call(self, part: str, word: str) -> str:
        """Give the pattern that a part belongs to the name of a class.

        Returns:
            The pattern's name by number; empty if the part belongs to none.
        """
        with self._turn:
            for group in self._proposals.groups:
                if part in group.parts and group.seen >= _ENOUGH:
                    self._proposals.rename(group.number, word)
                    return _numbered(group)
        return ''


def _name(group: Group, classes: Collection[str]) -> str:
    return group.name if group.name in classes else _numbered(group)


def _numbered(group: Group) -> str:
    return f'pattern {group.number + 1}'

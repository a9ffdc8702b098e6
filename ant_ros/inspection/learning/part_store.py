# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Features of the latest parts, so that a label may come late."""

from __future__ import annotations

from collections import OrderedDict

from ant_ros.inspection.learning.features import PartFeatures

__all__ = ['PartStore']


class PartStore:
    """The latest parts; the oldest goes first.

    Args:
        most: Parts that are kept.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._parts: OrderedDict[str, PartFeatures] = OrderedDict()
        self._stale: set[str] = set()

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, features: PartFeatures, *, stale: bool = False) -> None:
        """Keep a part; one with the same ID is replaced.

        Args:
            features: The part.
            stale: It was looked at by a recipe that has changed since.
        """
        self._parts.pop(features.part, None)
        self._parts[features.part] = features
        self._stale.discard(features.part)
        if stale:
            self._stale.add(features.part)
        if len(self._parts) > self.most:
            self._stale.discard(self._parts.popitem(last=False)[0])

    def get(self, part: str) -> PartFeatures | None:
        """Return a part, or None if it is not or no longer there."""
        return self._parts.get(part)

    def age(self) -> None:
        """Know that the recipe has changed since all these parts were looked at."""
        self._stale = set(self._parts)

    def is_stale(self, part: str) -> bool:
        """Tell whether the recipe has changed since a part was looked at."""
        return part in self._stale

    @property
    def bytes(self) -> int:
        """Bytes of all features."""
        return sum(part.bytes for part in self._parts.values())

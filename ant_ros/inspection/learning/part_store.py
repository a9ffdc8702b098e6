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

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, features: PartFeatures) -> None:
        """Keep a part; one with the same ID is replaced."""
        self._parts.pop(features.part, None)
        self._parts[features.part] = features
        if len(self._parts) > self.most:
            self._parts.popitem(last=False)

    def get(self, part: str) -> PartFeatures | None:
        """Return a part, or None if it is not or no longer there."""
        return self._parts.get(part)

    @property
    def bytes(self) -> int:
        """Bytes of all features."""
        return sum(part.bytes for part in self._parts.values())

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What other robots have said of any recipe, kept until that recipe is in use here."""

from collections import OrderedDict
import threading

from ant_ros.inspection.learning import Limits
from ant_ros.inspection.learning import PLACE_FEATURES
from ant_ros.inspection.learning.fleet import origin_of

__all__ = ['MOST_BYTES', 'MOST_ROBOTS', 'Hearsay']

MOST_BYTES = Limits().message_bytes(len(PLACE_FEATURES))
"""Size of the largest message: a fleet that has learned as much as it can."""

MOST_ROBOTS = Limits().robots

_MOST_RECIPES = 4


class Hearsay:
    """The last message of each robot on each recipe; any thread may use it.

    A message says all that its robot knows of a recipe, so that the last one is enough. The
    oldest ones go where there are too many; what is too large for a message is not kept.

    Args:
        most: Messages that are kept.
        most_bytes: What all of them may take together.
    """

    def __init__(self, most: int = _MOST_RECIPES * MOST_ROBOTS,
                 most_bytes: int = _MOST_RECIPES * MOST_BYTES):
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._turn = threading.Lock()

    def add(self, message: bytes) -> None:
        """Keep a message in place of its robot's last one on that recipe; noise is not kept."""
        if len(message) > min(MOST_BYTES, self._most_bytes):
            return
        origin = origin_of(message)
        if origin is None:
            return
        with self._turn:
            self._kept.pop(origin, None)
            self._kept[origin] = message
            while len(self._kept) > self._most or self._bytes > self._most_bytes:
                self._kept.popitem(last=False)

    def on(self, space: str) -> list[bytes]:
        """Return what was said of the recipe whose features have this digest, oldest first."""
        with self._turn:
            return [message for origin, message in self._kept.items() if origin[0] == space]

    @property
    def _bytes(self) -> int:
        return sum(map(len, self._kept.values()))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Hand work from one thread to another without ever piling it up."""

from collections import deque
import threading
from typing import Generic
from typing import TypeVar

__all__ = ['Mailbox']

Item = TypeVar('Item')


class Mailbox(Generic[Item]):
    """A bounded, ordered hand-over; what does not fit comes back to the giver.

    Nothing is lost in silence: `put` returns the item that had no place.

    Args:
        capacity: items that may wait.
        newest_wins: when full, give way to the new item by returning the oldest one (a camera
            watched live); otherwise return the new one (every part counts).
    """

    def __init__(self, capacity: int, *, newest_wins: bool):
        if capacity < 1:
            raise ValueError(f'a mailbox of {capacity} items holds nothing, expected at least 1')
        self._capacity = capacity
        self._newest_wins = newest_wins
        self._items: deque[Item] = deque()
        self._urgent: deque[Item] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: Item) -> Item | None:
        """Hand an item over; return the one that had no place, None if all fit."""
        with self._changed:
            if self._closed:
                return item
            if len(self._items) < self._capacity:
                self._items.append(item)
                self._changed.notify()
                return None
            if not self._newest_wins:
                return item
            self._items.append(item)
            return self._items.popleft()

    def put_urgent(self, item: Item) -> bool:
        """Hand an item over before all others, beside the capacity; False when closed."""
        with self._changed:
            if self._closed:
                return False
            self._urgent.append(item)
            self._changed.notify()
            return True

    def get(self) -> Item | None:
        """Wait for the next item; None when the mailbox is closed."""
        with self._changed:
            while not self._closed and not self._urgent and not self._items:
                self._changed.wait()
            if self._closed:
                return None
            return (self._urgent or self._items).popleft()

    def drain(self) -> list[Item]:
        """Take everything that waits, except what is urgent."""
        with self._changed:
            items = list(self._items)
            self._items.clear()
            return items

    def close(self) -> list[Item]:
        """Let `get` return None from now on; return what was still waiting."""
        with self._changed:
            self._closed = True
            left = [*self._urgent, *self._items]
            self._urgent.clear()
            self._items.clear()
            self._changed.notify_all()
            return left

    def __len__(self) -> int:
        return len(self._items)

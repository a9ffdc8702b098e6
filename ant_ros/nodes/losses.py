# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Count the images that did not lead to a verdict, by cause."""

from collections import Counter
import threading
import time

__all__ = ['LOSS_CAUSES', 'Losses']

LOSS_CAUSES = {
    'transport': 'published but never arrived',
    'overwritten': 'arrived, but a newer one took its place before it was looked at',
    'overflow': 'arrived while the queue was full',
    'bad': 'could not be read',
    'unmatched': 'no trigger asked for it',
    'unstamped': 'has stamp 0 and cannot be matched to a trigger',
    'inactive': 'was waiting when the node was deactivated',
}

_RECENT_S = 10.0


class Losses:
    """Counts by cause, from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, cause: str, count: int = 1) -> None:
        """Count lost images; `cause` is a key of `LOSS_CAUSES`."""
        if cause not in LOSS_CAUSES:
            raise ValueError(f'{cause!r} is no cause, expected one of {", ".join(LOSS_CAUSES)}')
        if not count:
            return
        with self._lock:
            self._counts[cause] += count
            self._last_s[cause] = time.monotonic()

    def counts(self) -> dict[str, int]:
        """Return the count of every cause so far."""
        with self._lock:
            return {cause: self._counts[cause] for cause in LOSS_CAUSES}

    def recent(self) -> frozenset[str]:
        """Return the causes that took images in the last seconds."""
        since_s = time.monotonic() - _RECENT_S
        with self._lock:
            return frozenset(cause for cause, last_s in self._last_s.items() if last_s > since_s)

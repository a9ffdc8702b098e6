# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A part between its trigger and its verdict."""

from dataclasses import dataclass
import threading
from typing import Any

__all__ = ['Frame', 'PendingPart']


@dataclass(frozen=True)
class Frame:
    """An image message as it came in.

    Attributes:
        message: the message, not yet looked into.
        stamp_ns: its stamp.
        received_s: when it came, on the monotonic clock.
    """

    message: Any
    stamp_ns: int
    received_s: float


class PendingPart:
    """A part that is owed exactly one verdict.

    Whoever wants to answer (the worker, or the executor's thread on a timeout, an overflow or a
    deactivation) must `claim` it first; only one of them gets it.

    Args:
        part_id: the part.
        stamp_ns: stamp of its trigger.
        triggered_s: when the trigger came, on the monotonic clock.
        expires_ns: node time at which it is no longer waited for an image.
        frame: its image, where it is known from the start.

    Attributes:
        submitted_s: when it was handed to the worker, on the monotonic clock.
    """

    def __init__(self, part_id: str, stamp_ns: int, triggered_s: float, expires_ns: int = 0,
                 frame: Frame | None = None):
        self.part_id = part_id
        self.stamp_ns = stamp_ns
        self.triggered_s = triggered_s
        self.expires_ns = expires_ns
        self.frame = frame
        self.submitted_s = triggered_s
        self._claimed = threading.Lock()

    def claim(self) -> bool:
        """Take the right to answer; False when somebody has it already."""
        return self._claimed.acquire(blocking=False)

    def fields(self, inspector: str) -> dict[str, Any]:
        """Return the fields of a verdict that say which part it is about, and who says it."""
        if self.frame is None:
            stamp_ns, frame_id = self.stamp_ns, ''
        else:
            stamp_ns, frame_id = self.frame.stamp_ns, self.frame.message.header.frame_id
        return {'part_id': self.part_id, 'stamp_ns': stamp_ns, 'frame_id': frame_id,
                'inspector': inspector}

    @property
    def answered(self) -> bool:
        """Return whether the verdict has been given or is being given."""
        return self._claimed.locked()

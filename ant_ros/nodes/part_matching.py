# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Find for each triggered part its image among those that the camera sends."""

from collections import deque

from ant_ros.nodes.pending_part import Frame
from ant_ros.nodes.pending_part import PendingPart

__all__ = ['PartMatcher']

_JUMP_NS = 10 ** 9
_GIVEN_UP = 32


class PartMatcher:
    """Match triggers and images by their stamps, in whichever order they come.

    The image of a part is the one nearest to the trigger's stamp plus the camera's offset, within
    the tolerance, and an image belongs to the part that is nearest to it: so a lost image is not
    made up for by the next part's. An image that is stamped at the moment looked for, or later,
    settles it at once, since what follows is further away; one from before it is taken when the
    next image comes, or at the deadline. Each image serves one part.

    A stamp that lies more than a second before the last one of its kind means that time has
    jumped back (a simulation was reset, a recording started over): what waited from before the
    jump is given up.

    Args:
        tolerance_ns: largest distance of an image from the moment looked for.
        offset_ns: what the camera's stamp lags behind the trigger's.
        keep_frames: images that are kept for a trigger still to come.
    """

    def __init__(self, *, tolerance_ns: int, offset_ns: int, keep_frames: int):
        self._tolerance_ns = tolerance_ns
        self._offset_ns = offset_ns
        self._keep_frames = keep_frames
        self._parts: list[PendingPart] = []
        self._frames: list[Frame] = []
        self._targets_given_up: deque[int] = deque(maxlen=_GIVEN_UP)
        self._newest_part_ns: int | None = None
        self._newest_frame_ns: int | None = None

    @property
    def waiting(self) -> tuple[PendingPart, ...]:
        """Return the parts that wait for an image."""
        return tuple(self._parts)

    def add_part(self, part: PendingPart) -> list[PendingPart]:
        """Add a part; return those given up because the triggers' time jumped back."""
        given_up: list[PendingPart] = []
        if _jumped(self._newest_part_ns, part.stamp_ns):
            given_up, self._parts = self._parts, []
            self._targets_given_up.clear()
            self._newest_part_ns = None
        self._newest_part_ns = max(self._newest_part_ns or 0, part.stamp_ns)
        self._parts.append(part)
        return given_up

    def add_frame(self, frame: Frame) -> int:
        """Add an image; return how many older ones are dropped for it, never asked for."""
        dropped = 0
        if _jumped(self._newest_frame_ns, frame.stamp_ns):
            dropped = len(self._frames)
            self._frames.clear()
            self._newest_frame_ns = None
        self._newest_frame_ns = max(self._newest_frame_ns or 0, frame.stamp_ns)
        self._frames.append(frame)
        self._frames.sort(key=lambda kept: kept.stamp_ns)
        surplus = max(0, len(self._frames) - self._keep_frames)
        del self._frames[:surplus]
        return dropped + surplus

    def settle(self) -> list[PendingPart]:
        """Return the parts whose image is certain, with their `frame` set."""
        settled = [part for part in self._parts
                   if self._nothing_nearer_to_come(part) and self._take_frame(part)]
        for part in settled:
            self._parts.remove(part)
        return settled

    def give_up(self, part: PendingPart) -> bool:
        """Stop waiting; return whether an image came after all, from before the moment."""
        self._parts.remove(part)
        self._targets_given_up.append(self._target_ns(part))
        return self._take_frame(part)

    def clear(self) -> tuple[list[PendingPart], int]:
        """Forget everything; return the parts that were waiting and the number of images."""
        parts, frames = self._parts, len(self._frames)
        self._parts, self._frames = [], []
        self._targets_given_up.clear()
        self._newest_part_ns = self._newest_frame_ns = None
        return parts, frames

    def _target_ns(self, part: PendingPart) -> int:
        return part.stamp_ns + self._offset_ns

    def _nothing_nearer_to_come(self, part: PendingPart) -> bool:
        return bool(self._frames) and self._frames[-1].stamp_ns >= self._target_ns(part)

    def _take_frame(self, part: PendingPart) -> bool:
        """Give a part its image, if there is one that belongs to it."""
        target_ns = self._target_ns(part)
        mine = [frame for frame in self._frames
                if abs(frame.stamp_ns - target_ns) <= self._tolerance_ns
                and not self._belongs_to_another(frame, part)]
        if not mine:
            return False
        part.frame = min(mine, key=lambda frame: abs(frame.stamp_ns - target_ns))
        self._frames.remove(part.frame)
        return True

    def _belongs_to_another(self, frame: Frame, part: PendingPart) -> bool:
        distance_ns = abs(frame.stamp_ns - self._target_ns(part))
        others = [self._target_ns(other) for other in self._parts if other is not part]
        return any(abs(frame.stamp_ns - target_ns) < distance_ns
                   for target_ns in (*others, *self._targets_given_up))


def _jumped(newest_ns: int | None, stamp_ns: int) -> bool:
    return newest_ns is not None and stamp_ns < newest_ns - _JUMP_NS

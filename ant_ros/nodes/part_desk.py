# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""See to it that every part gets exactly one verdict."""

from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
import itertools
from typing import Any
from typing import Protocol

from ant_ros.nodes.losses import Losses
from ant_ros.nodes.part_matching import PartMatcher
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.part_verdict import uninspected
from ant_ros.nodes.pending_part import Frame
from ant_ros.nodes.pending_part import PendingPart
from ant_ros.nodes.worker import result_of

__all__ = ['PartDesk', 'image_ids']

_FINISH_TIMEOUT_S = 1.0


def image_ids(start: datetime) -> Iterator[str]:
    """Yield IDs for parts that are images, told apart by when (in UTC) they were begun.

    A label names a part by its ID, perhaps after a restart: no two starts may give the same one.
    """
    return (f'image-{start:%Y%m%d-%H%M%S}-{number:06d}' for number in itertools.count(1))


class PartWorker(Protocol):
    """What the desk needs of a worker."""

    def submit(self, job: PendingPart) -> PendingPart | None: ...

    def drain(self) -> list[PendingPart]: ...

    def call(self, function: Callable[[], Any]) -> 'Future[Any]': ...


class PartDesk:
    """Take parts and images in, hand them to the worker together, answer for the rest.

    One desk serves one activation of the inspector. Its methods are called from one thread; the
    worker answers from its own. A part belongs to whoever claims it first, so that nobody answers
    twice; each part that is taken in is answered by the worker, by a timeout, on an overflow, or
    at last by `close`.

    Args:
        name: who says that a part is uninspected.
        worker: where parts go once they have their image.
        publish: called with each verdict given here.
        losses: where images are counted that lead to no verdict.
        settings: the node's parameters, read when they are needed.
        ids: for parts that are images, see `image_ids`; they go on over activations.
    """

    def __init__(self, name: str, worker: PartWorker, publish: Callable[[PartVerdict], None],
                 losses: Losses, settings: Any, ids: Iterator[str]):
        self._name = name
        self._worker = worker
        self._publish = publish
        self._losses = losses
        self._settings = settings
        self._triggered = settings['trigger'] == 'topic'
        self._latest = settings['frame_policy'] == 'latest'
        self._matcher = PartMatcher(
            tolerance_ns=round(settings['match_tolerance'] * 1e9),
            offset_ns=round(settings['camera_offset'] * 1e9),
            keep_frames=settings['image_buffer'])
        self._submitted: deque[PendingPart] = deque()
        self._ids = ids

    @property
    def waiting(self) -> tuple[PendingPart, ...]:
        """Return the parts that wait for their image."""
        return self._matcher.waiting

    def add_part(self, part_id: str, stamp_ns: int, now_ns: int, now_s: float) -> None:
        """Take a triggered part in.

        Args:
            part_id: its ID; the stamp takes its place if it is empty.
            stamp_ns: stamp of the trigger.
            now_ns: ROS time.
            now_s: monotonic time.
        """
        part = PendingPart(part_id or f'stamp-{stamp_ns}', stamp_ns, now_s,
                           now_ns + self._deadline_ns())
        if not stamp_ns:
            self.answer(part, 'no_image',
                        'its trigger has stamp 0, so no image can be found for it')
            return
        for given_up in self._matcher.add_part(part):
            self.answer(given_up, 'no_image',
                        "the triggers' stamps jumped back before its image came")
        self._submit_matched(now_s)

    def add_frame(self, frame: Frame) -> None:
        """Take an image in: of a part that was or will be triggered, or a part by itself."""
        if not self._triggered:
            self._submit(PendingPart(next(self._ids), frame.stamp_ns, frame.received_s,
                                     frame=frame), frame.received_s)
        elif not frame.stamp_ns:
            self._losses.add('unstamped')
        else:
            self._losses.add('unmatched', self._matcher.add_frame(frame))
            self._submit_matched(frame.received_s)

    def expire(self, now_ns: int, now_s: float, *, occupied: bool, publishers: int) -> None:
        """Answer for the parts that have waited too long.

        Args:
            now_ns: ROS time; it decides on deadlines.
            now_s: monotonic time; it decides when ROS time stands still or the worker is stuck.
            occupied: the worker teaches or loads, which may take its time.
            publishers: matched image publishers, for the explanation.
        """
        watchdog_s = self._settings['watchdog']
        for part in self._matcher.waiting:
            if now_ns >= part.expires_ns or now_s - part.triggered_s > watchdog_s:
                self._give_up(part, now_s, publishers)
        while self._submitted and self._submitted[0].answered:
            self._submitted.popleft()
        if occupied:
            return
        for part in self._submitted:
            if now_s - part.submitted_s > watchdog_s:
                self.answer(part, 'late', f'the inspector did not get to it in {watchdog_s:g} s')

    def restart_deadlines(self, now_ns: int) -> None:
        """Measure the deadlines of waiting parts anew, after ROS time has jumped back."""
        for part in self._matcher.waiting:
            part.expires_ns = min(part.expires_ns, now_ns + self._deadline_ns())

    def close(self) -> None:
        """Answer for all parts; the one in the worker's hand may be finished first."""
        reason = 'the inspector was deactivated before it came to this part'
        parts, frames = self._matcher.clear()
        self._losses.add('unmatched', frames)
        for part in parts:
            self.answer(part, 'inactive', reason)
        for part in self._worker.drain():
            self._losses.add('inactive')
            self.answer(part, 'inactive', reason)
        try:
            result_of(self._worker.call(lambda: None), _FINISH_TIMEOUT_S)
        except (TimeoutError, RuntimeError):
            for part in self._submitted:
                self.answer(part, 'inactive', reason)
        self._submitted.clear()

    def answer(self, part: PendingPart, cause: str, reason: str) -> None:
        """Say that a part is uninspected, unless it has been answered."""
        if part.claim():
            self._publish(uninspected(cause, reason, **part.fields(self._name)))

    def _submit_matched(self, now_s: float) -> None:
        for part in self._matcher.settle():
            self._submit(part, now_s)

    def _submit(self, part: PendingPart, now_s: float) -> None:
        """Hand a part with its image to the worker; answer for the one that has no place."""
        part.submitted_s = now_s
        self._submitted.append(part)
        surplus = self._worker.submit(part)
        if surplus is None:
            return
        self._losses.add('overwritten' if self._latest else 'overflow')
        if self._latest and not self._triggered:
            surplus.claim()  # by this policy an image that is overtaken is no part
        else:
            self.answer(surplus, 'overflow', 'parts come faster than they can be inspected')

    def _give_up(self, part: PendingPart, now_s: float, publishers: int) -> None:
        if self._matcher.give_up(part):
            self._submit(part, now_s)
            return
        self.answer(
            part, 'no_image', f'no image within {self._settings["match_tolerance"]:g} s of its '
            f'trigger came in time ({publishers} matched image publishers)')

    def _deadline_ns(self) -> int:
        return round(self._settings['deadline'] * 1e9)

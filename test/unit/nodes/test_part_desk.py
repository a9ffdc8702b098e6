# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever happens in whichever order, every part gets exactly one verdict."""

from collections import Counter
from concurrent.futures import Future
from datetime import datetime
from itertools import islice
from types import SimpleNamespace

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from ant_ros.nodes.losses import Losses
from ant_ros.nodes.mailbox import Mailbox
from ant_ros.nodes.part_desk import image_ids
from ant_ros.nodes.part_desk import PartDesk
from ant_ros.nodes.pending_part import Frame

S = 10 ** 9


class ManualWorker:
    """A worker that does a job when it is told to."""

    def __init__(self, capacity: int, newest_wins: bool):
        self._mailbox = Mailbox(capacity, newest_wins=newest_wins)
        self.submit, self.drain = self._mailbox.put, self._mailbox.drain
        self.in_hand = None

    def call(self, function) -> Future:
        """Answer at once; with a job in hand, never: the worker is stuck in it."""
        future: Future = Future()
        if self.in_hand is None:
            future.set_result(function())
        else:
            future.cancel()
        return future

    def take(self) -> None:
        if self.in_hand is None and len(self._mailbox):
            self.in_hand = self._mailbox.get()

    def finish(self, verdicts: Counter) -> None:
        """Answer for the part in hand, as the node does."""
        if self.in_hand is not None and self.in_hand.claim():
            verdicts[self.in_hand.part_id, ''] += 1
        self.in_hand = None


class Scene:
    """A desk with a manual worker and clock; `verdicts` counts them by part and cause."""

    def __init__(self, **changes) -> None:
        self.settings = {
            'trigger': 'topic', 'frame_policy': 'every', 'match_tolerance': 0.05, 'deadline': 1.0,
            'camera_offset': 0.0, 'image_buffer': 10, 'watchdog': 10.0, **changes}
        latest = self.settings['frame_policy'] == 'latest'
        self.worker = ManualWorker(1 if latest else 2, newest_wins=latest)
        self.verdicts: Counter = Counter()
        self.losses = Losses()
        self.now_s = 100.0
        self.desk = PartDesk('inspector', self.worker, self._publish, self.losses, self.settings,
                             image_ids(datetime(2026, 3, 4, 5, 6, 7)))

    def _publish(self, report) -> None:
        self.verdicts[report.part_id, report.cause] += 1

    def part(self, part_id: str, stamp_s: float) -> None:
        self.desk.add_part(part_id, round(stamp_s * S), round(self.now_s * S), self.now_s)

    def frame(self, stamp_s: float) -> None:
        message = SimpleNamespace(header=SimpleNamespace(frame_id='camera'))
        self.desk.add_frame(Frame(message, round(stamp_s * S), self.now_s))

    def wait(self, seconds: float, *, ros_seconds: float | None = None,
             occupied: bool = False) -> None:
        """Let time pass; ROS time may pass differently."""
        self.now_s += seconds
        ros_s = self.now_s if ros_seconds is None else self.now_s - seconds + ros_seconds
        self.desk.expire(round(ros_s * S), self.now_s, occupied=occupied, publishers=1)

    def causes(self) -> list[tuple[str, str]]:
        """Return part and cause of each verdict so far."""
        return sorted(self.verdicts.elements())


EVENTS = st.one_of(
    st.tuples(st.just('part'), st.integers(0, 8)), st.tuples(st.just('frame'), st.integers(0, 8)),
    st.tuples(st.just('wait'), st.sampled_from([0.1, 1.5, 20.0])),
    st.just(('take', 0)), st.just(('finish', 0)))


@settings(deadline=None)
@given(events=st.lists(EVENTS, max_size=60), policy=st.sampled_from(['latest', 'every']),
       stuck=st.booleans())
def test_every_part_gets_exactly_one_verdict(events, policy: str, stuck: bool) -> None:
    scene, parts = Scene(frame_policy=policy), []
    for number, (event, value) in enumerate(events):
        if event == 'part':
            parts.append(f'part-{number}')
            scene.part(parts[-1], 100.0 + value)
        elif event == 'frame':
            scene.frame(100.0 + value)
        elif event == 'wait':
            scene.wait(value)
        elif event == 'take':
            scene.worker.take()
        else:
            scene.worker.finish(scene.verdicts)
    if not stuck:
        scene.worker.finish(scene.verdicts)
    scene.desk.close()
    scene.worker.finish(scene.verdicts)
    answered = Counter(part_id for part_id, _ in scene.verdicts.elements())
    assert answered == Counter(parts)


@pytest.mark.parametrize(('ros_seconds', 'cause'), [(0.9, None), (1.1, 'no_image')])
def test_deadline_is_one_of_ros_time(ros_seconds: float, cause: str | None) -> None:
    scene = Scene()
    scene.part('a', 50.0)
    scene.wait(5.0, ros_seconds=ros_seconds)
    assert scene.causes() == ([('a', cause)] if cause else [])


def test_watchdog_is_one_of_real_time() -> None:
    scene = Scene()
    scene.part('a', 50.0)
    scene.wait(10.1, ros_seconds=0.0)
    assert scene.causes() == [('a', 'no_image')]


def test_stuck_worker_makes_parts_late_unless_it_teaches() -> None:
    scene = Scene()
    scene.part('a', 50.0)
    scene.frame(50.0)
    scene.worker.take()
    scene.wait(11.0, occupied=True)
    assert not scene.causes()
    scene.wait(0.1)
    scene.worker.finish(scene.verdicts)
    assert scene.causes() == [('a', 'late')]


def test_deadlines_start_anew_after_time_jumped_back() -> None:
    scene = Scene()
    scene.part('a', 50.0)
    scene.now_s = 10.0
    scene.desk.restart_deadlines(10 * S)
    scene.wait(0.9)
    assert not scene.causes()
    scene.wait(0.2)
    assert scene.causes() == [('a', 'no_image')]


def test_images_are_parts_and_overtaken_ones_are_counted() -> None:
    scene = Scene(trigger='image', frame_policy='latest')
    for number in range(4):
        scene.frame(50.0 + number)
    assert scene.losses.counts()['overwritten'] == 3
    scene.worker.take()
    scene.worker.finish(scene.verdicts)
    assert scene.causes() == [('image-20260304-050607-000004', '')]


def test_image_numbers_overflow_and_inactive_with_every_image() -> None:
    scene = Scene(trigger='image')
    for number in range(3):
        scene.frame(50.0 + number)
    scene.desk.close()
    assert [(part[-6:], cause) for part, cause in scene.causes()] == [
        ('000001', 'inactive'), ('000002', 'inactive'), ('000003', 'overflow')]
    assert scene.losses.counts()['overflow'] == 1
    assert scene.losses.counts()['inactive'] == 2


def test_no_two_starts_give_images_the_same_ids() -> None:
    first, second = ([*islice(image_ids(datetime(2026, 3, 4, 5, 6, second)), 3)]
                     for second in (7, 8))
    assert len({*first, *second}) == 6
    assert [*first, *second] == sorted([*second, *first])

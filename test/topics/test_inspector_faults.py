# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input is counted and reported; the inspector goes on with the next part."""

from array import array

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
import pytest
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_compressed
from ant_ros.nodes.image_conversion import fill_image


def _truncated(message: Image) -> None:
    message.data = message.data[:-1]


def _empty(message: Image) -> None:
    message.data = array('B')


def _without_rows(message: Image) -> None:
    message.height = 0


def _of_unknown_encoding(message: Image) -> None:
    message.encoding = 'plaid8'


def _of_wrong_step(message: Image) -> None:
    message.step -= 1


def _with_nan(message: Image) -> None:
    pixels = np.zeros((message.height, message.width), np.float32)
    pixels[3, 4] = np.nan
    fill_image(message, pixels, '32FC1')


@pytest.mark.parametrize(('spoil', 'text'), [
    (_truncated, 'truncated'), (_empty, 'truncated'), (_without_rows, 'no pixels'),
    (_of_unknown_encoding, "unknown encoding 'plaid8'"), (_of_wrong_step, 'step'),
    (_with_nan, 'NaN')])
def test_bad_image_is_a_verdict_and_the_next_part_is_judged(
        inspector_line, fake_recipe, spoil, text: str) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    bad = line.image(1.0)
    spoil(bad)
    line.trigger('bad', 1.0)
    line.publish(bad)
    line.trigger('good', 2.0)
    line.show(2.0)
    first, second = line.wait_for_verdicts(2)
    assert (first.part_id, first.decision, first.cause) == (
        'bad', Decision.UNINSPECTED, 'bad_image')
    assert text in first.reason
    assert second.decision is Decision.PASS
    assert line.node.losses.counts()['bad'] == 1
    line.wait_for_health('input', DiagnosticStatus.WARN, '1 images could not be read')


def test_truncated_jpeg_is_a_verdict(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), image_transport='compressed').start()
    message = fill_compressed(CompressedImage(), np.full((40, 48, 3), 20, np.uint8))
    message.header.stamp.sec = 1
    message.data = message.data[:len(message.data) // 2]
    line.trigger('a', 1.0)
    line.publish(message)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.cause == 'bad_image'
    assert 'the end of the picture is missing' in verdict.reason


def test_images_without_stamp_are_named(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=0.3).start()
    line.trigger('a', 1.0)
    line.show(0.0)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.cause == 'no_image'
    line.wait_for_health('input', DiagnosticStatus.ERROR, 'the camera sends stamp 0')
    line.trigger('b', 2.0)
    line.show(2.0)
    assert line.wait_for_verdicts(2)[1].decision is Decision.PASS


def test_stamps_that_jump_back_start_over(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=60.0).start()
    line.trigger('before', 100.0)
    line.show(100.0)
    line.trigger('waiting', 101.0)
    line.wait_for_verdicts(1)
    line.trigger('after', 0.5)  # the simulation was reset
    line.show(0.5, grey=200)
    line.trigger('later', 101.0)
    line.show(101.0)
    before, waiting, after, later = line.wait_for_verdicts(4)
    assert before.decision is Decision.PASS
    assert (waiting.part_id, waiting.cause) == ('waiting', 'no_image')
    assert 'jumped back' in waiting.reason
    assert (after.part_id, after.decision) == ('after', Decision.REJECT)
    assert (later.part_id, later.decision) == ('later', Decision.PASS)


class SimulatedTime:
    """A /clock for a line whose node runs in simulated time."""

    def __init__(self, line) -> None:
        self._line = line
        self._publisher = line.ros.publisher(Clock, '/clock')

    def set(self, seconds: float) -> None:
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(round(seconds * 1e9), 10 ** 9)
        self._publisher.publish(message)
        self._line.ros.wait_for(
            lambda: self._line.node.get_clock().now().nanoseconds == round(seconds * 1e9))


def test_deadline_runs_in_simulated_time(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=5.0, use_sim_time=True).start()
    time = SimulatedTime(line)
    time.set(100.0)
    line.trigger('a', 100.0)
    line.ros.wait_for(lambda: line.node._desk.waiting)
    time.set(104.9)
    line.node._on_tick()
    assert not line.messages.messages
    time.set(105.1)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.cause == 'no_image'


def test_deadline_is_measured_anew_after_time_jumped_back(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=5.0, use_sim_time=True).start()
    time = SimulatedTime(line)
    time.set(100.0)
    line.trigger('a', 100.0)
    line.ros.wait_for(lambda: line.node._desk.waiting)
    time.set(1.0)
    time.set(6.1)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.cause == 'no_image'


def test_watchdog_answers_while_simulated_time_stands_still(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=5.0, watchdog=0.5,
                          use_sim_time=True).start()
    SimulatedTime(line).set(100.0)
    line.trigger('a', 100.0)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.cause == 'no_image'


def test_silent_camera_is_reported_and_forgiven(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), trigger='image', camera_timeout=0.5).start()
    line.show(1.0)
    line.wait_for_verdicts(1)
    line.wait_for_health('input', DiagnosticStatus.ERROR, 'the camera is silent')

    def shown() -> bool:
        line.show(2.0)
        return line.health('input')[0] == DiagnosticStatus.OK
    line.ros.wait_for(shown)


def test_triggered_camera_may_rest_between_parts(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), camera_timeout=0.2, deadline=0.2).start()
    line.trigger('a', 1.0)
    line.show(1.0)
    line.wait_for_verdicts(1)
    seen = len(line.diagnostics)
    line.ros.wait_for(lambda: len(line.diagnostics) >= seen + 2)
    assert line.health('input')[0] == DiagnosticStatus.OK
    line.trigger('b', 2.0)
    line.wait_for_health('input', DiagnosticStatus.ERROR, 'the camera is silent')


def test_burst_of_ten_times_the_rate_leaves_no_part_without_verdict(
        inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), queue=10, image_buffer=100).start()
    for number in range(300):
        line.trigger(f'part-{number}', 1.0 + 0.1 * number)
        line.show(1.0 + 0.1 * number)
        if number % 100 == 99:  # 100 parts as fast as they can be sent, three times
            line.wait_for_verdicts(number + 1)
    verdicts = line.wait_for_verdicts(300)
    assert len({verdict.part_id for verdict in verdicts}) == len(verdicts) == 300
    assert {verdict.cause for verdict in verdicts} <= {'', 'overflow', 'no_image'}
    assert sum(verdict.cause == '' for verdict in verdicts) >= 10


def test_lost_frames_are_counted_from_the_publishers_numbers(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), trigger='image', reliability='best_effort',
                          frame_policy='latest').start()
    arrivals, sent = line.node._input.arrivals, 0

    def send(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            sent += 1
            line.publish(line.image(float(sent), size=(480, 640)))

    def lost() -> int:
        return line.node.losses.counts()['transport']

    def all_accounted_for() -> bool:
        if arrivals.received + lost() == sent:
            return True
        send(1)  # what was lost is known when the next one arrives
        return False
    send(1)
    line.ros.wait_for(lambda: arrivals.received)
    line.ros.wait_for(lambda: send(20) or lost())  # more at once than depth 1 can hold
    line.ros.wait_for(all_accounted_for)
    line.wait_for_health('input', DiagnosticStatus.WARN, 'FASTRTPS_DEFAULT_PROFILES_FILE')


@pytest.mark.parametrize('offered', [ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE])
def test_auto_asks_for_what_all_cameras_offer(inspector_line, fake_recipe, offered) -> None:
    line = inspector_line(recipe=str(fake_recipe), trigger='image').start()
    assert line.node._input.reliability == 'reliable'
    second = line.ros.publisher(Image, 'image', QoSProfile(depth=10, reliability=offered),
                                matched=0)
    line.ros.wait_for(lambda: second.get_subscription_count() == 1
                      and line._camera.get_subscription_count() == 1)
    second.publish(line.image(1.0))
    line.show(1.0, grey=200)
    decisions = {verdict.decision for verdict in line.wait_for_verdicts(2)}
    assert decisions == {Decision.PASS, Decision.REJECT}
    assert line.node._input.reliability == offered.name.lower()


def test_nothing_connected_names_the_topics_that_carry_images(inspector_line, ros) -> None:
    ros.node.create_publisher(Image, 'my_camera/image_raw', 10)
    line = inspector_line(autostart=True)
    line.wait_for_health('input', DiagnosticStatus.ERROR, '/my_camera/image_raw')
    assert 'no publisher on /image' in line.health('input')[1]


def test_images_without_triggers_are_named(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    line.show(1.0)
    line.wait_for_health('input', DiagnosticStatus.WARN, 'no trigger')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every part that is announced to an active inspector gets exactly one verdict."""

import re

from lifecycle_msgs.msg import Transition
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_compressed


def summary(verdicts) -> dict[str, tuple[str, str]]:
    return {verdict.part_id: (verdict.decision.value, verdict.cause) for verdict in verdicts}


@pytest.mark.parametrize('order', ['trigger first', 'image first'])
def test_part_is_judged_by_its_image(inspector_line, fake_recipe, order: str) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    if order == 'trigger first':
        line.trigger('a', 5.0)
        line.show(5.0, grey=10)
        line.trigger('b', 6.0)
        line.show(6.0, grey=200)
    else:
        line.show(5.0, grey=10)
        line.show(6.0, grey=200)
        line.ros.wait_for(lambda: line.node._input.arrivals.received == 2)
        line.trigger('a', 5.0)
        line.trigger('b', 6.0)
    first, second = line.wait_for_verdicts(2)
    assert (first.part_id, first.decision) == ('a', Decision.PASS)
    assert (second.part_id, second.decision) == ('b', Decision.REJECT)
    assert second.reason == 'too bright'
    assert second.region_boxes == ((1, 2, 3, 4),)
    assert (second.region_areas_px, second.region_stages, second.region_peaks) == (
        (12,), (1,), (2.0,))
    assert (second.region_elongations, second.region_colour_shifts) == ((1.0,), (None,))
    assert (second.recipe, second.inspector) == ('plate', 'inspector')
    assert second.latency_ms >= second.compute_ms > 0


def test_header_of_the_image_is_copied(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), camera_offset=0.02).start()
    line.trigger('a', 5.0)
    line.show(5.025)
    verdict, = line.wait_for_verdicts(1)
    assert (verdict.stamp_ns, verdict.frame_id) == (5_025_000_000, 'camera')


def test_image_beyond_the_tolerance_is_not_taken(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), match_tolerance=0.01, deadline=0.3).start()
    line.trigger('a', 5.0)
    line.show(5.02)
    verdict, = line.wait_for_verdicts(1)
    assert (verdict.cause, verdict.stamp_ns) == ('no_image', 5_000_000_000)
    assert '1 matched image publishers' in verdict.reason


def test_image_stamped_before_its_trigger_is_taken_at_the_deadline(
        inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=0.3).start()
    line.show(4.99, grey=200)
    line.trigger('a', 5.0)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.decision is Decision.REJECT


def test_without_recipe_nothing_passes(inspector_line) -> None:
    line = inspector_line().start()
    line.trigger('a', 5.0)
    line.show(5.0)
    verdict, = line.wait_for_verdicts(1)
    assert (verdict.decision, verdict.cause) == (Decision.UNINSPECTED, 'no_recipe')
    assert '~/teach' in verdict.reason


def test_fault_in_the_inspector_is_a_verdict_and_the_next_part_is_judged(
        inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    for number, grey in enumerate((255, 10), 1):
        line.trigger(f'part-{number}', number)
        line.show(number, grey)
    first, second = line.wait_for_verdicts(2)
    assert (first.cause, second.decision) == ('error', Decision.PASS)
    assert 'the lens fell off' in first.reason
    line.wait_for_health('compute', b'\x01', 'the lens fell off')


def test_deactivation_answers_all_that_is_owed(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=60.0).start()
    line.trigger('in hand', 1.0)
    line.show(1.0, grey=251)
    line.ros.wait_for(lambda: line.node.worker.current)
    for number in range(2, 12):
        line.trigger(f'queued-{number}', number)
        line.show(number)
    for number in range(12, 20):
        line.trigger(f'without image-{number}', number)
    line.ros.wait_for(lambda: line.node.worker.waiting == 10
                      and len(line.node._desk.waiting) == 8)
    assert line.change_state(Transition.TRANSITION_DEACTIVATE)
    verdicts = line.wait_for_verdicts(19)
    line.inspector.released.set()
    assert set(summary(verdicts).values()) == {('uninspected', 'inactive')}
    assert line.change_state(Transition.TRANSITION_ACTIVATE)
    line.wait_for_listening()
    line.trigger('after', 30.0)
    line.show(30.0)
    verdicts = line.wait_for_verdicts(20)
    assert summary(verdicts)['after'] == ('pass', '')
    assert len({verdict.part_id for verdict in verdicts}) == len(verdicts) == 20


def test_part_in_hand_is_finished_on_deactivation(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    line.trigger('in hand', 1.0)
    line.show(1.0, grey=251)
    line.ros.wait_for(lambda: line.node.worker.current)
    line.inspector.released.set()
    assert line.change_state(Transition.TRANSITION_DEACTIVATE)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.decision is Decision.REJECT


@pytest.mark.parametrize(('policy', 'judged'), [('every', 4), ('latest', 2)])
def test_overflow_is_a_verdict(inspector_line, fake_recipe, policy: str, judged: int) -> None:
    line = inspector_line(recipe=str(fake_recipe), frame_policy=policy, queue=3,
                          image_buffer=100).start()
    line.trigger('part-0', 1.0)
    line.show(1.0, grey=251)
    line.ros.wait_for(lambda: line.node.worker.current)
    for number in range(1, 10):
        line.trigger(f'part-{number}', 1.0 + number)
        line.show(1.0 + number)
        line.ros.wait_for(lambda number=number: line.node._input.arrivals.received == number + 1)
    line.ros.wait_for(lambda: len(line.messages) == 10 - judged)
    line.inspector.released.set()
    verdicts = line.wait_for_verdicts(10)
    assert len({verdict.part_id for verdict in verdicts}) == 10
    uninspected = [verdict for verdict in verdicts if verdict.cause == 'overflow']
    assert len(uninspected) == 10 - judged
    inspected = {verdict.part_id for verdict in verdicts if not verdict.cause}
    assert inspected == ({'part-0', 'part-1', 'part-2', 'part-3'} if policy == 'every'
                         else {'part-0', 'part-9'})


def test_stuck_inspector_is_late_and_its_answer_is_dropped(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), watchdog=0.3).start()
    line.trigger('stuck', 1.0)
    line.show(1.0, grey=251)
    line.trigger('behind it', 2.0)
    line.show(2.0)
    verdicts = line.wait_for_verdicts(2)
    assert {verdict.cause for verdict in verdicts} == {'late'}
    line.wait_for_health('compute', b'\x02', 'has not answered')
    line.inspector.released.set()
    line.trigger('after', 3.0)
    line.show(3.0)
    verdicts = line.wait_for_verdicts(3)
    assert summary(verdicts)['after'] == ('pass', '')
    assert len(verdicts) == 3


def test_trigger_without_id_or_stamp(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=60.0).start()
    line.trigger('no stamp', 0.0)
    line.trigger('', 2.5)
    line.show(2.5)
    first, second = line.wait_for_verdicts(2)
    assert (first.part_id, first.cause) == ('no stamp', 'no_image')
    assert 'stamp 0' in first.reason
    assert (second.part_id, second.decision) == ('stamp-2500000000', Decision.PASS)


def test_each_image_is_a_part_with_trigger_image(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), trigger='image').start()
    for grey in (10, 200, 10):
        line.show(0.0, grey)  # no stamps needed here
    verdicts = line.wait_for_verdicts(3)
    assert [(verdict.part_id[-7:], verdict.decision.value) for verdict in verdicts] == [
        ('-000001', 'pass'), ('-000002', 'reject'), ('-000003', 'pass')]
    start = {verdict.part_id[:-7] for verdict in verdicts}
    assert len(start) == 1 and re.fullmatch(r'image-\d{8}-\d{6}', start.pop())


def test_still_part_over_several_images_is_one(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), trigger='image', same_part_gap=0.1).start()
    for number in range(5):
        line.show(1.0 + 0.033 * number, grey=10)
    line.show(1.2, grey=200)   # looks different
    line.show(1.23, grey=200)
    line.show(1.9, grey=200)   # comes after a gap
    verdicts = line.wait_for_verdicts(3)
    line.ros.wait_for(lambda: line.node._input.arrivals.received == 8)
    assert [(verdict.stamp_ns / 1e9, verdict.decision.value) for verdict in verdicts] == [
        (1.0, 'pass'), (1.2, 'reject'), (1.9, 'reject')]
    assert len(line.messages) == 3


def test_latest_image_replaces_the_waiting_one(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), trigger='image', frame_policy='latest').start()
    line.show(1.0, grey=251)
    line.ros.wait_for(lambda: line.node.worker.current)
    for number in range(2, 8):
        line.show(float(number))
        line.ros.wait_for(lambda number=number: line.node._input.arrivals.received == number)
    line.inspector.released.set()
    verdicts = line.wait_for_verdicts(2)
    assert [verdict.stamp_ns for verdict in verdicts] == [1_000_000_000, 7_000_000_000]
    assert line.node.losses.counts()['overwritten'] == 5


@pytest.mark.parametrize('kind', ['jpeg', 'png'])
def test_compressed_images_are_judged(inspector_line, fake_recipe, kind: str) -> None:
    line = inspector_line(recipe=str(fake_recipe), image_transport='compressed').start()
    line.trigger('a', 5.0)
    message = fill_compressed(CompressedImage(), np.full((40, 48, 3), 200, np.uint8), kind)
    message.header.stamp.sec = 5
    line.publish(message)
    verdict, = line.wait_for_verdicts(1)
    assert verdict.decision is Decision.REJECT


def test_compressed_topic_follows_the_remap_of_image(inspector_line, ros) -> None:
    from rclpy.parameter import Parameter

    from ant_ros.nodes.inspector import InspectorNode
    node = ros.add(InspectorNode(
        context=ros.context, cli_args=['--ros-args', '-r', 'image:=camera/image_raw'],
        parameter_overrides=[Parameter('image_transport', value='compressed'),
                             Parameter('autostart', value=True)]))
    assert node._input.topic == '/camera/image_raw/compressed'

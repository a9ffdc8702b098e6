# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A thousand labels in about a second while parts come: each is answered, and so is each part."""

from collections import Counter
from collections.abc import Callable
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_image

LABELS = 1000
EVERY_S = 0.001
PARTS = 30
PART_EVERY_S = 0.1
DEADLINE_S = 5.0


def storm(send_label: Callable[[int], None], show: Callable[[int], None]) -> None:
    """Send labels and show parts, each at its time; what is behind is sent at once."""
    due = sorted([(number * EVERY_S, send_label, number) for number in range(LABELS)]
                 + [(number * PART_EVERY_S, show, number) for number in range(PARTS)],
                 key=lambda one: one[0])
    start_s = time.monotonic()
    for due_s, send, number in due:
        time.sleep(max(0.0, start_s + due_s - time.monotonic()))
        send(number)


def test_every_label_and_every_part_is_answered(
        inspector_line: Any, ros: Any, tmp_path: Any,
        draw_plate: Callable[..., np.ndarray]) -> None:
    recipe = tmp_path / 'plate'
    OnlineInspector.teach([draw_plate(seed) for seed in range(8)], name='plate',
                          backbone='sampled').save(recipe)
    results = ros.record(DiagnosticArray, 'inspector/label_result', QoSProfile(
        depth=2 * LABELS, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    line = inspector_line(OnlineInspector, recipe=str(recipe), deadline=DEADLINE_S).start()
    labels = ros.publisher(DiagnosticArray, 'inspector/label', 2 * LABELS)
    ros.wait_for(lambda: line.node.count_subscribers('inspector/label_result') == 1)
    images = [fill_image(Image(), draw_plate(100 + number, 'spot' if number % 3 else ''), 'rgb8')
              for number in range(PARTS)]

    def show(number: int) -> None:
        images[number].header.stamp.sec = number + 1
        line.trigger(f'part {number}', number + 1.0)
        line.publish(images[number])

    def send_label(number: int) -> None:
        labels.publish(DiagnosticArray(status=[DiagnosticStatus(
            hardware_id=f'part {number % 10}', message='good' if number % 20 < 10 else 'spot',
            name=f'operator {number}')]))

    storm(send_label, show)

    verdicts = line.wait_for_verdicts(PARTS)
    assert sorted(verdict.part_id for verdict in verdicts) == sorted(
        f'part {number}' for number in range(PARTS))
    assert not [verdict.cause for verdict in verdicts
                if verdict.decision is Decision.UNINSPECTED]

    def answers() -> list[tuple[str, str]]:
        return [(status.name, pair.value) for message in results.messages
                for status in message.status for pair in status.values if pair.key == 'result']
    ros.wait_for(lambda: len(answers()) >= LABELS, what='an answer to every label')
    assert Counter(name for name, _ in answers()) == {
        f'operator {number}': 1 for number in range(LABELS)}
    said = Counter(result for _, result in answers())
    assert set(said) <= {'applied', 'pending', 'refused', 'unknown part'}
    with LedgerReader(ledger_path(recipe)) as reader:  # an answer comes after it is on the disk
        applied = [one for one in reader.labels() if one.state.value == 'applied']
    assert said['applied'] >= len({one.part for one in applied}) > 0

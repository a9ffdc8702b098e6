# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node that keeps the score of a line: escapes, false rejects, latency, wake rates."""

from collections.abc import Callable
from collections.abc import Sequence
import json
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import TimeReference

from ant_ros.inspection.score import Figures
from ant_ros.nodes import outcome_message
from ant_ros.nodes import truth_message
from ant_ros.nodes import verdict_message
from ant_ros.nodes.diagnostics import DIAGNOSTICS_ENDPOINT
from ant_ros.nodes.diagnostics import DiagnosticsReporter
from ant_ros.nodes.diagnostics import Health
from ant_ros.nodes.diagnostics import Level
from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.loss_totals import LossTotals
from ant_ros.nodes.parameters import Parameter
from ant_ros.nodes.parameters import Parameters
from ant_ros.nodes.part_histories import PartHistories
from ant_ros.nodes.running import run

__all__ = ['ENDPOINTS', 'PARAMETERS', 'Scorekeeper', 'main']

PARAMETERS = (
    Parameter('period_s', 0.5, 'Wall time between two scores.', minimum=0.05, maximum=3600.0,
              read_only=True),
)

ENDPOINTS = (
    Endpoint('subscription', 'part', 'sensor_msgs/msg/TimeReference', 'reliable, depth 1000',
             'triggers of the photo-eye'),
    Endpoint('subscription', 'verdict', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 1000', 'what the inspector says'),
    Endpoint('subscription', 'outcome', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 1000', 'what the gate did'),
    Endpoint('subscription', 'truth', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 1000', 'what the parts really were and where they ended'),
    Endpoint('subscription', '/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', 'images lost, by cause (the values `lost_CAUSE`)'),
    Endpoint('publisher', '~/score', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, transient local, depth 1', 'all figures so far, each written as JSON'),
    DIAGNOSTICS_ENDPOINT,
)

_SAY_S = 10.0
_DEEP = 1000   # a scorekeeper that falls behind for a moment must not lose count


class Scorekeeper(Node):
    """Listen to the line and publish its figures."""

    def __init__(self, **options: object):
        super().__init__('scorekeeper', **options)
        self._settings = Parameters(self, PARAMETERS)
        self._histories = PartHistories()
        self._frames_lost = LossTotals()
        self._bad_messages = 0
        self._said = _sentence(self._histories.figures())
        overridable = {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._score = self.create_publisher(DiagnosticArray, '~/score', latched, **overridable)
        deep = QoSProfile(depth=_DEEP)

        def listen(kind: type, topic: str, callback: Callable[[Any], None]) -> Any:
            return self.create_subscription(kind, topic, callback, deep, **overridable)
        self._inputs = {
            'part': listen(TimeReference, 'part', self._on_part),
            'verdict': listen(DiagnosticArray, 'verdict', self._on_verdict),
            'outcome': listen(DiagnosticArray, 'outcome', self._on_outcome),
            'truth': listen(DiagnosticArray, 'truth', self._on_truth)}
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 100)
        self._timer = self.create_timer(self._settings['period_s'], self.publish_score,
                                        clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._diagnostics = DiagnosticsReporter(self, {'score': self._health})

    def close(self) -> None:
        """Publish the last score, and say it."""
        self.publish_score()
        self.get_logger().info(self._said)

    def publish_score(self) -> None:
        """Publish all figures as they are now."""
        figures = self._histories.figures()
        values: dict[str, object] = {**figures, 'frames_lost': self._frames_lost.by_cause()}
        message = DiagnosticArray()
        message.header.stamp = self.get_clock().now().to_msg()
        sentence = _sentence(figures)
        if sentence != self._said:
            self._said = sentence
            self.get_logger().info(sentence, throttle_duration_sec=_SAY_S)
        message.status = [DiagnosticStatus(
            level=_level(figures), name=self.get_name(), message=sentence,
            values=[KeyValue(key=key, value=json.dumps(value)) for key, value in values.items()])]
        self._score.publish(message)

    def _on_part(self, message: TimeReference) -> None:
        stamp = message.header.stamp
        # Without an ID a part is known by its stamp, to the inspector and to the gate too.
        self._histories.trigger(
            message.source or f'stamp-{stamp.sec * 10 ** 9 + stamp.nanosec}')

    def _on_verdict(self, message: DiagnosticArray) -> None:
        received_s = time.monotonic()
        try:
            self._histories.verdict(verdict_message.from_message(message), received_s)
        except verdict_message.VerdictMessageError as error:
            self._refuse(error)

    def _on_outcome(self, message: DiagnosticArray) -> None:
        try:
            self._histories.outcome(outcome_message.from_message(message))
        except outcome_message.OutcomeMessageError as error:
            self._refuse(error)

    def _on_truth(self, message: DiagnosticArray) -> None:
        try:
            self._histories.end(truth_message.from_message(message))
        except truth_message.TruthMessageError as error:
            self._refuse(error)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self._frames_lost.report(
                status.name, {entry.key: entry.value for entry in status.values})

    def _refuse(self, error: ValueError) -> None:
        self._bad_messages += 1
        self.get_logger().warning(f'left out of the score: {error}', throttle_duration_sec=5.0)

    def _health(self) -> Health:
        values: dict[str, object] = {
            'unfinished': self._histories.unfinished, 'abandoned': self._histories.abandoned,
            'bad_messages': self._bad_messages,
            **{f'repeated_{key}': self._histories.repeated[key]
               for key in ('triggers', 'verdicts', 'outcomes', 'truths')},
            **{f'{name}_publishers': self.count_publishers(subscription.topic_name)
               for name, subscription in self._inputs.items()}}
        if self._bad_messages:
            return Health(Level.WARN, f'{self._bad_messages} messages could not be read and are '
                          'left out of the score', values)
        return Health(Level.OK, 'keeping the score', values)


def _level(figures: Figures) -> bytes:
    """Alarm on what must never happen on a line."""
    return DiagnosticStatus.ERROR if figures['escapes'] or figures['gate_errors'] \
        else DiagnosticStatus.OK


def _sentence(figures: Figures) -> str:
    frr = figures['frr']
    told = f'{figures["verdicts"]} verdicts on {figures["triggers"]} triggers, ' \
           f'{figures["escapes"]} escapes'
    return told if frr is None else f'{told}, FRR {frr:.2%}'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    return run(Scorekeeper, argv)


if __name__ == '__main__':
    sys.exit(main())

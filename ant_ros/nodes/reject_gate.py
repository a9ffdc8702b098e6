# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node at the reject gate: it rests closed, and gives every trigger exactly one outcome."""

from collections.abc import Mapping
from collections.abc import Sequence
import math
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import JointState
from sensor_msgs.msg import TimeReference
from std_msgs.msg import Bool

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes import outcome_message
from ant_ros.nodes import verdict_message
from ant_ros.nodes.diagnostics import DIAGNOSTICS_ENDPOINT
from ant_ros.nodes.diagnostics import DiagnosticsReporter
from ant_ros.nodes.diagnostics import Health
from ant_ros.nodes.diagnostics import Level
from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.parameters import Parameter
from ant_ros.nodes.parameters import Parameters
from ant_ros.nodes.parameters import Value
from ant_ros.nodes.running import run
from ant_ros.nodes.trigger_book import Outcome
from ant_ros.nodes.trigger_book import TriggerBook

__all__ = ['ENDPOINTS', 'PARAMETERS', 'RejectGate', 'main']

PARAMETERS = (
    Parameter('distance_m', 0.6, 'Belt travel from the photo-eye to the gate.',
              minimum=0.01, maximum=1000.0, read_only=True),
    Parameter('window_m', 0.06, 'Belt travel before and after the gate during which a part is in '
              'its window; the verdict must be there when the window begins.',
              minimum=0.001, maximum=100.0, read_only=True),
    Parameter('encoder_timeout_s', 1.0, 'Wall time without an encoder message after which '
              'everything between photo-eye and gate is rejected; ROS time with pace lockstep.',
              minimum=0.02, maximum=60.0),
    Parameter('pace', 'realtime', 'lockstep: the line waits for the answer to each encoder '
              'message, and its time stands meanwhile, so ROS time (with use_sim_time) tells '
              'whether the encoder is silent. Never on a real belt: that does not wait.',
              choices=('realtime', 'lockstep'), read_only=True),
    Parameter('encoder_joint', 'belt', 'Name of the belt in the encoder message.', read_only=True),
    Parameter('capacity', 1000, 'Most parts between photo-eye and gate; with more the gate has '
              'lost track and rejects them all.', minimum=1, maximum=100_000, read_only=True),
)

ENDPOINTS = (
    Endpoint('subscription', 'part', 'sensor_msgs/msg/TimeReference', 'reliable, depth 100',
             'trigger of the photo-eye: its stamp, and the part ID as source'),
    Endpoint('subscription', 'verdict', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', "the inspector's word on a part"),
    Endpoint('subscription', 'encoder', 'sensor_msgs/msg/JointState', 'reliable, depth 100',
             'position of the belt in m'),
    Endpoint('publisher', 'gate/pass', 'std_msgs/msg/Bool', 'reliable, depth 10',
             'answers every encoder message; true only while a part with a pass verdict is in '
             'the gate window; false by a steady timer while the encoder is silent'),
    Endpoint('publisher', '~/outcome', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', 'exactly one per trigger: pass, or reject and why'),
    Endpoint('publisher', '~/booked', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', 'the part (hardware_id) of which trigger and verdict have '
             'both arrived: a line in lock-step waits for it'),
    DIAGNOSTICS_ENDPOINT,
)

_TIMER_S = 0.05
_IRREGULAR = ('bad_verdicts', 'unknown_verdicts', 'late_verdicts', 'repeated_verdicts',
              'contradicting_verdicts', 'duplicate_triggers', 'unnamed_triggers',
              'unplaced_triggers', 'overflows')
_ENCODER_FAULTS = ('encoder_jumps', 'encoder_silences', 'bad_encoder_messages')


class RejectGate(Node):
    """Open the gate for parts with a pass verdict; the book of triggers decides."""

    def __init__(self, **options: object):
        super().__init__('reject_gate', **options)
        self._settings = Parameters(self, PARAMETERS, _check)
        self._book = TriggerBook(self._settings['distance_m'], self._settings['window_m'],
                                 self._settings['capacity'])
        self._lockstep = self._settings['pace'] == 'lockstep'
        self._heard_s: float | None = None
        self._heard_ros_s = 0.0
        self._trigger_s: float | None = None
        self._reported = dict.fromkeys(_IRREGULAR + _ENCODER_FAULTS, 0)
        overridable = {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}
        deep = QoSProfile(depth=100)
        self._pass = self.create_publisher(Bool, 'gate/pass', 10, **overridable)
        self._outcome = self.create_publisher(DiagnosticArray, '~/outcome', deep, **overridable)
        self._booked = self.create_publisher(DiagnosticArray, '~/booked', deep, **overridable)
        self._inputs = {
            'part': self.create_subscription(
                TimeReference, 'part', self._on_part, deep, **overridable),
            'verdict': self.create_subscription(
                DiagnosticArray, 'verdict', self._on_verdict, deep, **overridable),
            'encoder': self.create_subscription(
                JointState, 'encoder', self._on_encoder, deep, **overridable)}
        # A steady clock: under simulated time the clock stops with the encoder.
        self._timer = self.create_timer(
            _TIMER_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._diagnostics = DiagnosticsReporter(
            self, {'gate': self._gate_health, 'encoder': self._encoder_health,
                   'inputs': self._input_health})

    def close(self) -> None:
        """Leave the gate closed, and no trigger without an outcome."""
        self._tell(self._book.encoder_silent())
        self._pass.publish(Bool(data=False))

    def _on_part(self, message: TimeReference) -> None:
        self._trigger_s = time.monotonic()
        stamp = message.header.stamp
        self._tell(self._book.trigger(message.source, stamp.sec * 10 ** 9 + stamp.nanosec))
        self._confirm()

    def _on_verdict(self, message: DiagnosticArray) -> None:
        try:
            verdict = verdict_message.from_message(message)
        except verdict_message.VerdictMessageError as error:
            self._book.counts['bad_verdicts'] += 1
            self.get_logger().warning(f'bad verdict: {error}', throttle_duration_sec=5.0)
            # Whatever it meant to say, its parts have not been inspected.
            for status in message.status:
                self._book.verdict(status.hardware_id, Decision.UNINSPECTED)
        else:
            self._book.verdict(verdict.part_id, verdict.decision)
        self._confirm()

    def _on_encoder(self, message: JointState) -> None:
        stamp = message.header.stamp
        position_m = _position(message, self._settings['encoder_joint'])
        outcomes = self._book.encoder(stamp.sec * 10 ** 9 + stamp.nanosec, position_m)
        if math.isfinite(position_m):
            self._heard_s, self._heard_ros_s = time.monotonic(), self._ros_s()
        self._pass.publish(Bool(data=self._book.passing))
        self._tell(outcomes)

    def _watch(self) -> None:
        """Close the gate, again and again, while the encoder is silent."""
        if self._silent():
            self._pass.publish(Bool(data=False))
            self._tell(self._book.encoder_silent())

    def _silent(self) -> bool:
        """Tell whether the encoder has been silent for too long, by the clock of the line."""
        if self._heard_s is None:
            return True
        silence_s = (self._ros_s() - self._heard_ros_s if self._lockstep
                     else self._wall_silence_s())
        return silence_s > self._settings['encoder_timeout_s']

    def _wall_silence_s(self) -> float:
        return math.inf if self._heard_s is None else time.monotonic() - self._heard_s

    def _ros_s(self) -> float:
        return self.get_clock().now().nanoseconds / 1e9

    def _confirm(self) -> None:
        """Tell the parts of which all is known that decides on them."""
        booked = self._book.take_booked()
        if booked:
            message = DiagnosticArray(status=[
                DiagnosticStatus(level=DiagnosticStatus.OK, name=self.get_name(),
                                 hardware_id=part_id, message='trigger and verdict have arrived')
                for part_id in booked])
            message.header.stamp = self.get_clock().now().to_msg()
            self._booked.publish(message)

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._outcome.publish(outcome_message.to_message(outcome, self.get_name()))

    def _gate_health(self) -> Health:
        counts = self._book.counts
        values: dict[str, object] = {key: counts[key] for key in ('triggers', 'outcomes')}
        values.update({cause: counts[f'outcomes_{cause}'] for cause in outcome_message.CAUSES})
        values.update(pending=self._book.pending, passing=self._book.passing,
                      tracking=self._book.tracking, trigger_age_s=_age(self._trigger_s))
        if not self._book.tracking:
            return Health(Level.ERROR, 'the belt is lost: everything is rejected', values)
        return Health(Level.OK, f'{counts["outcomes"]} outcomes of {counts["triggers"]} triggers, '
                      f'{self._book.pending} parts on their way', values)

    def _encoder_health(self) -> Health:
        values: dict[str, object] = {key: self._book.counts[key] for key in _ENCODER_FAULTS}
        values.update(age_s=_age(self._heard_s),
                      publishers=self.count_publishers(self._inputs['encoder'].topic_name))
        if self._silent():
            return Health(Level.ERROR, 'no encoder message for '
                          f'{self._settings["encoder_timeout_s"]} s on '
                          f'{self._inputs["encoder"].topic_name}, which has '
                          f'{values["publishers"]} publishers: everything is rejected', values)
        if self._wall_silence_s() > self._settings['encoder_timeout_s']:
            return Health(Level.WARN, f'no encoder message for {self._wall_silence_s():.1f} s: '
                          'the line stands, and its time with it', values)
        return self._since_last_report('the encoder is alive', values, _ENCODER_FAULTS)

    def _input_health(self) -> Health:
        values: dict[str, object] = {key: self._book.counts[key] for key in _IRREGULAR}
        values['verdicts'] = self._book.counts['verdicts']
        missing = []
        for name in ('part', 'verdict'):
            topic = self._inputs[name].topic_name
            values[f'{name}_publishers'] = self.count_publishers(topic)
            if not values[f'{name}_publishers']:
                missing.append(topic)
        if missing:
            return Health(Level.WARN, f'nobody publishes {" nor ".join(missing)}: everything is '
                          'rejected', values)
        return self._since_last_report('all inputs are there', values, _IRREGULAR)

    def _since_last_report(self, message: str, values: Mapping[str, object],
                           keys: Sequence[str]) -> Health:
        """Warn of what has been counted since the last report."""
        new = {key: self._book.counts[key] - self._reported[key] for key in keys
               if self._book.counts[key] > self._reported[key]}
        self._reported.update({key: self._book.counts[key] for key in keys})
        if new:
            told = ', '.join(f'{count} {key}' for key, count in new.items())
            return Health(Level.WARN, f'since the last report: {told}', values)
        return Health(Level.OK, message, values)


def _check(values: Mapping[str, Value]) -> str | None:
    window_m, distance_m = float(values['window_m']), float(values['distance_m'])
    if window_m >= distance_m:
        return (f'window_m: {window_m} is not allowed, expected less than distance_m, which is '
                f'{distance_m}')
    return None


def _position(message: JointState, joint: str) -> float:
    """Return the position of the belt, NaN where the message does not hold it."""
    for name, position in zip(message.name, message.position):
        if name == joint:
            return position
    return math.nan


def _age(moment_s: float | None) -> float | str:
    return 'never' if moment_s is None else time.monotonic() - moment_s


def main(argv: Sequence[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    return run(RejectGate, argv)


if __name__ == '__main__':
    sys.exit(main())

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The scorekeeper over real topics: a scripted shift, against figures worked out by hand."""

import json
import time

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import TimeReference

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes import outcome_message
from ant_ros.nodes import scorekeeper
from ant_ros.nodes import truth_message
from ant_ros.nodes import verdict_message
from ant_ros.nodes.scorekeeper import Scorekeeper
from ant_ros.nodes.trigger_book import Outcome

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Line:
    """The nodes that speak to the scorekeeper."""

    def __init__(self, ros):
        self.ros = ros
        self.eye = ros.publisher(TimeReference, 'part', 100)
        self.inspector = ros.publisher(DiagnosticArray, 'verdict', 100)
        self.gate = ros.publisher(DiagnosticArray, 'outcome', 100)
        self.simulator = ros.publisher(DiagnosticArray, 'truth', 100)
        self.scores = ros.record(DiagnosticArray, 'scorekeeper/score', LATCHED)

    def part(self, part_id: str, decision: Decision | None, outcome: str | None, bin: str,
             *, role: str = 'inspect', defect: str | None = None, visible: bool = True,
             units: int = 0, cause: str = '') -> None:
        """Play a part through all topics; None leaves a message out."""
        self.eye.publish(TimeReference(source=part_id))
        published_s = time.monotonic()
        if decision:
            self.inspector.publish(verdict_message.to_message(verdict_message.PartVerdict(
                part_id=part_id, stamp_ns=1, frame_id='camera', inspector='inspector',
                decision=decision, reason='', units=units, units_total=50, cause=cause)))
        if outcome:
            self.gate.publish(outcome_message.to_message(Outcome(part_id, 1, outcome, ''), 'gate'))
        self.simulator.publish(truth_message.to_message(truth_message.PartEnd(
            part_id, role, defect, 0.5 * bool(defect), bool(defect) and visible, 20, 8.0, bin,
            published_s, 1.0), 'line'))

    def figures(self) -> dict:
        return {entry.key: json.loads(entry.value) for entry in
                self.scores[-1].status[0].values} if len(self.scores) else {}

    def expect(self, **figures) -> dict:
        self.ros.wait_for(lambda: figures.items() <= self.figures().items(),
                          what=f'{figures}, the last are {self.figures()}')
        return self.figures()


@pytest.fixture
def line(ros) -> Line:
    ros.add(Scorekeeper(context=ros.context, parameter_overrides=[
        Parameter('period_s', value=0.1)]))
    return Line(ros)


def play_shift(line: Line) -> None:
    for number in range(3):
        line.part(f'teach-{number}', Decision.UNINSPECTED, 'uninspected', 'reject', role='teach',
                  cause='teaching')
    for number in range(17):
        line.part(f'good-{number}', Decision.PASS, 'pass', 'accept', units=10 * (number == 0))
    line.part('false-reject', Decision.REJECT, 'reject', 'reject', units=5)
    line.part('review', Decision.REVIEW, 'review', 'reject', units=3)
    line.part('too-late', Decision.PASS, 'late', 'reject')
    line.part('caught', Decision.REJECT, 'reject', 'reject', defect='scratch', units=9)
    line.part('escaped', Decision.PASS, 'pass', 'accept', defect='scratch')
    line.part('faint', Decision.PASS, 'pass', 'accept', defect='scratch', visible=False)
    line.part('never-seen', None, 'missing', 'reject')


def test_shift_worked_out_by_hand(line: Line) -> None:
    play_shift(line)
    figures = line.expect(parts=24, teach_parts=3)
    p50_ms, p99_ms = figures.pop('latency_ms_p50'), figures.pop('latency_ms_p99')
    assert 0 < p50_ms <= p99_ms < 20_000
    assert figures == {
        'parts': 24, 'teach_parts': 3, 'triggers': 24, 'outcomes': 24, 'verdicts': 23,
        'pass': 20, 'review': 1, 'reject': 2, 'uninspected': 0,
        'true_defects': 3, 'defects_below_visibility': 1, 'escapes': 1,
        'escapes_below_visibility': 1, 'false_rejects': 4, 'passes_not_in_time': 1,
        'gate_errors': 0,
        'escape_rate_upper_95': pytest.approx(0.9747, abs=1e-4),   # 1 of 2
        'frr': pytest.approx(4 / 21), 'frr_upper_95': pytest.approx(0.3844, abs=1e-4),
        'review_rate': pytest.approx(1 / 23),
        'wake_rate_good_parts': pytest.approx(3 / 20),
        'wake_rate_good_tiles': pytest.approx(18 / (20 * 50)), 'frames_lost': {}}
    assert line.scores[-1].status[0].level == DiagnosticStatus.ERROR   # a part escaped


def test_score_is_latched_for_who_comes_late(line: Line) -> None:
    line.part('good', Decision.PASS, 'pass', 'accept')
    line.expect(parts=1)
    late = line.ros.record(DiagnosticArray, 'scorekeeper/score', LATCHED)
    line.ros.wait_for(lambda: len(late) > 0)
    assert late[0].status[0].level == DiagnosticStatus.OK
    assert 'FRR 0.00%' in late[0].status[0].message


def test_gate_error_is_a_part_in_the_wrong_bin(line: Line) -> None:
    line.part('a', Decision.PASS, 'pass', 'reject')
    line.part('b', Decision.REJECT, 'reject', 'accept', defect='scratch')
    line.part('c', Decision.PASS, 'pass', 'lost')
    line.expect(parts=3, gate_errors=3, escapes=1)


def test_real_line_without_truth_has_counts_and_no_rates(line: Line) -> None:
    message = TimeReference(source='')
    message.header.stamp.sec = 7
    line.eye.publish(message)
    line.inspector.publish(verdict_message.to_message(verdict_message.PartVerdict(
        part_id='stamp-7000000000', stamp_ns=7, frame_id='', inspector='i',
        decision=Decision.REVIEW, reason='')))
    line.expect(triggers=1, verdicts=1, review=1, review_rate=1.0, parts=0, frr=None,
                latency_ms_p50=None)


def test_lost_frames_come_from_the_diagnostics(line: Line) -> None:
    diagnostics = line.ros.publisher(DiagnosticArray, '/diagnostics', matched=1)
    for overflow in ('2', '5'):
        diagnostics.publish(DiagnosticArray(status=[DiagnosticStatus(
            name='inspector: input', values=[KeyValue(key='lost_bad', value='1'),
                                             KeyValue(key='lost_overflow', value=overflow)])]))
    line.expect(frames_lost={'bad': 1, 'overflow': 5})


def test_damaged_messages_are_left_out_and_reported(line: Line) -> None:
    reports = line.ros.record(DiagnosticArray, '/diagnostics')
    for publisher in (line.inspector, line.gate, line.simulator):
        publisher.publish(DiagnosticArray(status=[DiagnosticStatus(hardware_id='a')]))

    def reported() -> list:
        return [status for message in reports.messages for status in message.status
                if status.name == 'scorekeeper: score' and status.level == DiagnosticStatus.WARN
                and '3 messages' in status.message]
    line.ros.wait_for(reported)
    line.part('good', Decision.PASS, 'pass', 'accept')
    line.expect(parts=1, verdicts=1)


def test_last_score_is_published_when_told_to_stop(ros) -> None:
    keeper = ros.add(Scorekeeper(context=ros.context, parameter_overrides=[
        Parameter('period_s', value=3600.0)]))
    line = Line(ros)
    line.part('good', Decision.PASS, 'pass', 'accept')

    def heard() -> bool:
        ros.call_in_executor(keeper.close)
        return line.figures().get('parts') == 1
    ros.wait_for(heard)


def test_tables_are_the_graph(ros) -> None:
    keeper = ros.add(Scorekeeper(context=ros.context))
    declared = {name for name in keeper.get_parameters_by_prefix('')
                if not name.startswith('qos_overrides.') and name not in (
                    'use_sim_time', 'start_type_description_service')}
    assert declared == {row.name for row in scorekeeper.PARAMETERS}

    def graph(pairs) -> set:
        return {(name, kinds[0]) for name, kinds in pairs
                if name not in ('/parameter_events', '/rosout')}

    def table(kind) -> set:
        return {('/' + row.name.replace('~', 'scorekeeper').lstrip('/'), row.type)
                for row in scorekeeper.ENDPOINTS if row.kind == kind}
    assert graph(keeper.get_publisher_names_and_types_by_node('scorekeeper', '/')) == table(
        'publisher')
    assert graph(keeper.get_subscriber_names_and_types_by_node('scorekeeper', '/')) == table(
        'subscription')

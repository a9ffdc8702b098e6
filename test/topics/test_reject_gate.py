# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The gate over real topics: every fault on the line ends in reject, and the line recovers."""

import math
import signal
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
import pytest
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from sensor_msgs.msg import TimeReference
from std_msgs.msg import Bool

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes import outcome_message
from ant_ros.nodes import reject_gate
from ant_ros.nodes import verdict_message
from ant_ros.nodes.parameters import ParameterError
from ant_ros.nodes.reject_gate import RejectGate

DISTANCE_M = 0.6
WINDOW_M = 0.06
STEP_M = 0.02
TICK_NS = 33_000_000
QUIET_S = 0.2
"""Longer than the beat of a gate that has heard no encoder yet."""


class Line:
    """The rest of the line: a belt with encoder, a photo-eye and an inspector."""

    def __init__(self, ros):
        self.ros = ros
        self.now_ns = 0
        self.position_m = 0.0
        self.passes = ros.record(Bool, 'gate/pass', 100)
        self.outcomes = ros.record(DiagnosticArray, 'reject_gate/outcome', 100)
        self.booked = ros.record(DiagnosticArray, 'reject_gate/booked', 100)
        self.reports = ros.record(DiagnosticArray, '/diagnostics', 100)
        self.encoder = ros.publisher(JointState, 'encoder', 100)
        self.eye = ros.publisher(TimeReference, 'part', 100)
        self.inspector = ros.publisher(DiagnosticArray, 'verdict', 100)
        ros.wait_for(lambda: ros.node.count_publishers('gate/pass') > 0)
        self.listen()
        # What lay on the belt at the start is unknown to the gate: get clear of it.
        self.move(0.2)

    def listen(self) -> None:
        """Move until the gate answers: publishers and subscriptions have found each other."""
        self.ros.wait_for(lambda: all(one.get_subscription_count() for one in (
            self.encoder, self.eye, self.inspector)), what='a gate that listens')
        heard = len(self.passes)

        def answered() -> bool:
            self.tick(0.0, wait=False)
            return len(self.passes) > heard
        self.ros.wait_for(answered)
        self.settle()

    def settle(self) -> None:
        """Wait until the gate is quiet, so that its next answer belongs to the next movement."""
        told, since = len(self.passes), time.monotonic()

        def quiet() -> bool:
            nonlocal told, since
            if len(self.passes) > told:
                told, since = len(self.passes), time.monotonic()
            return time.monotonic() - since > QUIET_S
        self.ros.wait_for(quiet, what='a quiet gate')

    def tick(self, way_m: float = STEP_M, *, wait: bool = True) -> bool:
        """Move the belt and return what the gate answers."""
        heard = len(self.passes)
        self.now_ns += TICK_NS
        self.position_m += way_m
        message = JointState(name=['belt'], position=[self.position_m], velocity=[0.5])
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(self.now_ns, 10 ** 9)
        self.encoder.publish(message)
        if not wait:
            return False
        self.ros.wait_for(lambda: len(self.passes) > heard, what='an answer of the gate')
        return self.passes[-1].data

    def move(self, way_m: float) -> list[bool]:
        return [self.tick() for _ in range(round(way_m / STEP_M))]

    def trigger(self, part_id: str, stamp_ns: int | None = None) -> None:
        message = TimeReference(source=part_id)
        stamp_ns = self.now_ns if stamp_ns is None else stamp_ns
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10 ** 9)
        self.eye.publish(message)

    def judge(self, part_id: str, decision: Decision) -> None:
        self.inspector.publish(verdict_message.to_message(verdict_message.PartVerdict(
            part_id=part_id, stamp_ns=self.now_ns, frame_id='camera', inspector='inspector',
            decision=decision, reason='in a test')))

    def confirmed(self) -> list[str]:
        """Return the parts of which the gate has trigger and verdict, as often as it says so."""
        return [status.hardware_id for message in self.booked for status in message.status]

    def causes(self) -> dict[str, str]:
        told = [outcome_message.from_message(message) for message in self.outcomes.messages]
        assert len({outcome.part_id for outcome in told}) == len(told), 'two outcomes for one part'
        return {outcome.part_id: outcome.cause for outcome in told}

    def report(self, task: str, **values: int) -> DiagnosticStatus:
        """Wait for a report with these values and return it."""
        found = []

        def reported() -> bool:
            found[:] = [status for message in self.reports.messages for status in message.status
                        if status.name == f'reject_gate: {task}'
                        and {entry.key: entry.value for entry in status.values}.items()
                        >= {key: str(value) for key, value in values.items()}.items()]
            return bool(found)
        self.ros.wait_for(reported, what=f'a report of {task} with {values}')
        return found[-1]

    def readers(self) -> dict[str, set[bytes]]:
        """Return who listens to the line."""
        return {topic: {bytes(reader.endpoint_gid) for reader
                        in self.ros.node.get_subscriptions_info_by_topic(topic)}
                for topic in ('encoder', 'part', 'verdict')}

    def expect(self, **causes: str) -> None:
        self.ros.wait_for(lambda: len(self.outcomes) >= len(causes), what=f'{causes}')
        assert self.causes() == causes


def make_gate(ros, **parameters) -> RejectGate:
    return ros.add(RejectGate(context=ros.context, parameter_overrides=[
        Parameter(name, value=value) for name, value in parameters.items()]))


@pytest.fixture
def line(ros) -> Line:
    # The timeout is out of reach: a slow computer must not fail a test about something else.
    make_gate(ros, encoder_timeout_s=30.0)
    return Line(ros)


def test_gate_opens_for_the_passed_part_alone(line: Line) -> None:
    line.trigger('bad')
    line.judge('bad', Decision.REJECT)
    line.move(0.2)
    line.trigger('good')
    line.judge('good', Decision.PASS)
    before = line.position_m
    answers = line.move(0.8)
    opened = [before + STEP_M * (index + 1) for index, open in enumerate(answers) if open]
    assert opened[0] - before == pytest.approx(DISTANCE_M - WINDOW_M, abs=1.01 * STEP_M)
    assert opened[-1] - before == pytest.approx(DISTANCE_M + WINDOW_M, abs=1.01 * STEP_M)
    line.expect(bad='reject', good='pass')
    first, second = line.outcomes.messages
    assert (first.status[0].level, second.status[0].level) == (
        DiagnosticStatus.ERROR, DiagnosticStatus.OK)


def test_review_uninspected_missing_and_late_are_rejected(line: Line) -> None:
    for part_id, decision in [('review', Decision.REVIEW), ('blind', Decision.UNINSPECTED),
                              ('missing', None), ('late', None)]:
        line.trigger(part_id)
        if decision:
            line.judge(part_id, decision)
        answers = line.move(0.2)
    answers += line.move(DISTANCE_M - 0.2)   # the last part is in the gate window now
    line.judge('late', Decision.PASS)
    line.report('inputs', verdicts=3)
    answers += line.move(0.2)
    assert not any(answers)
    line.expect(review='review', blind='uninspected', missing='missing', late='late')


def test_dead_photo_eye_leaves_the_gate_closed(line: Line) -> None:
    line.judge('a', Decision.PASS)
    assert not any(line.move(1.0))
    assert line.causes() == {}
    line.report('inputs', unknown_verdicts=1)


def test_duplicate_trigger_has_one_outcome_and_is_reported(line: Line) -> None:
    line.trigger('a')
    line.trigger('a')
    line.judge('a', Decision.PASS)
    line.judge('a', Decision.PASS)
    line.move(1.0)
    line.expect(a='pass')
    line.report('inputs', duplicate_triggers=1, repeated_verdicts=1)
    line.report('gate', triggers=1, outcomes=1)


def test_contradiction_and_damaged_verdict_reject(line: Line) -> None:
    line.trigger('torn')
    line.judge('torn', Decision.PASS)
    line.judge('torn', Decision.REVIEW)
    line.move(0.2)
    line.trigger('damaged')
    line.judge('damaged', Decision.PASS)
    line.inspector.publish(DiagnosticArray(status=[DiagnosticStatus(hardware_id='damaged')]))
    assert not any(line.move(1.0))
    line.expect(torn='review', damaged='uninspected')
    line.report('inputs', contradicting_verdicts=2, bad_verdicts=1)


def test_silent_encoder_rejects_and_the_line_recovers(ros) -> None:
    gate = make_gate(ros, encoder_timeout_s=30.0)
    line = Line(ros)
    line.trigger('a')
    line.judge('a', Decision.PASS)
    line.move(DISTANCE_M)
    gate.set_parameters([Parameter('encoder_timeout_s', value=0.5)])
    line.expect(a='encoder_silent')   # nobody moves the belt while we wait
    heard = len(line.passes)
    ros.wait_for(lambda: len(line.passes) > heard + 5, what='the steady beat of a closed gate')
    assert not any(message.data for message in line.passes[heard:])
    report = line.report('encoder', encoder_silences=1)
    assert report.level == DiagnosticStatus.ERROR
    assert '/encoder' in report.message
    gate.set_parameters([Parameter('encoder_timeout_s', value=30.0)])
    line.move(0.2)
    line.trigger('b')
    line.judge('b', Decision.PASS)
    line.move(1.0)
    line.expect(a='encoder_silent', b='pass')


def test_encoder_reset_rejects_what_is_on_its_way(line: Line) -> None:
    line.trigger('a')
    line.judge('a', Decision.PASS)
    line.move(0.4)
    line.position_m = 0.0
    assert not any(line.move(0.4))
    line.expect(a='encoder_silent')
    line.report('encoder', encoder_jumps=1)


class LineTime:
    """The clock of a line in lock-step."""

    def __init__(self, ros, gate: RejectGate):
        self.ros, self.gate = ros, gate
        self.publisher = ros.publisher(Clock, '/clock')

    def set(self, time_s: float) -> None:
        """Set the time and wait until the gate has it."""
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(round(time_s * 1e9), 10 ** 9)
        self.publisher.publish(message)
        self.ros.wait_for(lambda: self.gate.get_clock().now().nanoseconds / 1e9 >= time_s)


@pytest.fixture
def standing(ros) -> tuple[Line, LineTime]:
    """Return a line in lock-step that stands with a passed part on its way, and its clock."""
    gate = make_gate(ros, pace='lockstep', use_sim_time=True, encoder_timeout_s=0.1)
    line, line_time = Line(ros), LineTime(ros, gate)
    line_time.set(1.0)
    line.tick()
    line.trigger('a')
    line.judge('a', Decision.PASS)
    ros.wait_for(lambda: line.confirmed() == ['a'])
    return line, line_time


def test_in_lockstep_the_line_may_stand_as_long_as_its_time_does(ros, standing) -> None:
    line, _ = standing
    heard_s, heard = time.monotonic(), len(line.passes)
    ros.wait_for(lambda: time.monotonic() - heard_s > 0.5)   # five times the timeout
    assert len(line.passes) == heard, 'a gate that is not alarmed only answers'
    assert any(line.move(1.0))
    line.expect(a='pass')


def test_in_lockstep_an_encoder_that_the_time_leaves_behind_is_silent(standing) -> None:
    line, line_time = standing
    line_time.set(1.2)
    line.expect(a='encoder_silent')


def test_gate_confirms_a_part_when_it_has_both_trigger_and_verdict(line: Line) -> None:
    line.judge('early', Decision.PASS)
    line.report('inputs', verdicts=1)
    line.trigger('a')
    line.report('gate', triggers=1)
    assert line.confirmed() == []
    line.trigger('early')
    line.ros.wait_for(lambda: line.confirmed() == ['early'])
    line.judge('a', Decision.REJECT)
    line.ros.wait_for(lambda: line.confirmed() == ['early', 'a'])
    line.inspector.publish(DiagnosticArray(status=[DiagnosticStatus(hardware_id='a')]))
    line.ros.wait_for(lambda: line.confirmed() == ['early', 'a', 'a'])


@pytest.mark.parametrize('message', [
    JointState(), JointState(name=['belt']), JointState(name=['other'], position=[1.0]),
    JointState(name=['belt'], position=[math.nan])])
def test_encoder_message_without_the_belt_closes_the_gate(line: Line, message) -> None:
    line.trigger('a')
    line.judge('a', Decision.PASS)
    line.move(DISTANCE_M - 2 * STEP_M)
    assert line.tick()
    line.encoder.publish(message)
    line.ros.wait_for(lambda: not line.passes[-1].data, what='a closed gate')
    line.move(0.2)
    line.expect(a='encoder_silent')
    line.report('encoder', bad_encoder_messages=1)


def test_killed_gate_rests_in_reject_and_works_for_new_parts(ros) -> None:
    command = [sys.executable, '-m', 'ant_ros.nodes.reject_gate', '--ros-args',
               '-p', 'encoder_timeout_s:=30.0']
    process = subprocess.Popen(command)
    try:
        line = Line(ros)
        line.report('inputs', part_publishers=1, verdict_publishers=1)
        line.trigger('before')
        line.judge('before', Decision.PASS)
        line.report('gate', triggers=1)
        line.move(0.4)
        dead = line.readers()
        process.send_signal(signal.SIGKILL)
        process.wait()
        line.reports.messages.clear()
        process = subprocess.Popen(command)
        ros.wait_for(lambda: all(readers - dead[topic] for topic, readers
                                 in line.readers().items()), what='the new gate')
        # An answer alone proves nothing: it also reports, unasked, that it hears no encoder.
        ros.wait_for(lambda: line.tick(0.0, wait=False) or any(
            entry.key == 'tracking' and entry.value == 'true' for report in line.reports.messages
            for status in report.status for entry in status.values), what='a tracked belt')
        line.report('inputs', part_publishers=1, verdict_publishers=1)
        # It passes where it would have passed; the new gate does not know it.
        assert not any(line.move(0.4))
        assert line.causes() == {}
        line.trigger('after')
        line.judge('after', Decision.PASS)
        line.report('inputs', verdicts=1)
        line.report('gate', triggers=1)   # the belt of this test is faster than any real one
        assert any(line.move(1.0))
        line.expect(after='pass')
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()
        process.wait()


def test_told_to_stop_it_closes_and_leaves_no_trigger_without_outcome(ros) -> None:
    gate = make_gate(ros, encoder_timeout_s=30.0)
    line = Line(ros)
    line.trigger('a')
    line.report('gate', triggers=1)
    ros.call_in_executor(gate.close)
    line.expect(a='encoder_silent')
    ros.wait_for(lambda: not line.passes[-1].data)


def test_tables_are_the_graph(ros) -> None:
    gate = make_gate(ros)
    declared = {name for name in gate.get_parameters_by_prefix('')
                if not name.startswith('qos_overrides.') and name not in (
                    'use_sim_time', 'start_type_description_service')}
    assert declared == {row.name for row in reject_gate.PARAMETERS}

    def graph(pairs) -> set:
        return {(name, kinds[0]) for name, kinds in pairs
                if name not in ('/parameter_events', '/rosout', '/clock')}

    def table(kind) -> set:
        return {('/' + row.name.replace('~', 'reject_gate').lstrip('/'), row.type)
                for row in reject_gate.ENDPOINTS if row.kind == kind}
    assert graph(gate.get_publisher_names_and_types_by_node('reject_gate', '/')) == table(
        'publisher')
    assert graph(gate.get_subscriber_names_and_types_by_node('reject_gate', '/')) == table(
        'subscription')


def test_impossible_geometry_is_refused(ros) -> None:
    with pytest.raises(ParameterError, match='window_m'):
        make_gate(ros, distance_m=0.05, window_m=0.06)

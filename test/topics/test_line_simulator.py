# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The simulator's topics and its lock-step, with a line that costs no time to simulate."""

from collections import deque
import time
from types import SimpleNamespace

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState
from sensor_msgs.msg import TimeReference
from std_msgs.msg import Bool

from ant_ros.cli.demo_run import REMAPS
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes import inspector_interface
from ant_ros.nodes import line_simulator
from ant_ros.nodes import truth_message
from ant_ros.nodes import verdict_message
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.line_simulator import LineSimulator
from ant_ros.nodes.parameters import ParameterError
from ant_ros.nodes.reject_gate import RejectGate
from ant_ros.simulation import Ended
from ant_ros.simulation import make_scenario
from ant_ros.simulation import PartTruth
from ant_ros.simulation import Triggered

PITCH_M = 0.16
SPEED_M_S = 0.4
LATE_S = 0.4       # this line, without physics, has long carried a part to the gate by then
BELT_END_M = 0.9   # beyond the photo-eye; a part that is not passed leaves at the gate


class FakeLine:
    """A line without physics: a part is where the belt has carried it."""

    def __init__(self, scenario, *, seed=0, parts=None):
        self.scenario, self.time_s, self.tick = scenario, 0.0, 0
        self.camera = SimpleNamespace(width=16, height=12, k=np.diag([9.0, 9.0, 1.0]))
        self.belt_speed_m_s = SPEED_M_S
        self.parts = [f'teach-{n + 1:04d}' for n in range(scenario.teach_parts)] + [
            f'part-{n + 1:06d}' for n in range(parts or scenario.parts)]
        self.on_belt: dict[str, tuple[int, float]] = {}
        self.fed = 0
        self.pass_until_s = -1.0
        self.commands: list[bool] = []

    @property
    def belt_position_m(self) -> float:
        return self.time_s * SPEED_M_S

    @property
    def finished(self) -> bool:
        return self.fed == len(self.parts) and not self.on_belt

    def command_gate(self, passing: bool) -> None:
        self.commands.append(passing)
        self.pass_until_s = self.time_s + 0.1 if passing else -1.0

    def truth(self, part_id: str, number: int) -> PartTruth:
        bad = part_id.startswith('part') and number % 3 == 0
        mask = np.zeros((12, 16), bool)
        mask[2:5, 3:9] = True
        return PartTruth(part_id, 'teach' if part_id.startswith('teach') else 'inspect',
                         'scratch' if bad else None, 0.5 * bad, 18 * bad, 9.0 * bad, bad,
                         mask if bad else None)

    def step(self) -> tuple:
        self.tick += 1
        self.time_s = self.tick * self.scenario.tick_s
        events: list = []
        while self.fed < len(self.parts) and self.belt_position_m >= PITCH_M * (self.fed + 1):
            part_id = self.parts[self.fed]
            self.on_belt[part_id] = (self.fed, self.belt_position_m)
            image = np.full((12, 16, 3), self.fed % 256, np.uint8)
            events.append(Triggered(part_id, self.time_s, image, self.truth(part_id, self.fed)))
            self.fed += 1
        for part_id, (number, start_m) in list(self.on_belt.items()):
            way_m = self.belt_position_m - start_m
            at_gate = way_m >= self.scenario.gate.distance_m
            passing = self.time_s < self.pass_until_s
            if (at_gate and not passing and way_m < 0.64) or way_m >= BELT_END_M:
                del self.on_belt[part_id]
                events.append(Ended(part_id, self.time_s, 'accept' if way_m >= BELT_END_M
                                    else 'reject', self.truth(part_id, number)))
        return tuple(events)

    def photograph(self) -> np.ndarray:
        return np.full((12, 16, 3), 77, np.uint8)

    def close(self) -> None:
        pass


class BrokenLine(FakeLine):
    """A line whose physics fails."""

    def step(self) -> tuple:
        raise RuntimeError('the physics failed on purpose')


class Peers:
    """A gate that passes every other part, and an inspector; both can be told to be silent."""

    def __init__(self, ros):
        self.ros = ros
        self.gate_answers = self.inspector_answers = True
        self.held_back: str | None = None
        self.encoders: list[JointState] = []
        self.answers: dict[float, bool] = {}
        self.parts: dict[str, float] = {}
        self.passes = ros.node.create_publisher(Bool, 'gate/pass', 100)
        self.verdicts = ros.node.create_publisher(DiagnosticArray, 'verdict', 100)
        self.images = ros.record(Image, 'camera/image_raw', 100)
        self.triggers = ros.record(TimeReference, 'part', 100)
        self.ends = ros.record(DiagnosticArray, 'line_simulator/truth', 100)
        self.infos = ros.record(CameraInfo, 'camera/camera_info', 100)
        self.clock = ros.record(Clock, '/clock', 1000)
        self.reports = ros.record(DiagnosticArray, '/diagnostics', 100)
        ros.node.create_subscription(JointState, 'encoder', self.on_encoder, 100)
        ros.node.create_subscription(TimeReference, 'part', self.on_part, 100)

    def on_encoder(self, message: JointState) -> None:
        self.encoders.append(message)
        if self.gate_answers:
            ways_m = [message.position[0] - start_m for number, start_m
                      in enumerate(self.parts.values()) if number % 2]
            passing = any(0.55 < way_m < 0.65 for way_m in ways_m)
            self.answers[round(message.position[0], 6)] = passing
            self.passes.publish(Bool(data=passing))

    def on_part(self, message: TimeReference) -> None:
        # The encoder message of the same tick came before the trigger.
        self.parts[message.source] = self.encoders[-1].position[0]
        if self.inspector_answers and message.source != self.held_back:
            self.judge(message.source)

    def judge(self, part_id: str) -> None:
        self.verdicts.publish(verdict_message.to_message(verdict_message.PartVerdict(
            part_id=part_id, stamp_ns=0, frame_id='camera', inspector='inspector',
            decision=Decision.PASS, reason='in a test')))

    def truths(self) -> list[truth_message.PartEnd]:
        return [truth_message.from_message(message) for message in self.ends.messages]

    def newest(self, task: str) -> dict[str, str]:
        statuses = [status for message in self.reports.messages for status in message.status
                    if status.name == f'line_simulator: {task}']
        return {entry.key: entry.value for entry in statuses[-1].values} | {
            'message': statuses[-1].message, 'level': statuses[-1].level} if statuses else {}

    def report(self, task: str, **values: object) -> dict[str, str]:
        wanted = {key: str(value) if key != 'level' else value for key, value in values.items()}
        self.ros.wait_for(lambda: wanted.items() <= self.newest(task).items(), what=str(wanted))
        return self.newest(task)


def make_simulator(ros, make_line=FakeLine, verdict='verdict', **parameters) -> LineSimulator:
    defaults = {'pace': 'lockstep', 'parts': 6, 'lockstep_timeout_s': 20.0}
    return ros.add(LineSimulator(
        make_line, context=ros.context, cli_args=['--ros-args', '-r', f'verdict:={verdict}'],
        parameter_overrides=[Parameter(name, value=value)
                             for name, value in {**defaults, **parameters}.items()]))


def stamp_ns(message) -> int:
    return message.header.stamp.sec * 10 ** 9 + message.header.stamp.nanosec


def test_lockstep_plays_every_part_and_its_truth(ros) -> None:
    peers = Peers(ros)
    simulator = make_simulator(ros)
    ros.wait_for(lambda: simulator.finished and len(peers.ends) == 16)
    ids = [f'teach-{n:04d}' for n in range(1, 11)] + [f'part-{n:06d}' for n in range(1, 7)]
    assert [message.source for message in peers.triggers] == ids
    assert {end.part_id: end.bin for end in peers.truths()} == {
        part_id: 'accept' if number % 2 else 'reject' for number, part_id in enumerate(ids)}
    assert [stamp_ns(image) for image in peers.images] == [
        stamp_ns(trigger) for trigger in peers.triggers]
    for number, image in enumerate(peers.images):
        assert image.header.frame_id == 'camera'
        np.testing.assert_array_equal(array_from_image(image), number)
    report = peers.report('line', finished='true', accept=8, reject=8, lost=0, images=16)
    assert report['message'] == 'finished'
    peers.report('peers', gate_timeouts=0, inspector_timeouts=0, gate_present='true')


def test_truth_says_what_the_line_knows(ros) -> None:
    peers = Peers(ros)
    make_simulator(ros, parts=4)
    ros.wait_for(lambda: len(peers.ends) == 14)
    truths = {end.part_id: end for end in peers.truths()}
    good, bad = truths['part-000001'], truths['part-000003']
    assert (good.role, good.defect, good.visible, truths['teach-0001'].role) == (
        'inspect', None, False, 'teach')
    assert (bad.defect, bad.severity, bad.visible, bad.visible_pixels, bad.contrast_sigmas) == (
        'scratch', 0.5, True, 18, 9.0)
    assert all(end.published_monotonic_s > 0 for end in truths.values())
    levels = {message.status[0].hardware_id: message.status[0].level for message in peers.ends}
    assert levels['part-000003'] == DiagnosticStatus.ERROR
    assert levels['part-000001'] == DiagnosticStatus.OK


def test_encoder_and_clock_run_together_without_a_gap(ros) -> None:
    peers = Peers(ros)
    simulator = make_simulator(ros)
    ros.wait_for(lambda: simulator.finished)
    running = [message for message in peers.encoders if message.position[0] > 0]
    positions_m = sorted({message.position[0] for message in running})
    ticks = np.diff([stamp_ns(message) for message in running])
    assert set(ticks // 1_000_000) <= {0, 33}, 'a standing belt may be told twice, none skipped'
    np.testing.assert_allclose(np.diff(positions_m), SPEED_M_S / 30, atol=1e-9)
    ros.wait_for(lambda: len(peers.clock) >= len(positions_m) - 1)
    assert running[0].name == ['belt'] and running[0].velocity[0] == SPEED_M_S


def test_every_tick_obeys_the_answer_to_the_tick_before(ros) -> None:
    lines = []

    def make_line(*arguments, **keywords) -> FakeLine:
        lines.append(FakeLine(*arguments, **keywords))
        return lines[-1]
    peers = Peers(ros)
    simulator = make_simulator(ros, make_line)
    ros.wait_for(lambda: simulator.finished)
    line = lines[0]
    assert len(line.commands) == line.tick
    told = [peers.answers[round(number * line.scenario.tick_s * SPEED_M_S, 6)]
            for number in range(line.tick)]
    assert line.commands == told
    assert any(told) and not all(told)


def test_absent_gate_is_counted_and_the_line_goes_on_until_it_is_back(ros) -> None:
    peers = Peers(ros)
    simulator = make_simulator(ros, parts=40, lockstep_timeout_s=0.3, speed_factor=4.0)
    ros.wait_for(lambda: len(peers.triggers) >= 12)
    peers.gate_answers = False
    peers.report('peers', gate_present='false', gate_timeouts=1, level=DiagnosticStatus.WARN)
    seen = len(peers.triggers)
    ros.wait_for(lambda: len(peers.triggers) >= seen + 3)
    peers.gate_answers = True
    peers.report('peers', gate_present='true', gate_timeouts=1)
    ros.wait_for(lambda: simulator.finished)
    truths = {end.part_id: end.bin for end in peers.truths()}
    assert 'accept' in truths.values()


def test_silent_inspector_is_counted_once_and_the_line_goes_on(ros) -> None:
    peers = Peers(ros)
    simulator = make_simulator(ros, parts=20, lockstep_timeout_s=0.3, speed_factor=20.0)
    ros.wait_for(lambda: len(peers.triggers) >= 11)
    peers.inspector_answers = False
    ros.wait_for(lambda: simulator.finished)
    report = peers.report('peers', inspector_timeouts=1, inspector_present='false')
    assert 'inspector' in report['message']


def standing_at_m(peers: Peers) -> float:
    """Wait until the belt stands: its encoder repeats itself; return where."""
    peers.ros.wait_for(lambda: peers.held_back in peers.parts and len(
        {message.position[0] for message in peers.encoders[-5:]}) == 1)
    return peers.encoders[-1].position[0]


@pytest.mark.parametrize('pace', ['lockstep', 'realtime'])
def test_line_stands_until_the_inspector_has_learned(ros, pace: str) -> None:
    peers = Peers(ros)
    peers.held_back = 'teach-0010'
    simulator = make_simulator(ros, pace=pace, speed_factor=10.0)
    assert standing_at_m(peers) == peers.parts['teach-0010']
    peers.judge('teach-0010')
    ros.wait_for(lambda: simulator.finished)
    assert len(peers.triggers) == 16
    peers.report('line', teach_timeouts=0)


def test_lockstep_waits_for_a_verdict_long_before_its_part_is_at_the_gate(ros) -> None:
    peers = Peers(ros)
    peers.held_back = 'part-000003'
    simulator = make_simulator(ros)
    # It stands when the next part is at the photo-eye, and keeps that one to itself.
    assert standing_at_m(peers) - peers.parts['part-000003'] <= PITCH_M + SPEED_M_S / 30
    assert list(peers.parts)[-1] == 'part-000003'
    peers.judge('part-000003')
    ros.wait_for(lambda: simulator.finished)
    assert len(peers.parts) == 16
    peers.report('peers', inspector_timeouts=0)


def test_lockstep_waits_sooner_where_the_belt_is_fast_and_the_way_short() -> None:
    slow = make_scenario({'name': 'slow', 'defect_rate': 0.0})
    fast = make_scenario({
        'name': 'fast', 'tick_s': 0.1, 'defect_rate': 0.0,
        'belt': {'speed_m_s': 0.5}, 'gate': {'distance_m': 0.3, 'window_m': 0.2}})
    assert line_simulator._grace_ticks(slow) * 0.4 / 30 < (0.6 - 0.07) / 2
    assert line_simulator._grace_ticks(fast) * 0.5 * 0.1 < 0.3 - 0.2


def test_lockstep_never_runs_ahead_of_a_verdict_by_what_its_peers_wait_for_an_image() -> None:
    long = make_scenario({'name': 'long', 'defect_rate': 0.0, 'belt': {'speed_m_s': 0.1},
                          'gate': {'distance_m': 1.1}})
    patience_s = next(row.default for row in inspector_interface.PARAMETERS
                      if row.name == 'deadline')
    assert (line_simulator._grace_ticks(long) + 1) * long.tick_s < patience_s


def test_lockstep_waits_for_a_verdict_that_comes_to_the_gate_later_than_to_all_others(
        ros) -> None:
    ros.add(RejectGate(
        context=ros.context, cli_args=['--ros-args', '-r', 'verdict:=late_verdict'],
        parameter_overrides=[Parameter('pace', value='lockstep'),
                             Parameter('encoder_timeout_s', value=60.0)]))
    at_once = ros.node.create_publisher(DiagnosticArray, 'inspector/verdict', 100)
    late = ros.publisher(DiagnosticArray, 'late_verdict', 100)
    ros.record(Image, 'camera/image_raw', 100)
    ends = ros.record(DiagnosticArray, 'line_simulator/truth', 100)
    on_their_way: deque[tuple[float, DiagnosticArray]] = deque()

    def judge(part: TimeReference) -> None:
        verdict = verdict_message.to_message(verdict_message.PartVerdict(
            part_id=part.source, stamp_ns=0, frame_id='camera', inspector='inspector',
            decision=Decision.PASS, reason='in a test'))
        at_once.publish(verdict)
        on_their_way.append((time.monotonic() + LATE_S, verdict))

    def deliver() -> None:
        while on_their_way and time.monotonic() >= on_their_way[0][0]:
            late.publish(on_their_way.popleft()[1])
    ros.node.create_subscription(TimeReference, 'part', judge, 100)
    ros.node.create_timer(LATE_S / 10, deliver)
    simulator = make_simulator(ros, verdict=REMAPS['line_simulator']['verdict'])
    ros.wait_for(lambda: simulator.finished and len(ends) == 16, timeout_s=60.0)
    assert {truth_message.from_message(message).bin for message in ends} == {'accept'}


def test_inspector_that_never_learns_is_counted_and_the_line_goes_on(ros) -> None:
    peers = Peers(ros)
    peers.held_back = 'teach-0010'
    simulator = make_simulator(ros, teach_timeout_s=0.2)
    ros.wait_for(lambda: simulator.finished)
    peers.report('line', teach_timeouts=1, triggered=16)


def test_without_anybody_the_line_starts_late_and_nothing_passes(ros) -> None:
    peers = Peers(ros)
    peers.gate_answers = peers.inspector_answers = False
    simulator = make_simulator(ros, parts=2, pace='realtime', speed_factor=20.0,
                               start_timeout_s=0.2, teach_timeout_s=0.0)
    ros.wait_for(lambda: simulator.finished)
    ros.wait_for(lambda: len(peers.ends) == 12)
    assert {end.bin for end in peers.truths()} == {'reject'}


def test_line_waits_for_its_peers_before_the_first_part(ros) -> None:
    peers = Peers(ros)
    peers.gate_answers = False
    simulator = make_simulator(ros)
    ros.wait_for(lambda: len(peers.encoders) > 4)
    assert {message.position[0] for message in peers.encoders} == {0.0}
    peers.gate_answers = True
    ros.wait_for(lambda: simulator.finished)


def test_free_running_camera_streams_and_shoots_at_every_trigger(ros) -> None:
    peers = Peers(ros)
    simulator = make_simulator(ros, camera='free_running', camera_rate_hz=10.0)
    ros.wait_for(lambda: simulator.finished)
    ros.wait_for(lambda: len(peers.images) == int(peers.newest('line').get('images', -1)))
    stamps = [stamp_ns(image) for image in peers.images]
    assert len(set(stamps)) == len(stamps) > 16 + 20
    assert {stamp_ns(trigger) for trigger in peers.triggers} <= set(stamps)


def test_truth_mask_is_the_defect(ros) -> None:
    peers = Peers(ros)
    masks = ros.record(Image, 'line_simulator/truth_mask', 100)
    make_simulator(ros, parts=4)
    ros.wait_for(lambda: len(masks) == 14)
    by_stamp = {stamp_ns(mask): array_from_image(mask) for mask in masks}
    stamps = {message.source: stamp_ns(message) for message in peers.triggers}
    assert not by_stamp[stamps['part-000001']].any()
    mask = by_stamp[stamps['part-000003']]
    assert set(np.unique(mask)) == {0, 255}
    assert mask[2:5, 3:9].all() and (mask > 0).sum() == 18


def test_camera_info_comes_with_every_image(ros) -> None:
    peers = Peers(ros)
    make_simulator(ros)
    ros.wait_for(lambda: len(peers.infos) == 16 and len(peers.images) == 16)
    info = peers.infos[0]
    assert stamp_ns(info) == stamp_ns(peers.images[0])
    assert (info.width, info.height, list(info.k[:3])) == (16, 12, [9.0, 0.0, 0.0])


def test_failing_simulation_is_reported_and_the_node_lives(ros) -> None:
    peers = Peers(ros)
    make_simulator(ros, BrokenLine)
    report = peers.report('line', level=DiagnosticStatus.ERROR)
    assert 'the physics failed on purpose' in report['message']


def test_unknown_scenario_is_refused(ros) -> None:
    with pytest.raises(ParameterError, match='demo'):
        make_simulator(ros, scenario='demmo')


def test_tables_are_the_graph(ros) -> None:
    simulator = make_simulator(ros)
    declared = {name for name in simulator.get_parameters_by_prefix('')
                if not name.startswith('qos_overrides.') and name not in (
                    'use_sim_time', 'start_type_description_service')}
    assert declared == {row.name for row in line_simulator.PARAMETERS}

    def graph(pairs) -> set:
        return {(name, kinds[0]) for name, kinds in pairs
                if name not in ('/parameter_events', '/rosout')}

    def table(kind) -> set:
        return {('/' + row.name.replace('~', 'line_simulator').lstrip('/'), row.type)
                for row in line_simulator.ENDPOINTS if row.kind == kind}
    assert graph(simulator.get_publisher_names_and_types_by_node('line_simulator', '/')) == table(
        'publisher')
    assert graph(simulator.get_subscriber_names_and_types_by_node(
        'line_simulator', '/')) == table('subscription')

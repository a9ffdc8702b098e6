# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The whole line for real, each node in its own process; and what becomes of it without one."""

from collections import Counter
from collections.abc import Iterator
import json
import os
from pathlib import Path
import signal

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from std_srvs.srv import Trigger

from ant_ros.nodes import outcome_message
from ant_ros.nodes import truth_message
from ant_ros.nodes import verdict_message
from ant_ros.nodes.processes import large_image_profile
from ant_ros.nodes.processes import NodeProcesses

PATIENCE_S = 100.0
REMAPS = {'inspector': {'image': 'camera/image_raw'},
          'reject_gate': {'verdict': 'inspector/verdict'},
          'scorekeeper': {'verdict': 'inspector/verdict', 'outcome': 'reject_gate/outcome',
                          'truth': 'line_simulator/truth'},
          'line_simulator': {'verdict': 'inspector/verdict'}}


class WholeLine:
    """The four nodes as processes, and a record of all that they say of the parts."""

    def __init__(self, ros, processes: NodeProcesses, recipe: Path):
        self.ros, self.processes, self.recipe = ros, processes, recipe
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._verdicts = ros.record(DiagnosticArray, 'inspector/verdict', 1000)
        self._outcomes = ros.record(DiagnosticArray, 'reject_gate/outcome', 1000)
        self._truths = ros.record(DiagnosticArray, 'line_simulator/truth', 1000)
        self._scores = ros.record(DiagnosticArray, 'scorekeeper/score', latched)

    def start(self, node: str, **parameters: object) -> None:
        arguments = ['-p', f'use_sim_time:={json.dumps(node != "line_simulator")}']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={json.dumps(value)}']
        for name, target in REMAPS[node].items():
            arguments += ['-r', f'{name}:={target}']
        self.processes.start(node, arguments, large_image_profile())

    def start_all(self, parts: int, **simulator: object) -> None:
        self.start('reject_gate', encoder_timeout_s=20.0)
        self.start('scorekeeper')
        self.start_inspector()
        self.ros.wait_for(lambda: all(self.ros.node.count_publishers(topic) for topic in (
            'inspector/verdict', 'reject_gate/outcome', 'scorekeeper/score')), PATIENCE_S)
        self.start('line_simulator', scenario='demo', parts=parts, pace='lockstep', **simulator)

    def start_inspector(self) -> None:
        self.start('inspector', autostart=True, teach_at_start=True, recipe=str(self.recipe))

    def decisions(self) -> dict[str, str]:
        told = [verdict_message.from_message(message) for message in list(self._verdicts.messages)]
        assert len({verdict.part_id for verdict in told}) == len(told), 'two verdicts on one part'
        return {verdict.part_id: verdict.decision.value for verdict in told}

    def outcomes(self) -> dict[str, str]:
        told = [outcome_message.from_message(message) for message in list(self._outcomes.messages)]
        assert len({outcome.part_id for outcome in told}) == len(told), 'two outcomes of one part'
        return {outcome.part_id: outcome.cause for outcome in told}

    def bins(self) -> dict[str, str]:
        told = [truth_message.from_message(message) for message in list(self._truths.messages)]
        return {end.part_id: end.bin for end in told}

    def figures(self) -> dict:
        return {entry.key: json.loads(entry.value) for entry in
                self._scores[-1].status[0].values} if len(self._scores) else {}

    def finish(self, parts: int) -> dict:
        """Wait for the end of the shift and return its figures."""
        self.ros.wait_for(lambda: self.figures().get('parts') == parts
                          and self.figures()['outcomes'] >= parts, PATIENCE_S,
                          what='the end of the shift')
        return self.figures()


@pytest.fixture
def line(ros, tmp_path: Path) -> Iterator[WholeLine]:
    with NodeProcesses(tmp_path / 'log') as processes:
        yield WholeLine(ros, processes, tmp_path / 'recipe')
        processes.check()


@pytest.mark.timeout(240)
def test_every_trigger_has_one_verdict_and_one_outcome(line: WholeLine) -> None:
    line.start_all(parts=30)
    figures = line.finish(30)
    assert figures['triggers'] == figures['verdicts'] == figures['outcomes'] == 30
    assert figures['teach_parts'] == 10
    assert (figures['uninspected'], figures['escapes'], figures['gate_errors']) == (0, 0, 0)
    assert figures['true_defects'] > 0
    assert figures['pass'] >= 20
    assert set(figures['frames_lost'].values()) <= {0}
    line.ros.wait_for(lambda: len(line.bins()) == 40)
    assert {part_id: cause == 'pass' for part_id, cause in line.outcomes().items()} == {
        part_id: where == 'accept' for part_id, where in line.bins().items()}


@pytest.mark.timeout(240)
def test_inspector_killed_mid_line_rejects_all_until_it_is_back(line: WholeLine) -> None:
    parts = 70
    line.start_all(parts, lockstep_timeout_s=1.0)
    passed = Counter()

    def count() -> int:
        passed.clear()
        passed.update(line.outcomes().values())
        return passed['pass']
    line.ros.wait_for(lambda: count() >= 4, PATIENCE_S, what='the line to run')
    assert line.ros.call(Trigger, 'inspector/save').success
    os.kill(line.processes.pid('inspector'), signal.SIGKILL)
    line.ros.wait_for(lambda: count() and passed['missing'] >= 3, PATIENCE_S,
                      what='parts without a verdict')
    line.start_inspector()
    before = count()
    line.ros.wait_for(lambda: count() >= before + 4, PATIENCE_S, what='the line to recover')
    figures = line.finish(parts)
    decisions, outcomes = line.decisions(), line.outcomes()
    assert figures['triggers'] == figures['outcomes'] == parts
    assert figures['verdicts'] < parts
    assert (figures['escapes'], figures['gate_errors']) == (0, 0)
    assert all(outcomes[part_id] == 'missing' for part_id in outcomes
               if part_id not in decisions)
    assert all(decisions[part_id] == 'pass' for part_id, cause in outcomes.items()
               if cause == 'pass')
    blind = [part_id for part_id in line.bins() if part_id not in decisions]
    assert len(blind) >= 3
    assert {line.bins()[part_id] for part_id in blind} == {'reject'}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The whole line for real, each node in its own process; and what becomes of it without one."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
import json
import os
from pathlib import Path
import signal
import time

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from std_srvs.srv import Trigger

from ant_ros.cli.demo_run import REMAPS
from ant_ros.nodes import outcome_message
from ant_ros.nodes import truth_message
from ant_ros.nodes import verdict_message
from ant_ros.nodes.processes import large_image_profile
from ant_ros.nodes.processes import NodeProcesses

PATIENCE_S = 300.0
PAUSE_S = 1.5
"""Longer than the gate bears without the encoder, and than a peer's silence in real time."""


class WholeLine:
    """The four nodes as processes, and a record of all that they say of the parts."""

    def __init__(self, ros, processes: NodeProcesses, recipe: Path):
        self.ros, self.processes, self.recipe = ros, processes, recipe
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._verdicts = ros.record(DiagnosticArray, 'inspector/verdict', 1000)
        self._outcomes = ros.record(DiagnosticArray, 'reject_gate/outcome', 1000)
        self._truths = ros.record(DiagnosticArray, 'line_simulator/truth', 1000)
        self._scores = ros.record(DiagnosticArray, 'scorekeeper/score', latched)
        self._diagnostics = ros.record(DiagnosticArray, '/diagnostics', 1000)

    def start(self, node: str, **parameters: object) -> None:
        arguments = ['-p', f'use_sim_time:={json.dumps(node != "line_simulator")}']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={json.dumps(value)}']
        for name, target in REMAPS[node].items():
            arguments += ['-r', f'{name}:={target}']
        self.processes.start(node, arguments, large_image_profile())

    def start_gate(self) -> None:
        self.start('reject_gate', pace='lockstep')

    def start_all(self, parts: int, **simulator: object) -> None:
        self.start_gate()
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
        return {verdict.part_id: verdict.decision.value for verdict in told
                if not _taught(verdict.part_id)}

    def outcomes(self) -> dict[str, str]:
        told = [outcome_message.from_message(message) for message in list(self._outcomes.messages)]
        assert len({outcome.part_id for outcome in told}) == len(told), 'two outcomes of one part'
        return {outcome.part_id: outcome.cause for outcome in told
                if not _taught(outcome.part_id)}

    def ends(self) -> list[truth_message.PartEnd]:
        told = [truth_message.from_message(message) for message in list(self._truths.messages)]
        return [end for end in told if not _taught(end.part_id)]

    def bins(self) -> dict[str, str]:
        return {end.part_id: end.bin for end in self.ends()}

    def figures(self) -> dict:
        return {entry.key: json.loads(entry.value) for entry in
                self._scores[-1].status[0].values} if len(self._scores) else {}

    def kill(self, node: str) -> None:
        os.kill(self.processes.pid(node), signal.SIGKILL)

    def pause(self, node: str) -> None:
        """Let a process stand still, as on a computer that is busy with something else."""
        os.kill(self.processes.pid(node), signal.SIGSTOP)
        time.sleep(PAUSE_S)
        os.kill(self.processes.pid(node), signal.SIGCONT)

    def bring_back(self, start: Callable[[], None], task: str, figure: str) -> None:
        """Start a killed node; the belt stands until its diagnostics tell a figure of a task."""
        simulator = self.processes.pid('line_simulator')
        os.kill(simulator, signal.SIGSTOP)
        heard = len(self._diagnostics)
        start()
        self.wait(lambda: any(
            status.name == task and figure in {value.key for value in status.values}
            for message in self._diagnostics[heard:] for status in message.status), task)
        os.kill(simulator, signal.SIGCONT)

    def passed(self) -> int:
        return Counter(self.outcomes().values())['pass']

    def wait(self, predicate: Callable[[], bool], what: str) -> None:
        self.ros.wait_for(predicate, PATIENCE_S, what)

    def finish(self, parts: int) -> dict:
        """Wait for the end of the shift and return its figures."""
        self.ros.wait_for(lambda: self.figures().get('parts') == parts
                          and self.figures()['outcomes'] >= parts, PATIENCE_S,
                          what='the end of the shift')
        return self.figures()


def _taught(part_id: str) -> bool:
    """Tell the parts to teach from: they come first, maybe before this test is heard."""
    return part_id.startswith('teach')


@pytest.fixture
def line(ros, tmp_path: Path) -> Iterator[WholeLine]:
    with NodeProcesses(tmp_path / 'log') as processes:
        yield WholeLine(ros, processes, tmp_path / 'recipe')
        processes.check()


@pytest.mark.timeout(900)
def test_the_seed_decides_on_the_outcomes_however_busy_the_computer(ros, tmp_path: Path) -> None:
    shifts = []
    for name, paused in (('undisturbed', ()), ('paused', ('reject_gate', 'inspector',
                                                          'line_simulator', 'scorekeeper'))):
        with NodeProcesses(tmp_path / name) as processes:
            line = WholeLine(ros, processes, tmp_path / 'recipe')
            line.start_all(parts=20, seed=2)
            for number, node in enumerate(paused):
                line.wait(lambda line=line, number=number: len(line.outcomes()) > 3 * number, name)
                line.pause(node)
            line.finish(20)
            line.wait(lambda line=line: len(line.ends()) == len(line.outcomes()) == 20, name)
            line.wait(lambda line=line: {line.figures()[key] for key in (
                'triggers', 'verdicts', 'outcomes')} == {20}, f'the score of all 20, {name}')
            figures = line.figures()
        assert figures['teach_parts'] == 10
        assert (figures['uninspected'], figures['escapes'], figures['gate_errors']) == (0, 0, 0)
        assert figures['true_defects'] > 0 and figures['pass'] > 10
        assert set(figures['frames_lost'].values()) <= {0}
        assert {part_id: cause == 'pass' for part_id, cause in line.outcomes().items()} == {
            part_id: where == 'accept' for part_id, where in line.bins().items()}
        shifts.append((line.outcomes(), line.decisions(), [
            (end.part_id, end.bin, end.ended_time_s) for end in line.ends()]))
    assert shifts[0] == shifts[1]


@pytest.mark.timeout(900)
def test_inspector_killed_mid_line_rejects_all_until_it_is_back(line: WholeLine) -> None:
    line.start_all(parts=40, lockstep_timeout_s=1.0)
    line.wait(lambda: line.passed() >= 4, 'the line to run')
    assert line.ros.call(Trigger, 'inspector/save').success
    line.kill('inspector')
    line.wait(lambda: Counter(line.outcomes().values())['missing'] >= 3, 'parts without verdict')
    line.bring_back(line.start_inspector, 'inspector: model', 'recipe')
    before = line.passed()
    line.wait(lambda: line.passed() >= before + 4, 'the line to recover')
    figures = line.finish(40)
    decisions, outcomes, bins = line.decisions(), line.outcomes(), line.bins()
    assert figures['triggers'] == figures['outcomes'] == 40 > figures['verdicts']
    assert (figures['escapes'], figures['gate_errors']) == (0, 0)
    blind = [part_id for part_id, cause in outcomes.items() if cause == 'missing']
    assert {bins[part_id] for part_id in blind} == {'reject'}
    # The first verdicts of the new inspector may reach the gate before they reach this test.
    assert {decisions.get(part_id, 'pass') for part_id, cause in outcomes.items()
            if cause == 'pass'} == {'pass'}


@pytest.mark.timeout(900)
def test_gate_killed_mid_line_rejects_all_until_it_is_back(line: WholeLine) -> None:
    line.start_all(parts=30, lockstep_timeout_s=1.0)
    line.wait(lambda: line.passed() >= 4, 'the line to run')
    line.kill('reject_gate')
    known = set(line.outcomes())
    # The part under the flap may just have passed; those behind it must not.
    line.wait(lambda: len(set(line.bins()) - known) >= 5, 'parts without a gate')
    alone = sorted(set(line.bins()) - known)[1:]
    assert {line.bins()[part_id] for part_id in alone} == {'reject'}
    line.bring_back(line.start_gate, 'reject_gate: gate', 'triggers')
    before = line.passed()
    line.wait(lambda: line.passed() >= before + 4, 'the line to recover')
    line.wait(lambda: line.figures().get('parts') == 30, 'the end of the shift')
    outcomes, bins = line.outcomes(), line.bins()
    assert not set(alone) & set(outcomes), 'a new gate does not know the parts of the old one'
    assert all((bins[part_id] == 'accept') == (cause == 'pass')
               for part_id, cause in outcomes.items())
    assert line.figures()['escapes'] == 0

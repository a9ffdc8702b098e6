# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run the simulated line as processes of its own and watch it to the end."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import time
from typing import Any

import psutil
import rclpy  # noqa: F401  first of all: the ROS wheels restart Python once on this import
from rich.console import Console

from ant_ros.cli.demo_observer import DemoObserver
from ant_ros.cli.exit_codes import ExitCode
from ant_ros.cli.interruption import Interruption
from ant_ros.cli.live_table import LineDisplay
from ant_ros.cli.live_table import summary_table
from ant_ros.nodes.processes import isolate_domain
from ant_ros.nodes.processes import NodeProcesses
from ant_ros.nodes.processes import ProcessDied
from ant_ros.share import share_directory
from ant_ros.simulation import load_scenario
from ant_ros.simulation import Scenario

__all__ = ['REMAPS', 'DemoOptions', 'run_demo']

_STALL_S = 300.0   # longer than teaching takes on a loaded computer
_LOOK_S = 0.1
_SETTLED_PARTS = 100
"""Parts after which memory is taken as settled, for the comparison with the end."""

REMAPS: Mapping[str, Mapping[str, str]] = {
    'inspector': {'image': 'camera/image_raw'},
    'reject_gate': {'verdict': 'inspector/verdict'},
    'scorekeeper': {'verdict': 'inspector/verdict', 'outcome': 'reject_gate/outcome',
                    'truth': 'line_simulator/truth'},
    # In lock-step the line must not outrun the way of a verdict to the gate.
    'line_simulator': {'verdict': 'reject_gate/booked'},
}
"""How the nodes of the line find each other's topics."""


@dataclass(frozen=True)
class DemoOptions:
    """The options of `python -m ant_ros demo`."""

    parts: int | None
    scenario: str
    seed: int
    pace: str
    speed: float
    headless: bool
    json_file: Path | None
    out: Path


def run_demo(options: DemoOptions) -> ExitCode:
    """Run the line, print the summary, write the figures and the pictures.

    Raises:
        ScenarioError: the scenario cannot be used.
        KeyboardInterrupt: the user stopped it; all processes have ended.
    """
    scenario = load_scenario(options.scenario)
    parts = options.parts or scenario.parts
    console = Console()
    shutil.rmtree(options.out / 'pictures', ignore_errors=True)
    reservation = isolate_domain()
    started = time.monotonic()
    console.print(f'{options.scenario}: starting the line; it is taught from the first '
                  f'{scenario.teach_parts} parts, then inspects {parts} …', highlight=False,
                  soft_wrap=True)
    try:
        with Interruption() as interruption, NodeProcesses(options.out / 'log') as processes, \
                DemoObserver(options.out / 'pictures') as observer:
            def check() -> None:
                interruption.check()
                processes.check()
            _start_line(processes, observer, check, options, scenario, parts)
            meter = _Meter(processes)
            finished = _watch(check, observer, meter, console, options, parts)
            figures = {**observer.score(), **meter.figures(),
                       'waits_given_up': observer.waits_given_up(),
                       'wall_seconds': time.monotonic() - started}
    except (ProcessDied, TimeoutError) as error:
        console.print(f'[red]the line stopped:[/] {error}', highlight=False)
        return ExitCode.FAILED
    finally:
        if reservation:
            reservation.close()
    _report(console, options, figures)
    if not finished:
        console.print(f'[red]stalled:[/] no part ended for {_STALL_S:.0f} s; '
                      f'the logs are in {options.out / "log"}')
        return ExitCode.FAILED
    return _judge(console, figures)


def _start_line(processes: NodeProcesses, observer: DemoObserver, check: Callable[[], None],
                options: DemoOptions, scenario: Scenario, parts: int) -> None:
    """Start the nodes; the simulator last, when all who must see its first part are there."""
    processes.start('inspector', _ros_args('inspector', {}))
    processes.start('reject_gate', _ros_args('reject_gate', {
        'distance_m': scenario.gate.distance_m, 'window_m': scenario.gate.window_m,
        'pace': options.pace}))
    processes.start('scorekeeper', _ros_args('scorekeeper', {}))
    observer.wait_until_ready(check)
    processes.start('line_simulator', _ros_args('line_simulator', {
        'scenario': options.scenario, 'seed': options.seed, 'parts': parts,
        'pace': options.pace, 'speed_factor': options.speed}))


def _ros_args(node: str, parameters: Mapping[str, Any]) -> list[str]:
    simulated = {'use_sim_time': node != 'line_simulator'}
    args = ['--params-file', str(share_directory() / 'launch' / 'demo.yaml')]
    for name, value in {**simulated, **parameters}.items():
        args += ['-p', f'{name}:={json.dumps(value)}']
    for name, target in REMAPS[node].items():
        args += ['-r', f'{name}:={target}']
    return args


class _Meter:
    """Memory and CPU time of the inspector's and the simulator's process."""

    def __init__(self, processes: NodeProcesses):
        self._processes = {name: psutil.Process(processes.pid(name))
                           for name in ('inspector', 'line_simulator')}
        self._rss: dict[str, dict[str, float]] = {}
        self._first: tuple[int, float] | None = None
        self._last: tuple[int, float] | None = None

    def look(self, parts: int) -> None:
        """Take the readings that are due when so many parts have ended."""
        if parts == 0:
            return
        cpu = self._processes['inspector'].cpu_times()
        self._last = (parts, cpu.user + cpu.system)
        self._first = self._first or self._last
        if parts >= _SETTLED_PARTS and 'after_100_parts' not in self._rss:
            self._rss['after_100_parts'] = self._memory()
        self._rss['end'] = self._memory()

    def figures(self) -> dict[str, Any]:
        """Return CPU seconds per 1,000 parts and the resident memory, in MB."""
        cpu = None
        if self._first and self._last and self._last[0] > self._first[0]:
            cpu = 1000 * (self._last[1] - self._first[1]) / (self._last[0] - self._first[0])
        rss = {f'{name}_{when}': memory[name] for when, memory in self._rss.items()
               for name in memory}
        return {'cpu_seconds_per_1000_parts': cpu, 'rss_mb': rss}

    def _memory(self) -> dict[str, float]:
        return {name: process.memory_info().rss / 1e6
                for name, process in self._processes.items()}


def _watch(check: Callable[[], None], observer: DemoObserver, meter: _Meter, console: Console,
           options: DemoOptions, parts: int) -> bool:
    """Watch until every part has ended; return False when the line stalls before."""
    progress, progressed = -1, time.monotonic()
    with LineDisplay(console, options.scenario, parts, options.headless) as display:
        while not _complete(observer.score(), parts):
            check()
            score = observer.score()
            done = score.get('parts', 0) + observer.verdicts
            if done != progress:
                progress, progressed = done, time.monotonic()
            elif time.monotonic() - progressed > _STALL_S:
                return False
            meter.look(score.get('parts', 0))
            display.show(score, observer.last_verdict)
            time.sleep(_LOOK_S)
    meter.look(observer.score()['parts'])
    return True


def _complete(score: Mapping[str, Any], parts: int) -> bool:
    return (score.get('parts', 0) >= parts
            and score['verdicts'] >= score['triggers'] and score['outcomes'] >= score['triggers'])


def _report(console: Console, options: DemoOptions, figures: Mapping[str, Any]) -> None:
    console.print(summary_table(figures))
    pictures = sorted((options.out / 'pictures').glob('*.png'))
    console.print(f'{len(pictures)} pictures of parts that did not pass, with their anomaly '
                  f'maps: {options.out / "pictures"}')
    target = options.json_file or options.out / 'figures.json'
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + '\n')
    console.print(f'the figures as JSON: {target}')


def _judge(console: Console, figures: Mapping[str, Any]) -> ExitCode:
    """Check what must hold on every line, whatever the scenario."""
    if figures['waits_given_up']:
        console.print('[yellow]the line went on without an answer that it had waited for:[/] this '
                      'run depends on how busy the computer was; run it again when it is less so')
    faults = []
    if figures['outcomes'] != figures['triggers']:
        faults.append(f'{figures["triggers"]} triggers but {figures["outcomes"]} outcomes')
    if figures['escapes']:
        faults.append(f'{figures["escapes"]} visible defects escaped')
    if figures['gate_errors']:
        faults.append(f'{figures["gate_errors"]} parts ended in the wrong bin')
    for fault in faults:
        console.print(f'[red]not as it must be:[/] {fault}')
    if faults:
        return ExitCode.FOUND
    visible = figures['true_defects'] - figures['defects_below_visibility']
    good = figures['parts'] - figures['true_defects']
    console.print(f'[green]all well:[/] one outcome for each of {figures["triggers"]} parts; none '
                  f'of {visible} visible defects escaped; {figures["false_rejects"]} of {good} '
                  'good parts did not pass', highlight=False, soft_wrap=True)
    return ExitCode.OK

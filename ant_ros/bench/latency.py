# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How long from a published 640x480 frame to the received verdict, and where frames are lost."""

import json
from pathlib import Path
import tempfile
import time
from typing import Any

import numpy as np
import psutil
import rclpy  # noqa: F401  first of all: the ROS wheels restart Python once on this import
from rich.console import Console
from rich.table import Table

from ant_ros.bench.frame_publisher import Plan
from ant_ros.inspection import Inspector
from ant_ros.nodes.processes import isolate_domain
from ant_ros.nodes.processes import large_image_profile
from ant_ros.nodes.processes import NodeProcesses
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import load_scenario
from ant_ros.simulation import Triggered

__all__ = ['measure']

_RATE_HZ = 30.0
_SECONDS = 60.0
_FRAMES = 60
_LOST_TIMEOUT_S = 60.0


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Publish at 30 Hz for 60 s from a light process; return the figures."""
    del data
    console = Console()
    seconds = _SECONDS / 10 if quick else _SECONDS
    console.print('rendering frames and teaching …')
    reservation = isolate_domain()
    try:
        with tempfile.TemporaryDirectory() as folder, \
                NodeProcesses(Path(folder) / 'log') as processes:
            plan = _prepare(Path(folder), seconds)
            console.print(f'publishing at {_RATE_HZ:.0f} Hz for {seconds:.0f} s …')
            figures = _run(processes, plan)
    finally:
        if reservation:
            reservation.close()
    console.print(_table(figures))
    return figures


def _prepare(folder: Path, seconds: float) -> Plan:
    """Render the frames at 640x480 and teach a recipe from the good ones that come first."""
    scenario = load_scenario('demo')
    camera = scenario.camera.model_copy(update={'width': 640, 'height': 480})
    scenario = scenario.model_copy(update={'camera': camera})
    taught: list[np.ndarray] = []
    frames: list[np.ndarray] = []
    with InspectionLine(scenario, seed=0, parts=_FRAMES) as line:
        while not line.finished:
            for event in line.step():
                if isinstance(event, Triggered):
                    (taught if event.truth.role == 'teach' else frames).append(event.image)
    Inspector.teach(taught, name='latency').save(folder / 'recipe')
    np.save(folder / 'frames.npy', np.stack(frames))
    plan = Plan(folder / 'frames.npy', folder / 'result.json', _RATE_HZ, seconds)
    plan.write(folder / 'plan.json')
    return plan


def _run(processes: NodeProcesses, plan: Plan) -> dict[str, Any]:
    folder = plan.result.parent
    inspector = psutil.Process(processes.start('inspector', [
        '-p', f'recipe:={folder / "recipe"}', '-p', 'autostart:=true', '-p', 'trigger:=topic',
        '-p', 'frame_policy:=every', '-r', 'image:=camera/image_raw']))
    processes.start('frame_publisher', environment={
        **large_image_profile(), 'ANT_ROS_BENCH_PLAN': str(folder / 'plan.json')},
        module='ant_ros.bench.frame_publisher')
    deadline = time.monotonic() + plan.seconds + _LOST_TIMEOUT_S
    while not plan.result.exists():
        processes.check()
        if time.monotonic() > deadline:
            raise TimeoutError('the frame publisher does not finish')
        time.sleep(0.1)
    cpu = inspector.cpu_times()
    received = json.loads(plan.result.read_text())
    return {
        **_milliseconds('published_to_verdict', received['latency_s']),
        **_milliseconds('inside_inspector', received['inside_s']),
        **_milliseconds('compute', received['compute_s']),
        'published': received['published'], 'verdicts': received['verdicts'],
        'uninspected': received['uninspected'], 'frames_lost': received['lost'],
        'inspector_cpu_seconds': cpu.user + cpu.system, 'seconds': plan.seconds,
    }


def _milliseconds(name: str, seconds: list[float]) -> dict[str, float | None]:
    values = np.asarray(seconds) * 1e3
    return {f'{name}_ms_p{q}': float(np.percentile(values, q)) if len(values) else None
            for q in (50, 99)}


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title='latency: 640x480 rgb8 at 30 Hz, publisher and inspector in two processes')
    table.add_column('figure')
    table.add_column('value', justify='right')
    for key, value in figures.items():
        table.add_row(key, f'{value:.2f}' if isinstance(value, float) else str(value))
    return table

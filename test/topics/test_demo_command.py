# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command `demo`, run as its user runs it: processes, real topics, real physics."""

from collections.abc import Callable
import json
from pathlib import Path
import signal
import subprocess
import sys
import time

import cv2
import psutil
import pytest

KEYS = {
    'parts', 'triggers', 'outcomes', 'verdicts', 'pass', 'review', 'reject', 'uninspected',
    'true_defects', 'defects_below_visibility', 'escapes', 'escape_rate_upper_95',
    'false_rejects', 'frr', 'frr_upper_95', 'review_rate', 'gate_errors', 'latency_ms_p50',
    'latency_ms_p99', 'cpu_seconds_per_1000_parts', 'wake_rate_good_parts',
    'wake_rate_good_tiles', 'frames_lost', 'rss_mb', 'waits_given_up', 'wall_seconds'}
COMMAND = [sys.executable, '-m', 'ant_ros', 'demo', '--headless']


def wait_for(predicate: Callable[[], object], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not predicate():
        assert time.monotonic() < deadline, 'waited in vain'
        time.sleep(0.05)


@pytest.mark.timeout(900)
def test_the_line_runs_and_its_figures_add_up(tmp_path: Path):
    figures_file = tmp_path / 'figures.json'
    result = subprocess.run(
        [*COMMAND, '--parts', '40', '--seed', '3', '--json', str(figures_file), '--out',
         str(tmp_path / 'out')], capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    assert 'all well: one outcome for each of 40 parts' in ' '.join(result.stdout.split())
    figures = json.loads(figures_file.read_text())
    assert set(figures) >= KEYS
    assert figures['parts'] == 40
    assert figures['triggers'] == figures['outcomes'] == figures['verdicts']
    assert sum(figures[key] for key in ('pass', 'review', 'reject', 'uninspected')) == 40
    assert figures['uninspected'] == figures['escapes'] == figures['gate_errors'] == 0
    assert figures['waits_given_up'] == figures['passes_not_in_time'] == 0
    assert figures['true_defects'] > 0
    pictures = sorted((tmp_path / 'out/pictures').glob('*.png'))
    assert len(pictures) == figures['review'] + figures['reject']
    height, width, _ = cv2.imread(str(pictures[0])).shape
    assert width > height


@pytest.mark.timeout(400)
def test_ctrl_c_ends_everything(tmp_path: Path, prompt_s: float) -> None:
    process = subprocess.Popen(
        [*COMMAND, '--parts', '1000', '--out', str(tmp_path)], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    parent = psutil.Process(process.pid)
    wait_for(lambda: list((tmp_path / 'pictures').glob('*.png')), 300)
    children = parent.children(recursive=True)
    assert len(children) >= 4
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert time.monotonic() - pressed < prompt_s
    assert process.returncode == 130
    assert 'Traceback' not in output
    assert not psutil.wait_procs(children, timeout=1)[1]


@pytest.mark.timeout(400)
def test_a_killed_demo_leaves_no_process_behind(tmp_path: Path):
    process = subprocess.Popen([*COMMAND, '--out', str(tmp_path)], stdout=subprocess.DEVNULL)
    parent = psutil.Process(process.pid)
    wait_for(lambda: len(parent.children(recursive=True)) >= 3, 300)
    children = parent.children(recursive=True)
    process.kill()
    process.wait()
    assert not psutil.wait_procs(children, timeout=10)[1]


def test_an_unknown_scenario_is_refused_with_the_names_there_are(tmp_path: Path):
    result = subprocess.run([*COMMAND, '--scenario', 'dmeo', '--out', str(tmp_path)],
                            capture_output=True, text=True, timeout=200)
    assert result.returncode == 2
    assert 'dmeo' in result.stderr
    assert 'shift' in result.stderr
    assert 'Traceback' not in result.stderr

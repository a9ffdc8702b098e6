# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every node of the line starts as a program, and ends cleanly within two seconds."""

from pathlib import Path
import signal
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
from PIL import Image
import pytest


def start(node: str, *parameters: str) -> subprocess.Popen:
    command = [sys.executable, '-m', f'ant_ros.nodes.{node}', '--ros-args']
    for parameter in parameters:
        command += ['-p', parameter]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize(('node', 'number'), [
    ('reject_gate', signal.SIGINT), ('scorekeeper', signal.SIGTERM),
    ('line_simulator', signal.SIGINT), ('image_folder_camera', signal.SIGTERM)])
def test_node_ends_cleanly(
        ros, tmp_path: Path, node: str, number: signal.Signals, prompt_s: float) -> None:
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / 'a.png')
    parameters = [f'path:={tmp_path}'] if node == 'image_folder_camera' else []
    if node == 'line_simulator':
        parameters = ['start_timeout_s:=0.0']   # so that it is stopped while it runs
    reports = ros.record(DiagnosticArray, '/diagnostics')
    process = start(node, *parameters)
    try:
        ros.wait_for(lambda: len(reports) > 0, 200.0)
        started_s = time.monotonic()
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, output
    assert time.monotonic() - started_s < prompt_s
    assert 'Traceback' not in output


@pytest.mark.parametrize(('node', 'parameter', 'message'), [
    ('reject_gate', 'window_m:=0.9', 'window_m'),
    ('scorekeeper', 'period_s:=-1.0', 'period_s'),
    ('line_simulator', 'scenario:=demmo', 'demo'),
    ('image_folder_camera', 'path:=/nowhere', '/nowhere')])
def test_bad_parameter_ends_with_a_clear_error(ros_domain, node, parameter, message) -> None:
    process = start(node, parameter)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 2, output
    assert message in output
    assert 'Traceback' not in output

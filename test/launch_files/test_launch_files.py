# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The launch files, run by `ros2 launch` itself."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import re
import signal
import subprocess
import time

import psutil
import pytest

pytestmark = [pytest.mark.needs_ros_launch, pytest.mark.timeout(180)]

LAUNCH = Path(__file__).resolve().parents[2] / 'launch'
FILES = sorted(path.name for path in LAUNCH.glob('*.launch.py'))


def show_args(name: str) -> str:
    return subprocess.run(['ros2', 'launch', 'ant_ros', name, '--show-args'], check=True,
                          capture_output=True, text=True, timeout=60).stdout


@contextmanager
def launched(name: str, tmp_path: Path, *arguments: str) -> Iterator[psutil.Process]:
    """Run a launch file; afterwards it must end by SIGINT alone, cleanly and without remains."""
    log = tmp_path / 'launch.log'
    with log.open('w') as output:
        process = subprocess.Popen(['ros2', 'launch', 'ant_ros', name, *arguments],
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    parent = psutil.Process(process.pid)
    try:
        yield parent
        children = parent.children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0, log.read_text()[-3000:]
        assert not psutil.wait_procs(children, timeout=5)[1]
        assert 'Traceback' not in log.read_text(), log.read_text()[-3000:]
    finally:
        for child in [*parent.children(recursive=True), parent] if process.poll() is None else []:
            child.kill()


def node_process(parent: psutil.Process, name: str) -> psutil.Process:
    """Find the process of a node, as soon as it is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for child in parent.children(recursive=True):
            if any(f'__node:={name}' in word for word in child.cmdline()):
                return child
        time.sleep(0.05)
    raise AssertionError(f'no process of {name}')


@pytest.mark.parametrize('name', FILES)
def test_every_argument_is_shown_described_and_used(name):
    source = (LAUNCH / name).read_text()
    declared = re.findall(r"DeclareLaunchArgument\(\s*'(\w+)'", source)
    shown = show_args(name)
    assert {'namespace', 'params_file', 'autostart', 'use_sim_time', 'use_respawn',
            'log_level'} <= set(declared)
    words = [node.args[0].value for node in ast.walk(ast.parse(source))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
             and node.func.id in ('LaunchConfiguration', 'typed')
             and isinstance(node.args[0], ast.Constant)]
    for argument in declared:
        assert f"'{argument}'" in shown
        assert argument in words, f'{argument} is declared but not used'
    assert 'no description given' not in shown.lower()


def test_the_line_runs_to_its_end_in_a_namespace(ros, tmp_path):
    from diagnostic_msgs.msg import DiagnosticArray
    from rclpy.qos import DurabilityPolicy
    from rclpy.qos import QoSProfile
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    scores = ros.record(DiagnosticArray, 'cell/scorekeeper/score', latched)
    with launched('demo.launch.py', tmp_path, 'namespace:=cell', 'parts:=12', 'pace:=lockstep'):
        def latest() -> dict[str, str]:
            return ({entry.key: entry.value for entry in scores[-1].status[0].values}
                    if len(scores) else {})
        ros.wait_for(lambda: latest().get('parts') == '12'
                     and latest()['outcomes'] == latest()['triggers'] == latest()['verdicts'],
                     timeout_s=120, what='12 parts')
        assert latest()['escapes'] == latest()['uninspected'] == '0'


def test_a_killed_inspector_comes_back_active(ros, tmp_path):
    from diagnostic_msgs.msg import DiagnosticArray
    reports = ros.record(DiagnosticArray, '/diagnostics')

    def active(since: int) -> bool:
        return any(status.name == 'inspector: state' and status.message == 'active'
                   for report in reports[since:] for status in report.status)
    with launched('inspection.launch.py', tmp_path) as parent:
        ros.wait_for(lambda: active(0), timeout_s=60, what='active')
        first = node_process(parent, 'inspector')
        first.kill()
        first.wait(10)
        killed_at = len(reports)
        assert node_process(parent, 'inspector').pid != first.pid
        ros.wait_for(lambda: active(killed_at), timeout_s=60, what='active again')


def test_a_node_that_refuses_its_parameters_stays_down(ros_domain, tmp_path):
    log = tmp_path / 'launch.log'
    with launched('demo.launch.py', tmp_path, 'scenario:=nonsense'):
        deadline = time.monotonic() + 60
        while 'it stays down' not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(3.0)   # three times the delay after which it would be started again
        assert log.read_text().count('[line_simulator-4]: process started') == 1


def test_autostart_false_leaves_the_inspector_to_a_manager(ros, tmp_path):
    from lifecycle_msgs.msg import Transition
    from lifecycle_msgs.srv import ChangeState
    from lifecycle_msgs.srv import GetState
    with launched('inspection.launch.py', tmp_path, 'autostart:=false', 'log_level:=warn'):
        answer = ros.call(GetState, 'inspector/get_state', timeout_s=60)
        assert answer.current_state.label == 'unconfigured'
        request = ChangeState.Request(transition=Transition(id=Transition.TRANSITION_CONFIGURE))
        assert ros.call(ChangeState, 'inspector/change_state', request, timeout_s=60).success


def test_the_camera_profile_is_installed():
    from ament_index_python.packages import get_package_share_directory
    share = Path(get_package_share_directory('ant_ros'))
    assert (share / 'launch' / 'large_images.xml').is_file()
    assert (share / 'sim' / 'scenarios' / 'demo.yaml').is_file()
    assert os.access(share.parents[1] / 'lib' / 'ant_ros' / 'inspector', os.X_OK)

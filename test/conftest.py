# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tests that need more ROS than the wheels bring are skipped loudly, and no others may be."""

from collections import Counter
import importlib
import shutil

import pytest

_MISSING = 'missing here: '
_SKIPPED: dict[str, str] = {}


def _lacks_ros_launch() -> str:
    """Say what is missing to run launch files; empty when nothing is."""
    try:
        # A bare `import launch` would succeed with this repository's folder of that name.
        from launch import LaunchDescription  # noqa: F401
        importlib.import_module('launch_ros')
        from ament_index_python.packages import get_package_share_directory
        get_package_share_directory('ant_ros')
    except ImportError as error:
        return f'ROS launch is not installed ({error})'
    except LookupError:
        return 'ant_ros is not built and sourced as a colcon workspace'
    return '' if shutil.which('ros2') else 'the command ros2 is not installed'


def _lacks(module: str) -> str:
    """Say whether a module is missing; empty when it is not."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        return f'{module.partition(".")[0]} is not installed ({error})'
    return ''


_NEEDS = {'needs_ros_launch': _lacks_ros_launch,
          'needs_vision_msgs': lambda: _lacks('vision_msgs.msg'),
          'needs_rosbags': lambda: _lacks('rosbags')}


def pytest_configure(config: pytest.Config) -> None:
    for marker in _NEEDS:
        config.addinivalue_line('markers', f'{marker}: skipped, loudly, where it is missing')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for marker, lacks in _NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        reason = lacks() if marked else ''
        for item in marked if reason else []:
            item.add_marker(pytest.mark.skip(reason=_MISSING + reason))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped:
        _SKIPPED[report.nodeid] = report.longrepr[2].removeprefix('Skipped: ')


def _unexplained() -> list[str]:
    return sorted(test for test, reason in _SKIPPED.items() if not reason.startswith(_MISSING))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _unexplained() and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(reason for reason in _SKIPPED.values() if reason.startswith(_MISSING))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(
            f'NOT RUN HERE: {count} tests, because {reason.removeprefix(_MISSING)}', yellow=True)
    for test in _unexplained():
        terminalreporter.write_line(f'FAILED: skipped without a known reason: {test}', red=True)

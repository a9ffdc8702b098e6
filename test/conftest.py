# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tests that need more ROS than the wheels bring are skipped loudly, and no others may be."""

from collections import Counter
from collections.abc import Callable
import importlib
import shutil

import cv2
import numpy as np
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


_MARKS: dict[str, Callable] = {
    '': lambda image, at: None,
    'spot': lambda image, at: cv2.circle(image, at(40, 25), 4, (70, 70, 70), -1),
    'large spot': lambda image, at: cv2.circle(image, at(40, 25), 9, (70, 70, 70), -1),
    'speck': lambda image, at: cv2.circle(image, at(40, 25), 2, (90, 90, 90), -1),
    'scratch': lambda image, at: cv2.line(image, at(25, 43), at(59, 9), (230, 230, 235), 2),
    'short scratch': lambda image, at: cv2.line(image, at(27, 41), at(53, 15), (230, 230, 235), 2),
}


@pytest.fixture(scope='session')
def draw_plate() -> Callable[..., np.ndarray]:
    """Return what draws a plate with a hole and a print, [120, 160, 3], by seed and mark."""
    def draw(seed: int, mark: str = '') -> np.ndarray:
        rng = np.random.default_rng(seed)
        image = np.full((120, 160, 3), 45, np.float32)
        left, top = rng.integers(-6, 7, 2) + np.array([45, 35])

        def at(x: int, y: int) -> tuple[int, int]:
            return int(left) + x, int(top) + y
        cv2.rectangle(image, at(0, 0), at(70, 50), (150, 155, 165), -1)
        cv2.circle(image, at(15, 13), 6, (45, 45, 45), -1)
        cv2.rectangle(image, at(47, 35), at(61, 41), (60, 60, 90), -1)
        _MARKS[mark](image, at)
        return np.clip(image + rng.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)
    return draw


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

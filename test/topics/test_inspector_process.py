# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector as a process of its own, with the real inspector in it."""

from collections.abc import Iterator
import signal
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from sensor_msgs.msg import TimeReference
from std_srvs.srv import Trigger

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.verdict_message import from_message


def _plate(number: int, *, scratched: bool = False) -> np.ndarray:
    """Return a photograph of a plate with a hole: dark on a light belt, a little displaced."""
    random = np.random.default_rng(number)
    left, top = random.integers(70, 80), random.integers(50, 60)
    picture = np.full((240, 320, 3), 205, np.float32)
    picture[top:top + 120, left:left + 170] = (70, 85, 110)
    rows, columns = np.ogrid[:240, :320]
    picture[(rows - top - 60) ** 2 + (columns - left - 45) ** 2 < 18 ** 2] = 205
    if scratched:
        picture[top + 70:top + 74, left + 90:left + 150] = 235
    picture += random.normal(0, 2.0, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


class InspectorProcess:
    """An inspector process with its camera, its photo-eye and a listener."""

    def __init__(self, ros, *parameters: str):
        self.ros = ros
        arguments = [word for parameter in parameters for word in ('-p', parameter)]
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'ant_ros.nodes.inspector', '--ros-args', *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.messages = ros.record(DiagnosticArray, 'inspector/verdict', 100)
        ros.wait_for(self._is_up, 60.0, 'the inspector process')
        self._camera = ros.publisher(Image, 'image', QoSProfile(depth=50))
        self._photo_eye = ros.publisher(TimeReference, 'part', 100)

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()[0]
        return self.ros.node.count_publishers('inspector/verdict') == 1

    def trigger(self, number: int) -> None:
        message = TimeReference(source=f'part-{number}')
        message.header.stamp.sec = number
        self._photo_eye.publish(message)

    def inspect(self, number: int, **kind: bool) -> None:
        self.trigger(number)
        message = fill_image(Image(), _plate(number, **kind), 'rgb8')
        message.header.stamp.sec = number
        self._camera.publish(message)

    def verdicts(self, count: int) -> list:
        self.ros.wait_for(lambda: len(self.messages) >= count, what=f'{count} verdicts')
        return [from_message(message) for message in self.messages.messages]

    def end(self, number: signal.Signals) -> tuple[float, str]:
        """Send a signal; return the seconds until the process has ended, and its log."""
        start = time.monotonic()
        self.process.send_signal(number)
        log, _ = self.process.communicate(timeout=20)
        return time.monotonic() - start, log


@pytest.fixture
def start(ros) -> Iterator:
    started = []

    def start(*parameters: str) -> InspectorProcess:
        started.append(InspectorProcess(ros, 'autostart:=true', *parameters))
        return started[-1]
    yield start
    for line in started:
        line.process.kill()
        line.process.communicate()


def test_taught_line_finds_the_scratch_and_its_recipe_serves_the_next_shift(
        start, tmp_path, prompt_s: float) -> None:
    recipe = tmp_path / 'plate'
    line = start('teach_at_start:=true', f'recipe:={recipe}', 'reliability:=reliable',
                 'deadline:=30.0')
    for number in range(1, 11):
        line.inspect(number)
    taught = line.verdicts(10)
    assert {verdict.cause for verdict in taught} == {'teaching'}
    assert 'taught recipe' in taught[9].reason
    line.inspect(11)
    line.inspect(12, scratched=True)
    good, bad = line.verdicts(12)[10:]
    assert good.decision is Decision.PASS
    assert bad.decision is Decision.REJECT
    assert bad.region_boxes and bad.units > 0
    answer = line.ros.call(Trigger, 'inspector/save')
    assert answer.success, answer.message
    took_s, log = line.end(signal.SIGTERM)
    assert line.process.returncode == 0 and took_s < prompt_s
    assert 'Traceback' not in log

    line = start(f'recipe:={recipe}', 'reliability:=reliable', 'deadline:=30.0')
    line.inspect(13, scratched=True)
    verdict = line.verdicts(1)[-1]
    assert (verdict.decision, verdict.recipe) == (Decision.REJECT, 'plate')


def test_ctrl_c_answers_what_is_owed_and_ends(start, prompt_s: float) -> None:
    line = start('deadline:=60.0')
    line.trigger(1)
    line.trigger(2)
    line.ros.wait_for(lambda: line._photo_eye.get_subscription_count() == 1)
    _wait_until_received(line, 2)
    took_s, log = line.end(signal.SIGINT)
    assert line.process.returncode == 0
    assert took_s < prompt_s
    assert 'Traceback' not in log
    assert {verdict.cause for verdict in line.verdicts(2)} == {'inactive'}


def _wait_until_received(line: InspectorProcess, triggers: int) -> None:
    heard = line.ros.record(DiagnosticArray, '/diagnostics')

    def received() -> bool:
        return any(pair.key == 'triggers_received' and pair.value == str(triggers)
                   for message in heard.messages for status in message.status
                   for pair in status.values)
    line.ros.wait_for(received)

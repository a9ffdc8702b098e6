# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests over real topics: a domain, a context and an executor of their own."""

from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
import os
import socket
import threading
import time
from typing import Any

import pytest


def _own_domains() -> deque[int]:
    """Return the ROS domains of this process: where tests run side by side, a share of them."""
    workers = int(os.environ.get('PYTEST_XDIST_WORKER_COUNT', 1))
    worker = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    return deque(range(1 + worker, 101, workers))


_DOMAINS = _own_domains()  # the next test's first: it shall not meet what the last one left
_DOMAIN_PORT = 32768  # what the ROS tools reserve a domain with: one holder of a domain per host

PATIENCE_S = 100.0
"""Until when all that is waited for has come, on a computer that is busy with something else."""


def pytest_configure(config: pytest.Config) -> None:
    """Import rclpy with the capture off: its wheels restart Python once.

    The new process would inherit the captured output and print nothing.
    """
    capture = config.pluginmanager.getplugin('capturemanager')
    capture.suspend_global_capture(in_=True)
    with suppress(ImportError):
        import rclpy  # noqa: F401
    capture.resume_global_capture()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take longest, so that workers side by side end together."""
    def patience_s(item: pytest.Item) -> float:
        mark = item.get_closest_marker('timeout')
        return mark.args[0] if mark else 0.0
    items.sort(key=patience_s, reverse=True)


class Recorder:
    """The messages that arrived on a topic, oldest first."""

    def __init__(self, condition: threading.Condition):
        self.messages: list[Any] = []
        self._condition = condition

    def __call__(self, message: Any) -> None:
        with self._condition:
            self.messages.append(message)
            self._condition.notify_all()

    def __len__(self) -> int:
        return len(self.messages)

    def __getitem__(self, index: Any) -> Any:
        return self.messages[index]


class Ros:
    """A context of this test's own, and an executor that spins in a thread."""

    def __init__(self) -> None:
        import rclpy

        from ant_ros.nodes.running import SupervisedExecutor
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.executor = SupervisedExecutor(context=self.context)
        self._condition = threading.Condition()
        self._nodes: list[Any] = []
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()
        self.node = self.add(rclpy.create_node('test', context=self.context))

    def _spin(self) -> None:
        while self.context.ok() and not self.executor._is_shutdown:
            self.executor.spin_once(timeout_sec=0.5)
            with self._condition:
                self._condition.notify_all()

    def add(self, node: Any) -> Any:
        """Spin a node; it is closed and destroyed after the test."""
        self._nodes.append(node)
        self.executor.add_node(node)
        return node

    def call_in_executor(self, function: Callable[[], Any]) -> Any:
        """Call a function on the executor's thread and return its result."""
        task = self.executor.create_task(function)
        self.wait_for(task.done)
        return task.result()

    def wait_for(self, predicate: Callable[[], Any], timeout_s: float = PATIENCE_S,
                 what: str = '') -> None:
        """Wait until the predicate holds; fail with `what` if it does not in time."""
        deadline = time.monotonic() + timeout_s
        with self._condition:
            while not predicate():
                left = deadline - time.monotonic()
                if left <= 0:
                    pytest.fail(f'waited {timeout_s} s in vain: {what or predicate}')
                # The upper bound: graph changes do not wake the executor.
                self._condition.wait(min(left, 0.05))

    def record(self, kind: Any, topic: str, qos: Any = 10) -> Recorder:
        """Subscribe and keep every message."""
        recorder = Recorder(self._condition)
        self.node.create_subscription(kind, topic, recorder, qos)
        return recorder

    def publisher(self, kind: Any, topic: str, qos: Any = 10, *, matched: int = 1) -> Any:
        """Make a publisher and wait until `matched` subscriptions are there."""
        publisher = self.node.create_publisher(kind, topic, qos)
        self.wait_for(lambda: publisher.get_subscription_count() >= matched,
                      what=f'a subscription on {topic}')
        return publisher

    def call(self, kind: Any, service: str, request: Any = None,
             timeout_s: float = PATIENCE_S) -> Any:
        """Call a service and return the answer."""
        client = self.node.create_client(kind, service)
        self.wait_for(client.service_is_ready, timeout_s, f'the service {service}')
        future = client.call_async(request or kind.Request())
        self.wait_for(future.done, timeout_s, f'an answer of {service}')
        self.node.destroy_client(client)
        return future.result()

    def close(self) -> None:
        """Stop the thread, then close the nodes."""
        self.executor.shutdown(timeout_sec=0.0)
        self._thread.join(timeout=5.0)
        assert not self._thread.is_alive(), 'the executor is stuck in a callback'
        for node in reversed(self._nodes):
            if hasattr(node, 'close'):
                node.close()
            node.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[int]:
    """Reserve a ROS domain that nobody on this host uses; children inherit it."""
    for domain in tuple(_DOMAINS):
        _DOMAINS.rotate(-1)
        holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            holder.bind(('127.0.0.1', _DOMAIN_PORT + domain))
        except OSError:
            holder.close()
            continue
        break
    else:
        pytest.fail('no free ROS domain on this host')
    monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    monkeypatch.setenv('ROS_LOG_DIR', str(tmp_path / 'ros_log'))
    monkeypatch.delenv('ROS_STATIC_PEERS', raising=False)
    monkeypatch.setenv('AMENT_PREFIX_PATH', os.environ.get('AMENT_PREFIX_PATH', ''))
    with holder:
        yield domain


@pytest.fixture
def ros(ros_domain: int) -> Iterator[Ros]:
    """Give a test its own ROS; fail it when a callback raised and nobody asked why.

    A test that provokes faults sets `ros.executor.faults = 0` when it has seen them.
    """
    session = Ros()
    yield session
    session.close()
    assert session.executor.faults == 0, f'a callback raised: {session.executor.last_fault}'


class FakeInspector:
    """An inspector whose verdict is the brightness of the image, fast and scripted.

    Grey 0 to 127 passes, 128 to 250 is rejected, 255 raises; grey 251 waits for `released`.
    """

    released = threading.Event()
    name = 'fake'
    version = 1

    @classmethod
    def teach(cls, images: Any, *, name: str = 'recipe', **asked: Any) -> 'FakeInspector':
        if any(image.mean() > 127 for image in images):
            raise ValueError('one of the good parts is not good')
        taught = cls()
        taught.name, taught.asked = name, asked
        return taught

    @classmethod
    def load(cls, path: Any) -> 'FakeInspector':
        loaded = cls()
        loaded.name = (path / 'recipe.json').read_text()
        if loaded.name == 'damaged':
            raise ValueError(f'{path} is damaged')
        return loaded

    def warm_up(self) -> None:
        self.warm = True

    def save(self, path: Any) -> None:
        path.mkdir()
        (path / 'recipe.json').write_text(self.name)

    def inspect(self, image: Any) -> Any:
        from ant_ros.inspection.verdict import Decision
        from ant_ros.inspection.verdict import Region
        from ant_ros.inspection.verdict import Verdict
        from ant_ros.network.work import Work
        grey = float(image.mean())
        if grey == 255:
            raise RuntimeError('the lens fell off')
        if grey == 251:
            self.released.wait(20)
        bad = grey > 127
        return Verdict(
            decision=Decision.REJECT if bad else Decision.PASS, score=grey / 128,
            review_threshold=0.9, reject_threshold=1.0,
            regions=(Region(1, 2, 3, 4, 12, 2.0, 1),) if bad else (),
            reason='too bright' if bad else 'looks like the good parts',
            work=Work(int(bad), 10, 5, 50, 7, 0.001), stage=int(bad), recipe=self.name,
            recipe_version=self.version, image_size=(image.shape[1], image.shape[0]))


class InspectorLine:
    """An inspector node with what stands around it: camera, photo-eye and a listener."""

    def __init__(self, ros: Ros, parameters: dict[str, Any], inspector: Any):
        from diagnostic_msgs.msg import DiagnosticArray
        from rclpy.parameter import Parameter

        from ant_ros.nodes.inspector import InspectorNode
        self.ros = ros
        self.inspector = inspector
        self.inspector.released = threading.Event()
        self.messages = ros.record(DiagnosticArray, 'inspector/verdict', 200)
        self.diagnostics = ros.record(DiagnosticArray, '/diagnostics', 100)
        self.node = ros.add(InspectorNode(
            lambda: self.inspector, context=ros.context, parameter_overrides=[
                Parameter(name, value=value) for name, value in parameters.items()]))
        self._camera: Any = None
        self._photo_eye: Any = None

    def start(self) -> 'InspectorLine':
        """Configure and activate; wait until camera, photo-eye and listener are matched."""
        from lifecycle_msgs.msg import Transition
        assert self.change_state(Transition.TRANSITION_CONFIGURE)
        assert self.change_state(Transition.TRANSITION_ACTIVATE)
        self.ros.wait_for(lambda: self.node.count_subscribers('inspector/verdict') == 1)
        self.connect()
        return self

    def connect(self) -> None:
        """Make the camera and the photo-eye, and wait until the inspector listens to them."""
        from rclpy.qos import QoSProfile
        from sensor_msgs.msg import CompressedImage
        from sensor_msgs.msg import Image
        from sensor_msgs.msg import TimeReference
        compressed = self.node.parameters['image_transport'] == 'compressed'
        topic, kind = ('image/compressed', CompressedImage) if compressed else ('image', Image)
        self._camera = self.ros.publisher(kind, topic, QoSProfile(depth=50))
        if self.node.parameters['trigger'] == 'topic':
            self._photo_eye = self.ros.publisher(TimeReference, 'part', 100)
        self.wait_for_listening()

    def wait_for_listening(self) -> None:
        """Wait until the inspector hears camera and photo-eye, for good."""
        heard_by = [one for one in (self._camera, self._photo_eye) if one is not None]

        def listens() -> bool:
            settled = (self.node.parameters['reliability'] != 'auto'
                       or self.node._input.reliability == 'reliable')
            return settled and self.node._input.publishers == 1 and all(
                one.get_subscription_count() == 1 for one in heard_by)
        # On the executor's thread nobody subscribes anew meanwhile.
        self.ros.wait_for(lambda: self.ros.call_in_executor(listens), what='it to listen')

    def change_state(self, transition: int) -> bool:
        """Ask for a lifecycle transition and return whether it succeeded."""
        from lifecycle_msgs.srv import ChangeState
        request = ChangeState.Request()
        request.transition.id = transition
        return self.ros.call(ChangeState, 'inspector/change_state', request).success

    def trigger(self, part_id: str, stamp_s: float) -> None:
        """Announce a part."""
        from sensor_msgs.msg import TimeReference
        message = TimeReference(source=part_id)
        _set_stamp(message.header.stamp, stamp_s)
        self._photo_eye.publish(message)

    def image(self, stamp_s: float, grey: int = 10, size: tuple[int, int] = (40, 48)) -> Any:
        """Return an image message of one grey."""
        import numpy as np
        from sensor_msgs.msg import Image

        from ant_ros.nodes.image_conversion import fill_image
        message = fill_image(Image(), np.full((*size, 3), grey, np.uint8), 'rgb8')
        _set_stamp(message.header.stamp, stamp_s)
        message.header.frame_id = 'camera'
        return message

    def show(self, stamp_s: float, grey: int = 10) -> None:
        """Publish an image of one grey."""
        self.publish(self.image(stamp_s, grey))

    def publish(self, message: Any) -> None:
        """Publish an image message."""
        self._camera.publish(message)

    @property
    def verdicts(self) -> list[Any]:
        """Return the verdicts so far, in the order of their arrival."""
        from ant_ros.nodes.verdict_message import from_message
        return [from_message(message) for message in self.messages.messages]

    def wait_for_verdicts(self, count: int) -> list[Any]:
        """Wait for so many verdicts in all and return them."""
        self.ros.wait_for(lambda: len(self.messages) >= count,
                          what=f'{count} verdicts, there are {len(self.messages)}')
        return self.verdicts

    def health(self, task: str) -> Any:
        """Return the last diagnostics of a task, as level, message and values."""
        for message in reversed(self.diagnostics.messages):
            for status in message.status:
                if status.name == f'inspector: {task}':
                    values = {pair.key: pair.value for pair in status.values}
                    return status.level, status.message, values
        return None

    def wait_for_health(self, task: str, level: bytes, text: str) -> dict[str, str]:
        """Wait for diagnostics of this level with this text; return the values."""
        def is_so() -> bool:
            health = self.health(task)
            return health is not None and health[0] == level and text in health[1]
        self.ros.wait_for(is_so, what=f'{task} with {text!r}')
        return self.health(task)[2]


def _set_stamp(stamp: Any, seconds: float) -> None:
    stamp.sec, stamp.nanosec = divmod(round(seconds * 1e9), 10 ** 9)


@pytest.fixture
def inspector_line(ros: Ros) -> Iterator[Callable[..., InspectorLine]]:
    """Make an inspector node by `inspector_line(parameter=value, ...)`."""
    lines: list[InspectorLine] = []

    def make(inspector: Any = None, **parameters: Any) -> InspectorLine:
        fake = type('FakeInspector', (FakeInspector,), {})
        lines.append(InspectorLine(ros, parameters, inspector or fake))
        return lines[-1]
    yield make
    for line in lines:
        line.inspector.released.set()


@pytest.fixture
def fake_recipe(tmp_path: Any) -> Any:
    """Return the folder of a recipe that the fake inspector can load."""
    folder = tmp_path / 'plate'
    folder.mkdir()
    (folder / 'recipe.json').write_text('plate')
    return folder


@pytest.fixture
def prompt_s() -> float:
    """Return within how many seconds a process ends: two are promised on an idle computer.

    On a busy one it gets its turn less often, by as much as there is to do for each core.
    """
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return 2.0 * max(3.0, 2 * busy)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests over real topics: a domain, a context and an executor of their own."""

from collections.abc import Callable
from collections.abc import Iterator
import os
import socket
import threading
import time
from typing import Any

import pytest

_DOMAINS = range(1, 101)
_DOMAIN_PORT = 32768  # what the ROS tools reserve a domain with: one holder of a domain per host


def pytest_configure(config: pytest.Config) -> None:
    """Import rclpy with the capture off: its wheels restart Python once.

    The new process would inherit the captured output and print nothing.
    """
    capture = config.pluginmanager.getplugin('capturemanager')
    capture.suspend_global_capture(in_=True)
    try:
        import rclpy  # noqa: F401
    except ImportError:
        pass
    capture.resume_global_capture()


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

    def wait_for(self, predicate: Callable[[], Any], timeout_s: float = 20.0,
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

    def call(self, kind: Any, service: str, request: Any = None, timeout_s: float = 20.0) -> Any:
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
    for domain in _DOMAINS:
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

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Report a node's health on /diagnostics."""

from collections.abc import Callable
from collections.abc import Mapping
import traceback
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node

from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.health import Health
from ant_ros.nodes.health import Level
from ant_ros.nodes.publisher_events import no_events

__all__ = ['DIAGNOSTICS_ENDPOINT', 'DiagnosticsReporter', 'Health', 'Level']

_PERIOD_S = 1.0

DIAGNOSTICS_ENDPOINT = Endpoint(
    'publisher', '/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', 'reliable, depth 10',
    'once a second on a steady clock, in every state')


class DiagnosticsReporter:
    """Publish what each task reports, once a second of the steady clock.

    The steady clock, because a report must come as well while `/clock` stands still. A task that
    raises is reported as an error of that task and does not touch the others.

    Args:
        node: the node whose health it is.
        tasks: what to report, by name; a status is named `NODE: TASK`.
    """

    def __init__(self, node: Node, tasks: Mapping[str, Callable[[], Health]]):
        self._node = node
        self._tasks = dict(tasks)
        self._publisher = node.create_publisher(
            DiagnosticArray, '/diagnostics', 10, event_callbacks=no_events())
        self._timer = node.create_timer(
            _PERIOD_S, self.report, callback_group=MutuallyExclusiveCallbackGroup(),
            clock=Clock(clock_type=ClockType.STEADY_TIME))

    def report(self) -> None:
        """Publish now."""
        message = DiagnosticArray(status=[
            self._status(name, task) for name, task in self._tasks.items()])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def _status(self, name: str, task: Callable[[], Health]) -> DiagnosticStatus:
        health = _checked(task)
        return DiagnosticStatus(
            level=health.level.value, message=health.message,
            name=f'{self._node.get_fully_qualified_name().lstrip("/")}: {name}',
            hardware_id=self._node.get_name(),
            values=[KeyValue(key=key, value=_text(value))
                    for key, value in health.values.items()])


def _checked(task: Callable[[], Health]) -> Health:
    """Run a task; report as an error what it raises."""
    try:
        return task()
    except Exception as error:
        return Health(Level.ERROR, f'the report failed: {type(error).__name__}: {error}',
                      {'traceback': traceback.format_exc()})


def _text(value: Any) -> str:
    """Write a figure for people and for tools."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'{value:.6g}' if isinstance(value, float) else str(value)

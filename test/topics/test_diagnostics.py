# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Health goes out once a second, whatever the tasks and the clock do."""

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from rclpy.parameter import Parameter

from ant_ros.nodes.diagnostics import DiagnosticsReporter
from ant_ros.nodes.health import Health
from ant_ros.nodes.health import Level


def _raise() -> Health:
    raise RuntimeError('on purpose')


def test_levels_are_those_of_the_message() -> None:
    assert [level.value for level in Level] == [
        DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR, DiagnosticStatus.STALE]


def test_every_task_is_reported_also_while_time_stands_still(ros) -> None:
    heard = ros.record(DiagnosticArray, '/diagnostics')
    node = ros.add(Node('patient', namespace='ward', context=ros.context, parameter_overrides=[
        Parameter('use_sim_time', value=True)]))
    DiagnosticsReporter(node, {
        'good': lambda: Health(Level.OK, 'well', {'rate_hz': 1 / 3, 'on': True, 'count': 4}),
        'broken': _raise,
        'bad': lambda: Health(Level.WARN, 'so so')})
    ros.wait_for(lambda: len(heard) >= 2)
    good, broken, bad = heard[-1].status
    assert (good.name, good.hardware_id, good.message) == ('ward/patient: good', 'patient', 'well')
    assert [(pair.key, pair.value) for pair in good.values] == [
        ('rate_hz', '0.333333'), ('on', 'true'), ('count', '4')]
    assert broken.level == DiagnosticStatus.ERROR
    assert 'RuntimeError: on purpose' in broken.message
    assert (bad.level, bad.message) == (DiagnosticStatus.WARN, 'so so')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node's parameters come from a table: described, validated, swapped as a whole."""

import pytest
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from ant_ros.nodes.parameters import Parameter
from ant_ros.nodes.parameters import ParameterError
from ant_ros.nodes.parameters import Parameters

ROWS = (
    Parameter('low', 1.0, 'the lower limit', minimum=0.0, maximum=10.0),
    Parameter('high', 2.0, 'the upper limit', minimum=0.0),
    Parameter('count', 3, 'how many', minimum=1),
    Parameter('mode', 'fast', 'how', choices=('fast', 'slow')),
    Parameter('name', '', 'free text'),
    Parameter('fixed', True, 'cannot change', read_only=True),
)


def _check(values) -> str | None:
    if values['low'] > values['high']:
        return f'low ({values["low"]}) must not be above high ({values["high"]})'
    return None


@pytest.fixture
def make(ros):
    def make(**overrides) -> tuple[Node, Parameters]:
        node = ros.add(Node('tuned', context=ros.context, parameter_overrides=[
            RosParameter(name, value=value) for name, value in overrides.items()]))
        return node, Parameters(node, ROWS, _check)
    return make


def _set(node: Node, **values):
    return node.set_parameters_atomically(
        [RosParameter(name, value=value) for name, value in values.items()])


def test_defaults_and_overrides(make) -> None:
    _, parameters = make(count=7)
    assert dict(parameters.snapshot()) == {
        'low': 1.0, 'high': 2.0, 'count': 7, 'mode': 'fast', 'name': '', 'fixed': True}


def test_tools_see_description_range_and_choices(make) -> None:
    node, _ = make()
    low, count, mode = node.describe_parameters(['low', 'count', 'mode'])
    assert low.description == 'the lower limit'
    assert (low.floating_point_range[0].from_value, low.floating_point_range[0].to_value) == (
        0.0, 10.0)
    assert count.integer_range[0].from_value == 1
    assert mode.additional_constraints == "one of 'fast', 'slow'"


@pytest.mark.parametrize(('overrides', 'text'), [
    ({'low': 11.0}, 'from 0.0 to 10.0'),
    ({'low': 1}, 'expected a double'),
    ({'count': 0}, 'an integer, at least 1'),
    ({'count': 1.5}, 'an integer, at least 1'),
    ({'mode': 'odd'}, "'odd' is not allowed, expected one of 'fast', 'slow'"),
    ({'low': 3.0}, r'low \(3.0\) must not be above high \(2.0\)'),
    ({'high': float('nan')}, 'high'),
])
def test_bad_value_at_start_is_named(make, overrides, text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        make(**overrides)


@pytest.mark.parametrize(('values', 'text'), [
    ({'mode': 'odd'}, "expected one of 'fast', 'slow'"),
    ({'low': 2.5}, 'must not be above'),
    ({'high': float('inf')}, 'out of range'),
    ({'count': 0}, 'Min: 1'),
    ({'fixed': False}, 'read-only'),
])
def test_bad_change_is_refused_and_nothing_changes(make, values, text: str) -> None:
    node, parameters = make()
    before = parameters.snapshot()
    result = _set(node, name='new', **values)
    assert not result.successful and text in result.reason
    assert parameters.snapshot() == before


def test_change_swaps_the_snapshot_as_a_whole(make) -> None:
    node, parameters = make()
    before = parameters.snapshot()
    assert _set(node, low=5.0, high=6.0).successful  # neither alone would do
    assert (parameters['low'], parameters['high']) == (5.0, 6.0)
    assert before['low'] == 1.0


def test_parameters_of_others_are_left_alone(make) -> None:
    node, parameters = make()
    node.declare_parameter('theirs', 1)
    assert _set(node, theirs=2).successful
    assert 'theirs' not in parameters.snapshot()


def test_unknown_parameter_is_named(make, capfd) -> None:
    make(mood='slow', **{'qos_overrides./part.subscription.depth': 5})
    log = capfd.readouterr().err
    assert "unknown parameter 'mood' is ignored, did you mean 'mode'?" in log
    assert 'qos_overrides' not in log

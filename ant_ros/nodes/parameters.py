# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node's parameters, from one described table."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
import math
import sys
from types import MappingProxyType
from typing import Any

__all__ = ['Parameter', 'ParameterError', 'Parameters', 'Value']

Value = bool | int | float | str

_INT_MAX = 2 ** 63 - 1


class ParameterError(ValueError):
    """A parameter's value that its node cannot work with."""


@dataclass(frozen=True)
class Parameter:
    """One row of a node's parameter table.

    The type is that of the default. Where a bound is missing the parameter is open on that side.
    """

    name: str
    default: Value
    description: str
    minimum: int | float | None = None
    maximum: int | float | None = None
    choices: tuple[str, ...] = ()
    read_only: bool = False

    @property
    def type(self) -> str:
        """Name the type as ROS does: bool, integer, double or string."""
        return {bool: 'bool', int: 'integer', float: 'double', str: 'string'}[type(self.default)]

    def allowed(self) -> str:
        """Say in words which values are allowed."""
        if self.choices:
            return 'one of ' + ', '.join(repr(choice) for choice in self.choices)
        article = 'an' if self.type == 'integer' else 'a'
        text = f'{article} {self.type}'
        if self.minimum is not None and self.maximum is not None:
            text += f' from {self.minimum} to {self.maximum}'
        elif self.minimum is not None:
            text += f', at least {self.minimum}'
        elif self.maximum is not None:
            text += f', at most {self.maximum}'
        return text

    def fault(self, value: object) -> str | None:
        """Return what is wrong with a value, None if nothing is."""
        wrong = f'{self.name}: {value!r} is not allowed, expected {self.allowed()}'
        if type(value) is not type(self.default):
            if type(value) is int and type(self.default) is float:
                return f'{wrong}; write {value}.0'
            return wrong
        if isinstance(value, float) and not math.isfinite(value):
            return wrong
        if self.choices and value not in self.choices:
            return wrong
        if self.minimum is not None and value < self.minimum:  # type: ignore[operator]
            return wrong
        if self.maximum is not None and value > self.maximum:  # type: ignore[operator]
            return wrong
        return None


class Parameters:
    """The declared parameters of a node, read as one consistent snapshot.

    Values are validated before they are accepted (each alone, then all together by `check`) and
    swapped in afterwards as a whole, so that a reader on another thread never sees half a change.

    Args:
        node: the rclpy node that declares them.
        rows: the table.
        check: given all values, return what is wrong with their combination, None if nothing is.

    Raises:
        ParameterError: a value given at start-up is not allowed.
    """

    def __init__(self, node: Any, rows: Sequence[Parameter],
                 check: Callable[[Mapping[str, Value]], str | None] | None = None):
        self._rows = {row.name: row for row in rows}
        self._check = check
        self._values: Mapping[str, Value] = MappingProxyType(
            {row.name: _declare(node, row) for row in rows})
        fault = check(self._values) if check else None
        if fault:
            raise ParameterError(fault)
        _warn_of_unknown(node)
        node.add_on_set_parameters_callback(self._validate)
        node.add_post_set_parameters_callback(self._apply)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def snapshot(self) -> Mapping[str, Value]:
        """Return all values as they are now; the mapping never changes."""
        return self._values

    def _changed(self, changes: Sequence[Any]) -> dict[str, Value]:
        """Return all values as they would be after the changes."""
        known = {change.name: change.value for change in changes if change.name in self._rows}
        return {**self._values, **known}

    def _validate(self, changes: Sequence[Any]) -> Any:
        from rcl_interfaces.msg import SetParametersResult
        values = self._changed(changes)
        faults = [self._rows[change.name].fault(change.value)
                  for change in changes if change.name in self._rows]
        fault = next((fault for fault in faults if fault), None)
        if fault is None and self._check:
            fault = self._check(values)
        return SetParametersResult(successful=fault is None, reason=fault or '')

    def _apply(self, changes: Sequence[Any]) -> None:
        self._values = MappingProxyType(self._changed(changes))


def _declare(node: Any, row: Parameter) -> Value:
    """Declare a row on the node and return the value it starts with."""
    from rclpy.exceptions import InvalidParameterTypeException
    from rclpy.exceptions import InvalidParameterValueException
    try:
        value = node.declare_parameter(row.name, row.default, _descriptor(row)).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        raise ParameterError(
            f'{node.get_name()}: {row.name}: expected {row.allowed()}. {error}') from error
    fault = row.fault(value)
    if fault:
        raise ParameterError(f'{node.get_name()}: {fault}')
    return value


def _warn_of_unknown(node: Any) -> None:
    """Name the parameters given at start that the node does not have: rclpy would not."""
    for name in node._parameter_overrides:
        if node.has_parameter(name) or name.startswith('qos_overrides.'):
            continue
        alike = get_close_matches(name, node._parameters, 1)
        hint = f', did you mean {alike[0]!r}?' if alike else ''
        node.get_logger().warning(f'unknown parameter {name!r} is ignored{hint}')


def _descriptor(row: Parameter) -> Any:
    """Describe a row to ROS tools."""
    from rcl_interfaces.msg import FloatingPointRange
    from rcl_interfaces.msg import IntegerRange
    from rcl_interfaces.msg import ParameterDescriptor
    descriptor = ParameterDescriptor(
        name=row.name, description=row.description, read_only=row.read_only,
        additional_constraints=row.allowed())
    if row.minimum is None and row.maximum is None:
        return descriptor
    if row.type == 'integer':
        descriptor.integer_range = [IntegerRange(
            from_value=-_INT_MAX if row.minimum is None else int(row.minimum),
            to_value=_INT_MAX if row.maximum is None else int(row.maximum))]
    else:
        largest = sys.float_info.max
        descriptor.floating_point_range = [FloatingPointRange(
            from_value=-largest if row.minimum is None else float(row.minimum),
            to_value=largest if row.maximum is None else float(row.maximum))]
    return descriptor

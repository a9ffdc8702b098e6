# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Read a message that speaks of one part: one status with values by key."""

from collections.abc import Callable
from typing import TypeVar

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus

__all__ = ['read_one_status']

_Read = TypeVar('_Read')


def read_one_status(
    message: DiagnosticArray, what: str, fault: type[ValueError],
    read: Callable[[DiagnosticStatus, dict[str, str]], _Read],
) -> _Read:
    """Return what a message says of a part.

    Args:
        message: The message.
        what: What it should be, as `verdict`.
        fault: What is raised where it is none.
        read: Reads the status and its values; a KeyError says which one is missing, a ValueError
            what is wrong.

    Raises:
        ValueError: `fault`: it has another number of statuses, or cannot be read.
    """
    if len(message.status) != 1:
        raise fault(
            f'the message of one {what} has one status, this one has {len(message.status)}')
    status = message.status[0]
    try:
        return read(status, {pair.key: pair.value for pair in status.values})
    except KeyError as error:
        raise fault(
            f'the {what} on part {status.hardware_id!r} lacks the value {error}') from error
    except ValueError as error:
        raise fault(f'the {what} on part {status.hardware_id!r} is damaged: {error}') from error

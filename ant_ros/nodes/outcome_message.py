# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The gate's outcome for a part as a ROS message, and back."""

from functools import partial

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue

from ant_ros.nodes.one_status import read_one_status
from ant_ros.nodes.trigger_book import Outcome

__all__ = ['CAUSES', 'OutcomeMessageError', 'from_message', 'to_message']

CAUSES = ('pass', 'reject', 'review', 'uninspected', 'late', 'missing', 'encoder_silent')
"""Why the gate let a part pass (the first) or rejected it (all others)."""


class OutcomeMessageError(ValueError):
    """A message that is not an outcome."""


def to_message(outcome: Outcome, gate: str) -> DiagnosticArray:
    """Write an outcome message with one status; `gate` is who says it."""
    message = DiagnosticArray()
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(outcome.stamp_ns, 10 ** 9)
    message.status = [DiagnosticStatus(
        level=DiagnosticStatus.OK if outcome.passed else DiagnosticStatus.ERROR,
        name=gate, hardware_id=outcome.part_id, message=outcome.message,
        values=[KeyValue(key='outcome', value='pass' if outcome.passed else 'reject'),
                KeyValue(key='cause', value=outcome.cause)])]
    return message


def from_message(message: DiagnosticArray) -> Outcome:
    """
    Read an outcome message.

    Raises:
        OutcomeMessageError: it is not an outcome, or says two things at once.
    """
    return read_one_status(message, 'outcome', OutcomeMessageError, partial(_read, message))


def _read(
    message: DiagnosticArray, status: DiagnosticStatus, values: dict[str, str],
) -> Outcome:
    cause = values.get('cause', '')
    passed = cause == 'pass'
    if cause not in CAUSES or values.get('outcome') != ('pass' if passed else 'reject'):
        raise ValueError(f'it says {values}; expected outcome pass or reject and a cause of '
                         f'{", ".join(CAUSES)}')
    if (status.level == DiagnosticStatus.OK) is not passed:
        raise ValueError(f'its level is {status.level!r}, but it says {cause}')
    stamp = message.header.stamp
    return Outcome(status.hardware_id, stamp.sec * 10 ** 9 + stamp.nanosec, cause, status.message)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a simulated part really was and where it ended, as a ROS message, and back."""

from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue

from ant_ros.nodes.one_status import read_one_status

__all__ = ['PartEnd', 'TruthMessageError', 'from_message', 'to_message']

_ROLES = ('teach', 'inspect')
_BINS = ('accept', 'reject', 'lost')


class TruthMessageError(ValueError):
    """A message that is not the truth on a part."""


@dataclass(frozen=True)
class PartEnd:
    """
    The truth on a part that has physically ended.

    Attributes:
        part_id: The part.
        role: teach or inspect.
        defect: Its defect's class, None for a good part.
        severity: Of the defect, 0 to 1.
        visible: Whether the defect reaches the scenario's visibility limit.
        visible_pixels: Pixels that the defect changes by more than the limit.
        contrast_sigmas: Its strongest change, in sigmas of the sensor noise.
        bin: Where it ended: accept, reject or lost.
        published_monotonic_s: `time.monotonic()` when its image went out, None if none did.
        ended_time_s: Simulated time of its end.
    """

    part_id: str
    role: str
    defect: str | None
    severity: float
    visible: bool
    visible_pixels: int
    contrast_sigmas: float
    bin: str
    published_monotonic_s: float | None
    ended_time_s: float


def to_message(end: PartEnd, simulator: str) -> DiagnosticArray:
    """Write a truth message with one status; `simulator` is who says it."""
    published = '' if end.published_monotonic_s is None else repr(end.published_monotonic_s)
    values = {
        'role': end.role, 'defect': end.defect or '', 'severity': repr(float(end.severity)),
        'visible': str(bool(end.visible)).lower(), 'visible_pixels': str(int(end.visible_pixels)),
        'contrast_sigmas': repr(float(end.contrast_sigmas)), 'bin': end.bin,
        'published_monotonic_s': published, 'ended_time_s': repr(float(end.ended_time_s))}
    message = DiagnosticArray()
    seconds, nanoseconds = divmod(round(end.ended_time_s * 1e9), 10 ** 9)
    message.header.stamp.sec, message.header.stamp.nanosec = seconds, nanoseconds
    message.status = [DiagnosticStatus(
        level=DiagnosticStatus.ERROR if end.defect else DiagnosticStatus.OK,
        name=simulator, hardware_id=end.part_id,
        message=f'{end.defect or "good"}, ended in {end.bin}',
        values=[KeyValue(key=key, value=value) for key, value in values.items()])]
    return message


def from_message(message: DiagnosticArray) -> PartEnd:
    """
    Read a truth message.

    Raises:
        TruthMessageError: it is not the truth on a part.
    """
    return read_one_status(message, 'truth', TruthMessageError, lambda status, values: _read(
        status.hardware_id, values))


def _read(part_id: str, values: dict[str, str]) -> PartEnd:
    published = values['published_monotonic_s']
    return PartEnd(
        part_id=part_id, role=_one_of(values['role'], _ROLES), defect=values['defect'] or None,
        severity=float(values['severity']),
        visible=_one_of(values['visible'], ('true', 'false')) == 'true',
        visible_pixels=int(values['visible_pixels']),
        contrast_sigmas=float(values['contrast_sigmas']), bin=_one_of(values['bin'], _BINS),
        published_monotonic_s=float(published) if published else None,
        ended_time_s=float(values['ended_time_s']))


def _one_of(value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f'{value!r} is none of {", ".join(choices)}')
    return value

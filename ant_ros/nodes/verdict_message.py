# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A verdict as a ROS message, and back."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import partial
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.one_status import read_one_status
from ant_ros.nodes.part_verdict import PartVerdict

__all__ = ['KEYS', 'VerdictMessageError', 'from_message', 'to_message']

KEYS = ('decision', 'score', 'review_threshold', 'reject_threshold', 'regions', 'region_boxes',
        'stage', 'units', 'units_total', 'macs', 'macs_dense', 'compute_ms', 'latency_ms',
        'recipe', 'recipe_version', 'cause', 'classes', 'pattern', 'parts', 'part_boxes',
        'part_decisions', 'disposition', 'region_areas_px', 'region_stages', 'region_peaks',
        'region_elongations', 'region_colour_shifts', 'region_brightness_shifts')
"""The values of a verdict message, always all of them and in this order."""

_FLOATS = ('score', 'review_threshold', 'reject_threshold', 'compute_ms', 'latency_ms')
_INTS = ('stage', 'units', 'units_total', 'macs', 'macs_dense', 'recipe_version')

_UNKNOWN = 'unknown'


def _known(text: str) -> float | None:
    return None if text == _UNKNOWN else float(text)


_PER_REGION: Mapping[str, Callable[[str], float | None]] = {
    'region_areas_px': int, 'region_stages': int, 'region_peaks': float,
    'region_elongations': float, 'region_colour_shifts': _known,
    'region_brightness_shifts': _known}

_LEVELS = {Decision.PASS: DiagnosticStatus.OK, Decision.REVIEW: DiagnosticStatus.WARN,
           Decision.REJECT: DiagnosticStatus.ERROR, Decision.UNINSPECTED: DiagnosticStatus.STALE}


class VerdictMessageError(ValueError):
    """A message that is not a verdict."""


def to_message(verdict: PartVerdict) -> DiagnosticArray:
    """Write a verdict message: one status, all of `KEYS`."""
    values = {key: getattr(verdict, key, '') for key in KEYS}
    values['decision'] = verdict.decision.value
    values['regions'] = len(verdict.region_boxes)
    values['region_boxes'] = _write_boxes(verdict.region_boxes)
    values['classes'] = ';'.join(verdict.classes)
    values['parts'] = len(verdict.part_boxes)
    values['part_boxes'] = _write_boxes(verdict.part_boxes)
    values['part_decisions'] = ';'.join(one.value for one in verdict.part_decisions)
    for key in _PER_REGION:
        values[key] = ';'.join(_UNKNOWN if number is None else str(number)
                               for number in values[key])
    message = DiagnosticArray()
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(verdict.stamp_ns, 10 ** 9)
    message.header.frame_id = verdict.frame_id
    message.status = [DiagnosticStatus(
        level=_LEVELS[verdict.decision], name=verdict.inspector, hardware_id=verdict.part_id,
        message=verdict.reason,
        values=[KeyValue(key=key, value=str(value)) for key, value in values.items()])]
    return message


def from_message(message: DiagnosticArray) -> PartVerdict:
    """Read a verdict message.

    Raises:
        VerdictMessageError: it is not a verdict, or says two things at once. Such a message must
            never let a part pass.
    """
    return read_one_status(message, 'verdict', VerdictMessageError, partial(_read, message))


def _read(message: DiagnosticArray, status: DiagnosticStatus,
          values: Mapping[str, str]) -> PartVerdict:
    decision = Decision(values['decision'])
    if status.level != _LEVELS[decision]:
        raise ValueError(f'level {status.level!r} does not mean {decision.value}')
    boxes = _read_boxes(values['region_boxes'], values['regions'], 'regions')
    parts = _read_boxes(values.get('part_boxes', ''), values.get('parts', '0'), 'parts')
    each = tuple(Decision(one) for one in values.get('part_decisions', '').split(';') if one)
    if len(each) != len(parts):
        raise ValueError(f'{len(parts)} parts, but {len(each)} decisions')
    stamp = message.header.stamp
    numbers: dict[str, Any] = {
        **{key: float(values[key]) for key in _FLOATS}, **{key: int(values[key]) for key in _INTS},
        **{key: _read_each(key, values.get(key, ''), len(boxes)) for key in _PER_REGION}}
    return PartVerdict(
        part_id=status.hardware_id, stamp_ns=stamp.sec * 10 ** 9 + stamp.nanosec,
        frame_id=message.header.frame_id, inspector=status.name, decision=decision,
        reason=status.message, region_boxes=boxes, recipe=values['recipe'], cause=values['cause'],
        classes=tuple(name for name in values.get('classes', '').split(';') if name),
        pattern=values.get('pattern', ''), part_boxes=parts, part_decisions=each,
        disposition=values.get('disposition', ''), **numbers)


def _write_boxes(boxes: Iterable[Sequence[int]]) -> str:
    return ';'.join(','.join(str(edge) for edge in box) for box in boxes)


def _read_boxes(text: str, count: str, what: str) -> tuple[tuple[int, int, int, int], ...]:
    boxes = tuple(_box(one) for one in text.split(';') if one)
    if len(boxes) != int(count):
        raise ValueError(f'{count} {what}, but {len(boxes)} boxes')
    return boxes


def _read_each(key: str, text: str, count: int) -> tuple[float | None, ...]:
    """Read a figure of each region; none at all where it was not written."""
    figures = tuple(_PER_REGION[key](one) for one in text.split(';') if one)
    if text and len(figures) != count:
        raise ValueError(f'{count} regions, but {len(figures)} {key}')
    return figures


def _box(text: str) -> tuple[int, int, int, int]:
    left, top, width, height = (int(edge) for edge in text.split(','))
    return left, top, width, height

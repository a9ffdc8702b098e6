# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A label and the answer to it as ROS messages."""

from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue

__all__ = ['LABEL_KEYS', 'LabelRequest', 'LabelResult', 'read_labels', 'to_label_results']

LABEL_KEYS = ('result', 'label', 'label_id', 'recipe_version', 'milliseconds')
"""The values of an answer to a label, always all of them and in this order."""

_LEVELS = {'applied': DiagnosticStatus.OK, 'pending': DiagnosticStatus.WARN}


@dataclass(frozen=True)
class LabelRequest:
    """An operator's word on a part as it came in, or the wish to take one back.

    Attributes:
        part: ID of the part.
        word: `good` or a defect class; `forget` and the number where a label is taken back.
        by: Who says so.
        header: Header of the message.
        received_s: When it came, on the monotonic clock.
        forget: Number of the label to take back, as it was written; None: none.
    """

    part: str
    word: str
    by: str
    header: Any
    received_s: float
    forget: str | None = None


@dataclass(frozen=True)
class LabelResult:
    """The answer to a label.

    Attributes:
        request: The label.
        result: `applied`, `pending`, `refused` or `unknown part`.
        text: What happened or why not, in a sentence.
        label_id: Number of the label in the ledger; 0 where it has none.
        recipe_version: Version of the recipe after it; 0 without a recipe.
        milliseconds: From its arrival to the answer, on a monotonic clock.
    """

    request: LabelRequest
    result: str
    text: str
    label_id: int = 0
    recipe_version: int = 0
    milliseconds: float = 0.0


def read_labels(message: DiagnosticArray, received_s: float) -> list[LabelRequest]:
    """Return the labels in a message; only part, word and name count, or a value `forget`."""
    return [_read(status, message.header, received_s) for status in message.status]


def to_label_results(results: list[LabelResult]) -> DiagnosticArray:
    """Write answers as a message: a status each; the header is that of the last label."""
    return DiagnosticArray(header=results[-1].request.header,
                           status=[_status(result) for result in results])


def _read(status: DiagnosticStatus, header: Any, received_s: float) -> LabelRequest:
    forget = next((pair.value for pair in status.values if pair.key == 'forget'), None)
    word = status.message if forget is None else f'forget {forget}'
    return LabelRequest(status.hardware_id, word, status.name, header, received_s, forget)


def _status(result: LabelResult) -> DiagnosticStatus:
    request = result.request
    values = {'result': result.result, 'label': request.word, 'label_id': result.label_id,
              'recipe_version': result.recipe_version,
              'milliseconds': f'{result.milliseconds:.3f}'}
    return DiagnosticStatus(
        level=_LEVELS.get(result.result, DiagnosticStatus.ERROR), name=request.by,
        hardware_id=request.part, message=result.text,
        values=[KeyValue(key=key, value=str(values[key])) for key in LABEL_KEYS])

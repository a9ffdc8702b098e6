# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The truth on a part survives the way through a message; what is damaged is refused."""

from dataclasses import replace

from diagnostic_msgs.msg import DiagnosticStatus
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from ant_ros.nodes import truth_message
from ant_ros.nodes.truth_message import PartEnd
from ant_ros.nodes.truth_message import TruthMessageError

END = PartEnd('part-000002', 'inspect', 'scratch', 0.75, True, 40, 9.125, 'reject', 1234.5, 6.25)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@settings(derandomize=True, deadline=None)
@given(st.builds(
    PartEnd, part_id=st.text(st.characters(codec='ascii', exclude_characters='\0')),
    role=st.sampled_from(['teach', 'inspect']), defect=st.sampled_from([None, 'scratch']),
    severity=FLOATS, visible=st.booleans(), visible_pixels=st.integers(0, 10 ** 9),
    contrast_sigmas=FLOATS, bin=st.sampled_from(['accept', 'reject', 'lost']),
    published_monotonic_s=st.none() | FLOATS, ended_time_s=st.floats(0.0, 2e9)))
def test_truth_survives(end: PartEnd) -> None:
    assert truth_message.from_message(truth_message.to_message(end, 'line')) == end


def test_truth_is_level_error_for_a_defect_and_ok_without() -> None:
    assert truth_message.to_message(END, '').status[0].level == DiagnosticStatus.ERROR
    assert truth_message.to_message(
        replace(END, defect=None), '').status[0].level == DiagnosticStatus.OK


@pytest.mark.parametrize(('key', 'value'), [
    ('role', 'spectator'), ('bin', 'floor'), ('visible', 'perhaps'), ('severity', 'high'),
    ('visible_pixels', '1.5'), ('published_monotonic_s', 'now')])
def test_damaged_truth_is_refused(key: str, value: str) -> None:
    message = truth_message.to_message(END, 'line')
    next(entry for entry in message.status[0].values if entry.key == key).value = value
    with pytest.raises(TruthMessageError, match='part-000002'):
        truth_message.from_message(message)


def test_missing_value_is_named() -> None:
    message = truth_message.to_message(END, 'line')
    message.status[0].values = message.status[0].values[1:]
    with pytest.raises(TruthMessageError, match='role'):
        truth_message.from_message(message)


@pytest.mark.parametrize('statuses', [0, 2])
def test_message_has_one_status(statuses: int) -> None:
    message = truth_message.to_message(END, 'line')
    message.status = list(message.status) * statuses
    with pytest.raises(TruthMessageError, match=f'has {statuses}'):
        truth_message.from_message(message)

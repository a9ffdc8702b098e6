# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from ant_ros.nodes.label_message import LABEL_KEYS
from ant_ros.nodes.label_message import LabelResult
from ant_ros.nodes.label_message import read_labels
from ant_ros.nodes.label_message import to_label_results


def _labels(*parts: str) -> DiagnosticArray:
    message = DiagnosticArray(status=[
        DiagnosticStatus(level=DiagnosticStatus.ERROR, hardware_id=part, message='good',
                         name='me') for part in parts])
    message.header.stamp.sec = 7
    return message


def test_only_part_word_and_name_count() -> None:
    requests = read_labels(_labels('a', 'b'), 3.0)
    assert [(one.part, one.word, one.by, one.received_s) for one in requests] == [
        ('a', 'good', 'me', 3.0), ('b', 'good', 'me', 3.0)]


@pytest.mark.parametrize(('result', 'level'), [
    ('applied', DiagnosticStatus.OK), ('pending', DiagnosticStatus.WARN),
    ('refused', DiagnosticStatus.ERROR), ('unknown part', DiagnosticStatus.ERROR)])
def test_answer_says_what_became_of_it(result: str, level: bytes) -> None:
    request = read_labels(_labels('a'), 3.0)[0]
    message = to_label_results([LabelResult(request, result, 'because', 5, 6, 1.25)])
    status = message.status[0]
    assert (status.level, status.hardware_id, status.name, status.message) == (
        level, 'a', 'me', 'because')
    assert message.header.stamp.sec == 7
    values = [(pair.key, pair.value) for pair in status.values]
    assert values == list(zip(LABEL_KEYS, (result, 'good', '5', '6', '1.250')))


def test_answers_go_together() -> None:
    requests = read_labels(_labels('a', 'b', 'c'), 3.0)
    message = to_label_results([LabelResult(one, 'refused', 'busy') for one in requests])
    assert [status.hardware_id for status in message.status] == ['a', 'b', 'c']

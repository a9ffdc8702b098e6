# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A verdict survives the way through a message; what is no verdict is refused."""

from dataclasses import replace

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest
from rclpy.serialization import deserialize_message
from rclpy.serialization import serialize_message

from ant_ros.inspection.online import OnlineVerdict
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.network.work import Work
from ant_ros.nodes.part_verdict import CAUSES
from ant_ros.nodes.part_verdict import inspected
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.part_verdict import uninspected
from ant_ros.nodes.verdict_message import from_message
from ant_ros.nodes.verdict_message import KEYS
from ant_ros.nodes.verdict_message import to_message
from ant_ros.nodes.verdict_message import VerdictMessageError

PART = {'part_id': 'part-1', 'stamp_ns': 1_500_000_002, 'frame_id': 'camera', 'inspector': 'i'}

PER_REGION = ('region_areas_px', 'region_stages', 'region_peaks', 'region_elongations',
              'region_colour_shifts', 'region_brightness_shifts')

words = st.text(st.characters(exclude_characters='\0', exclude_categories=('Cs',)))
counts = st.integers(0, 2 ** 60)
figures = st.floats(allow_nan=False)
verdicts = st.builds(
    PartVerdict, part_id=words, stamp_ns=st.integers(0, 2 ** 31 * 10 ** 9 - 1), frame_id=words,
    inspector=words, decision=st.sampled_from(Decision), reason=words, score=figures,
    review_threshold=figures, reject_threshold=figures,
    stage=counts, units=counts, units_total=counts, macs=counts, macs_dense=counts,
    compute_ms=figures, latency_ms=figures, recipe=words, recipe_version=counts,
    cause=st.sampled_from(['', *CAUSES]), pattern=words, disposition=words,
    classes=st.lists(st.from_regex(r'[\w .-]{1,20}', fullmatch=True), max_size=4).map(tuple),
).flatmap(lambda verdict: st.lists(
    st.tuples(st.tuples(counts, counts, counts, counts), st.sampled_from(Decision)), max_size=4
).map(lambda parts: replace(verdict, part_boxes=tuple(box for box, _ in parts),
                            part_decisions=tuple(decision for _, decision in parts)))
).flatmap(lambda verdict: st.lists(
    st.tuples(st.tuples(counts, counts, counts, counts), counts, counts, figures, figures,
              st.none() | figures, st.none() | figures), max_size=4
).map(lambda regions: replace(verdict, **dict(zip(('region_boxes', *PER_REGION), (
    tuple(column) for column in zip(*regions)))))))


@settings(deadline=None, max_examples=60)
@given(verdict=verdicts)
def test_what_is_written_is_read_after_the_wire(verdict: PartVerdict) -> None:
    wire = serialize_message(to_message(verdict))
    assert from_message(deserialize_message(wire, DiagnosticArray)) == verdict


@pytest.mark.parametrize(('decision', 'level'), [
    (Decision.PASS, DiagnosticStatus.OK), (Decision.REVIEW, DiagnosticStatus.WARN),
    (Decision.REJECT, DiagnosticStatus.ERROR), (Decision.UNINSPECTED, DiagnosticStatus.STALE)])
def test_level_says_the_decision(decision: Decision, level: bytes) -> None:
    message = to_message(PartVerdict(**PART, decision=decision, reason=''))
    assert message.status[0].level == level


def test_every_message_has_all_keys_in_order() -> None:
    for verdict in (uninspected('no_image', 'No image came', **PART), _inspected()):
        assert tuple(pair.key for pair in to_message(verdict).status[0].values) == KEYS


def _inspected() -> PartVerdict:
    verdict = OnlineVerdict(
        decision=Decision.REJECT, score=1.5, review_threshold=1.0, reject_threshold=1.2,
        regions=(Region(1, 2, 3, 4, 10, 1.5, 1, 6.25, 3.5, -12.0),
                 Region(5, 6, 7, 8, 20, 1.25, 0)),
        reason='a scratch', work=Work(3, 64, 5, 90, 7, 0.01),
        stage=1, recipe='plate', recipe_version=2, image_size=(32, 24), disposition='rework')
    return inspected(verdict, compute_ms=4.0, latency_ms=6.0, **PART)


def test_inspectors_verdict_is_carried_whole() -> None:
    message = to_message(_inspected())
    values = {pair.key: pair.value for pair in message.status[0].values}
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (1, 500_000_002)
    assert message.header.frame_id == 'camera'
    assert message.status[0].message == 'a scratch'
    assert values == {
        'decision': 'reject', 'score': '1.5', 'review_threshold': '1.0',
        'reject_threshold': '1.2', 'regions': '2', 'region_boxes': '1,2,3,4;5,6,7,8', 'stage': '1',
        'units': '3', 'units_total': '64', 'macs': '5', 'macs_dense': '90', 'compute_ms': '4.0',
        'latency_ms': '6.0', 'recipe': 'plate', 'recipe_version': '2', 'cause': '',
        'classes': '', 'pattern': '', 'parts': '0', 'part_boxes': '', 'part_decisions': '',
        'disposition': 'rework', 'region_areas_px': '10;20', 'region_stages': '1;0',
        'region_peaks': '1.5;1.25', 'region_elongations': '6.25;1.0',
        'region_colour_shifts': '3.5;unknown', 'region_brightness_shifts': '-12.0;unknown'}


def test_a_verdict_from_before_there_were_classes_can_be_read() -> None:
    message = to_message(_inspected())
    message.status[0].values = [pair for pair in message.status[0].values
                                if pair.key not in KEYS[KEYS.index('classes'):]]
    read = from_message(message)
    assert read == replace(
        _inspected(), disposition='', **dict.fromkeys(PER_REGION, ()))


def test_unknown_cause_is_refused() -> None:
    with pytest.raises(ValueError, match='expected one of teaching'):
        uninspected('tired', '', **PART)


def _spoiled(key: str, value: str | None) -> DiagnosticArray:
    message = to_message(_inspected())
    status = message.status[0]
    status.values = [pair for pair in status.values if pair.key != key or value is not None]
    for pair in status.values:
        if pair.key == key:
            pair.value = value
    return message


@pytest.mark.parametrize(('message', 'text'), [
    (DiagnosticArray(), 'has 0'),
    (DiagnosticArray(status=[DiagnosticStatus(), DiagnosticStatus()]), 'has 2'),
    (DiagnosticArray(status=[DiagnosticStatus(hardware_id='p')]), "'p' lacks .* 'decision'"),
    (_spoiled('score', None), "lacks the value 'score'"),
    (_spoiled('decision', 'pass'), 'does not mean pass'),
    (_spoiled('decision', 'perhaps'), 'perhaps'),
    (_spoiled('regions', '3'), '3 regions, but 2 boxes'),
    (_spoiled('region_areas_px', '10'), '2 regions, but 1 region_areas_px'),
    (_spoiled('region_peaks', '1.5;unknown'), 'damaged'),
    (_spoiled('region_colour_shifts', 'red;unknown'), 'damaged'),
    (_spoiled('region_boxes', '1,2,3'), 'damaged'),
    (_spoiled('macs', 'many'), 'damaged'),
    (_spoiled('parts', '1'), '1 parts, but 0 boxes'),
    (_spoiled('part_decisions', 'pass'), '0 parts, but 1 decisions'),
])
def test_what_is_no_verdict_is_refused(message: DiagnosticArray, text: str) -> None:
    with pytest.raises(VerdictMessageError, match=text):
        from_message(message)

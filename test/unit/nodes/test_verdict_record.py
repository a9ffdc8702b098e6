# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from ant_ros.inspection.online import OnlineVerdict
from ant_ros.inspection.online.online_verdict import Accepted
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.network.work import Work
from ant_ros.nodes.part_verdict import inspected
from ant_ros.nodes.part_verdict import uninspected
from ant_ros.nodes.verdict_record import to_verdict_record

PART = {'part_id': '4711', 'stamp_ns': 5, 'frame_id': 'camera', 'inspector': 'eye'}


def test_what_was_inspected() -> None:
    verdict = OnlineVerdict(
        Decision.REJECT, 2.5, 1.0, 1.1, (Region(1, 2, 3, 4, 12, 2.5, 1, 6.5, 3.0),),
        'a scratch',
        Work(3, 10, 5, 50, 7, 0.001), 1, 'plate', 7, (40, 30), disposition='rework', rule='long',
        rule_sentence='rework by rule', classes=('scratch',),
        accepted=(Accepted(Region(5, 6, 7, 8, 9, 1.5, 0), 'unknown', '12 is good'),))
    record = to_verdict_record(
        inspected(verdict, compute_ms=4.0, latency_ms=5.0, **PART), verdict)
    assert (record.part, record.inspector, record.decision, record.score) == (
        '4711', 'eye', Decision.REJECT, 2.5)
    assert (record.compute_ms, record.latency_ms, record.recipe_version) == (4.0, 5.0, 7)
    assert (record.disposition, record.rule, record.rule_sentence) == (
        'rework', 'long', 'rework by rule')
    assert record.regions[0]['area_px'] == 12
    assert record.regions[0]['class'] == 'scratch'
    assert record.regions[1]['accepted'] == '12 is good'
    assert (record.regions[0]['elongation'], record.regions[0]['colour_shift']) == (6.5, 3.0)
    assert record.regions[0]['brightness_shift'] is None


def test_what_was_not() -> None:
    record = to_verdict_record(uninspected('late', 'too late', **PART), None)
    assert (record.decision, record.cause, record.score, record.compute_ms, record.regions) == (
        Decision.UNINSPECTED, 'late', None, None, ())
    assert (record.disposition, record.rule) == ('', '')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger keeps of a verdict."""

from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.online import OnlineVerdict
from ant_ros.inspection.online.online_verdict import Accepted
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.inspection.verdict import Verdict
from ant_ros.network.work import Work


def test_what_was_taken_as_harmless_comes_after_the_regions():
    region = Region(1, 2, 3, 4, 5, 2.5, 1)
    verdict = OnlineVerdict(
        Decision.REJECT, 2.5, 1.0, 1.25, (region,), 'a scratch', Work(3, 9, 20, 90, 1, 0.0),
        1, 'gear', 7, (640, 480), classes=('scratch',), disposition='scrap', rule='long',
        rule_sentence='it is long', accepted=(Accepted(region, 'unknown', '4711 is good'),))
    record = to_record(verdict, part='4712')

    assert [(one['width'], one['class'], one.get('accepted')) for one in record.regions] == [
        (3, 'scratch', None), (3, 'unknown', '4711 is good')]
    assert (record.disposition, record.rule, record.rule_sentence) == (
        'scrap', 'long', 'it is long')


def test_a_verdict_becomes_a_record():
    verdict = Verdict(
        Decision.REJECT, 2.5, 1.0, 1.25, (Region(1, 2, 3, 4, 5, 2.5, 1),), 'a scratch',
        Work(3, 100, 2000, 90_000, 1, 0.001), 1, 'gear', 7, (640, 480))
    record = to_record(verdict, part='4711', inspector='line 1', compute_ms=8.0)

    assert (record.part, record.decision, record.score) == ('4711', Decision.REJECT, 2.5)
    assert (record.review_threshold, record.reject_threshold, record.stage) == (1.0, 1.25, 1)
    assert (record.units, record.units_total, record.macs, record.macs_dense) == (
        3, 100, 2000, 90_000)
    assert (record.recipe, record.recipe_version, record.reason) == ('gear', 7, 'a scratch')
    assert record.regions[0]['width'] == 3
    assert (record.inspector, record.compute_ms) == ('line 1', 8.0)
    assert record.wall_ns > 0
    assert record.mono_ns > 0

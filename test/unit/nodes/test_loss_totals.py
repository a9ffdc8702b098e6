# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from ant_ros.nodes.loss_totals import LossTotals


def test_newest_report_of_each_node_counts() -> None:
    totals = LossTotals()
    totals.report('a', {'lost_bad': '1', 'lost_late': '0'})
    totals.report('a', {'lost_bad': '4', 'lost_late': '2'})
    totals.report('b', {'lost_bad': '10'})
    assert totals.by_cause() == {'bad': 14, 'late': 2}


def test_restart_of_a_node_loses_no_count() -> None:
    totals = LossTotals()
    for count in ('4', '0', '3', '0'):
        totals.report('a', {'lost_bad': count})
    assert totals.by_cause() == {'bad': 7}


def test_other_values_are_left_alone() -> None:
    totals = LossTotals()
    totals.report('a', {'lost': '3', 'received': '5', 'lost_bad': 'many'})
    assert totals.by_cause() == {}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of the last parts, and counts of all."""

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.compute_figures import ComputeFigures
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.part_verdict import uninspected

PART = {'part_id': 'a', 'stamp_ns': 0, 'frame_id': '', 'inspector': 'i'}


def _verdict(milliseconds: float, units: int = 0) -> PartVerdict:
    return PartVerdict(**PART, decision=Decision.PASS, reason='', stage=int(units > 0),
                       units=units, units_total=10, compute_ms=milliseconds,
                       latency_ms=2 * milliseconds)


def test_percentiles_and_wake_rates() -> None:
    figures = ComputeFigures()
    for milliseconds in range(1, 101):
        figures.note(_verdict(float(milliseconds), units=5 if milliseconds <= 20 else 0))
    figures.note(uninspected('no_image', '', **PART))
    summary = figures.summary()
    assert (summary.inspected, summary.compute_ms_p50, summary.compute_ms_p99) == (100, 51, 100)
    assert (summary.latency_ms_p50, summary.latency_ms_p99) == (102, 200)
    assert (summary.woken_parts, summary.woken_units) == (0.2, 0.1)
    assert summary.decisions == {'pass': 100, 'uninspected': 1}
    assert summary.causes == {'no_image': 1}


def test_nothing_yet() -> None:
    summary = ComputeFigures().summary()
    assert (summary.inspected, summary.compute_ms_p50, summary.woken_units) == (0, 0, 0)


def test_window_forgets_but_counts_do_not() -> None:
    figures = ComputeFigures()
    for _ in range(300):
        figures.note(_verdict(100.0))
    for _ in range(200):
        figures.note(_verdict(1.0))
    summary = figures.summary()
    assert summary.compute_ms_p99 == 1.0
    assert summary.decisions == {'pass': 500}

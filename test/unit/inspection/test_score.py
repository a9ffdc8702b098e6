# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a shift, against figures worked out by hand."""

from dataclasses import replace
import math

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest
from scipy import stats

from ant_ros.inspection.score import PartRecord
from ant_ros.inspection.score import rate_upper_bound
from ant_ros.inspection.score import Score
from ant_ros.inspection.verdict import Decision

GOOD = PartRecord(triggered=True, decision=Decision.PASS, passed=True, bin='accept',
                  defective=False, latency_ms=10.0, units=0, units_total=40)
CAUGHT = replace(GOOD, decision=Decision.REJECT, passed=False, bin='reject', defective=True,
                 visible=True, units=8)
ESCAPED = replace(GOOD, defective=True, visible=True)


def figures(*parts: PartRecord) -> dict:
    score = Score()
    for part in parts:
        score.add(part)
    return score.figures()


def test_bounds_of_the_design_page() -> None:
    assert rate_upper_bound(0, 10) == pytest.approx(0.2589, abs=1e-4)
    assert rate_upper_bound(0, 300) == pytest.approx(0.00994, abs=1e-5)
    assert rate_upper_bound(0, 0) is None
    assert rate_upper_bound(4, 4) == 1.0


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 2000), st.data())
def test_bound_is_where_so_few_events_have_five_percent_left(trials: int, data) -> None:
    events = data.draw(st.integers(0, trials - 1))
    bound = rate_upper_bound(events, trials)
    assert bound > events / trials
    assert stats.binom.cdf(events, trials, bound) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize(('events', 'trials'), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match=f'{events} events of {trials} trials'):
        rate_upper_bound(events, trials)


def test_shift_worked_out_by_hand() -> None:
    told = figures(
        *[GOOD] * 95,
        replace(GOOD, decision=Decision.REVIEW, passed=False, bin='reject', units=10),
        replace(GOOD, decision=Decision.REJECT, passed=False, bin='reject', units=2),
        replace(GOOD, decision=Decision.UNINSPECTED, passed=False, bin='reject', units_total=0),
        # A pass verdict that came too late for the gate:
        replace(GOOD, passed=False, bin='reject'),
        CAUGHT, CAUGHT, ESCAPED,
        replace(ESCAPED, visible=False),
        *[replace(GOOD, taught=True, decision=Decision.UNINSPECTED, passed=False,
                  bin='reject')] * 3)
    assert told == {
        'parts': 103, 'teach_parts': 3, 'triggers': 103, 'outcomes': 103, 'verdicts': 103,
        'pass': 98, 'review': 1, 'reject': 3, 'uninspected': 1,
        'true_defects': 4, 'defects_below_visibility': 1, 'escapes': 1,
        'escapes_below_visibility': 1, 'false_rejects': 4, 'passes_not_in_time': 1,
        'gate_errors': 0,
        'escape_rate_upper_95': pytest.approx(0.8647, abs=1e-4),   # 1 of 3
        'frr': pytest.approx(4 / 99), 'frr_upper_95': pytest.approx(0.0901, abs=1e-4),
        'review_rate': pytest.approx(1 / 103),
        'latency_ms_p50': 10.0, 'latency_ms_p99': 10.0,
        'wake_rate_good_parts': pytest.approx(2 / 98),
        'wake_rate_good_tiles': pytest.approx(12 / (98 * 40))}


def test_nothing_known_is_no_figure() -> None:
    told = figures()
    assert told['parts'] == told['escapes'] == 0
    for key in ('frr', 'frr_upper_95', 'escape_rate_upper_95', 'review_rate', 'latency_ms_p50',
                'wake_rate_good_parts', 'wake_rate_good_tiles'):
        assert told[key] is None


@pytest.mark.parametrize(('passed', 'bin', 'error'), [
    (True, 'accept', False), (True, 'reject', True), (True, 'lost', True),
    (False, 'reject', False), (False, 'accept', True), (False, 'lost', True),
    (None, 'reject', False), (None, 'accept', True), (True, None, False), (None, None, False)])
def test_gate_error_is_an_end_the_gate_did_not_mean(passed, bin, error) -> None:
    part = replace(GOOD, passed=passed, bin=bin)
    assert figures(part)['gate_errors'] == error
    assert figures(replace(part, taught=True))['gate_errors'] == error


def test_without_a_gate_the_end_or_the_verdict_counts() -> None:
    no_gate = replace(GOOD, passed=None)
    assert figures(replace(no_gate, bin=None))['false_rejects'] == 0
    assert figures(replace(no_gate, bin=None, decision=Decision.REVIEW))['false_rejects'] == 1
    assert figures(replace(no_gate, bin='reject'))['false_rejects'] == 1
    assert figures(replace(ESCAPED, passed=None, bin=None))['escapes'] == 1


def test_escape_is_where_the_part_ended_whatever_the_gate_says() -> None:
    assert figures(replace(CAUGHT, bin='accept'))['escapes'] == 1
    assert figures(replace(ESCAPED, bin='reject'))['escapes'] == 0


def test_real_line_without_truth_has_counts_and_no_rates_of_truth() -> None:
    told = figures(replace(GOOD, defective=None, bin=None, latency_ms=None),
                   replace(GOOD, defective=None, bin=None, latency_ms=None,
                           decision=Decision.REVIEW, passed=False))
    assert (told['parts'], told['triggers'], told['verdicts']) == (0, 2, 2)
    assert told['review_rate'] == 0.5
    assert told['frr'] is None and told['latency_ms_p50'] is None


def test_percentiles_are_of_the_inspected_parts() -> None:
    parts = [replace(GOOD, latency_ms=float(number)) for number in range(1, 101)]
    told = figures(*parts, replace(GOOD, taught=True, latency_ms=10_000.0))
    assert told['latency_ms_p50'] == pytest.approx(50.5)
    assert told['latency_ms_p99'] == pytest.approx(99.01)


def test_unfinished_parts_count_in_the_figures_and_are_not_kept() -> None:
    score = Score()
    score.add(GOOD)
    assert score.figures([replace(GOOD, latency_ms=30.0)])['latency_ms_p50'] == 20.0
    assert score.figures([GOOD, GOOD])['parts'] == 3
    assert score.figures()['parts'] == 1


def test_memory_does_not_grow_with_the_parts() -> None:
    score = Score()
    for number in range(100_500):
        score.add(replace(GOOD, latency_ms=math.inf if number < 500 else 5.0))
    assert score.figures()['latency_ms_p99'] == 5.0
    assert score.figures()['parts'] == 100_500

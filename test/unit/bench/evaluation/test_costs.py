# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What teaching and inspecting took, and what too few images cannot tell."""

from pathlib import Path

import pytest

from ant_ros.bench.evaluation.costs import cost_figures
from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.split_run import Judged
from ant_ros.bench.evaluation.split_run import SplitRun
from ant_ros.network.work import Work


def judged(number: int, *, bad: bool = False, units: int | None = 0) -> Judged:
    """Return an image that took as many milliseconds as its number says."""
    work = None if units is None else Work(units, 10, 100 * units, 1000, 0, 0.0)
    return Judged(Sample(Path(f'{"spot" if bad else "good"}/{number}.png'),
                         'spot' if bad else None), 0.5, None, '', 1e-3 * number,
                  2e-3 * number, work)


def split(*parts: Judged, teach_seconds: float = 3.0) -> SplitRun:
    return SplitRun(None, 8, teach_seconds, parts, None, (), {})


def test_times_and_work_are_medians_and_rates_of_the_good_parts() -> None:
    good = [judged(number, units=5 * (number == 4)) for number in range(1, 5)]
    figures, intervals, lacking = cost_figures(
        [split(*good), split(judged(9, bad=True, units=10), teach_seconds=5.0)], 0)

    assert figures['teach_seconds'] == 4.0
    assert figures['ms_p50'] == pytest.approx(3.0)
    assert figures['ms_good_p50'] == pytest.approx(2.5)
    assert figures['cpu_ms_good_p50'] == pytest.approx(5.0)
    assert figures['ms_bad_p50'] == pytest.approx(9.0)
    assert figures['wake_rate_good_parts'] == 1 / 4
    assert figures['wake_rate_good_tiles'] == 5 / 40
    assert (figures['macs_good'], figures['macs_dense']) == (125.0, 1000.0)
    low, high = intervals['ms_good_p50']
    assert 1.0 <= low <= 2.5 <= high <= 4.0 + 1e-9
    assert 'ms_bad_p50' not in intervals, 'one image says nothing of others'
    assert set(lacking) == {'ms_p99'}


def test_one_in_a_hundred_needs_a_hundred_timings() -> None:
    parts = [judged(number) for number in range(1, 101)]
    few, _, lacking = cost_figures([split(*parts[:99])], 0)
    assert few['ms_p99'] is None
    assert '99 timings do not resolve one in a hundred' in lacking['ms_p99']
    many, _, lacking = cost_figures([split(*parts)], 0)
    assert 99.0 <= many['ms_p99'] <= 100.0
    assert 'ms_p99' not in lacking


@pytest.mark.parametrize(('parts', 'why'), [
    ([judged(1), judged(2), judged(3)], '3 good images could be inspected'),
    ([judged(number, units=None) for number in range(1, 5)], 'does not count its work'),
    ([judged(1, bad=True)], 'no good image could be inspected')])
def test_a_rate_that_cannot_be_told_says_why(parts: list[Judged], why: str) -> None:
    figures, intervals, lacking = cost_figures([split(*parts)], 0)
    for name in ('wake_rate_good_parts', 'wake_rate_good_tiles'):
        assert figures[name] is None
        assert name not in intervals
        assert why in lacking[name]

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Limits from few good parts."""

import numpy as np
import pytest

from ant_ros.inspection.calibration import limit_from_peaks
from ant_ros.inspection.calibration import limits_for_rate
from ant_ros.inspection.calibration import parts_needed
from ant_ros.inspection.calibration import stated_limits
from ant_ros.inspection.calibration import wake_limit


def test_limit_lies_above_what_good_parts_reach():
    rng = np.random.default_rng(0)
    escaped = 0
    for _ in range(200):
        peaks = np.exp(rng.normal(1.6, 0.12, 1010))
        escaped += (peaks[10:] > limit_from_peaks(peaks[:10])).sum()

    assert escaped / 200_000 < 0.005


def test_limit_is_not_far_above():
    assert limit_from_peaks([5.0, 5.2, 4.9, 5.5, 5.1, 4.8, 5.3, 5.0, 5.2, 5.4]) < 1.8 * 5.1


def test_one_extreme_part_of_ten_does_not_lift_the_limit_to_itself():
    usual = [5.0, 5.2, 4.9, 5.5, 5.1, 4.8, 5.3, 5.0, 5.2]

    assert limit_from_peaks([*usual, 5.4]) < limit_from_peaks([*usual, 15.0]) < 12.0


def test_parts_that_show_nothing_do_not_lift_the_limit():
    peaks = np.random.default_rng(2).lognormal(0, 0.13, 30)
    quiet = np.append(peaks, [0.0] * 6)

    assert limit_from_peaks(quiet) < 1.2 * limit_from_peaks(peaks)


@pytest.mark.parametrize(('level', 'limit'), [(0.1, 3.5), (100.0, 8.5)])
def test_wake_limit_is_bounded(level, limit):
    assert wake_limit(np.full(100, level)) == limit


@pytest.mark.parametrize('spread', ['normal', 'exponential', 'two kinds'])
def test_conformal_limit_holds_whatever_the_distribution(spread):
    rng = np.random.default_rng(1)
    draw = {'normal': lambda n: 5 + rng.normal(0, 1, n),
            'exponential': lambda n: rng.exponential(1, n),
            'two kinds': lambda n: rng.normal(0, 0.1, n) + np.where(rng.random(n) < 0.1, 9, 2),
            }[spread]
    rates = []
    for _ in range(300):
        review, reject = stated_limits(draw(parts_needed(0.02)), 0.02)
        assert review == reject
        rates.append((draw(500) >= reject).mean())

    assert np.mean(rates) <= 0.02 + 3 * np.std(rates) / np.sqrt(len(rates))


def test_few_parts_put_a_band_between_review_and_reject():
    rng = np.random.default_rng(2)
    review, reject = stated_limits(4 + rng.exponential(1, 10), 0.005)

    assert 4 < review < reject < 20


def test_more_good_parts_narrow_the_band():
    rng = np.random.default_rng(3)
    scores = 4 + rng.exponential(1, 150)
    widths = [np.subtract(*stated_limits(scores[:count], 0.005)[::-1]) for count in (10, 40, 150)]

    assert widths[0] > widths[1] > widths[2] > 0


def test_one_strange_part_hardly_lifts_the_limits():
    scores = [5.0, 5.2, 4.9, 5.5, 5.1, 4.8, 5.3, 5.0, 5.2, 5.4] * 2

    assert stated_limits([*scores, 50.0], 0.005)[1] < 1.1 * stated_limits(scores, 0.005)[1]


def test_limits_are_above_zero_where_the_gate_held_everything_back():
    assert min(stated_limits([0.0] * 10, 0.005)) > 0


def test_limits_of_another_rate_stop_about_that_share_of_good_parts():
    random = np.random.default_rng(3)
    peaks = np.exp(random.gumbel(1.0, 0.1, 30))
    limit = limit_from_peaks(peaks)
    others = np.exp(random.gumbel(1.0, 0.1, 20_000)) / limit
    assert limits_for_rate(peaks, 0.005) == pytest.approx((1.0, 1.1))
    stopped = {rate: float((others >= limits_for_rate(peaks, rate)[0]).mean())
               for rate in (0.002, 0.02, 0.1, 0.4)}
    for rate, share in stopped.items():
        assert rate / 4 < share < 1.5 * rate, stopped

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.network.temporal.encoding import check_times
from ant_ros.network.temporal.encoding import latency
from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.encoding import on_off


def test_on_off_spikes_on_one_line_of_each_pair():
    times = on_off(np.array([[0.2, 0.5, 0.9]]), 0.5)
    assert times.tolist() == [[NEVER, 0, 0, 0, NEVER, NEVER]]


def test_latency_lets_large_values_spike_early_and_small_ones_on_the_second_line():
    times = latency(np.array([0.0, 1.0, 0.25, -3.0, 9.0]), 0.0, 1.0, 4)
    assert times.tolist() == [NEVER, 0, 3, NEVER, 0, 0, NEVER, 1, 0, NEVER]


def test_both_lines_together_always_carry_the_same_strength():
    values = np.random.default_rng(0).normal(size=(20, 5))
    left = 7 - np.minimum(latency(values, -1.0, 1.0, 7), 7)
    assert (left[:, :5] + left[:, 5:] == 7).all()


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match='1 of 2 values are NaN'):
        on_off(np.array([0.0, bad]), 0.5)
    with pytest.raises(ValueError, match='NaN'):
        latency(np.array([0.0, bad]), 0.0, 1.0, 7)


def test_empty_ranges_and_no_levels_are_refused():
    with pytest.raises(ValueError, match='empty or not finite'):
        latency(np.zeros(2), np.array([0.0, 1.0]), np.array([1.0, 1.0]), 7)
    with pytest.raises(ValueError, match='levels is 0'):
        latency(np.zeros(2), 0.0, 1.0, 0)


@pytest.mark.parametrize(('times', 'message'), [
    ([[0, 1]], 'expected \\[..., 3\\]'),
    ([[0.0, 1.0, 2.0]], 'expected integers'),
    ([[0, 1, 8]], 'spike time 8 is outside the cycle of 8 ticks'),
    ([[0, -1, 2]], 'spike time -1 is outside'),
])
def test_bad_spike_times_are_refused(times, message):
    with pytest.raises(ValueError, match=message):
        check_times(np.array(times), 3, 8)


def test_silence_is_no_time_outside_the_cycle():
    assert check_times(np.array([0, NEVER, 7]), 3, 8).dtype == np.int16

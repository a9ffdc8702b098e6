# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Gaps in the publisher's numbers are losses; rates say what arrives of what is sent."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ant_ros.nodes.arrivals import Arrivals


@given(received=st.sets(st.integers(1, 200), min_size=1))
def test_missing_are_all_between_first_and_last(received) -> None:
    arrivals = Arrivals()
    missing = sum(arrivals.note(number, 0.0) for number in sorted(received))
    assert missing == max(received) - min(received) + 1 - len(received)
    assert arrivals.received == len(received)


def test_publisher_started_anew_is_no_loss() -> None:
    arrivals = Arrivals()
    assert [arrivals.note(number, 0.0) for number in (7, 8, 1, 2, 5)] == [0, 0, 0, 0, 2]


def test_gaps_between_several_publishers_are_not_counted() -> None:
    arrivals = Arrivals()
    arrivals.note(1, 0.0)
    assert [arrivals.note(number, 0.0, publishers=2) for number in (40, 2, 41)] == [0, 0, 0]
    assert [arrivals.note(number, 0.0) for number in (90, 92)] == [0, 1]


def test_middleware_without_numbers() -> None:
    arrivals = Arrivals()
    assert [arrivals.note(None, 0.0) for _ in range(3)] == [0, 0, 0]


def test_six_of_thirty_hertz() -> None:
    arrivals = Arrivals()
    for index in range(60):
        arrivals.note(5 * index, index / 6)
    rates = arrivals.rates(59 / 6)
    assert rates.arriving_hz == pytest.approx(6)
    assert rates.published_hz == pytest.approx(30)


def test_silence_is_rate_zero_and_has_an_age() -> None:
    arrivals = Arrivals()
    assert arrivals.age_s(3.0) is None
    for index in range(10):
        arrivals.note(index, 0.1 * index)
    assert arrivals.age_s(20.9) == pytest.approx(20.0)
    assert arrivals.rates(20.9).arriving_hz == 0

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from ant_ros.nodes.pace import Pace


def test_simulated_time_runs_by_the_factor() -> None:
    pace = Pace(2.0)
    assert pace.delay_s(5.0, 100.0) == 0.0
    assert pace.delay_s(6.0, 100.0) == 0.5
    assert pace.delay_s(6.0, 100.4) == pytest.approx(0.1)


def test_small_delay_is_caught_up() -> None:
    pace = Pace(1.0)
    pace.delay_s(0.0, 0.0)
    assert pace.delay_s(0.1, 0.15) == 0.0
    assert pace.delay_s(0.2, 0.15) == pytest.approx(0.05)
    assert pace.late_s == 0.0


def test_long_delay_is_counted_and_causes_no_burst() -> None:
    pace = Pace(1.0)
    pace.delay_s(0.0, 0.0)
    assert pace.delay_s(0.1, 2.1) == 0.0
    assert pace.late_s == pytest.approx(2.0)
    assert pace.delay_s(0.2, 2.1) == pytest.approx(0.1)


def test_hold_of_simulated_time_is_no_delay() -> None:
    pace = Pace(1.0)
    pace.delay_s(0.0, 0.0)
    pace.restart()
    assert pace.delay_s(0.1, 30.0) == 0.0
    assert pace.delay_s(0.2, 30.0) == pytest.approx(0.1)
    assert pace.late_s == 0.0

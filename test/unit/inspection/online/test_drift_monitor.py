# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small changes that stay are told, chance is not."""

import numpy as np
import pytest

from ant_ros.inspection.online.drift_monitor import DriftMonitor


def scores(seed: int, count: int, middle: float = 0.5, spread: float = 0.15) -> np.ndarray:
    return middle * np.exp(np.random.default_rng(seed).normal(size=count) * spread)


def watch(monitor: DriftMonitor, *runs: np.ndarray) -> DriftMonitor:
    for run in runs:
        for share in run:
            monitor.add(float(share))
    return monitor


@pytest.mark.parametrize('seed', range(5))
def test_chance_is_no_drift(seed):
    assert watch(DriftMonitor(), scores(seed, 10_000)).warning == ''


@pytest.mark.parametrize(('middle', 'text'), [(0.6, 'rose from 0.5'), (0.42, 'fell from 0.5')])
def test_a_change_that_stays_is_told_within_some_hundred_parts(middle, text):
    monitor = watch(DriftMonitor(), scores(0, 1000), scores(1, 150, middle))
    assert text in monitor.warning
    assert 'teach again' in monitor.warning


def test_it_is_well_again_when_all_is_as_it_was():
    monitor = watch(DriftMonitor(), scores(0, 500), scores(1, 2000, 0.7), scores(2, 300))
    assert monitor.warning == ''


def test_one_odd_part_is_no_drift():
    assert watch(DriftMonitor(), scores(0, 500), np.array([0.99, 1e-9, 0.0])).warning == ''


def test_nothing_is_told_before_it_is_known_what_is_usual():
    assert watch(DriftMonitor(50), scores(0, 25), scores(1, 25, 0.9)).warning == ''
    with pytest.raises(ValueError, match='at least 2'):
        DriftMonitor(1)
    with pytest.raises(ValueError, match=r'target_frr is 1\.5'):
        DriftMonitor(target_frr=1.5)


def show(monitor: DriftMonitor, seed: int, count: int, rate: float) -> DriftMonitor:
    for stopped in np.random.default_rng(seed).random(count) < rate:
        monitor.count(stopped=bool(stopped))
    return monitor


@pytest.mark.parametrize(('rate', 'target_frr'), [(0.05, 0.005), (0.1, 0.005), (0.25, 0.2)])
def test_usual_defects_are_no_drift(rate, target_frr):
    for seed in range(5):
        monitor = DriftMonitor(target_frr=target_frr)
        for _ in range(100):
            assert show(monitor, seed, 200, rate).warning == ''


def test_when_everything_is_stopped_it_is_told_within_a_dozen_parts():
    monitor = show(DriftMonitor(target_frr=0.005), 0, 1000, 0.05)
    assert 'were stopped; look at lamps' in show(monitor, 1, 12, 1.0).warning
    assert show(monitor, 2, 200, 0.05).warning == ''


def test_when_a_third_is_stopped_it_is_told_within_some_hundred_parts():
    assert 'no longer holds' in show(DriftMonitor(target_frr=0.005), 0, 600, 0.35).warning


def test_defects_that_come_together_are_no_drift():
    monitor = show(DriftMonitor(target_frr=0.005), 0, 1000, 0.02)
    assert show(monitor, 1, 5, 1.0).warning == ''

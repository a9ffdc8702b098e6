# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from ant_ros.network.energy import EnergyCounter
from ant_ros.network.energy import estimate_energy
from ant_ros.network.work import Work

RANGE_UJ = 262_143_328_850


def zone(root: Path, name: str, label: str, energy_uj: int) -> Path:
    folder = root / name
    folder.mkdir()
    (folder / 'name').write_text(f'{label}\n')
    (folder / 'energy_uj').write_text(f'{energy_uj}\n')
    (folder / 'max_energy_range_uj').write_text(f'{RANGE_UJ}\n')
    return folder / 'energy_uj'


def test_two_packages_add_up_and_their_parts_and_the_platform_do_not_count(tmp_path):
    first = zone(tmp_path, 'intel-rapl:0', 'package-0', 1_000)
    second = zone(tmp_path, 'intel-rapl:1', 'package-1', 5_000)
    core = zone(tmp_path, 'intel-rapl:0:0', 'core', 10)
    platform = zone(tmp_path, 'intel-rapl:2', 'psys', 10)
    counter = EnergyCounter.open(tmp_path)
    for file, energy in ((first, 2_001_000), (second, 505_000), (core, 9_999_999),
                         (platform, 9_999_999)):
        file.write_text(str(energy))
    assert counter.joules() == pytest.approx(2.5)
    assert counter.joules() == 0.0


def test_a_counter_that_wraps_around_is_followed(tmp_path):
    file = zone(tmp_path, 'intel-rapl:0', 'package-0', RANGE_UJ - 999_999)
    counter = EnergyCounter.open(tmp_path)
    file.write_text('500000')
    assert counter.joules() == pytest.approx(1.5)


def test_a_machine_without_a_counter_has_none(tmp_path):
    assert EnergyCounter.open(tmp_path) is None
    assert EnergyCounter.open(tmp_path / 'missing') is None


def test_a_counter_that_may_not_be_read_is_none_rather_than_half_a_sum(tmp_path):
    zone(tmp_path, 'intel-rapl:0', 'package-0', 1)
    zone(tmp_path, 'intel-rapl:1', 'package-1', 1).unlink()
    assert EnergyCounter.open(tmp_path) is None


def test_an_estimate_says_so_and_grows_with_operations_and_accesses():
    work = Work(units=1, units_total=2, macs=1_000_000, macs_dense=2_000_000, bytes=4_000,
                seconds=0.1)
    estimate = estimate_energy(work)
    assert estimate.compute_j == pytest.approx(4.6e-6)
    assert estimate.access_j == pytest.approx(5e-8)
    assert estimate.joules == estimate.compute_j + estimate.access_j
    assert 'estimate' in estimate.source
    assert 'Horowitz' in estimate.source

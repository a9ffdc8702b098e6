# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0

from ant_ros.bench.evaluation import read_image_set
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.bench.inspection.workloads import line_workload
from ant_ros.bench.inspection.workloads import set_workload


def test_a_set_is_read_and_what_cannot_be_read_is_left_out(sets_folder):
    images = read_image_set(sets_folder / 'plates')
    workload = set_workload(images)
    assert (len(workload.teach), len(workload.good), len(workload.test)) == (10, 4, 8)
    assert workload.bad == [False] * 4 + [True] * 4
    assert set_workload(images, 1).bad == [False, True]


def test_the_line_shows_visible_defects_only():
    scenario = line_scenario('demo', defect_rate=0.9, teach_parts=5)
    workload = line_workload(scenario, 6)
    assert len(workload.teach) == 5
    assert 0 < len(workload.test) <= 6
    assert any(workload.bad)
    assert workload.name == 'line demo'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.bench.inspection import ideas
from ant_ros.bench.inspection import work_saved
from ant_ros.bench.inspection.workloads import Part
from ant_ros.bench.inspection.workloads import Workload
from ant_ros.inspection import Decision
from ant_ros.network.work import Work


class Seeing:
    """Scores a frame by its brightness; an open gate costs three times as much."""

    recipe = type('Recipe', (), {'backbone': 'some-network'})

    def __init__(self, gate='learned', backbone='auto'):
        self.cost = 3 if gate == 'open' else 1
        self.blind = backbone == 'sampled'

    def inspect(self, image):
        score = 0.5 if self.blind else float(image[0, 0]) / 100
        return type('Verdict', (), {
            'score': score, 'decision': Decision.REJECT if score >= 1 else Decision.PASS,
            'work': Work(self.cost, 10, 100 * self.cost, 1000, 0, 1e-3 * self.cost)})()


@pytest.fixture
def workload():
    def frame(brightness):
        return np.full((8, 8), brightness)

    return Workload('frames', (frame(10),) * 5, (
        Part(frame(20), None), Part(frame(30), None), Part(frame(120), None),
        Part(frame(110), 'spot'), Part(frame(130), 'scratch'), Part(frame(60), 'scratch')))


@pytest.fixture(autouse=True)
def fake_inspectors(monkeypatch):
    for module in (ideas, work_saved):
        monkeypatch.setattr(module, 'inspector_teacher',
                            lambda name, **options: lambda good: Seeing(**options))


def test_work_saved_is_the_open_gates_time_over_the_learned_ones(workload):
    found = work_saved.compare(workload, 2)
    assert (found['good'], found['bad'], found['gates_differ']) == (3, 3, True)
    assert found['network_times_less'] == pytest.approx(3.0)
    assert found['frame_to_verdict_times_less'] > 0
    assert (found['learned']['macs_good'], found['open']['macs_good']) == (100, 300)
    assert (found['auroc_lost_points'], found['extra_escapes']) == (0.0, 0)
    assert (found['learned']['escapes'], found['learned']['false_rejects']) == (1, 1)


def test_a_network_that_never_woke_has_no_ratio(workload, monkeypatch):
    monkeypatch.setattr(Seeing, '__init__', lambda self, gate, backbone: setattr(
        self, 'cost', 3 if gate == 'open' else 0) or setattr(self, 'blind', False))
    assert work_saved.compare(workload, 1)['network_times_less'] is None


def test_each_idea_has_a_row_and_scratches_stand_apart(workload, monkeypatch):
    monkeypatch.setattr(ideas, 'line_workload', lambda scenario, parts: workload)
    rows = ideas.measure([], quick=True)
    figures = rows['as it is']['frames']
    assert figures['image_auroc'] == pytest.approx(7 / 9)
    assert figures['scratches_image_auroc'] == pytest.approx(5 / 6)
    assert figures['scratches_frr_at_zero_escapes'] == pytest.approx(1 / 3)
    assert rows['sampled features']['frames']['image_auroc'] == 0.5
    assert rows['gate open']['frames']['cpu_ms_good_p50'] > 0
    for idea in ("neighbours' evidence off", 'thresholds trained under the schedule',
                 '40 % pruned'):
        assert rows[idea]['missing']

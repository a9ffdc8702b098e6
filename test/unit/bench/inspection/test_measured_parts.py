# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
import mmap

import numpy as np
import pytest

from ant_ros.bench import BenchError
from ant_ros.bench.evaluation import read_image_set
from ant_ros.bench.inspection import against_others
from ant_ros.bench.inspection import memory
from ant_ros.bench.inspection import real_parts
from ant_ros.bench.inspection import teach
from ant_ros.bench.inspection.workloads import Part
from ant_ros.bench.inspection.workloads import set_workload
from ant_ros.bench.inspection.workloads import Workload


@pytest.fixture
def plates(sets_folder):
    return read_image_set(sets_folder / 'plates')


class Contrast:
    """Scores a frame by its contrast."""

    def __init__(self, good):
        self.good = len(good)

    def inspect(self, image):
        return type('Answer', (), {
            'score': -float(np.percentile(image[40:70], 3)), 'anomaly_map': image.mean(axis=2)})()


def test_real_parts_are_measured_beside_the_usual_detectors(plates, monkeypatch):
    monkeypatch.setattr(real_parts, 'inspector_teacher', lambda name: Contrast)
    monkeypatch.setattr(real_parts, 'usual_detectors', lambda: {'usual': Contrast})
    monkeypatch.setattr(real_parts, 'SPLITS', 2)
    monkeypatch.setattr(real_parts, '_FEW_SHOTS', 6)
    found = real_parts.measure([plates], quick=False)
    figures = found['plates']
    assert figures.keys() == {'full', 'few_shots', 'usual', 'usual_part_alone'}
    for one in (figures['full'], figures['few_shots']):
        assert one['image_auroc'] == 1.0
        assert one['per_split_image_auroc'] == [1.0, 1.0]
        assert one['pixel_auroc'] is None
        assert 'mask' in one['unresolved']['pixel_auroc']
    assert '10 of 14' in figures['full']['protocol']
    assert '6 of 14' in figures['few_shots']['protocol']
    assert figures['usual']['image_auroc'] == 1.0
    assert figures['usual_part_alone'].keys() == figures['usual'].keys()
    assert found['goals'] == {'plates': {'image_auroc': {
        'measured': 1.0, 'wanted': 'at least 1', 'reached': True}}}


def test_a_known_set_has_goals_of_its_own(plates, monkeypatch):
    monkeypatch.setattr(real_parts, 'inspector_teacher', lambda name: Contrast)
    monkeypatch.setattr(real_parts, '_FEW_SHOTS', 6)
    monkeypatch.setattr(real_parts, '_WANTED', {'plates': (0.9, 0.8)})
    found = real_parts.measure([plates], quick=True)
    assert found['plates'].keys() == {'few_shots'}
    assert len(found['plates']['few_shots']['per_split_image_auroc']) == 1
    assert found['plates']['few_shots']['protocol'].startswith("the folder's own split, 6 drawn")
    assert found['goals']['plates'].keys() == {'few_shots_image_auroc'}
    assert found['goals']['plates']['few_shots_image_auroc']['wanted'] == 'at least 0.8'


def test_a_set_that_cannot_be_taught_says_so_and_stops_no_other(plates):
    few = type(plates)(plates.folder, plates.teach[:3], plates.good, plates.bad)
    figures = real_parts.measure([few], quick=True)
    assert 'good parts' in figures['plates']['missing']


@pytest.mark.parametrize('part', [real_parts, against_others])
def test_without_photographs_the_cure_is_named(part):
    with pytest.raises(BenchError, match='--data'):
        part.measure([], quick=True)


def test_others_are_measured_on_the_same_frames(plates, monkeypatch):
    monkeypatch.setattr(against_others, 'inspector_teacher', lambda name: Contrast)
    monkeypatch.setattr(against_others, 'usual_detectors', lambda: {
        'position_gaussian': Contrast, 'nearest_neighbours': Contrast})
    monkeypatch.setattr(against_others, 'line_workload', lambda scenario, parts: Workload(
        'line', *(getattr(set_workload(plates), name) for name in ('teach', 'test'))))
    found = against_others.measure([plates], quick=False)
    assert found.keys() == {'plates', 'line', 'goals'}
    figures = found['plates']
    assert figures.keys() == {'inspector', 'position_gaussian', 'nearest_neighbours'}
    assert figures['inspector']['ours_over_theirs'] == 1.0
    assert figures['inspector']['image_auroc'] == 1.0
    ours, theirs = (figures[name]['cpu_ms_good_p50'] for name in (
        'inspector', 'nearest_neighbours'))
    assert figures['nearest_neighbours']['ours_over_theirs'] == pytest.approx(ours / theirs)
    assert found['goals']['line']['image_auroc']['reached']
    assert found['goals']['plates']['ours_over_nearest_neighbours']['wanted'] == 'at most 0.5'


def test_memory_is_followed_over_all_inspections(plates, monkeypatch):
    workload = set_workload(plates)
    monkeypatch.setattr(memory, 'line_workload', lambda scenario, parts: workload)
    monkeypatch.setattr(memory, '_QUICK_INSPECTIONS', 100)
    figures = memory.measure([], quick=True)
    assert figures['inspections'] == 100
    assert len(figures['mb']) == 50
    assert figures['growth_mb'] == figures['last_mb'] - figures['first_mb']
    assert figures['largest_mb'] >= figures['last_mb'] > 50
    assert not figures['goals']['inspections']['reached']


def test_memory_that_grows_is_seen(plates, monkeypatch):
    kept = []

    class Keeping:
        def inspect(self, image):
            kept.append(mmap.mmap(-1, 2**20))
            kept[-1].write(bytes(2**20))
            return type('Answer', (), {'anomaly_map': image})()

    monkeypatch.setattr(memory, 'line_workload', lambda scenario, parts: Workload(
        'one', (), (Part(np.zeros((4, 4)), None),)))
    monkeypatch.setattr(memory.Inspector, 'teach', lambda good, name: Keeping())
    monkeypatch.setattr(memory, '_QUICK_INSPECTIONS', 100)
    figures = memory.measure([], quick=True)
    assert figures['growth_mb'] > 50
    assert figures['mb_per_100_000'] > 50_000


def test_teaching_is_timed_and_the_recipe_weighed(plates, monkeypatch):
    monkeypatch.setattr(teach, 'line_workload', lambda scenario, parts: set_workload(plates, 0))
    monkeypatch.setattr(teach, 'ProcessPoolExecutor', lambda count, _: ThreadPoolExecutor(count))
    figures = teach.measure([plates], quick=True)
    assert figures.keys() == {'line hard', 'plates', 'goals'}
    assert figures['goals']['plates']['recipe_bytes']['reached']
    assert figures['plates']['parts'] == 10
    assert figures['plates']['seconds'] > 0
    assert 1_000 < figures['plates']['recipe_bytes'] < 20_000_000

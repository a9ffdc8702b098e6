# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest

from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import FIGURES
from ant_ros.bench.evaluation import read_image_set
from ant_ros.inspection import Decision
from ant_ros.network.work import Work


def test_all_figures_are_there_and_what_is_missing_says_why(folder, plain_detector):
    found = evaluate(read_image_set(folder), plain_detector)
    figures = found.to_json()
    assert set(FIGURES) <= set(figures)
    assert figures['image_auroc'] == figures['average_precision'] == 1.0
    assert figures['frr_at_zero_escapes'] == 0.0
    assert figures['pixel_auroc'] > 0.99
    assert figures['aupro'] > 0.95
    assert {name for name in FIGURES if figures[name] is None} == set(found.unresolved) == {
        'recall_at_frr_5pct', 'recall_at_frr_1pct', 'background_only_auroc', 'ms_p99',
        'wake_rate_good_parts', 'wake_rate_good_tiles', 'macs_good', 'macs_dense'}
    assert '4 good test images' in found.unresolved['recall_at_frr_5pct']
    assert figures['intervals_95']['image_auroc'] == pytest.approx([0.025**0.25, 1.0])
    assert figures['intervals_95']['frr_at_zero_escapes'] == pytest.approx([0, 1 - 0.025**0.25])
    low, high = figures['intervals_95']['ms_p50']
    assert 0 < low <= figures['ms_p50'] <= high
    assert figures['images'] == {
        'taught': 8, 'test_good': 4, 'test_bad': 5, 'with_mask': 3, 'unreadable': 0}
    assert len(figures['verdicts']) == 9
    json.dumps(figures, allow_nan=False)


@pytest.mark.parametrize(('good', 'bad'), [(1, 1), (3, 5), (4, 3)])
def test_so_few_images_tell_nothing_of_how_well_they_are_ranked(
        folder, plain_detector, good, bad):
    for kind, count in (('good', good), ('spot', bad)):
        for path in sorted((folder / 'test' / kind).iterdir())[count:]:
            path.unlink()
    found = evaluate(read_image_set(folder), plain_detector)
    for name in ('image_auroc', 'average_precision', 'frr_at_zero_escapes',
                 'recall_at_frr_5pct', 'recall_at_frr_1pct'):
        assert found.figures[name] is None and name not in found.intervals
        assert f'{good} good and {bad} bad images' in found.unresolved[name]
        assert 'fewer than 4 of each' in found.unresolved[name]


def test_one_mask_tells_nothing_of_where_defects_are_found(folder, plain_detector):
    for path in sorted((folder / 'ground_truth/spot').iterdir())[1:]:
        path.unlink()
    found = evaluate(read_image_set(folder), plain_detector)
    assert found.figures['pixel_auroc'] is found.figures['aupro'] is None
    assert '1 image of a bad part has a mask' in found.unresolved['aupro']


def test_a_detector_that_knows_nothing_gets_wide_intervals_around_its_figure(folder):
    class Guesser:
        def __init__(self, good):
            self.random = np.random.default_rng(4)

        def inspect(self, image):
            return type('Guess', (), {
                'score': float(self.random.normal()),
                'anomaly_map': self.random.normal(0, 1, image.shape[:2])})()

    found = evaluate(read_image_set(folder), Guesser)
    for name in ('image_auroc', 'average_precision', 'pixel_auroc', 'aupro'):
        low, high = found.intervals[name]
        assert low < found.figures[name] < high
    assert found.intervals['image_auroc'][1] - found.intervals['image_auroc'][0] > 0.3


def test_splits_are_averaged_and_the_same_seed_gives_the_same(folder, plain_detector):
    images = read_image_set(folder)
    first, again, other = (
        evaluate(images, plain_detector, splits=3, shots=5, seed=seed) for seed in (1, 1, 2))
    assert len(first.per_split['pixel_auroc']) == 3
    assert first.figures['pixel_auroc'] == np.mean(first.per_split['pixel_auroc'])
    assert first.per_split == again.per_split != other.per_split
    for name in first.per_split:
        assert first.intervals.get(name) == again.intervals.get(name)
    assert '3 splits drawn with seed 1: 5 of 12 good images taught' in first.protocol
    assert first.to_json()['images']['test_good'] == 7


def test_work_decisions_and_times_are_counted(folder, plain_detector):
    class Counting(plain_detector):
        def inspect(self, image):
            answer = super().inspect(image)
            woken = 3 if answer.score > 20 else 0
            return type('Verdict', (), {
                'score': answer.score, 'anomaly_map': answer.anomaly_map,
                'decision': Decision.REJECT if woken else Decision.PASS,
                'work': Work(woken, 12, 100 * woken, 1200, 0, 0.001)})()

    found = evaluate(read_image_set(folder), Counting, splits=2, shots=8)
    assert found.decisions == {'good': {'pass': 8}, 'bad': {'reject': 10}}
    assert found.figures['wake_rate_good_parts'] == found.figures['macs_good'] == 0.0
    good = len({one.sample.path for run in found.runs for one in run.judged
                if not one.sample.bad})
    for name in ('wake_rate_good_parts', 'wake_rate_good_tiles'):
        assert found.intervals[name] == pytest.approx([0, 1 - 0.025 ** (1 / good)])
    assert found.intervals['macs_good'] == [0, 0]
    for name in ('ms_p50', 'ms_good_p50', 'cpu_ms_good_p50', 'ms_bad_p50'):
        low, high = found.intervals[name]
        assert low <= found.figures[name] <= high
    assert found.figures['macs_dense'] == 1200
    assert found.figures['network_ms_good_p50'] == pytest.approx(1.0)
    assert found.figures['ms_good_p50'] > 0


def test_a_rate_of_few_good_parts_is_not_told_and_one_of_many_has_an_interval(
        folder, plain_detector):
    class Waking(plain_detector):
        def inspect(self, image):
            answer = super().inspect(image)
            woken = int(image.sum() % 2)
            return type('Verdict', (), {
                'score': answer.score, 'anomaly_map': answer.anomaly_map,
                'work': Work(woken, 4, woken, 10, 0, 0.001)})()

    found = evaluate(read_image_set(folder), Waking, splits=6, shots=5)
    for name in ('wake_rate_good_parts', 'wake_rate_good_tiles', 'macs_good'):
        low, high = found.intervals[name]
        assert low < found.figures[name] < high
    for path in sorted((folder / 'test/good').iterdir())[3:]:
        path.unlink()
    few = evaluate(read_image_set(folder), Waking)
    assert few.figures['wake_rate_good_parts'] is None
    assert '3 good images could be inspected' in few.unresolved['wake_rate_good_tiles']
    assert few.figures['macs_good'] is not None and 'macs_good' not in few.intervals


def test_unreadable_files_are_listed_once_and_counted(folder, plain_detector):
    (folder / 'test/good/10.png').write_bytes(b'nothing')
    found = evaluate(read_image_set(folder), plain_detector, splits=2, shots=5).to_json()
    assert found['images']['unreadable'] == 1
    assert found['unreadable'][0]['image'] == 'test/good/10.png'
    assert 'cannot read' in found['unreadable'][0]['fault']

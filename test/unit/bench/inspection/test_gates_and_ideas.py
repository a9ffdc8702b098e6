# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import dataclass

import numpy as np
import pytest

from ant_ros.bench.inspection import ideas
from ant_ros.bench.inspection import variants
from ant_ros.bench.inspection import work_saved
from ant_ros.bench.inspection.turns import in_turns
from ant_ros.bench.inspection.variants import Compared
from ant_ros.bench.inspection.workloads import Part
from ant_ros.bench.inspection.workloads import Workload
from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection.whitening import White
from ant_ros.network.work import Work


@dataclass
class Seeing:
    """Scores a frame by its brightness; an open gate costs three times as much."""

    cost: int = 1
    blind: bool = False
    pretrained = None
    backbone = 'some-network'

    @property
    def recipe(self):
        return self

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


@pytest.fixture
def found(workload):
    base, opened = Seeing(), Seeing(3)
    inspectors = dict.fromkeys(variants.BASES, base) | {
        variants.OPEN: opened, variants.OPEN_PRETRAINED: opened,
        variants.SAMPLED_ROW: Seeing(blind=True)}
    del inspectors[variants.THRESHOLDS]
    turns = in_turns(inspectors, [part.image for part in workload.test], with_map=False, rounds=2)
    return Compared(workload, inspectors, turns, {variants.THRESHOLDS: 'seen densely'})


def test_work_saved_is_the_open_gates_time_over_the_learned_ones(found, monkeypatch):
    monkeypatch.setattr(work_saved, 'compared', lambda sets, extent: (found,))
    figures = work_saved.measure([], quick=False)
    assert figures.keys() == {'frames', 'goals'}  # pretrained features are what it has anyway
    gates = figures['frames']
    assert (gates['good'], gates['bad'], gates['gated']) == (3, 3, True)
    assert gates['network_time_share'] == pytest.approx(1 / 3)
    assert gates['frame_to_verdict_time_share'] > 0
    assert (gates['learned']['macs_good'], gates['open']['macs_good']) == (100, 300)
    assert (gates['auroc_lost_points'], gates['extra_escapes']) == (0.0, 0)
    assert (gates['learned']['escapes'], gates['learned']['false_rejects']) == (1, 1)
    goals = figures['goals']['frames']
    assert goals['extra_escapes']['reached'] and not goals['network_time_share']['reached']


def test_a_network_that_never_woke_has_no_share(found):
    found.inspectors[variants.AS_IT_IS].cost = 0
    turns = in_turns(found.inspectors, [part.image for part in found.workload.test],
                     with_map=False, rounds=1)
    gates = work_saved.gates_compared(
        Compared(found.workload, found.inspectors, turns, {}), variants.OPEN)
    assert gates['network_time_share'] == 0


def test_each_idea_has_a_row_and_scratches_stand_apart(found, monkeypatch):
    monkeypatch.setattr(ideas, 'compared', lambda sets, extent: (found,))
    rows = ideas.measure([], quick=True)
    figures = rows['as it is']['frames']
    assert figures['image_auroc'] == pytest.approx(7 / 9)
    assert figures['scratches_image_auroc'] == pytest.approx(5 / 6)
    assert figures['scratches_frr_at_zero_escapes'] == pytest.approx(1 / 3)
    assert rows['sampled features']['frames']['image_auroc'] == 0.5
    assert rows['gate open']['frames']['cpu_ms_good_p50'] > 0
    assert rows['40 % pruned']['compared_with'] == 'pretrained features'
    assert rows['thresholds trained under the schedule']['frames'] == {'left_out': 'seen densely'}


@pytest.fixture(scope='module')
def plates():
    """Ten good plates, on which drops dried, and one more with a spot."""
    import cv2

    def draw(seed):
        random = np.random.default_rng(seed)
        image = np.full((96, 128, 3), 40, np.uint8)
        x, y = 24 + random.integers(-3, 4), 20 + random.integers(-3, 4)
        cv2.rectangle(image, (x, y), (x + 80, y + 56), (180, 175, 170), -1)
        cv2.circle(image, (x + 25, y + 28), 9, (60, 60, 60), -1)
        drop = (x + int(random.integers(10, 70)), y + int(random.integers(8, 48)))
        cv2.circle(image, drop, 3, (165, 160, 155), -1)
        return np.clip(image + random.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)

    spotted = draw(31)
    cv2.circle(spotted, (80, 55), 4, (20, 20, 20), -1)
    return [draw(seed) for seed in range(10)], spotted


@pytest.fixture(scope='module')
def made(plates):
    return variants.make_variants('plates', plates[0], steps=2)


def test_every_variant_is_a_working_inspector(plates, made):
    inspectors, left_out = made
    assert inspectors.keys() == variants.BASES.keys()
    assert left_out == {}
    for name, inspector in inspectors.items():
        good, bad = (inspector.inspect(image) for image in (plates[0][3], plates[1]))
        assert (good.decision, bad.decision) == (Decision.PASS, Decision.REJECT), name


def test_without_neighbours_only_what_adds_up_along_lines_is_less(made):
    base, without = (made[0][name].recipe.surprise for name in (
        variants.AS_IT_IS, variants.LINES_OFF))
    thin, pixel = (np.zeros(base.weights.shape[1:], np.float32) for _ in range(2))
    thin[15, 15:30] = 3.0
    pixel[15, 20] = 30.0
    along, single = (
        [one.look(White([plane, 0 * plane, 0 * plane], 0 * plane)).max()
         for one in (base, without)] for plane in (thin, pixel))
    assert along[1] < 0.95 * along[0]
    assert single[1] == single[0]


def test_an_open_gate_wakes_every_tile_of_the_part(plates, made):
    sampled = made[0][variants.SAMPLED_ROW]
    opened = Inspector(variants.all_awake(sampled.recipe)).inspect(plates[0][0]).work
    assert opened.units > 0.9 * opened.units_total
    assert sampled.inspect(plates[0][0]).work.units < 0.5 * opened.units


def test_thresholds_and_pruning_change_the_network_that_runs(plates, made, tmp_path):
    base, trained, pruned = (made[0][name] for name in (
        variants.PRETRAINED, variants.THRESHOLDS, variants.PRUNED))
    works = [one.inspect(plates[1]).work for one in (base, trained, pruned)]
    assert works[0].macs_dense == works[1].macs_dense
    assert works[2].macs_dense < 0.9 * works[0].macs_dense
    assert len({one.recipe.pretrained.digest for one in (base, trained, pruned)}) == 3
    pruned.save(tmp_path / 'pruned')
    with pytest.raises(ValueError, match='bring it again'):
        Inspector.load(tmp_path / 'pruned')

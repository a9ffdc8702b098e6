# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import numpy as np
import pytest

from ant_ros.simulation.families import family_named
from ant_ros.simulation.part_plan import plan_part
from ant_ros.simulation.scenario import DEFECT_CLASSES
from ant_ros.simulation.scenario import load_scenario
from ant_ros.simulation.scenario import make_scenario

DEMO, HARD = load_scenario('demo'), load_scenario('hard')
PLATE = family_named('plate')


def plans(scenario, count, seed=0, role='inspect', start=0):
    return [plan_part(scenario, PLATE, seed, role, index) for index in range(start, start + count)]


def test_the_same_arguments_give_the_same_part():
    assert plans(HARD, 50) == plans(HARD, 50)


def test_another_seed_or_index_or_role_gives_another_part():
    first = plan_part(DEMO, PLATE, 0, 'inspect', 3)
    for other in (plan_part(DEMO, PLATE, 1, 'inspect', 3), plan_part(DEMO, PLATE, 0, 'inspect', 4),
                  plan_part(DEMO, PLATE, 0, 'teach', 3)):
        assert other.look.field_offset != first.look.field_offset
        assert other.yaw_rad != first.yaw_rad
        assert other.noise_seed != first.noise_seed


def test_ids_count_from_one():
    assert plan_part(DEMO, PLATE, 0, 'teach', 0).part_id == 'teach-0001'
    assert plan_part(DEMO, PLATE, 0, 'inspect', 9_999).part_id == 'part-010000'


def test_teach_parts_are_good_whatever_the_rate():
    always = DEMO.model_copy(update={'defect_rate': 1.0})
    assert all(plan.defect is None for plan in plans(always, 30, role='teach'))
    assert all(plan.defect is not None for plan in plans(always, 30))


def test_the_defect_rate_is_met():
    defective = sum(plan.defect is not None for plan in plans(DEMO, 3000))
    # Five standard deviations of a binomial count to either side.
    assert abs(defective - 300) < 5 * np.sqrt(3000 * 0.1 * 0.9)


def test_classes_come_by_their_shares_and_severities_from_their_ranges():
    scenario = make_scenario({
        'name': 'x', 'defect_rate': 1.0,
        'defects': [{'class': 'scratch', 'share': 3, 'severity': [0.2, 0.4]},
                    {'class': 'contamination', 'severity': [0.7, 0.7]}]})
    defects = [plan.defect for plan in plans(scenario, 1000)]
    kinds = Counter(defect.kind for defect in defects)
    assert kinds['scratch'] == pytest.approx(750, abs=70)
    scratches = [defect.severity for defect in defects if defect.kind == 'scratch']
    assert 0.2 <= min(scratches) < 0.22
    assert 0.38 < max(scratches) <= 0.4
    assert {d.severity for d in defects if d.kind == 'contamination'} == {0.7}


def test_a_class_that_appears_mid_shift_is_not_there_before():
    always = HARD.model_copy(update={'defect_rate': 1.0})
    before = {plan.defect.kind for plan in plans(always, 300, start=700)}
    after = {plan.defect.kind for plan in plans(always, 100, start=1000)}
    assert 'contamination' not in before
    assert after == set(DEFECT_CLASSES)


def test_poses_fill_their_ranges():
    drawn = plans(HARD, 400)
    assert 6.5e-3 < max(abs(plan.lateral_m) for plan in drawn) <= 7.0e-3
    assert 13.0 < np.degrees(max(abs(plan.yaw_rad) for plan in drawn)) <= 14.0
    assert max(abs(plan.delay_m) for plan in drawn) <= HARD.belt.pitch_jitter_m


def test_light_drifts_slowly_and_all_the_way():
    gains = np.array([plan.light.gain for plan in plans(HARD, 300)])
    assert np.ptp(gains) > 1.8 * HARD.lighting.drift
    assert np.abs(np.diff(gains)).mean() < 0.2 * HARD.lighting.drift


def test_teach_parts_are_lit_like_the_parts_that_follow():
    still = HARD.model_copy(update={'lighting': HARD.lighting.model_copy(update={'flicker': 0.0})})
    last, first = plans(still, 10, role='teach')[-1], plans(still, 1)[0]
    assert last.light.gain == pytest.approx(first.light.gain, abs=0.01)


def test_without_its_knobs_a_part_is_like_the_next():
    off = make_scenario({
        'name': 'off', 'defect_rate': 0, 'belt': {'pitch_jitter_m': 0},
        'pose': {'lateral_mm': 0, 'yaw_deg': 0},
        'lighting': {'drift': 0, 'flicker': 0, 'colour_drift': 0, 'gradient': 0},
        'texture': {'variation': 0},
        'cosmetic': {'grain_deg': 0, 'tone': 0, 'print_offset_mm': 0, 'smudges': 0}})
    for plan in plans(off, 20):
        assert (plan.lateral_m, plan.yaw_rad, plan.delay_m) == (0.0, 0.0, 0.0)
        assert (plan.light.gain, plan.light.colour) == (1.0, (1.0, 1.0, 1.0))
        assert (plan.look.tone, plan.look.grain_rad, plan.look.smudges) == (0.0, 0.0, ())

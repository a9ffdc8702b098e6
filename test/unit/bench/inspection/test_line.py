# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
import pickle

import numpy as np
import pytest

from ant_ros.bench.inspection import knobs
from ant_ros.bench.inspection import line
from ant_ros.bench.inspection.workloads import line_scenario
from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection.score import PartRecord


def seen(decision, defect=None, visible=False):
    return line.Seen('part', defect, 1.0, PartRecord(
        decision=decision, defective=defect is not None, visible=visible, latency_ms=4.0,
        units=1, units_total=10))


def test_escapes_are_visible_defects_that_pass_and_reviews_are_no_passes():
    shift = [*[seen(Decision.PASS)] * 7, seen(Decision.REVIEW), seen(Decision.REJECT),
             seen(Decision.PASS), *[seen(Decision.REJECT, 'scratch', True)] * 3,
             seen(Decision.PASS, 'scratch', True), seen(Decision.PASS, 'contamination')]
    figures = line.line_figures(shift)
    assert (figures['parts'], figures['good_parts'], figures['visible_defects']) == (15, 10, 4)
    assert (figures['escapes'], figures['false_rejects'], figures['frr']) == (1, 2, 0.2)
    assert figures['review_rate'] == pytest.approx(1 / 15)
    assert figures['escape_rate_upper_95'] == pytest.approx(0.7514, abs=1e-3)
    assert (figures['defects_below_visibility'], figures['escapes_below_visibility']) == (1, 1)
    classes = line.by_class(shift)
    assert classes['scratch'] | {'escape_rate_upper_95': None} == {
        'visible': 4, 'escapes': 1, 'escape_rate_upper_95': None, 'below_visibility': 0,
        'passed_below_visibility': 0}
    assert classes['contamination']['passed_below_visibility'] == 1
    assert classes['deformation']['escape_rate_upper_95'] is None


@pytest.mark.parametrize('knob', ['noise', 'texture', 'pose', 'lighting', 'cosmetic'])
def test_a_knob_turns_its_section_alone_and_stays_valid(knob):
    hard = line_scenario('hard')
    changed = knobs.turned(hard, knob, 2.0)
    others = set(type(hard).model_fields) - {knob}
    assert all(getattr(hard, name) == getattr(changed, name) for name in others)
    assert getattr(changed, knob) != getattr(hard, knob)
    far = knobs.turned(hard, knob, 1000.0)
    section = getattr(far, knob)
    assert type(section).model_validate(section.model_dump()) == section
    assert knobs.turned(hard, knob, 1.0) == hard


def test_a_short_shift_is_run_and_can_be_sent_between_processes(monkeypatch):
    monkeypatch.setattr(line, 'line_scenario', lambda name, **changes: line_scenario(
        'demo', **changes, teach_parts=5))
    noisy = knobs.turned(line_scenario('demo'), 'noise', 1.5).noise
    shift = line.run_shift(line.Shift(seed=3, parts=4, changes={'noise': noisy}))
    assert [one.part_id for one in shift] == [f'part-{number:06}' for number in range(1, 5)]
    assert all(np.isfinite(one.score) for one in shift)
    assert pickle.loads(pickle.dumps(shift)) == shift
    assert line.line_figures(shift)['inspect_ms_p50'] > 0


def test_what_comes_after_more_good_parts_is_judged_twice(monkeypatch):
    monkeypatch.setattr(line, 'line_scenario', lambda name, **changes: line_scenario(
        'demo', **changes, teach_parts=5))
    first, later, last = line.run_stages(
        line.Shift(seed=3, parts=6, changes={'defect_rate': 0.0}), 4, 1)
    assert [one.part_id for one in first] == [f'part-{number:06}' for number in range(1, 7)]
    assert [one.part_id for one in later] == ['part-000005', 'part-000006']
    assert all(one.score != other.score for one, other in zip(later, first[4:]))
    assert last == later[1:]  # one part guarantees nothing: the limits stay


def test_after_a_run_its_scores_decide(taught_recipe):
    good, bad = seen(Decision.PASS), seen(Decision.PASS, 'scratch', True)
    shift = [replace(one, score=score) for one, score in zip(
        [good, good, bad, good, good, good, bad], [0.5, 0.9, 0.6, 0.7, 0.8, 0.95, 0.85])]
    later = line._after_a_run(replace(taught_recipe, target_frr=0.25), shift, 3)
    assert [one.score for one in later] == [0.8, 0.95, 0.85]
    assert [one.record.decision for one in later] == [
        Decision.PASS, Decision.REJECT, Decision.PASS]  # 0.9 was the largest of the run
    assert line._after_a_run(taught_recipe, shift, 6) == []


@pytest.fixture(scope='module')
def taught_recipe():
    scenario = line_scenario('demo', teach_parts=5, parts=1)
    with line.InspectionLine(scenario, seed=4) as running:
        good = [event.image for event in line._photographs(running)
                if event.truth.role == 'teach']
    return Inspector.teach(good).recipe


def test_goals_are_read_off_the_figures(monkeypatch):
    classes = line.DEFECT_CLASSES
    shift = [*[seen(Decision.PASS)] * 90, seen(Decision.REJECT),
             *[seen(Decision.REJECT, defect, True) for defect in classes],
             seen(Decision.PASS, classes[0], True)]
    shifts = []
    monkeypatch.setattr(
        line, 'run_stages',
        lambda one, more, run: shifts.append(one) or (shift, shift[:-1], shift[90:-1]))
    figures = line.measure([], quick=False)
    assert [one.parts for one in shifts] == [2000, 2000]
    assert len({one.seed for one in shifts}) == 2
    goals = figures['goals']
    assert goals['escapes'] == {'measured': 2, 'wanted': 'at most 0', 'reached': False}
    assert goals['frr']['measured'] == pytest.approx(1 / 91)
    assert goals['visible_defects_of_the_rarest_class']['measured'] == 2
    assert not goals['parts']['reached']
    assert goals['sharpened_escapes'] == {'measured': 0, 'wanted': 'at most 0', 'reached': True}
    assert (figures['escapes'], figures['sharpened']['escapes']) == (2, 0)
    assert figures['sharpened']['more_good_parts_taught'] == 20
    assert figures['confirmed']['good_parts_confirmed'] == 300
    assert goals['confirmed_frr'] == {'measured': 1.0, 'wanted': 'at most 0.005', 'reached': False}


def test_each_knob_has_a_curve_and_the_usual_scenario_is_run_once(monkeypatch):
    shifts = []
    monkeypatch.setattr(knobs, 'run_shift', lambda one: shifts.append(one) or [
        seen(Decision.PASS), seen(Decision.REJECT, 'scratch', True)])
    figures = knobs.measure([], quick=False)
    assert figures.keys() == {'noise', 'texture', 'pose', 'lighting', 'cosmetic'}
    assert all([point['level'] for point in curve] == [0.5, 1.0, 1.5, 2.0]
               for curve in figures.values())
    assert len(shifts) == 16
    noises = [one.changes['noise'].sigma for one in shifts if 'noise' in one.changes]
    assert noises == pytest.approx([noises[0], 0.5 * noises[0], 1.5 * noises[0], 2 * noises[0]])

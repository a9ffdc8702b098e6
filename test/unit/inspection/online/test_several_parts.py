# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several parts in an image: one verdict, and a label on it is about those that were stopped."""

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.online import OnlineInspector


@pytest.fixture(scope='module')
def beside():
    rng = np.random.default_rng(0)
    belt = np.clip(rng.normal((46, 50, 48), 2, (240, 320, 3)), 0, 255).astype(np.uint8)

    def make(*pictures: np.ndarray | None) -> np.ndarray:
        return np.hstack([belt if one is None else one for one in pictures])
    return make


@pytest.fixture(scope='module')
def recipe(plate, beside, tmp_path_factory):
    path = tmp_path_factory.mktemp('several') / 'plate'
    OnlineInspector.teach([beside(plate(seed, gain=1.0), None) for seed in range(10)],
                          backbone='sampled').save(path)
    return path


@pytest.fixture
def online(recipe):
    return OnlineInspector.load(recipe)


def test_one_verdict_names_every_part(online, plate, beside):
    image = beside(plate(30, gain=1.0), plate(31, gain=1.0, defect='scratch'))
    verdict = online.inspect(image, 'pair', each=True)

    assert verdict.part == 'pair'
    assert verdict.decision is Decision.REJECT
    assert [part.decision for part in verdict.parts] == [Decision.PASS, Decision.REJECT]
    assert all(region.x >= 320 for region in verdict.regions)
    assert len(verdict.classes) == len(verdict.regions) > 0


def test_good_after_all_is_about_all_that_were_stopped(online, plate, beside):
    image = beside(plate(32, gain=1.0, defect='spot'), plate(33, gain=1.0, defect='missing'))
    stopped = online.inspect(image, 'pair', each=True)
    assert [part.decision for part in stopped.parts] == [Decision.REJECT] * 2
    assert online.learner.parts.get('pair').faint is not None
    assert online.label('pair', 'good').state is LabelState.APPLIED

    again = online.inspect(image, 'again', each=True)
    assert [part.decision for part in again.parts] == [Decision.PASS] * 2
    assert again.regions == again.classes == ()


def test_a_class_is_about_the_worst_and_is_named_in_the_next_image(online, plate, beside):
    image = beside(plate(34, gain=1.0), plate(35, gain=1.0, defect='missing'))
    online.inspect(image, 'pair', each=True)
    assert online.label('pair', 'no hole', create=True).state is LabelState.APPLIED

    other = beside(plate(36, gain=1.0, defect='missing'), plate(37, gain=1.0, defect='scratch'))
    verdict = online.inspect(other, 'other', each=True)
    assert [part.decision for part in verdict.parts] == [Decision.REJECT] * 2
    assert 'no hole' in {name for name, region in zip(verdict.classes, verdict.regions)
                         if region.x < 320}


def test_rules_speak_of_each_part(online, plate, beside, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(
        'rules:\n- {name: small spots, when: {elongation: {below: 1.5}}, then: accept}\n'
        '- {name: scratches, when: {elongation: {at_least: 1.8}}, then: rework}\n')
    online.set_rules(rules)
    image = beside(plate(38, gain=1.0, defect='spot'), plate(39, gain=1.0, defect='scratch'))
    verdict = online.inspect(image, 'pair', each=True)

    assert [part.decision for part in verdict.parts] == [Decision.PASS, Decision.REJECT]
    assert (verdict.rule, verdict.disposition) == ('scratches', 'rework')


def test_without_it_the_reason_says_that_there_was_another_whatever_was_learned(
        online, plate, beside):
    image = beside(plate(40, gain=1.0, defect='missing'), plate(41, gain=1.0))
    for number in range(2):
        verdict = online.inspect(image, f'pair-{number}')
        assert verdict.reason.endswith('; another part in the image was not looked at')
        online.label(f'pair-{number}', 'good')

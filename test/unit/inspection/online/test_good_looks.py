# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Taught parts are looked at as if they came only now."""

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.online import good_looks
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.good_looks import look_at
from ant_ros.inspection.online.good_looks import look_at_taught
from ant_ros.inspection.teaching import MIN_PARTS


def test_taught_parts_look_a_little_better_than_they_will(seeing, teach_images):
    known = look_at(seeing, teach_images)
    new = look_at_taught(seeing, teach_images, 'auto')

    for one, other in zip(known, new):
        np.testing.assert_allclose(other.score, one.score * 10 / 9, rtol=1e-5)


def test_images_without_a_part_are_left_out(seeing, teach_images):
    assert len(look_at(seeing, [*teach_images[:2], np.full_like(teach_images[0], 40)])) == 2


@pytest.fixture(scope='module')
def deep(teach_images) -> OnlineInspector:
    return OnlineInspector.teach(teach_images, name='plate', backbone=EFFICIENTNET)


def test_what_a_memory_knows_by_heart_is_looked_at_without_it(deep, teach_images):
    inspector = deep._state.inspector
    known = [evidence.score.max() for evidence in look_at(inspector, teach_images)]
    new = [evidence.score.max() for evidence in look_at_taught(
        inspector, teach_images, EFFICIENTNET)]

    assert len(new) == len(teach_images)
    assert np.mean(new) > np.mean(known)


@pytest.mark.parametrize('count', range(6, 45))
def test_those_left_out_leave_enough_to_teach_from_and_are_looked_at_once(count):
    held = good_looks._held_out(count)
    looked = np.concatenate(held)

    assert all(count - len(one) >= MIN_PARTS for one in held)
    assert len(set(looked.tolist())) == len(looked)
    if count < 20:
        assert len(looked) == count
    else:  # teaching once more, from half of them
        assert len(held) == 1 and len(looked) >= 10


def test_with_pretrained_features_defects_are_named_and_good_parts_left_alone(deep, plate):
    good = [plate(seed) for seed in range(1000, 1012)]
    passed = [deep.inspect(image).decision is Decision.PASS for image in good]
    assert sum(passed) >= 10
    for kind in ('scratch', 'spot'):
        deep.learn(deep.inspect(plate(2000, defect=kind)), kind, create=True)

    for kind in ('scratch', 'spot'):
        verdict = deep.inspect(plate(2001, defect=kind))
        assert (verdict.decision, verdict.classes[0]) == (Decision.REJECT, kind)
    assert [deep.inspect(image).decision is Decision.PASS for image in good] == passed


def test_too_few_parts_to_leave_one_out_can_be_made_up_for(teach_images):
    online = OnlineInspector.teach(teach_images[:5], name='plate', backbone=EFFICIENTNET)

    assert '6 or more' in online.why_not
    online.get_ready(teach_images[5:])
    assert not online.why_not

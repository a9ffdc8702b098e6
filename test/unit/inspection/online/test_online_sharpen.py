# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""More good parts for an inspector that has learned from labels."""

import pytest

from ant_ros.inspection import TeachError
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.online import OnlineInspector


@pytest.fixture
def labelled(teach_images, plate):
    online = OnlineInspector.teach(teach_images, name='plate', robot='one')
    online.learn(online.inspect(plate(50, defect='scratch'), 'scratched'), 'scratch', create=True)
    online.add_challenge(online.inspect(plate(51, defect='scratch'), 'hard'), 'scratch')
    return online


@pytest.fixture(scope='module')
def more(plate):
    return [plate(seed) for seed in range(20, 28)]


def test_labels_and_feature_space_stay(labelled, more, plate, tmp_path):
    space, other = labelled.learner.space.digest, labelled.export()
    told = labelled.sharpen(more)

    assert told.taken == 8
    assert labelled.recipe.taught_parts == 18
    assert labelled.learner.space.digest == space
    assert labelled.inspect(plate(52, defect='scratch')).classes[0] == 'scratch'
    assert labelled.merge(other).state is not LabelState.REFUSED
    assert not labelled.run_challenge().escapes
    # A label for a part that came before.
    assert labelled.label('hard', 'scratch').state is LabelState.APPLIED

    labelled.save(tmp_path / 'recipe')
    loaded = OnlineInspector.load(tmp_path / 'recipe')
    assert loaded.learner.space.digest == space
    assert set(loaded.learner.labels) == {'scratched', 'hard'}
    assert loaded.version == labelled.version
    image = plate(53, defect='scratch')
    assert loaded.inspect(image).classes == labelled.inspect(image).classes


def test_an_older_state_comes_back(labelled, more, plate):
    before, attached = labelled.recipe, labelled.attachments()
    image = plate(54)
    score = labelled.inspect(image).score
    labelled.sharpen(more)
    assert labelled.inspect(image).score != score

    labelled.restore(attached, before)
    assert labelled.inspect(image).score == score


def test_nothing_has_changed_when_nothing_can_be_used(labelled, plate):
    before = labelled.recipe
    with pytest.raises(TeachError, match='none of 1 images'):
        labelled.sharpen([plate(81, defect='missing')])
    assert labelled.recipe is before


def test_what_followed_by_itself_is_learned_from_the_parts(labelled, more, plate):
    labelled.set_self_update(2)
    for seed in range(60, 64):
        labelled.follow(labelled.inspect(plate(seed)))
    labelled.sharpen(more)

    assert labelled.recipe.taught_parts == 18
    assert 'self_update.safetensors' not in labelled.attachments()

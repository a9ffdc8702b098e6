# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a learner knows as bytes, and back."""

import numpy as np
import pytest

from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.learner import Learner
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import unpack


@pytest.fixture
def learner(space, line):
    made = Learner(space, robot='left arm')
    other = Learner(space, robot='right arm')
    for target, kind, word in ((made, 'texture', 'good'), (made, 'dent', 'dent'),
                               (other, 'hole', 'hole'), (made, 'good', 'stain')):
        for part in line.parts(kind, 5):
            target.remember(part)
            target.label(part.part, word, by='me', create=True)
    made.merge(other.export())
    first = next(iter(made.labels))
    made.label(first, 'dent')
    hand = PartFeatures('hand', np.ones((2, space.width)), [True, False], picture='a picture')
    made.add_challenge(hand, 'good')
    return made


def test_everything_is_restored(space, line, learner):
    restored = Learner.from_bytes(learner.to_bytes(), space)
    assert (restored.robot, restored.version) == ('left arm', learner.version)
    assert restored.classes == learner.classes
    assert restored.run_challenge() == learner.run_challenge()
    assert restored.to_bytes() == learner.to_bytes()
    assert learner.pending
    assert {part: one.reason for part, one in restored.pending.items()} == {
        part: one.reason for part, one in learner.pending.items()}
    for kind in ('texture', 'dent', 'hole', 'good'):
        for part in line.parts(kind, 10):
            mine, theirs = (one.model.judge(part)[0] for one in (restored, learner))
            assert (mine.label, mine.accepted, mine.alarmed) == (
                theirs.label, theirs.accepted, theirs.alarmed)


def test_it_goes_on_where_it_was(space, line, learner):
    restored = Learner.from_bytes(learner.to_bytes(), space)
    part = line.parts('hole', 1)[0]
    for one in (learner, restored):
        one.remember(part)
        one.label(part.part, 'hole')
        one.undo()
        one.undo()
    assert restored.labels.keys() == learner.labels.keys()
    assert [one.word for one in restored.labels.values()] == [
        one.word for one in learner.labels.values()]
    part = line.parts('dent', 1)[0]
    for one in (learner, restored):
        one.remember(part)
    assert restored.label(part.part, 'dent').label == learner.label(part.part, 'dent').label


def test_an_empty_learner_is_restored(space):
    learner = Learner(space)
    assert Learner.from_bytes(learner.to_bytes(), space).to_bytes() == learner.to_bytes()


def test_it_stays_within_the_size_stated(space, line):
    limits = Limits(parts=5, vectors=6, challenge=4, pending=2, history=3, classes=3, robots=2)
    learner = Learner(space, limits=limits)
    for kind in ('texture', 'good', 'dent'):
        for part in line.parts(kind, 20):
            learner.remember(part)
            learner.label(part.part, 'good' if kind == 'texture' else 'dent', create=True)
    assert len(learner.to_bytes()) <= limits.learner_bytes(space.width)
    assert len(learner.history) == 3
    assert len(learner.pending) == 2


def test_other_features_and_damage_are_refused(space, learner):
    other = FeatureSpace.of(np.random.default_rng(5).normal(size=(9, space.width)), 'x')
    with pytest.raises(MessageError, match='belongs to other features'):
        Learner.from_bytes(learner.to_bytes(), other)
    with pytest.raises(MessageError, match='checksum'):
        Learner.from_bytes(learner.to_bytes()[:-1], space)
    with pytest.raises(MessageError, match='no learner'):
        Learner.from_bytes(learner.export(), space)


@pytest.mark.parametrize('spoil', [
    lambda header: header.pop('robot'),
    lambda header: header['labels'].append(999),
    lambda header: header['parts'].pop(),
    lambda header: header['parts'].__setitem__(0, ['p', 400]),
    lambda header: header['records'].__setitem__(0, [1]),
    lambda header: header['records'][0].__setitem__(3, [7]),
    lambda header: header.update(history=[[1, 2, 3]]),
    lambda header: header.update(foreign=None),
])
def test_what_does_not_fit_together_is_refused(space, learner, spoil):
    header, tensors = unpack(learner.to_bytes(), 'learner', 10**9)
    spoil(header)
    header.pop('kind')
    with pytest.raises(MessageError):
        Learner.from_bytes(pack('learner', header, tensors), space)


def test_looks_at_known_parts_are_restored(space, learner):
    labels = learner.labels
    told, other = list(labels)[:2]
    look = PartFeatures(told, 2 * labels[told].features.vectors, [True], picture='told')
    learner.renew({told: look})

    restored = Learner.from_bytes(learner.to_bytes(), space)

    for one in (learner, restored):
        parts = {known.features.part: known for known in one.challenge}
        assert np.array_equal(parts[told].features.vectors, look.vectors)
        assert parts[told].features.picture == 'told' and not parts[told].stale
        assert parts[other].stale and parts['hand'].stale
        assert one.labels[told].features.vectors.tolist() == (
            labels[told].features.vectors.tolist())
        assert one.pictures == {'a picture', 'told'}
        assert set(one.run_challenge().unseen) == set(parts) - {told}
        assert 'known parts could not be looked at again' in one.run_challenge().text
    assert restored.to_bytes() == learner.to_bytes()

    restored.renew({})
    parts = {known.features.part: known for known in restored.challenge}
    assert parts[told].stale and np.array_equal(parts[told].features.vectors, look.vectors)


def test_labels_that_come_after_a_change_are_not_stale(space, line, learner):
    learner.renew({})
    part = line.parts('hole', 1)[0]
    learner.remember(part)
    learner.label(part.part, 'hole')
    restored = Learner.from_bytes(learner.to_bytes(), space)
    assert part.part not in restored.run_challenge().unseen


@pytest.mark.parametrize('change', [
    {'changed_at': 'x'}, {'looks': [[1, 'no']]}, {'looks': [[1, True]]}, {'stale': 1}])
def test_damaged_looks_are_refused(space, learner, change):
    header, tensors = unpack(learner.to_bytes(), 'learner', 1 << 24)
    header.pop('kind')
    with pytest.raises(MessageError, match='does not fit together'):
        Learner.from_bytes(pack('learner', {**header, **change}, tensors), space)


def test_what_was_saved_before_there_were_pictures_is_read(space, line):
    learner = Learner(space)
    for part in line.parts('dent', 2):
        learner.remember(part)
        learner.label(part.part, 'dent', create=True)
    header, tensors = unpack(learner.to_bytes(), 'learner', 1 << 24)
    for name in ('kind', 'looks', 'stale', 'changed_at'):
        header.pop(name)
    header['parts'] = [part[:3] for part in header['parts']]

    restored = Learner.from_bytes(pack('learner', header, tensors), space)

    assert restored.to_bytes() == learner.to_bytes()

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies that look alike get a name before anybody has given them one."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.proposals import Proposals

KINDS = ('scratch', 'dent', 'stain', 'hole')
WIDE = 0.7


@pytest.fixture
def seen(line):
    parts = [(kind, part) for kind in KINDS for part in line.parts(kind, 15)]
    order = np.random.default_rng(0).permutation(len(parts))
    return [parts[index] for index in order]


@pytest.fixture
def proposals(space, seen):
    made = Proposals(space, tolerance=WIDE)
    for _, part in seen:
        made.learn(part.part, part.vectors[0])
    return made


def test_each_kind_finds_a_group_without_being_told_how_many(proposals, seen, line):
    numbers = [proposals.propose(part.vectors[0]) for _, part in seen]
    found = [-1 if group is None else group.number for group in numbers]
    assert adjusted_rand_score([kind for kind, _ in seen], found) > 0.85
    assert sum(group.seen for group in proposals.groups) == len(seen)


def test_a_group_is_named_once_and_its_parts_are_known(proposals, seen, line):
    group = proposals.propose(line.parts('dent', 1)[0].vectors[0])
    assert group.name == f'pattern {group.number + 1}'
    kinds = {part.part: kind for kind, part in seen}
    assert {kinds[part] for part in group.parts} == {'dent'}
    proposals.rename(group.number, 'dent')
    again = [proposals.propose(part.vectors[0]) for part in line.parts('dent', 20)]
    assert np.mean([one is not None and one.name == 'dent' for one in again]) > 0.9


def test_groups_keep_their_numbers_as_others_come(space, line):
    made = Proposals(space, tolerance=WIDE)
    first = made.learn('p', line.places('scratch', 1)[0])
    for kind in ('dent', 'stain', 'scratch'):
        for part in line.parts(kind, 10):
            made.learn(part.part, part.vectors[0])
    assert made.propose(line.places('scratch', 1)[0]).number == first.number == 0


def test_a_faint_one_belongs_to_the_strong_ones(proposals, space, line):
    strong = line.places('dent', 1)[0]
    faint = space.centre + 0.5 * (strong - space.centre)
    assert proposals.propose(faint).number == proposals.propose(strong).number


def test_a_narrow_tolerance_makes_more_groups(space, seen):
    counts = []
    for tolerance in (0.3, WIDE, 2.0):
        made = Proposals(space, tolerance=tolerance)
        for _, part in seen:
            made.learn(part.part, part.vectors[0])
        counts.append(len(made.groups))
    assert counts[0] > counts[1] > counts[2]


def test_there_are_no_more_groups_than_allowed(space, line):
    made = Proposals(space, tolerance=WIDE, limit=2)
    found = [made.learn(part.part, part.vectors[0])
             for kind in KINDS for part in line.parts(kind, 5)]
    assert len(made.groups) == 2
    assert None in found


def test_the_latest_members_are_kept(space, line):
    made = Proposals(space, tolerance=WIDE)
    for number in range(120):
        group = made.learn(f'p{number}', line.places('dent', 1)[0])
    assert max(len(one.parts) for one in made.groups) <= 50
    assert group.parts[-1] == 'p119'


def test_everything_can_be_stored(proposals, space, line):
    proposals.rename(0, 'ding')
    restored = Proposals.from_state(space, proposals.state())
    assert restored.groups == proposals.groups
    vector = line.places('hole', 1)[0]
    assert restored.propose(vector) == proposals.propose(vector)


def test_what_does_not_fit_is_refused(proposals, space, line):
    with pytest.raises(ValueError, match='expected'):
        proposals.propose(np.zeros(3))
    with pytest.raises(ValueError, match='not finite'):
        proposals.learn('p', np.full(space.width, np.nan))
    state = proposals.state()
    other = FeatureSpace.of(np.random.default_rng(0).normal(size=(9, 3)), 'x')
    with pytest.raises(ValueError, match='expected 3'):
        Proposals.from_state(other, state)
    state.pop('members')
    with pytest.raises(ValueError, match='lacks members'):
        Proposals.from_state(space, state)


def test_kinds_on_a_part_are_told_apart_by_what_is_measured_of_them(space):
    """A large mean difference from good parts, which all kinds share, says nothing."""
    rng = np.random.default_rng(3)
    alike = np.full((2, 6), 0.5)
    narrow = FeatureSpace.of(rng.normal(size=(20, 6)), 'x', alike)
    kinds = {'spot': np.array([4, 4, 4, 0, 0, 0]), 'dent': np.array([4, 4, 4, 2, -2, 2])}
    made = Proposals(narrow)
    found = {kind: {made.learn(f'{kind}{i}', where + rng.normal(size=6) * 0.1).number
                    for i in range(10)} for kind, where in kinds.items()}
    assert len(found['spot']) == len(found['dent']) == 1 and found['spot'] != found['dent']

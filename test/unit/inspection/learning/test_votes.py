# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels that others contradict wait."""

import numpy as np
import pytest

from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import Label
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.votes import Votes


@pytest.fixture
def alike(line, space):
    """Parts that hardly differ, of a texture of their own."""
    first = line.places('texture', 1)[0]
    rng = np.random.default_rng(3)
    step = 0.3 * space.spread / space.spread.mean()

    def make(count):
        numbers = range(len(made), len(made) + count)
        made.extend(PartFeatures(f'alike-{number}', [first + step * rng.normal(size=len(first))],
                                 [True]) for number in numbers)
        return made[-count:]
    made = []
    return make


def say(learner, part, word):
    learner.remember(part)
    return learner.label(part.part, word, create=True)


def test_a_part_called_a_defect_by_mistake_waits(space, alike):
    learner = Learner(space, limits=Limits(frr_rise=1e9))
    for part in alike(4):
        assert say(learner, part, GOOD).state is LabelState.APPLIED
    wrong, new = alike(2)
    answer = say(learner, wrong, 'scratch')
    assert answer.state is LabelState.PENDING and '4 parts that look like it' in answer.text
    assert '(alike-0, alike-1, alike-2 and 1 more)' in answer.text
    assert learner.model.passes([new]).all()


def test_what_is_called_good_is_like_a_defect_by_its_unusual_places(space, line):
    dent, scratch = line.parts('dent', 1)[0], line.parts('scratch', 1)[0]
    said = [Label(1, 'dent', '', dent, (0,)), Label(2, 'scratch', '', scratch, (0,))]
    places = np.concatenate([scratch.vectors[:1] + 1e-4, dent.vectors[:1]])
    votes = Votes(space, said, (), 0.5)

    for flagged, named in (([True, False], f'{scratch.part} (scratch)'), ([False, False], '')):
        both = PartFeatures('both', places, flagged)
        assert votes.most_alike(Label(3, GOOD, '', both, (0, 1))) == named


def test_an_early_mistake_steps_back_once_others_contradict_it(space, alike):
    learner = Learner(space)
    wrong, *right = alike(6)
    assert say(learner, wrong, 'scratch').state is LabelState.APPLIED
    texts = [say(learner, part, GOOD).text for part in right]
    assert any('waits, for others contradict it' in text for text in texts)
    assert wrong.part in learner.pending and wrong.part not in learner.labels
    assert learner.model.passes(alike(3)).all()
    assert all(part.part in learner.labels for part in right)


def test_a_defect_called_good_by_mistake_waits_for_a_second_opinion(space, alike):
    learner = Learner(space)
    first, wrong, second = alike(3)
    learner.add_challenge(first, 'dent', create=True)
    answer = say(learner, wrong, GOOD)
    assert answer.state is LabelState.PENDING
    assert not learner.model.passes([second]).any()


def test_taking_back_what_contradicted_brings_the_label_back(space, alike):
    learner = Learner(space)
    wrong, *right = alike(3)
    say(learner, wrong, 'scratch')
    for part in right:
        say(learner, part, GOOD)
    assert wrong.part in learner.pending
    while set(learner.labels) & {part.part for part in right}:
        learner.undo()
    assert learner.labels[wrong.part].word == 'scratch' and wrong.part not in learner.pending


def test_what_looks_otherwise_has_no_say(space, alike, line):
    learner = Learner(space)
    for part in line.parts('scratch', 5):
        assert say(learner, part, 'scratch').state is LabelState.APPLIED
    for part in alike(2):
        assert say(learner, part, GOOD).state is LabelState.APPLIED


def test_it_can_be_switched_off(space, alike):
    learner = Learner(space, limits=Limits(outvoted=1e9))
    for part in alike(4):
        say(learner, part, GOOD)
    wrong = alike(1)[0]
    say(learner, wrong, 'scratch')
    waiting = learner.pending.get(wrong.part)
    assert waiting is None or 'look like it' not in waiting.reason

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What stands out on parts that passed, and what is learned from it."""

import numpy as np
import pytest

from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import Label
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.features import KINDS
from ant_ros.inspection.learning.features import STEPS
from ant_ros.inspection.learning.spots import Spots
from ant_ros.inspection.learning.spots import Spotter
from ant_ros.inspection.learning.spots import stands_out

COUNT = 10 * KINDS
HERE, THERE, ELSEWHERE = 3 * KINDS + 5, 7 * KINDS + 5, 5 * KINDS + 5


def answers(**sigmas):
    told = np.random.default_rng(4).normal(0, 1, COUNT)
    places = {'here': HERE, 'there': THERE, 'elsewhere': ELSEWHERE}
    for place, value in sigmas.items():
        told[places[place]] = value
    return np.clip(np.rint(STEPS * told), -127, 127).astype(np.int8)


@pytest.fixture
def part(line):
    def make(**sigmas):
        plain = line.parts('good', 1, flagged=False)[0]
        return PartFeatures(plain.part, plain.vectors, plain.flagged, answers(**sigmas))
    return make


@pytest.fixture
def learner(space):
    return Learner(space)


def say(learner, part, word):
    learner.remember(part)
    return learner.label(part.part, word, create=True)


def test_a_label_on_a_part_that_passed_is_about_what_stands_out(learner, part):
    assert say(learner, part(here=9.0), 'small hole').state is LabelState.APPLIED
    assert learner.model.classes == learner.classes == ('small hole',)
    like, other = part(here=7.0), part(there=7.0)
    assert learner.model.passes([like, other, part()]).tolist() == [False, True, True]
    spot = learner.model.spot(like)
    assert (spot.label, spot.answer) == ('small hole', HERE) and 0.5 <= spot.confidence <= 1
    assert learner.model.spot(other) is None


def test_what_differs_the_other_way_is_another_thing(learner, part):
    say(learner, part(here=9.0), 'small hole')
    assert learner.model.passes([part(here=-9.0)]).all()


def test_a_label_waits_where_nothing_stands_out(learner, space):
    usual = PartFeatures('usual', space.centre[None], [False], answers())
    assert not stands_out(usual.faint)
    assert say(learner, usual, 'small hole').state is LabelState.PENDING


def test_three_that_agree_in_kind_tell_of_other_places(learner, part):
    for number in range(2):
        say(learner, part(here=9.0), 'small hole')
        assert learner.model.passes([part(elsewhere=9.0)]).all(), number
    say(learner, part(there=9.0), 'small hole')
    assert not learner.model.passes([part(elsewhere=9.0)]).any()
    assert learner.model.passes([part(elsewhere=5.0), part(elsewhere=-9.0)]).all()


def test_a_part_called_good_raises_the_limit_where_it_is_taken_for_a_defect(learner, part):
    say(learner, part(here=12.0), 'small hole')
    good = part(here=7.0)
    assert not learner.model.passes([good]).any()
    assert say(learner, good, GOOD).state is LabelState.APPLIED
    assert learner.model.passes([good, part(here=7.3)]).all()
    assert not learner.model.passes([part(here=9.0)]).any()


def test_a_label_is_refused_that_would_stop_known_good_parts(learner, part):
    learner.add_challenge(part(here=6.0), GOOD)
    answer = say(learner, part(here=9.0), 'small hole')
    assert answer.state is LabelState.PENDING and 'known good parts' in answer.text


def test_the_order_of_labels_does_not_matter_and_each_can_be_taken_back(space, part):
    told = [(part(here=9.0), 'a'), (part(here=6.0, there=8.0), 'a'), (part(there=10.0), 'b'),
            (part(elsewhere=5.0), GOOD), (part(elsewhere=7.0), 'a')]
    asked = [part(**{place: size}) for place in ('here', 'there', 'elsewhere')
             for size in (4.6, 5.0, 5.6, 6.4)]
    spots = []
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        learner = Learner(space)
        for number in order:
            say(learner, *told[number])
        spots.append([learner.model.spot(one) for one in asked])
    assert spots[0] == spots[1]
    before = learner.to_bytes()
    say(learner, part(here=11.0), 'c')
    learner.undo()
    assert [learner.model.spot(one) for one in asked] == spots[1]
    again = Learner.from_bytes(before, space)
    assert [again.model.spot(one) for one in asked] == spots[1]


def test_robots_tell_each_other_and_telling_twice_changes_nothing(space, part):
    one, other = Learner(space, robot='one'), Learner(space, robot='other')
    say(one, part(here=9.0), 'small hole')
    say(other, part(there=9.0), 'burr')
    like, burr = part(here=8.0), part(there=8.0)
    for _ in range(2):
        other.merge(one.export())
        assert (other.model.spot(like).label, other.model.spot(burr).label) == (
            'small hole', 'burr')


def test_a_message_with_an_answer_that_cannot_be_is_refused(space, part):
    one, other = Learner(space, robot='one'), Learner(space, robot='other')
    say(one, part(here=9.0), 'small hole')
    one._known.own.spots.rows[0, 1] = 9000
    with pytest.raises(MessageError, match='spots'):
        other.merge(one.export())


def test_a_class_given_to_a_place_that_is_seen_says_nothing_of_faint_answers(line):
    seen = line.parts('dent', 1)[0]
    label = Label(1, 'dent', '', PartFeatures('p', seen.vectors, seen.flagged,
                                              answers(here=12.0)), (0,))
    assert not len(Spots.of([label]).rows)
    assert Spotter(Spots.of([label])).spot(answers(here=12.0)) is None

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What parts that passed differ in all over, and what is learned from it."""

import numpy as np
import pytest

from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.features import MOST_TEMPLATES
from ant_ros.inspection.learning.features import STEPS
from ant_ros.inspection.learning.templates import GoodAnswers
from ant_ros.inspection.learning.templates import Matcher
from ant_ros.inspection.learning.templates import Templates

COUNT = 240
PALE, WORN = np.zeros(COUNT), np.zeros(COUNT)
PALE[20:60], WORN[100:150] = 1.8, -1.8
LIGHT = np.sin(np.arange(COUNT))
RNG = np.random.default_rng(3)


def answers(shift=0.0):
    """Return what nobody would notice in any one place; all parts vary with the light."""
    told = RNG.normal(0, 0.8, COUNT) + 0.8 * RNG.normal() * LIGHT + shift
    return np.clip(np.rint(STEPS * told), -127, 127).astype(np.int8)


@pytest.fixture(scope='module')
def seen(line_places):
    good = np.stack([answers() for _ in range(20)])
    return FeatureSpace.of(line_places, 'features of this test', faint=good)


@pytest.fixture(scope='module')
def line_places():
    return np.random.default_rng(1).normal(size=(30, 6))


@pytest.fixture
def part(seen):
    numbers = iter(range(1000))

    def make(shift=0.0):
        return PartFeatures(f'{next(numbers)}', seen.centre[None], [False], answers(shift))
    return make


def say(learner, one, word):
    learner.remember(one)
    return learner.label(one.part, word, create=True)


def told(learner, part, word, shift, times):
    for _ in range(times):
        assert say(learner, part(shift), word).state is LabelState.APPLIED


def test_what_differs_a_little_all_over_is_found_after_a_few_labels(seen, part):
    learner = Learner(seen)
    pale, good = [part(PALE) for _ in range(50)], [part() for _ in range(200)]
    assert learner.model.passes([*pale, *good]).all()
    told(learner, part, 'pale print', PALE, 5)
    assert learner.model.passes(pale).mean() <= 0.04
    assert learner.model.passes(good).all()
    spot = learner.model.spot(pale[0])
    assert spot.label == 'pale print' and 20 <= spot.answer < 60
    assert learner.classes == ('pale print',)


def test_classes_are_told_apart(seen, part):
    learner = Learner(seen)
    told(learner, part, 'pale', PALE, 5)
    told(learner, part, 'worn', WORN, 5)
    for shift, word in ((PALE, 'pale'), (WORN, 'worn')):
        spots = [learner.model.spot(part(shift)) for _ in range(20)]
        assert [one.label for one in spots if one is not None].count(word) >= 19
    assert learner.model.spot(part(-PALE)) is None


def test_weights_pass_over_how_good_parts_vary_together(seen):
    good = GoodAnswers(seen.faint)
    like_light = np.where(LIGHT > 0, PALE, 0)
    weights, spread = good.weigh(like_light)
    new = np.stack([answers() for _ in range(300)]) / STEPS
    plain = (new @ like_light).std() / (like_light @ like_light)
    assert (new @ weights).std() / (like_light @ weights) < 0.8 * plain
    assert spread == pytest.approx((new @ weights).std(), rel=0.5)


def test_the_spread_of_good_parts_is_that_of_parts_left_out(seen):
    _, spread = GoodAnswers(seen.faint).weigh(PALE)
    rows = seen.faint / STEPS
    left_out = []
    for number, row in enumerate(rows):
        others = np.delete(rows, number, axis=0)
        away = others - others.mean(axis=0)
        inverse = np.linalg.inv(np.eye(COUNT) + away.T @ away / len(rows))
        left_out.append((row - others.mean(axis=0)) @ inverse @ PALE)
    assert spread == pytest.approx(np.sqrt(np.mean(np.square(left_out))), rel=0.1)


def test_known_good_parts_added_by_hand_count_too(seen, part):
    learner = Learner(seen)
    shifted = [part(0.8 * PALE) for _ in range(20)]
    for one in shifted:
        learner.add_challenge(one, GOOD)
    told(learner, part, 'pale', PALE, 2)
    assert learner.model.passes(shifted).all()


def test_neither_the_order_of_labels_nor_what_was_taken_back_matters(seen, part):
    words = [(part(PALE), 'pale'), (part(WORN), 'worn'), (part(PALE), 'pale')]
    asked = [part(PALE), part(WORN), part()]
    found = []
    for order in ((0, 1, 2), (2, 1, 0)):
        learner = Learner(seen)
        for number in order:
            say(learner, *words[number])
        found.append([learner.model.spot(one) for one in asked])
    assert found[0] == found[1]
    say(learner, part(PALE), 'pale')
    learner.undo()
    assert [learner.model.spot(one) for one in asked] == found[0]
    again = Learner.from_bytes(learner.to_bytes(), seen)
    assert [again.model.spot(one) for one in asked] == found[0]


def test_robots_know_together_what_one_would_know(seen, part):
    words = [(part(PALE), 'pale') for _ in range(4)]
    alone = Learner(seen)
    robots = [Learner(seen, robot='one'), Learner(seen, robot='other')]
    for number, word in enumerate(words):
        say(alone, *word)
        say(robots[number % 2], *word)
    asked = [part(PALE) for _ in range(10)]
    for _ in range(2):
        robots[0].merge(robots[1].export())
    assert [robots[0].model.spot(one) for one in asked] == [
        alone.model.spot(one) for one in asked]
    assert len(robots[0].export()) <= Limits().message_bytes(seen.width)


def test_a_message_of_more_than_parts_can_answer_is_refused(seen, part):
    one, other = Learner(seen, robot='one'), Learner(seen, robot='other')
    say(one, part(PALE), 'pale')
    one._known.own.templates.sums[0, 0] = 128
    with pytest.raises(MessageError, match='can answer'):
        other.merge(one.export())


def test_so_many_classes_and_no_more(seen, part):
    learner = Learner(seen)
    for number in range(MOST_TEMPLATES):
        told(learner, part, f'kind {number}', PALE, 1)
    answer = say(learner, part(PALE), 'one more')
    assert answer.state is LabelState.PENDING and 'kind 0' in answer.text


def test_where_good_parts_are_not_known_there_are_no_templates():
    templates = Templates(('pale',), np.ones(1, np.int64), np.full((1, 4), 80, np.int32))
    few = Matcher(templates, GoodAnswers(np.zeros((3, 4), np.int8)))
    assert few.words == () and few.match(np.full(4, 80, np.int8)) is None

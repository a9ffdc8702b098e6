# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts that the inspector must get right."""

import numpy as np

from ant_ros.inspection.learning.challenge_set import ChallengePart
from ant_ros.inspection.learning.challenge_set import choose
from ant_ros.inspection.learning.challenge_set import try_looks
from ant_ros.inspection.learning.challenge_set import try_out
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import Label


def part(name):
    return PartFeatures(name, np.zeros((1, 2)), [True])


def labels(**counts):
    made = []
    for word, count in counts.items():
        for _ in range(count):
            made.append(Label(len(made), word, '', part(f'{word}{len(made):03}'), (0,)))
    return made


class Passing:
    """A model that lets parts pass by their IDs."""

    def __init__(self, *passing):
        self._passing = passing

    def passes(self, parts, *, held_out=False):
        return np.array([one.part in self._passing for one in parts], bool)


def challenge(**words):
    return [ChallengePart(part(name), word) for name, word in words.items()]


def test_no_class_takes_the_room_of_a_rarer_one():
    chosen = choose({}, labels(good=500, dent=40, hole=3), 50)
    counts = {word: sum(one.word == word for one in chosen) for word in ('good', 'dent', 'hole')}
    assert counts == {'hole': 3, 'dent': 23, 'good': 24}


def test_the_latest_labels_of_a_class_stay():
    chosen = choose({}, labels(good=10), 3)
    assert [one.features.part for one in chosen] == ['good007', 'good008', 'good009']


def test_parts_added_by_hand_stay_and_stand_for_themselves():
    by_hand = {'good003': ChallengePart(part('good003'), 'dent')}
    chosen = choose(by_hand, labels(good=10), 3)
    assert {one.features.part: one.word for one in chosen} == {
        'good003': 'dent', 'good008': 'good', 'good009': 'good'}
    assert choose({}, [], 3) == []


def test_a_known_defect_that_would_pass_refuses_the_change():
    trial = try_out(Passing('a'), Passing('a', 'b'), challenge(a='dent', b='dent', c='good'), 0.5)
    assert trial.escapes == ('a', 'b')
    assert trial.new_escapes == ('b',)
    assert trial.refused == 'known defects would pass: b (dent)'


def test_what_passed_before_is_not_held_against_the_change():
    trial = try_out(Passing('a'), Passing('a'), challenge(a='dent', c='good'), 0.0)
    assert trial.escapes == ('a',)
    assert trial.refused is None


def test_false_rejects_may_rise_by_the_share_allowed():
    names = {f'g{i}': 'good' for i in range(100)}
    before = Passing(*names)
    for stopped, refused in ((1, False), (2, True)):
        trial = try_out(before, Passing(*list(names)[stopped:]), challenge(**names), 0.01)
        assert trial.new_false_rejects == stopped
        assert (trial.refused is not None) == refused
    assert trial.newly_stopped == ('g0', 'g1')
    assert trial.refused == ('2 more of 100 known good parts would be stopped (g0, g1), which is '
                             'above the 1.0% allowed')


def test_fewer_false_rejects_are_never_refused():
    names = {f'g{i}': 'good' for i in range(10)}
    trial = try_out(Passing(), Passing('g1'), challenge(**names), 0.0)
    assert (trial.new_false_rejects, len(trial.false_rejects), trial.refused) == (-1, 9, None)


def test_a_long_list_is_cut():
    names = {f'd{i}': 'dent' for i in range(9)}
    trial = try_out(Passing(), Passing(*names), challenge(**names), 0.0)
    assert trial.refused.endswith('d2 (dent) and 6 more')


class PassingLooks:
    """A model that lets parts pass by how unusual they look."""

    def passes(self, parts, *, held_out=False):
        return np.array([one.vectors[0, 0] < 1 for one in parts], bool)


def look(name, peak):
    return PartFeatures(name, np.full((1, 2), peak), [True])


def test_known_parts_that_look_otherwise_refuse_a_change_of_the_recipe():
    known = [ChallengePart(look('bad', 2), 'dent'), ChallengePart(look('faint', 0), 'dent'),
             ChallengePart(look('fine', 0), 'good'), ChallengePart(look('unseen', 2), 'dent')]
    model = PassingLooks()

    assert try_looks(model, known, {'bad': look('bad', 3), 'faint': look('faint', 0)}, 0) is None
    assert try_looks(model, known, {'bad': look('bad', 0)}, 1) == (
        'known defects would pass: bad (dent)')
    refused = try_looks(model, known, {'fine': look('fine', 2)}, 0.5)
    assert refused.startswith('1 more of 1 known good parts would be stopped (fine)')
    assert try_looks(model, known, {}, 0) is None

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector asks."""

import numpy as np
import pytest

from ant_ros.inspection.learning.class_head import Names
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.model import _least_margin
from ant_ros.inspection.learning.model import Model
from ant_ros.inspection.learning.robot_state import RobotState


def state_of(space, **parts):
    labels = {}
    for word, said in parts.items():
        for part in said:
            labels[part.part] = Label(len(labels) + 1, word, '', part, (0,))
    return RobotState.of(1, labels, space)


def test_before_any_label_what_is_flagged_stops_and_nothing_else(space, line):
    model = Model(space, {})
    assert not model.passes(line.parts('dent', 5)).any()
    assert model.passes(line.parts('good', 50)).all()
    assert model.passes(line.parts('dent', 5, flagged=False)).all()
    assert model.classes == ()


def test_good_after_all_lets_the_like_pass_and_no_known_defect(space, line):
    model = Model(space, {'a': state_of(
        space, good=line.parts('texture', 12), dent=line.parts('dent', 8))})
    assert model.passes(line.parts('texture', 200)).mean() > 0.95
    for kind in ('dent', 'scratch', 'stain'):
        assert model.passes(line.parts(kind, 200)).mean() < 0.01
    assert model.classes == ('dent',)


def test_a_known_class_is_stopped_even_where_the_score_saw_nothing(space, line):
    model = Model(space, {'a': state_of(space, hole=line.parts('hole', 10))})
    assert model.passes(line.parts('hole', 200, flagged=False)).mean() < 0.05
    assert model.passes(line.parts('good', 500)).mean() > 0.99


def test_opinions_say_what_and_how_sure(space, line):
    model = Model(space, {'a': state_of(
        space, good=line.parts('texture', 12), dent=line.parts('dent', 8))})
    dent, = model.judge(line.parts('dent', 1)[0])
    assert (dent.label, dent.accepted, dent.alarmed) == ('dent', False, True)
    assert dent.confidence > 0.8
    texture, = model.judge(line.parts('texture', 1)[0])
    assert (texture.accepted, texture.alarmed) == (True, False)
    assert dent.only
    model = Model(space, {'a': state_of(
        space, dent=line.parts('dent', 8), scratch=line.parts('scratch', 8))})
    assert not model.judge(line.parts('dent', 1)[0])[0].only


def test_a_part_passes_only_if_all_its_places_do(space, line):
    model = Model(space, {'a': state_of(space, good=line.parts('texture', 12))})
    texture, scratch = line.parts('texture', 1)[0], line.parts('scratch', 1)[0]
    both = PartFeatures('p', np.concatenate([texture.vectors, scratch.vectors]), [True, True])
    assert model.passes([texture, both, scratch]).tolist() == [True, False, False]
    assert [one.accepted for one in model.judge(both)] == [True, False]


def test_no_known_good_place_ever_alarms(space, line):
    good = line.parts('dent', 3, flagged=False)   # called good, whatever they look like
    model = Model(space, {'a': state_of(space, good=good, dent=line.parts('dent', 5))})
    assert model.passes(good).all()


def test_what_robots_learned_apart_is_what_one_would_have_learned(space, line):
    first = {'good': line.parts('texture', 6), 'dent': line.parts('dent', 4)}
    second = {'good': line.parts('texture', 3), 'hole': line.parts('hole', 5)}
    joint = {'good': first['good'] + second['good'], 'dent': first['dent'],
             'hole': second['hole']}
    apart = Model(space, {'a': state_of(space, **first), 'b': state_of(space, **second)})
    swapped = Model(space, {'a': state_of(space, **second), 'b': state_of(space, **first)})
    together = Model(space, {'a': state_of(space, **joint)})
    asked = [part for kind in ('texture', 'dent', 'hole', 'good', 'stain')
             for part in line.parts(kind, 40)]
    for part in asked:
        expected, = together.judge(part)
        for model in (apart, swapped):
            got, = model.judge(part)
            assert (got.label, got.accepted, got.alarmed) == (
                expected.label, expected.accepted, expected.alarmed)
            assert got.confidence == pytest.approx(expected.confidence, rel=1e-6, abs=1e-12)


def test_what_looks_good_is_near_known_good_places(space, line):
    model = Model(space, {})
    good = np.concatenate([part.vectors for part in line.parts('good', 200)])
    bad = np.concatenate([part.vectors for part in line.parts('dent', 200)])
    assert model.looks_good(good).mean() > 0.7
    assert not model.looks_good(bad).any()


def test_another_number_of_features_is_refused(space):
    with pytest.raises(ValueError, match='expected'):
        Model(space, {}).judge(PartFeatures('p', np.ones((1, 3)), [True]))
    assert len(Model(space, {}).passes([])) == 0


def test_a_place_alarms_only_beyond_what_good_places_lean_to():
    leaning = np.random.default_rng(0).normal(size=300)
    hidden = np.full(300, -np.inf)   # none is near enough to the class to be named
    names = Names(['unknown'] * 300, np.zeros(300), hidden, leaning)
    assert 2.5 < _least_margin(names) < 3.5
    assert _least_margin(Names(['unknown'] * 300, np.zeros(300), hidden, leaning - 9)) == 1
    assert _least_margin(Names(['unknown'] * 300, np.zeros(300), hidden, hidden)) == 1
    named = np.where(np.arange(300) == 0, 8.0, -np.inf)
    assert _least_margin(Names(['dent'] * 300, np.ones(300), named, leaning)) == 8


def test_places_of_the_challenge_set_bound_what_is_accepted(space, line):
    good, known = line.parts('texture', 12), line.parts('texture', 1)[0]
    free = Model(space, {'a': state_of(space, good=good)})
    bound = Model(space, {'a': state_of(space, good=good)}, known.vectors)
    assert free.passes([known])[0] and not bound.passes([known])[0]
    assert bound.looks_bad(known.vectors).all() and not free.looks_bad(known.vectors).any()
    asked = line.parts('texture', 200)
    assert bound.passes(asked).mean() < free.passes(asked).mean()

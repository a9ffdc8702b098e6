# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The learner of one recipe."""

from pathlib import Path
import runpy

from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies
import numpy as np
import pytest

from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import LabelState
from ant_ros.inspection.learning.learner import Learner
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.message import MessageError

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'learn_on_the_line.py'
APPLIED, PENDING, REFUSED, UNKNOWN_PART = LabelState


def tell(learner, word, parts):
    answers = []
    for part in parts:
        learner.remember(part)
        answers.append(learner.label(part.part, word, by='me', create=True))
    return answers


def add_challenge(learner, line, **counts):
    for kind, count in counts.items():
        for part in line.parts(kind, count):
            learner.add_challenge(part, kind, create=True)


@pytest.fixture
def learner(space):
    return Learner(space)


def opinions(learner, parts):
    return [learner.model.judge(part) for part in parts]


def assert_same_knowledge(one, other, tolerance=1e-6):
    first, second = (learner._known.own for learner in (one, other))
    assert first.sums.classes == second.sums.classes
    for name in ('feature', 'target', 'feature_feature', 'feature_target'):
        mine, theirs = (getattr(state.sums.sums, name) for state in (first, second))
        largest = np.abs(theirs).max(initial=0.0)
        assert np.abs(mine - theirs).max(initial=0.0) <= tolerance * largest
    for name in ('centres', 'spared', 'defects'):
        mine, theirs = (np.sort(getattr(state, name), axis=0) for state in (first, second))
        assert np.array_equal(mine, theirs)


def test_good_after_all_takes_effect_on_the_next_part(learner, line):
    before = learner.model.passes(line.parts('texture', 100)).mean()
    answers = tell(learner, 'good', line.parts('texture', 10))
    assert all(answer.state is APPLIED for answer in answers)
    assert answers[0].text.endswith('is learned, such a part passes now')
    assert before == 0
    assert learner.model.passes(line.parts('texture', 300)).mean() > 0.95
    assert learner.model.passes(line.parts('good', 300)).mean() > 0.99
    for kind in ('scratch', 'dent', 'stain', 'hole'):
        assert learner.model.passes(line.parts(kind, 100)).mean() < 0.01


def test_a_class_that_passed_is_stopped_after_a_few_labels(learner, line):
    escaped = line.parts('hole', 300, flagged=False)
    assert learner.model.passes(escaped).all()
    tell(learner, 'hole', line.parts('hole', 10, flagged=False))
    assert learner.model.passes(escaped).mean() < 0.05
    assert learner.model.passes(line.parts('good', 500)).mean() > 0.99


def test_earlier_classes_are_not_forgotten_when_a_new_one_comes(learner, line):
    tell(learner, 'dent', line.parts('dent', 10))
    asked = line.parts('dent', 200)
    before = [one[0].label == 'dent' for one in opinions(learner, asked)]
    for kind in ('scratch', 'stain', 'hole'):
        tell(learner, kind, line.parts(kind, 10))
    after = [one[0].label == 'dent' for one in opinions(learner, asked)]
    assert np.mean(after) >= np.mean(before) - 0.01 > 0.95
    assert learner.classes == ('dent', 'hole', 'scratch', 'stain')


def test_labels_in_any_order_teach_the_same_as_all_at_once(space, line):
    said = [(part, kind) for kind in ('scratch', 'dent') for part in line.parts(kind, 6)]
    said += [(part, 'good') for part in line.parts('texture', 6)]
    learners = []
    for seed in range(3):
        learner = Learner(space)
        for index in np.random.default_rng(seed).permutation(len(said)):
            part, word = said[index]
            tell(learner, word, [part])
        learners.append(learner)
    asked = [part for kind in ('scratch', 'dent', 'texture', 'good') for part in
             line.parts(kind, 30)]
    for learner in learners[1:]:
        assert_same_knowledge(learner, learners[0])
        for mine, theirs in zip(opinions(learner, asked), opinions(learners[0], asked)):
            assert mine[0].label == theirs[0].label
            assert (mine[0].accepted, mine[0].alarmed) == (theirs[0].accepted, theirs[0].alarmed)


def test_a_repeated_label_changes_nothing(learner, line):
    part = line.parts('dent', 1)[0]
    first, = tell(learner, 'dent', [part])
    again, = tell(learner, 'dent', [part])
    assert (again.state, again.label, again.version) == (APPLIED, first.label, first.version)
    assert 'known already' in again.text


def test_of_contradicting_labels_the_last_word_counts_and_history_is_kept(space, learner, line):
    dents, part = line.parts('dent', 3), line.parts('texture', 1)[0]
    tell(learner, 'dent', dents)
    tell(learner, 'stain', [part])
    tell(learner, 'good', [part])
    plain = Learner(space)
    tell(plain, 'dent', dents)
    tell(plain, 'good', [part])
    assert learner.labels[part.part].word == 'good'
    assert learner.classes == ('dent',)
    assert_same_knowledge(learner, plain)
    assert [change.before and change.before.word for change in learner.history[-2:]] == [
        None, 'stain']


def test_undo_takes_one_change_after_the_other_back_exactly(space, line):
    learner, states = Learner(space), []
    parts = line.parts('texture', 3)
    for word, part in (('good', parts[0]), ('stain', parts[1]), ('good', parts[1]),
                       ('good', parts[2])):
        states.append(learner.to_bytes())
        tell(learner, word, [part])
    for state in reversed(states):
        answer = learner.undo()
        assert answer.state is APPLIED
        assert_same_knowledge(learner, Learner.from_bytes(state, space))
        assert set(learner.labels) == set(Learner.from_bytes(state, space).labels)
    assert not learner._known.own.sums.sums.feature_feature.any()
    assert learner.undo().state is REFUSED


def test_the_version_counts_changes_and_undos(learner, line):
    tell(learner, 'good', line.parts('texture', 2))
    assert learner.version == 2
    assert learner.undo().version == 3


def test_any_label_can_be_forgotten_and_the_forgetting_undone(space, learner, line):
    parts = line.parts('texture', 4)
    answers = tell(learner, 'good', parts)
    assert learner.forget(answers[1].label).state is APPLIED
    plain = Learner(space)
    tell(plain, 'good', [parts[0], *parts[2:]])
    assert_same_knowledge(learner, plain)
    assert learner.forget(answers[1].label).state is REFUSED
    assert f'the forgetting of "{parts[1].part} is good"' in learner.undo().text
    assert set(learner.labels) == {part.part for part in parts}


def test_a_label_for_a_part_long_gone_says_so(space, line):
    learner = Learner(space, limits=Limits(parts=3))
    parts = line.parts('texture', 4)
    for part in parts:
        learner.remember(part)
    answer = learner.label(parts[0].part, 'good')
    assert answer.state is UNKNOWN_PART
    assert 'latest 3 parts are kept' in answer.text
    assert learner.label(parts[1].part, 'good').state is APPLIED


def test_a_labelled_part_can_be_labelled_again_however_late(space, line):
    learner = Learner(space, limits=Limits(parts=1))
    first, second = line.parts('texture', 2)
    tell(learner, 'stain', [first])
    learner.remember(second)
    assert learner.label(first.part, 'good').state is APPLIED


def test_an_unknown_class_is_asked_about(learner, line):
    tell(learner, 'scratch', line.parts('scratch', 1))
    part = line.parts('scratch', 1)[0]
    learner.remember(part)
    answer = learner.label(part.part, 'scrach')
    assert answer.state is REFUSED
    assert answer.text == ("no class 'scrach' (did you mean 'scratch'?): there are scratch; "
                           'confirm that it is new to create it')
    assert learner.label(part.part, ' scratch ').state is APPLIED


@pytest.mark.parametrize('word', ['', '  ', 'unknown', 'a/b', 'x' * 65, 'a\nb', '-x'])
def test_what_is_no_word_is_refused(learner, line, word):
    part = line.parts('scratch', 1)[0]
    learner.remember(part)
    answer = learner.label(part.part, word, create=True)
    assert answer.state is REFUSED
    assert 'is no label' in answer.text
    assert learner.version == 0


def test_a_word_may_be_about_one_place_of_a_part(space, line):
    texture, dent = line.parts('texture', 1)[0], line.parts('dent', 1)[0]
    part = PartFeatures('p', np.concatenate([dent.vectors, texture.vectors]), [True, True])
    learner = Learner(space)
    learner.remember(part)
    assert learner.label('p', 'good', region=1).state is APPLIED
    assert [one.accepted for one in learner.model.judge(part)] == [False, True]
    assert learner.label('p', 'good', region=2).text == (
        'part p has no place 2: there are 2, numbered from 0')
    learner.label('p', 'good')
    assert [one.accepted for one in learner.model.judge(part)] == [True, True]


def test_a_word_that_would_let_a_known_defect_pass_waits(learner, line):
    dents = line.parts('dent', 3)
    tell(learner, 'dent', dents)
    copy = PartFeatures('copy', dents[0].vectors, [True])
    learner.add_challenge(
        PartFeatures('hand', dents[0].vectors + 1e-4, [True]), 'dent', create=True)
    for answer in (learner.forget(1), learner.forget(2), learner.forget(3)):
        assert answer.state is APPLIED   # the challenge part is flagged: it does not pass
    version = learner.version
    answer, = tell(learner, 'good', [copy])
    assert answer.state is PENDING
    assert answer.text == ('nothing that is measured tells it from a known defect: hand (dent) '
                           'looks like it')
    assert learner.version == version
    assert learner.pending['copy'].reason == answer.text
    assert learner.remove_challenge('hand') == (answer.label,)
    assert learner.pending == {}
    assert learner.labels['copy'].word == 'good'


def test_a_word_that_would_stop_good_parts_waits(learner, line):
    add_challenge(learner, line, good=60)
    odd = line.parts('texture', 40, flagged=False)
    for part in odd:
        learner.add_challenge(part, 'good')
    answer, = tell(learner, 'dent', line.parts('texture', 1))
    assert answer.state is PENDING
    assert 'known good parts would be stopped' in answer.text
    assert learner.model.passes(odd).all()


def test_a_defect_that_nothing_tells_from_good_waits(learner, line):
    answers = tell(learner, 'dent', line.parts('good', 20))
    waiting = [answer for answer in answers if answer.state is PENDING]
    assert len(waiting) > 10
    assert 'nothing that is measured' in waiting[0].text


def test_what_is_in_the_way_of_a_word_is_named(learner, line):
    known, copy, other = line.parts('texture', 1, flagged=False)[0], 'copy', 'other'
    tell(learner, 'good', [known])
    step = 1e-4 * known.vectors
    wrong, = tell(learner, 'dent', [PartFeatures(copy, known.vectors + step, [False])])
    assert wrong.state is PENDING
    assert wrong.text.endswith(f'known good parts: {known.part} (good) looks like it')
    assert learner.forget(wrong.label).state is APPLIED
    learner.forget(learner.labels[known.part].number)
    # What was taught has no name.
    taught = PartFeatures(other, learner.space.good[:1] * learner.space.spread
                          + learner.space.centre, [False])
    assert tell(learner, 'dent', [taught])[0].text.endswith('from known good parts')


def test_what_a_known_part_does_to_the_challenge_set_is_told(learner, line):
    first = line.parts('texture', 1)[0]
    assert learner.add_challenge(first, 'good').false_rejects == (first.part,)
    tell(learner, 'good', [first])
    near = PartFeatures('near', first.vectors + 1e-4, [True])
    trial = learner.add_challenge(near, 'dent', create=True)
    assert (trial.newly_stopped, trial.escapes) == ((first.part,), ())


def test_what_waits_is_tried_again_after_an_undo(learner, line):
    first, second = line.parts('hole', 2, flagged=False)
    good = [PartFeatures(f'good-{i}', part.vectors, [False])
            for i, part in enumerate(line.parts('hole', 30))]
    tell(learner, 'good', [first])
    number = learner.labels[first.part].number
    for part in good:
        learner.add_challenge(part, 'good')
    waiting, = tell(learner, 'hole', [second])
    assert waiting.state is PENDING
    for part in good[1:]:
        learner.remove_challenge(part.part)
    assert second.part in learner.pending
    learner.remove_challenge(good[0].part)
    assert learner.labels[second.part].word == 'hole'
    learner.undo()
    assert list(learner.labels) == [first.part]
    assert learner.labels[first.part].number == number


def test_a_new_word_replaces_one_that_waits(learner, line):
    part = line.parts('good', 1)[0]
    learner.remember(part)
    copies = line.parts('good', 20)
    waits = [part.part for part, answer in zip(copies, tell(learner, 'dent', copies))
             if answer.state is PENDING]
    assert learner.label(waits[0], 'good').state is APPLIED
    assert waits[0] not in learner.pending
    number = learner.pending[waits[1]].label.number
    assert learner.label(waits[1], 'dent').label == number
    assert 'waits no more' in learner.forget(number).text
    assert waits[1] not in learner.pending


def test_when_too_many_wait_the_next_is_refused(space, line):
    learner = Learner(space, limits=Limits(pending=2))
    states = [answer.state for answer in tell(learner, 'dent', line.parts('good', 12))]
    assert states.count(PENDING) == 2
    assert states.count(REFUSED) >= 5


def test_the_number_of_labelled_places_is_bounded(space, line):
    learner = Learner(space, limits=Limits(vectors=3))
    answers = tell(learner, 'good', line.parts('texture', 5))
    assert [answer.state for answer in answers[:3]] == [APPLIED] * 3
    assert 'at most: forget labels' in answers[3].text
    assert len(learner.labels) == 3


def test_the_number_of_classes_is_bounded(space, line):
    learner = Learner(space, limits=Limits(classes=1))
    tell(learner, 'dent', line.parts('dent', 1))
    answer, = tell(learner, 'hole', line.parts('hole', 1))
    assert (answer.state, 'there are 1 classes' in answer.text) == (REFUSED, True)


def test_wrong_labels_do_bounded_harm(space, line):
    learner = Learner(space)
    for kind in ('dent', 'scratch', 'good'):
        add_challenge(learner, line, **{kind: 30})
        if kind != 'good':
            tell(learner, kind, line.parts(kind, 10))
    tell(learner, 'good', line.parts('dent', 4))
    mistaken = line.parts('good', 4)
    tell(learner, 'dent', mistaken)
    trial = learner.run_challenge()
    assert set(trial.escapes) <= {part.part for part in mistaken}
    assert len(trial.false_rejects) == 0
    assert learner.model.passes(line.parts('dent', 300)).mean() < 0.03
    assert learner.model.passes(line.parts('good', 300)).mean() > 0.98


def test_the_challenge_set_can_be_run_and_filled_by_hand(space, line):
    learner = Learner(space, limits=Limits(challenge=3))
    parts = line.parts('dent', 4, flagged=False)
    for part in parts[:3]:
        learner.add_challenge(part, 'dent', create=True)
    trial = learner.run_challenge()
    assert (trial.defects, trial.good) == (3, 0)
    assert trial.escapes == tuple(part.part for part in parts[:3])
    with pytest.raises(ValueError, match='take one out first'):
        learner.add_challenge(parts[3], 'dent', create=True)
    learner.add_challenge(parts[0], 'stain', create=True)
    with pytest.raises(ValueError, match='was not added by hand'):
        learner.remove_challenge('x')
    with pytest.raises(ValueError, match='is no label'):
        learner.add_challenge(parts[0], '')
    assert learner.classes == ('dent', 'stain')


def test_a_fleet_learns_together_what_one_would_have_learned(space, line):
    first, second, joint = (Learner(space, robot=name) for name in 'abc')
    for learner, kind, word in ((first, 'texture', 'good'), (second, 'dent', 'dent'),
                                (second, 'hole', 'hole'), (first, 'scratch', 'scratch')):
        parts = line.parts(kind, 6)
        tell(learner, word, parts)
        tell(joint, word, parts)
    assert first.merge(second.export()).state is APPLIED
    assert second.merge(first.export()).state is APPLIED
    asked = [part for kind in ('texture', 'dent', 'hole', 'scratch', 'good')
             for part in line.parts(kind, 30)]
    for learner in (first, second):
        for mine, theirs in zip(opinions(learner, asked), opinions(joint, asked)):
            assert mine[0].label == theirs[0].label
            assert (mine[0].accepted, mine[0].alarmed) == (theirs[0].accepted, theirs[0].alarmed)
            assert mine[0].confidence == pytest.approx(theirs[0].confidence, rel=1e-6, abs=1e-9)


def test_merging_twice_changes_nothing(space, line):
    first, second = Learner(space, robot='a'), Learner(space, robot='b')
    tell(second, 'dent', line.parts('dent', 3))
    first.merge(second.export())
    version, message = first.version, first.export()
    assert first.merge(second.export()).text == 'nothing new'
    assert first.merge(first.export()).text == 'nothing new'
    assert (first.version, first.export()) == (version, message)


def test_what_lets_a_place_pass_is_said_by_its_words(space, line):
    first, second = Learner(space, robot='a'), Learner(space, robot='b')
    here, there = line.parts('texture', 1)[0], line.parts('stain', 1)[0]
    tell(first, 'good', [here])
    tell(second, 'good', [there])
    assert first.merge(second.export()).text == (
        'learned from b (the fleet so far: b: 1 good and 0 defective places)')
    asked = [here.vectors[0], there.vectors[0], line.parts('hole', 1)[0].vectors[0]]

    assert [first.excuse(one) for one in asked] == [
        f'{here.part} is good', 'a label of robot b', '']
    assert [second.excuse(one) for one in asked] == ['', f'{there.part} is good', '']
    first.undo()
    assert first.excuse(asked[0]) == ''


def test_what_others_say_of_this_robot_is_passed_over(space, line):
    first, other = Learner(space, robot='a'), Learner(space, robot='a')
    tell(other, 'dent', line.parts('dent', 3))
    assert first.merge(other.export()).text == 'nothing new'
    assert first.classes == ()


def test_what_robots_learned_wrongly_lets_no_part_of_the_challenge_set_pass(space, line):
    first, second = Learner(space, robot='a'), Learner(space, robot='b')
    dent = line.parts('dent', 1)[0]
    first.add_challenge(dent, 'dent', create=True)
    tell(second, 'good', [PartFeatures('p', dent.vectors, [True])])
    answer = first.merge(second.export())
    assert answer.state is APPLIED
    assert not first.model.passes([dent])[0]   # what is known here bounds what others widen
    first.remove_challenge(dent.part)
    assert first.model.passes([dent])[0]


def test_what_would_let_the_like_of_known_defects_pass_is_not_merged(space, line):
    first, second = Learner(space, robot='a'), Learner(space, robot='b')
    add_challenge(first, line, dent=2)
    tell(second, 'good', line.parts('dent', 10))
    answer = first.merge(second.export())
    assert answer.state is PENDING
    assert answer.text.startswith('not merged yet: known defects would pass: ')
    assert not first.model.passes(line.parts('dent', 100)).any()


def test_many_known_defects_bound_what_wrong_words_from_elsewhere_do(space, line):
    first, second = Learner(space, robot='a'), Learner(space, robot='b')
    add_challenge(first, line, dent=30)
    tell(second, 'good', line.parts('dent', 10))
    first.merge(second.export())
    assert first.model.passes(line.parts('dent', 300)).mean() < 0.05


def test_a_word_that_would_let_the_like_of_known_defects_pass_waits(space, line):
    learner = Learner(space)
    add_challenge(learner, line, dent=2)
    answers = tell(learner, 'good', line.parts('dent', 12))
    waiting = [answer for answer in answers if answer.state is PENDING]
    assert any(answer.text.startswith('known defects would pass: ') for answer in waiting)


def test_a_part_that_is_added_to_the_challenge_set_is_stopped_from_then_on(space, line):
    learner = Learner(space)
    dent = line.parts('dent', 1)[0]
    tell(learner, 'good', [dent])
    assert learner.model.passes([dent])[0]
    learner.add_challenge(PartFeatures('hand', dent.vectors, [True]), 'dent', create=True)
    assert not learner.model.passes([dent])[0]


def test_damaged_and_foreign_messages_leave_everything_as_it_was(space, line):
    learner = Learner(space, robot='a')
    tell(learner, 'dent', line.parts('dent', 2))
    other = Learner(space, robot='b')
    message, before = bytearray(other.export()), learner.to_bytes()
    message[-1] ^= 1
    for bad in (bytes(message), b'', learner.to_bytes()):
        with pytest.raises(MessageError):
            learner.merge(bad)
    assert learner.to_bytes() == before


def test_too_many_robots_are_refused(space, line):
    learner = Learner(space, robot='a', limits=Limits(robots=2))
    assert learner.merge(Learner(space, robot='b').export()).state is APPLIED
    assert learner.merge(Learner(space, robot='c').export()).state is REFUSED


def test_a_robot_needs_a_plain_name(space):
    with pytest.raises(ValueError, match='robot name'):
        Learner(space, robot='a/b')


steps = strategies.lists(strategies.tuples(
    strategies.sampled_from(['good', 'dent', 'hole', 'undo', 'forget']),
    strategies.integers(0, 7)), max_size=14)


@settings(max_examples=40, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_after_any_words_what_is_known_follows_from_the_labels_in_force(space, new_line, done):
    drawn = new_line(7)
    parts = [*drawn.parts('texture', 3), *drawn.parts('dent', 3), *drawn.parts('hole', 2)]
    learner = Learner(space)
    for part in parts:
        learner.remember(part)
    for word, index in done:
        if word == 'undo':
            learner.undo()
        elif word == 'forget':
            learner.forget(index + 1)
        else:
            learner.label(parts[index].part, word, create=True)
    plain = Learner(space)
    for label in sorted(learner.labels.values(), key=lambda label: -label.number):
        plain._known.own = plain._known.own_with(label.features.part, label, space)
        plain._known.labels[label.features.part] = label
    assert_same_knowledge(learner, plain)


@settings(max_examples=40, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_said_no_defect_of_the_challenge_set_passes(space, new_line, done):
    drawn = new_line(8)
    known = drawn.parts('dent', 3)
    parts = [*drawn.parts('texture', 2), *drawn.parts('dent', 3), *(
        PartFeatures(f'twin-{part.part}', part.vectors, [True]) for part in known)]
    learner = Learner(space)
    for part in known:
        learner.add_challenge(part, 'dent', create=True)
    for part in parts:
        learner.remember(part)
    for word, index in done:
        if word in ('undo', 'forget'):
            learner.forget(index + 1)
        else:
            learner.label(parts[index].part, word, create=True)
        assert not learner.model.passes(known).any()


def test_the_example_runs(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    assert 'applied' in printed
    assert 'pending' in printed
    assert 'undone' in printed

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A run that a person confirms as good says where the limits lie."""

from dataclasses import replace

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection.learning import LabelState as State
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.confirmed_run import PEAK

_NEEDED = 9
"""Good parts that a false reject rate of one in ten needs."""


@pytest.fixture
def online(seeing, good) -> OnlineInspector:
    return OnlineInspector(Inspector(replace(seeing.recipe, target_frr=0.1)), good)


def _run(online, plate, count=_NEEDED, first=3000) -> list[float]:
    return [float(online.inspect(plate(first + number), f'good-{number}').evidence.score.max())
            for number in range(count)]


def test_limits_are_what_a_confirmed_run_bears_out(online, plate):
    scores = _run(online, plate)

    answer = online.confirm()

    assert answer.state is State.APPLIED
    assert online.recipe.guarantee == 'FRR at most 10.00% by 9 confirmed good parts'
    limits = online.recipe.limits
    assert limits.review == limits.reject == pytest.approx(max(scores))
    assert limits.review > max(scores)
    assert online.inspect(plate(3000)).review_threshold == limits.review
    assert online.inspect(plate(2000, defect='spot')).decision is Decision.REJECT


def test_too_few_are_counted_and_change_nothing(online, plate):
    before = online.recipe.limits
    _run(online, plate, 4)
    assert online.confirm().state is State.APPLIED
    assert online.recipe.guarantee == (
        'FRR of 10.00% not guaranteed, 4 of 9 good parts confirmed (the 10 taught do not count)')
    assert online.recipe.limits == before
    _run(online, plate, 5, first=3100)
    assert '9 confirmed' in online.confirm().text


def test_stopped_parts_are_named_before_they_are_confirmed(online, plate):
    _run(online, plate)
    online.inspect(plate(2000, defect='spot'), 'odd')

    first, second = online.confirm(), online.confirm()

    assert first.state is State.REFUSED and '1 of 10 parts were stopped: odd;' in first.text
    assert second.state is State.APPLIED and '10 good parts confirmed' in second.text
    assert online.inspect(plate(2000, defect='spot')).decision is Decision.PASS


def test_known_defects_and_marks_called_good_stay_apart(online, plate):
    _run(online, plate)
    online.inspect(plate(2000, defect='spot'), 'bad')
    online.inspect(plate(2001, defect='scratch'), 'marked')
    assert online.label('bad', 'stain', create=True).state is State.APPLIED
    assert online.label('marked', 'good').state is State.APPLIED

    answer = online.confirm()

    assert answer.state is State.APPLIED
    assert '9 good parts confirmed, 1 more with marks that were called good, 1 defects apart' in (
        answer.text)
    assert len(online.recipe.confirmed) == _NEEDED


def test_a_run_that_would_let_a_known_defect_pass_is_refused(online, plate):
    online.add_challenge(online.judge(plate(2000, defect='spot'), 'known'), 'stain', create=True)
    _run(online, plate)
    online.inspect(plate(2000, defect='spot'), 'odd')
    before = online.recipe
    online.confirm()

    answer = online.confirm()

    assert answer.state is State.REFUSED and 'known defects would pass: known' in answer.text
    assert online.recipe is before


@pytest.mark.parametrize(('stale', 'state'), [(False, State.APPLIED), (True, State.REFUSED)])
def test_known_parts_that_were_last_seen_by_another_recipe_are_looked_at_again(
        online, plate, stale, state):
    verdict = online.judge(plate(2000, defect='spot'), 'known')
    features = online.describe(verdict)
    vectors = features.vectors.copy()
    vectors[:, PEAK] += 2  # as if it had been far more unusual than it is now
    online.add_challenge(
        replace(verdict, features=replace(features, vectors=vectors)), 'stain', create=True)
    if stale:
        online.learner.renew({})
    _run(online, plate)
    online.inspect(plate(2000, defect='spot'), 'odd')
    online.confirm()

    assert online.confirm().state is state


def _usual(online, plate) -> np.ndarray:
    """Return a part on which a label of a defect has to wait."""
    model = online.learner.model
    return next(image for image in map(plate, range(3500, 3560)) if model.looks_good(
        online.describe(online.judge(image, 'x')).vectors[:1]).all())


def test_a_defect_whose_label_waits_is_not_confirmed(online, plate):
    _run(online, plate)
    online.inspect(_usual(online, plate), 'odd')
    assert online.label('odd', 'stain', create=True).state is State.PENDING

    assert '9 good parts confirmed, 1 defects apart' in online.confirm().text


def test_parts_of_which_only_features_were_kept_count_too(online, plate):
    _run(online, plate, _NEEDED - 1)
    verdict = online.judge(plate(2000, defect='spot'), 'shed')
    online.remember(replace(
        verdict, features=online.describe(verdict), evidence=None, image=None))
    assert '1 of 9 parts were stopped: shed;' in online.confirm().text


def test_what_another_recipe_judged_is_not_confirmed(online, plate):
    late = online.judge(plate(3400), 'late')
    _run(online, plate)
    online.sharpen([plate(3200 + number) for number in range(3)])
    online.remember(late)
    assert 'no part was inspected since' in online.confirm().text


def test_the_same_images_count_once(online, plate):
    _run(online, plate)
    assert online.confirm().state is State.APPLIED
    _run(online, plate)
    answer = online.confirm()
    assert answer.state is State.REFUSED and 'confirmed before' in answer.text
    _run(online, plate, _NEEDED + 1)
    assert online.confirm().state is State.APPLIED
    assert len(online.recipe.confirmed) == _NEEDED + 1


def test_nothing_to_confirm(online, plate):
    assert online.confirm().state is State.REFUSED
    _run(online, plate)
    assert online.confirm().state is State.APPLIED
    assert 'no part was inspected since' in online.confirm().text


def test_a_confirmed_run_is_kept_undone_and_rolled_back(online, plate, tmp_path):
    path = tmp_path / 'plate'
    before = online.recipe.limits
    with Ledger(ledger_path(path)) as book, LabelDesk(online, path, book, who='test') as desk:
        desk.save(by='me')
        _run(online, plate)
        answer = desk.confirm(by='me')
        assert (answer.state, answer.version) == (State.APPLIED, 2)
        kept = OnlineInspector.load(path)
        assert kept.recipe.limits == Inspector.load(path).recipe.limits == online.recipe.limits
        np.testing.assert_array_equal(kept.recipe.confirmed, online.recipe.confirmed)

        assert 'the last confirmed run is undone' in desk.undo(by='me').text
        assert OnlineInspector.load(path).recipe.limits == online.recipe.limits == before
        assert desk.roll_back(2, by='me').state is State.APPLIED
        assert '9 confirmed' in online.recipe.guarantee
        online.inspect(plate(2000, defect='spot'), 'odd')
        assert desk.label('odd', 'good').state is State.APPLIED  # what was learned goes on


def test_a_run_that_cannot_be_kept_is_not_confirmed(online, plate, tmp_path, monkeypatch):
    path = tmp_path / 'plate'
    with Ledger(ledger_path(path)) as book, LabelDesk(online, path, book, who='test') as desk:
        desk.save(by='me')
        _run(online, plate)
        before = online.recipe
        with monkeypatch.context() as patch:
            patch.setattr(
                'ant_ros.inspection.recipe_history.history.RecipeHistory.commit', _full)
            answer = desk.confirm(by='me')
        assert answer.state is State.REFUSED and 'disk full' in answer.text
        assert online.recipe is before
        assert desk.confirm(by='me').state is State.APPLIED  # the run is still there


def test_undo_takes_back_one_change_after_the_other(online, plate, tmp_path):
    path = tmp_path / 'plate'
    with Ledger(ledger_path(path)) as book, LabelDesk(online, path, book, who='test') as desk:
        desk.save(by='me')
        online.inspect(plate(2000, defect='spot'), 'odd')
        label = desk.label('odd', 'good', by='me')
        assert desk.sharpen([plate(3200 + number) for number in range(3)]).state is State.APPLIED
        _run(online, plate)
        # Once more where some were stopped: one in ten may be.
        assert any(desk.confirm(by='me').state is State.APPLIED for _ in range(2))

        assert 'the last confirmed run is undone' in desk.undo().text
        assert 'the last sharpening is undone' in desk.undo().text
        assert 'odd is good' in desk.undo().text
        assert desk.undo().state is State.REFUSED
        assert desk.roll_back(2).state is State.APPLIED
        assert desk.forget(label.label).state is State.APPLIED


def test_undo_finds_what_was_changed_between_two_labels(online, plate, tmp_path):
    path = tmp_path / 'plate'
    with Ledger(ledger_path(path)) as book, LabelDesk(online, path, book, who='test') as desk:
        desk.save(by='me')
        online.inspect(plate(2000, defect='spot'), 'odd')
        desk.label('odd', 'good')
        desk.sharpen([plate(3200 + number) for number in range(3)])
        online.inspect(plate(2001, defect='dent'), 'other')
        assert desk.label('other', 'good').state is State.APPLIED

        assert 'other is good' in desk.undo().text
        assert 'the last sharpening is undone' in desk.undo().text
        assert set(online.learner.labels) == {'odd'}
        assert 'odd is good' in desk.undo().text
        assert desk.undo().state is State.REFUSED


def test_undo_takes_back_a_label_that_waits_and_nothing_else(online, plate, tmp_path):
    path = tmp_path / 'plate'
    with Ledger(ledger_path(path)) as book, LabelDesk(online, path, book, who='test') as desk:
        desk.save(by='me')
        online.inspect(plate(2000, defect='spot'), 'odd')
        desk.label('odd', 'good')
        online.inspect(_usual(online, plate), 'usual')
        assert desk.label('usual', 'stain', create=True).state is State.PENDING

        assert 'the label that waits is undone' in desk.undo().text
        assert set(online.learner.labels) == {'odd'} and not online.learner.pending
        assert 'odd is good' in desk.undo().text


def test_an_inspector_alone_takes_images(plate, teach_images):
    inspector = Inspector.teach(teach_images, target_frr=0.2)
    assert inspector.confirm([plate(3000 + number) for number in range(4)]) == (
        'FRR at most 20.00% by 4 confirmed good parts')


def _full(*args, **kwargs):
    from ant_ros.inspection import RecipeError
    raise RecipeError('cannot write: disk full')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A label is answered when it is on the disk, and not before."""

from dataclasses import replace

import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import RecipeError
from ant_ros.inspection.learning import LabelState as State
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.recipe_history import RecipeLockedError


def _labels(ledger) -> list:
    with LedgerReader(ledger.path) as reader:
        return list(reader.labels())


def _show(desk, plate, part, defect='spot', seed=2000) -> Decision:
    return desk.inspector.inspect(plate(seed, defect=defect), part).decision


def test_a_label_is_in_the_recipe_and_in_the_ledger_when_it_is_answered(
        desk, ledger, plate, path):
    _show(desk, plate, '4711')

    answer = desk.label('4711', 'good', by='me')

    assert (answer.state, answer.label, answer.version) == (State.APPLIED, 1, 2)
    entry = _labels(ledger)[0]
    assert (entry.part, entry.label, entry.by) == ('4711', 'good', 'me')
    assert (entry.state, entry.model_version) == (LabelState.APPLIED, 2)
    loaded = OnlineInspector.load(path)
    assert loaded.learner.labels['4711'].word == 'good'
    assert _show(desk, plate, 'next', seed=2001) is Decision.PASS
    assert desk.inspector.inspect(plate(1000)).recipe_version == 2
    with LedgerReader(ledger.path) as reader:
        assert [version.version for version in reader.versions()] == [1, 2]


def test_a_new_class_is_asked_about_once(desk, ledger, plate):
    _show(desk, plate, 'a')

    first, again = desk.label('a', 'stain', by='me'), desk.label('a', 'stain', by='me')

    assert first.state is State.REFUSED and 'send the same label again' in first.text
    assert again.state is State.APPLIED
    assert [(entry.number, entry.state) for entry in _labels(ledger)] == [
        (again.label, LabelState.APPLIED)]  # one label, asked about and confirmed
    _show(desk, plate, 'b', seed=2001)
    assert desk.label('b', 'stain').state is State.APPLIED  # known now


def test_a_class_that_is_said_to_be_new_is_not_asked_about(desk, ledger, plate):
    _show(desk, plate, 'a')

    assert desk.label('a', 'stain', by='me', create=True).state is State.APPLIED

    assert [entry.state for entry in _labels(ledger)] == [LabelState.APPLIED]


@pytest.mark.parametrize(('part', 'word', 'text'), [
    ('', 'good', 'without part ID'), ('a', ' ', "without word ('good'"),
    ('a', 'b\nc', 'is no label')])
def test_malformed_labels_are_refused(desk, part, word, text):
    answer = desk.label(part, word)

    assert answer.state is State.REFUSED and text in answer.text


def test_unknown_parts_are_told(desk, ledger):
    assert desk.label('nobody', 'good').state is State.UNKNOWN_PART
    assert _labels(ledger)[0].state is LabelState.UNKNOWN_PART


def test_the_last_word_counts(desk, ledger, plate):
    _show(desk, plate, 'a')
    desk.label('a', 'good')
    desk.label('a', 'dent')
    answer = desk.label('a', 'dent')
    assert answer.state is State.APPLIED and '"a is good" counts no longer' in answer.text

    assert [one.state for one in _labels(ledger)] == [
        LabelState.SUPERSEDED, LabelState.APPLIED]
    assert _show(desk, plate, 'b', seed=2001) is Decision.REJECT


def test_undo_brings_the_label_before_back(desk, ledger, plate):
    _show(desk, plate, 'a')
    desk.label('a', 'good')
    desk.label('a', 'dent')
    desk.label('a', 'dent')

    answer = desk.undo(by='me')

    assert (answer.state, answer.label) == (State.APPLIED, 2)
    assert [one.state for one in _labels(ledger)] == [
        LabelState.APPLIED, LabelState.UNDONE]
    assert _show(desk, plate, 'b', seed=2001) is Decision.PASS
    assert desk.undo().label == 1
    assert 'nothing to undo' in desk.undo().text


def test_a_label_is_forgotten_by_its_number_in_the_ledger(desk, ledger, plate):
    desk.label('nobody', 'good')
    _show(desk, plate, 'a')
    number = desk.label('a', 'good').label

    assert desk.forget(99).state is State.REFUSED
    assert desk.forget(number).state is State.APPLIED

    assert _labels(ledger)[1].state is LabelState.UNDONE
    assert _show(desk, plate, 'b') is Decision.REJECT


def test_nothing_is_learned_before_the_recipe_is_saved(online, path, ledger, plate):
    with LabelDesk(online, path, ledger) as desk:
        _show(desk, plate, 'a')
        answer = desk.label('a', 'good')
        assert answer.state is State.REFUSED and 'save it' in answer.text
        desk.save()
        assert desk.label('a', 'good').state is State.APPLIED


def test_what_the_disk_refuses_is_not_learned(desk, ledger, plate, path, monkeypatch):
    _show(desk, plate, 'a')

    def full(*args, **kwargs):
        raise RecipeError('cannot write version 2: no space left')
    with monkeypatch.context() as patch:
        patch.setattr(RecipeHistory, 'commit', full)
        answer = desk.label('a', 'good')
    assert answer.state is State.REFUSED and 'no space left' in answer.text
    assert _labels(ledger)[0].state is LabelState.REFUSED
    assert _show(desk, plate, 'b', seed=2001) is Decision.REJECT

    assert desk.label('a', 'good').state is State.APPLIED
    assert _show(desk, plate, 'c', seed=2001) is Decision.PASS


def test_what_the_ledger_refuses_is_taken_back(desk, ledger, plate, path, monkeypatch):
    _show(desk, plate, 'a')
    resolve = ledger.resolve_label

    def close_first(*args, **kwargs):
        ledger.close()
        return resolve(*args, **kwargs)
    monkeypatch.setattr(ledger, 'resolve_label', close_first)
    answer = desk.label('a', 'good')

    assert answer.state is State.REFUSED and 'nothing was learned' in answer.text
    assert _show(desk, plate, 'b', seed=2001) is Decision.REJECT
    assert OnlineInspector.load(path).learner.labels == {}
    assert desk.label('a', 'good').state is State.REFUSED


def test_only_one_may_write_a_recipe(desk, new_online, path, ledger):
    with pytest.raises(RecipeLockedError, match='test'):
        LabelDesk(new_online(), path, ledger)


def test_it_goes_on_where_it_was_left(online, path, ledger, plate):
    with LabelDesk(online, path, ledger) as desk:
        desk.save()
        desk.label('nobody', 'good')
        _show(desk, plate, 'a')
        number = desk.label('a', 'good').label

    with LabelDesk(OnlineInspector.load(path), path, ledger) as desk:
        assert desk.label('a', 'good').text.endswith('known already')
        assert desk.inspector.version == 2
        assert desk.forget(number).state is State.APPLIED


def test_what_was_learned_after_the_recipe_was_read_is_not_lost(online, path, ledger, plate):
    online.save(path)
    late = OnlineInspector.load(path)
    with LabelDesk(OnlineInspector.load(path), path, ledger) as desk:
        _show(desk, plate, 'a')
        assert desk.label('a', 'good').state is State.APPLIED

    with LabelDesk(late, path, ledger) as desk:
        _show(desk, plate, 'b', 'dent', seed=2001)
        desk.label('b', 'good')
    assert set(OnlineInspector.load(path).learner.labels) == {'a', 'b'}


def test_a_label_that_was_saved_but_not_called_so_is_found(
        online, path, ledger, plate):
    with LabelDesk(online, path, ledger) as desk:
        desk.save()
        _show(desk, plate, 'a')
    # As a process leaves it that was killed between recipe and ledger.
    ledger.record_label(part='a', label='good', by='me', recipe='plate').result()
    online.label('a', 'good', by='me')
    online.save(path)

    with LabelDesk(OnlineInspector.load(path), path, ledger):
        assert _labels(ledger)[0].state is LabelState.APPLIED


def test_versions_that_were_made_without_the_ledger_are_written_down(
        online, path, ledger, plate):
    online.save(path, who='teacher')
    with LabelDesk(online, path, ledger) as desk:
        _show(desk, plate, 'a')
        desk.label('a', 'good')
    with RecipeHistory(path) as history:  # as the command line does
        history.roll_back(1, who='me', why='too mild')

    with LabelDesk(OnlineInspector.load(path), path, ledger):
        pass
    with LedgerReader(ledger.path) as reader:
        entries = list(reader.versions())
        assert reader.learned_by('plate', 2) and not reader.learned_by('plate', 3)
        gone, = reader.labels()
    assert (gone.state.value, gone.reason) == (
        'rolled back', 'version 1 is back, as version 3')
    assert [(one.version, one.who, one.restored_from) for one in entries] == [
        (1, 'teacher', None), (2, '', None), (3, 'me', 1)]
    assert [one.wall_ns for one in entries] == sorted(one.wall_ns for one in entries)


def test_a_desk_that_cannot_be_opened_holds_nothing(online, path, ledger):
    online.save(path)
    ledger.close()
    with pytest.raises(LedgerError):
        LabelDesk(online, path, ledger)
    RecipeHistory(path).close()


def test_going_back_and_further_back(desk, ledger, plate):
    for number, kind in enumerate(('spot', 'dent')):
        _show(desk, plate, kind, defect=kind)
        desk.label(kind, 'good', by=str(number))
    assert _show(desk, plate, 'x', 'dent', 2001) is Decision.PASS

    assert 'version 2 is back, as version 4' in desk.roll_back(by='me').text
    assert set(desk.inspector.learner.labels) == {'spot'}
    assert [one.state.value for one in _labels(ledger)] == ['applied', 'rolled back']
    assert 'version 1 is back, as version 5' in desk.roll_back(by='me').text
    assert _show(desk, plate, 'y', 'spot', 2001) is Decision.REJECT

    assert 'no version before 1' in desk.roll_back().text
    assert [one.state.value for one in _labels(ledger)] == ['rolled back', 'rolled back']
    assert 'version 3 is back' in desk.roll_back(3).text
    assert [one.state.value for one in _labels(ledger)] == ['applied', 'applied']
    assert desk.inspector.version == 6
    with LedgerReader(ledger.path) as reader:
        assert [one.restored_from for one in reader.versions()] == [
            None, None, None, 2, 1, 3]


def test_the_challenge_set_is_kept(desk, plate, path):
    verdict = desk.inspector.inspect(plate(2000, defect='spot'), 'known')

    assert desk.add_challenge(verdict, 'spot', by='me', create=True).state is State.APPLIED
    assert desk.add_challenge(verdict, '', by='me').state is State.REFUSED

    assert OnlineInspector.load(path).run_challenge().defects == 1


def test_a_known_part_that_is_not_as_it_should_be_is_told(desk, plate):
    spot = desk.inspector.inspect(plate(2000, defect='spot'), 'spot')
    fine = desk.inspector.inspect(plate(1000), 'fine')

    assert desk.add_challenge(fine, 'good').text == 'fine is in the challenge set as good'
    assert desk.add_challenge(spot, 'good').text.endswith('as good; it would be stopped: label it')
    assert desk.label('spot', 'good').state is State.APPLIED
    twin = replace(spot, part='twin', features=replace(spot.features, part='twin'))
    assert desk.add_challenge(twin, 'dent', create=True).text.endswith(
        'as dent; known good parts would be stopped: spot')
    passing = replace(fine, part='faint')
    assert desk.add_challenge(passing, 'dent').text.endswith('; it would pass: label it')


def test_known_defects_that_a_known_part_lets_pass_are_told(desk, plate, monkeypatch):
    add = desk.inspector.add_challenge
    monkeypatch.setattr(desk.inspector, 'add_challenge', lambda *told, **how: replace(
        add(*told, **how), new_escapes=('fine', 'other')))
    fine = desk.inspector.inspect(plate(1000), 'fine')
    assert desk.add_challenge(fine, 'good').text == (
        'fine is in the challenge set as good; known defects would pass: other')


def test_fleet_messages_are_kept_and_bad_ones_refused(desk, new_online, plate, path):
    other = new_online(robot='other')
    other.learn(other.inspect(plate(2000, defect='spot')), 'spot', create=True)

    assert desk.merge(other.export()).state is State.APPLIED
    assert desk.merge(b'noise').state is State.REFUSED

    assert OnlineInspector.load(path).learner.classes == ('spot',)


def test_what_was_taught_anew_learns_when_it_is_saved(desk, teach_images, plate):
    taught = OnlineInspector.teach(teach_images[:6], name='plate')

    desk.adopt(taught)

    _show(desk, plate, 'a')
    assert 'save it' in desk.label('a', 'good').text
    assert 'version 2' in desk.save().text
    assert desk.label('a', 'good').state is State.APPLIED
    assert desk.roll_back(1).state is State.APPLIED  # another recipe altogether
    assert desk.inspector.recipe.taught_parts == 10

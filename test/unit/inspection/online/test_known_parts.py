# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""No change of a recipe lets a known defect pass: known parts are looked at again first."""

from dataclasses import replace
import shutil

import cv2
import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import TeachError
from ant_ros.inspection.learning import LabelState as State
from ant_ros.inspection.ledger import Archive
from ant_ros.inspection.ledger import image_digest
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.ledger.archive import archive_folder
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.known_parts import KnownParts
from ant_ros.inspection.online.pictures import pictures_folder
from ant_ros.inspection.recipe_history import RecipeHistory


@pytest.fixture(scope='module')
def stained(plate):
    """Return a part with a faint stain that is stopped until it is taken for usual."""
    def draw(seed: int) -> np.ndarray:
        image = plate(seed, yaw_deg=0).astype(np.float32)
        rows, columns = np.nonzero(image[..., 0] > 95)
        stain = np.zeros(image.shape[:2], np.float32)
        cv2.circle(stain, (int(columns.mean()) + 22, int(rows.mean()) - 20), 4, 1, -1)
        stain = cv2.GaussianBlur(stain, (0, 0), 1)
        return np.clip(image - 8 * stain[..., None], 0, 255).astype(np.uint8)
    return draw


def _know(desk, image, part, word='stain'):
    verdict = desk.inspector.inspect(image, part)
    assert desk.add_challenge(verdict, word, create=True).state is State.APPLIED
    return verdict


def _step_of_its_own(desk, image):
    """Let what is expected follow a part that is a grey level brighter."""
    desk.inspector.set_self_update(1)
    verdict = desk.inspector.inspect(image, 'p')
    verdict.evidence.difference[0][:] = 1.0
    return desk.follow(verdict)


def test_sharpening_that_lets_a_known_defect_pass_is_refused(desk, ledger, stained):
    inspector = desk.inspector
    for number, seed in enumerate((500, 501, 502)):
        assert _know(desk, stained(seed), f'known-{number}').decision is not Decision.PASS
    before, version = inspector.recipe, inspector.version

    answer = desk.sharpen([stained(seed) for seed in range(600, 612)])

    assert answer.state is State.REFUSED
    assert 'known defects would pass: known-0 (stain), known-1 (stain)' in answer.text
    assert 'leave out images that show such a mark' in answer.text
    assert inspector.recipe is before and inspector.version == version
    assert inspector.judge(stained(500), 'p').decision is not Decision.PASS
    trial = inspector.run_challenge()
    assert (trial.defects, trial.escapes, trial.unseen) == (3, (), ())
    with LedgerReader(ledger.path) as reader:
        assert any(one.what == 'sharpen' and 'known-0' in one.why for one in reader.changes())


def test_a_labelled_defect_is_known_as_well(online, stained):
    verdict = online.inspect(stained(500), 'a')
    assert online.learn(verdict, 'stain', create=True).state is State.APPLIED
    assert online.learner.challenge[0].features.picture == image_digest(stained(500))


def test_after_sharpening_known_parts_are_known_as_they_look_now(desk, plate, path):
    _know(desk, plate(2000, defect='spot'), 'hand', 'spot')
    desk.inspector.inspect(plate(2001, defect='dent'), 'told')
    desk.label('told', 'dent', create=True)
    before = {one.features.part: one.features for one in desk.inspector.learner.challenge}

    assert desk.sharpen([plate(seed) for seed in range(20, 26)]).state is State.APPLIED

    for inspector in (desk.inspector, OnlineInspector.load(path)):
        learner = inspector.learner
        assert not inspector.unseen and not any(one.stale for one in learner.challenge)
        for part, image in (('hand', plate(2000, defect='spot')),
                            ('told', plate(2001, defect='dent'))):
            now = inspector.describe(inspector.judge(image, part))
            known = next(one.features for one in learner.challenge if one.features.part == part)
            assert np.array_equal(known.vectors, now.vectors)
            assert not np.array_equal(known.vectors, before[part].vectors)
        # What was learned from a label stays what was seen when it was given.
        assert np.array_equal(learner.labels['told'].features.vectors, before['told'].vectors)


def test_parts_without_a_picture_are_told_and_not_claimed_to_be_stopped(desk, plate, path):
    for number, seed in enumerate((2000, 2001)):
        _know(desk, plate(seed, defect='spot'), f'known-{number}', 'spot')
    gone = desk.inspector.learner.challenge[0].features.picture
    assert desk.inspector.pictures.find(gone) is not None
    (pictures_folder(path) / gone).unlink()

    answer = desk.sharpen([plate(seed) for seed in range(20, 24)])

    assert answer.state is State.APPLIED
    assert '1 of 2 known parts could not be looked at again' in answer.text
    assert 'known-0; inspect' in answer.text
    for inspector in (desk.inspector, OnlineInspector.load(path)):
        trial = inspector.run_challenge()
        assert (trial.defects, trial.escapes, trial.unseen) == (1, (), ('known-0',))
        assert trial.text.startswith('1 of 1 known defects are stopped')
        assert '1 of 2 known parts could not be looked at again' in trial.text

    _know(desk, plate(2000, defect='spot'), 'known-0', 'spot')
    assert desk.inspector.run_challenge().unseen == ()


def test_the_same_label_once_more_lets_a_known_part_be_seen_anew(desk, plate, path):
    desk.inspector.inspect(plate(2000, defect='spot'), 'a')
    desk.label('a', 'spot', create=True)
    desk.inspector.pictures.find('wait')
    shutil.rmtree(pictures_folder(path))
    assert 'known parts could not be looked at' in desk.sharpen(
        [plate(seed) for seed in range(20, 24)]).text

    desk.inspector.inspect(plate(2000, defect='spot'), 'a')
    assert 'how it looks now' in desk.label('a', 'spot').text

    assert desk.inspector.run_challenge().unseen == ()
    assert OnlineInspector.load(path).run_challenge().unseen == ()


def test_a_step_of_its_own_that_lets_a_known_defect_pass_is_refused(
        desk, plate, stained, monkeypatch):
    inspector = desk.inspector
    _know(desk, stained(500), 'known')
    inspector.set_self_update(1)
    before = inspector.recipe, inspector.attachments()
    # As if it were far from what it takes, it would pass after the step.
    known = inspector.learner.challenge[0].features
    passing = inspector.describe(inspector.judge(plate(1000), 'known'))
    assert inspector.learner.try_looks({'known': passing}) is not None

    verdict = inspector.judge(plate(1001), 'p')
    verdict.evidence.difference[0][:] = 2.0
    monkeypatch.setattr(KnownParts, 'look_again', lambda self, state, parts: {
        one.features.part: passing for one in parts})
    answer = desk.follow(verdict)

    assert answer.state is State.REFUSED
    assert 'did not follow' in answer.text and 'known (stain)' in answer.text
    assert (inspector.recipe, inspector.attachments()) == before
    assert inspector.learner.challenge[0].features is known


def test_a_step_of_its_own_looks_at_known_defects_and_ages_the_others(desk, plate):
    inspector = desk.inspector
    _know(desk, plate(2000, defect='spot'), 'bad', 'spot')
    _know(desk, plate(1000), 'fine', 'good')

    assert _step_of_its_own(desk, plate(1001)).state is State.APPLIED

    assert {one.features.part: one.stale for one in inspector.learner.challenge} == {
        'bad': False, 'fine': True}
    assert inspector.run_challenge().unseen == ()  # there is a picture of it


def test_going_back_says_which_known_defects_would_pass(desk, stained):
    inspector = desk.inspector
    desk.sharpen([stained(seed) for seed in range(600, 612)])  # nobody knew the stain yet
    assert inspector.judge(stained(500), 'p').decision is Decision.PASS
    assert 'the last sharpening is undone' in desk.undo().text
    _know(desk, stained(500), 'known')

    answer = desk.roll_back(2)

    assert answer.state is State.APPLIED
    assert 'known defects would pass: known' in answer.text


def test_going_back_where_nothing_is_lost_says_no_more(desk, plate):
    _know(desk, plate(2000, defect='spot'), 'known', 'spot')
    desk.inspector.inspect(plate(1000), 'a')
    desk.label('a', 'good')
    assert desk.roll_back().text == 'version 2 is back, as version 4'


def test_pictures_outlast_the_desk_and_go_where_the_recipe_is_saved(
        online, plate, path, tmp_path):
    online.add_challenge(online.inspect(plate(2000, defect='spot'), 'a'), 'spot', create=True)
    online.save(path)
    loaded = OnlineInspector.load(path)
    name = loaded.learner.challenge[0].features.picture
    assert np.array_equal(loaded.pictures.find(name).image, plate(2000, defect='spot'))

    loaded.save(tmp_path / 'copy')
    assert OnlineInspector.load(tmp_path / 'copy').pictures.find(name) is not None


def test_what_is_refused_with_sharpening_is_told_to_who_uses_no_desk(online, stained):
    online.add_challenge(online.inspect(stained(500), 'a'), 'stain', create=True)
    with pytest.raises(TeachError, match=r'known defects would pass: a \(stain\)'):
        online.sharpen([stained(seed) for seed in range(600, 612)])


def test_a_class_is_not_made_unasked(desk, online, plate):
    verdict = desk.inspector.inspect(plate(2000, defect='spot'), 'a')
    for answer in (desk.add_challenge(verdict, 'scrach'), online.learn(verdict, 'scrach')):
        assert answer.state is State.REFUSED and "no class 'scrach'" in answer.text
    assert 'too like' in desk.add_challenge(verdict, 'Good', create=True).text
    assert desk.label('a', 'Good', create=True).state is State.REFUSED
    assert "did you mean 'good'?" in desk.label('a', 'Goood').text
    assert desk.inspector.learner.classes == ()


def test_a_part_is_taken_out_of_the_challenge_set_and_brought_back(desk, plate, path):
    for part in ('a', 'b'):
        _know(desk, plate(2000, defect='spot'), part, 'spot')

    assert desk.remove_challenge('a').state is State.APPLIED
    assert [one.features.part for one in desk.inspector.learner.challenge] == ['b']
    assert 'challenge list' in desk.remove_challenge('a').text

    assert desk.undo().text.startswith('the last removal from the challenge set is undone')
    assert len(OnlineInspector.load(path).learner.challenge) == 2
    assert desk.undo().text.startswith('the last addition to the challenge set is undone')
    assert [one.features.part for one in desk.inspector.learner.challenge] == ['a']


def test_a_merge_is_undone_as_a_whole(desk, new_online, plate):
    other = new_online(robot='other')
    other.learn(other.inspect(plate(2000, defect='dent')), 'dent', create=True)
    assert desk.merge(other.export(), by='me').state is State.APPLIED
    desk.inspector.inspect(plate(2000, defect='spot'), 'a')
    desk.label('a', 'good')

    assert desk.undo().label == 1
    assert desk.inspector.learner.classes == ('dent',)
    assert desk.undo().text.startswith('the last merge is undone')
    assert desk.inspector.learner.classes == ()
    assert 'nothing to undo' in desk.undo().text


def test_what_robots_tell_each_other_is_not_what_undo_takes_back(desk, new_online, plate):
    other = new_online(robot='other')
    other.learn(other.inspect(plate(2000, defect='dent')), 'dent', create=True)
    desk.inspector.inspect(plate(2000, defect='spot'), 'a')
    desk.label('a', 'good')
    desk.merge(other.export(), by='the fleet')

    assert desk.undo().label == 1
    assert desk.inspector.learner.classes == ('dent',)


def _archived(inspector, ledger, path, image, part):
    """Inspect a part and archive its image, as a node does."""
    verdict = inspector.inspect(image, part)
    record = to_record(verdict, part=part, inspector='test')
    record = replace(record, image_hash=image_digest(image))
    ledger.record_verdict(record)
    Archive(archive_folder(ledger.path), ledger, pass_share=0).store(record, image)
    ledger.flush()


def test_a_part_from_before_a_restart_is_found_in_the_archive(online, path, ledger, plate):
    image = plate(2000, defect='spot')
    with LabelDesk(online, path, ledger) as desk:
        desk.save()
        _archived(online, ledger, path, image, '4711')

    loaded = OnlineInspector.load(path)
    with LabelDesk(loaded, path, ledger) as desk:
        answer = desk.label('4711', 'spot', create=True)
        assert answer.state is State.APPLIED
        assert loaded.learner.challenge[0].features.picture == image_digest(image)
        unknown = desk.label('4712', 'spot')
    assert unknown.state is State.UNKNOWN_PART
    assert 'as long as the recipe is loaded, 1 now' in unknown.text
    assert 'nor is its image in the archive' in unknown.text


def test_an_archived_image_of_an_earlier_look_is_not_taken_for_the_latest(
        online, path, ledger, plate):
    with LabelDesk(online, path, ledger) as desk:
        desk.save()
        _archived(online, ledger, path, plate(2000, defect='spot'), 'a')
        again = plate(2001)
        verdict = online.inspect(again, 'a')
        ledger.record_verdict(replace(to_record(verdict, part='a', inspector='test'),
                                      image_hash=image_digest(again)))
        ledger.flush()

    with LabelDesk(OnlineInspector.load(path), path, ledger) as desk:
        assert desk.label('a', 'good').state is State.UNKNOWN_PART


def test_what_is_put_at_the_place_by_others_keeps_its_pictures(desk, plate, path):
    _know(desk, plate(2000, defect='spot'), 'a', 'spot')
    name = desk.inspector.learner.challenge[0].features.picture
    desk.close()
    with RecipeHistory(path) as history:
        history.roll_back(1, who='me')
        history.roll_back(2, who='me')
    assert OnlineInspector.load(path).pictures.find(name) is not None


def test_a_further_look_is_undone_by_itself(desk, plate):
    inspector = desk.inspector
    for part, word, seed in (('x', 'spot', 2000), ('y', 'dent', 2001)):
        inspector.inspect(plate(seed, defect=word), part)
        inspector.pictures.see(part, None)
        assert desk.label(part, word, create=True).state is State.APPLIED
    desk.sharpen([plate(seed) for seed in range(20, 24)])
    sharpened = inspector.recipe
    inspector.inspect(plate(2000, defect='spot'), 'x')
    assert 'how it looks now' in desk.label('x', 'spot').text
    assert 'could not be looked at' in inspector.run_challenge().text  # y

    assert desk.undo().text.startswith('the last further look at a known part is undone')

    assert sorted(inspector.learner.labels) == ['x', 'y']
    assert len(inspector.run_challenge().unseen) == 2
    assert inspector.recipe.taught_parts == sharpened.taught_parts
    assert desk.undo().text.startswith('the last sharpening is undone')


def test_the_picture_of_a_further_look_is_needed(desk, plate, tmp_path):
    inspector, image = desk.inspector, plate(2000, defect='spot')
    inspector.inspect(image, 'x')
    inspector.pictures.see('x', None)
    desk.label('x', 'spot', create=True)
    desk.sharpen([plate(seed) for seed in range(20, 24)])
    inspector.inspect(image, 'x')
    desk.label('x', 'spot')

    assert inspector.learner.pictures == {image_digest(image)}
    inspector.save(tmp_path / 'copy')
    assert OnlineInspector.load(tmp_path / 'copy').pictures.find(image_digest(image)) is not None


def test_a_look_of_an_earlier_recipe_is_no_look_at_how_it_is_now(desk, plate):
    inspector = desk.inspector
    for part, seed in (('known', 2000), ('late', 2001)):
        inspector.inspect(plate(seed, defect='spot'), part)
        inspector.pictures.see(part, None)
    desk.label('known', 'spot', create=True)
    desk.sharpen([plate(seed) for seed in range(20, 24)])

    assert 'how it looks now' not in desk.label('known', 'spot').text
    assert desk.label('late', 'spot').state is State.APPLIED

    assert inspector.run_challenge().unseen == ('known', 'late')
    inspector.inspect(plate(2001, defect='spot'), 'late')
    assert 'how it looks now' in desk.label('late', 'spot').text
    assert inspector.run_challenge().unseen == ('known',)


def test_what_the_challenge_set_looks_like_is_kept(desk, plate, path, monkeypatch):
    inspector = desk.inspector
    _know(desk, plate(1000), 'fine', 'good')
    _step_of_its_own(desk, plate(1001))
    assert inspector.unseen.startswith('1 of 1 known parts have not been looked at again')

    assert desk.run_challenge(by='me').unseen == ()

    assert inspector.unseen == '' and OnlineInspector.load(path).unseen == ''
    version = inspector.version
    monkeypatch.setattr(KnownParts, 'look_again', None)
    desk.run_challenge(by='me')
    assert inspector.version == version
    assert desk.undo().text.startswith('the last self-update is undone')


def test_all_channels_but_the_last_of_an_image_with_alpha_are_kept(desk, plate):
    image = plate(2000, defect='spot')
    alpha = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    desk.inspector.inspect(alpha, 'a')
    desk.label('a', 'spot', create=True)
    assert desk.inspector.pictures.find(image_digest(image)) is not None


def test_a_label_is_in_force_where_its_picture_cannot_be_kept(desk, plate, path, monkeypatch):
    def broken(*_):
        raise MemoryError
    monkeypatch.setattr(desk.inspector.pictures, '_make_room', broken)
    desk.inspector.inspect(plate(2000, defect='spot'), 'a')

    answer = desk.label('a', 'spot', create=True)

    assert (answer.state, answer.version) == (State.APPLIED, 2)
    assert 'MemoryError' in desk.fault
    assert list(OnlineInspector.load(path).learner.labels) == ['a']


def test_an_archived_image_of_several_parts_is_looked_at_as_such(online, plate):
    image = plate(2000, defect='spot')
    online.judge(image, 'other')
    online.recall('a', image, each=True)
    online.judge(image, 'other', each=True)
    online.recall('b', image)
    assert [online.pictures.latest(part).each for part in 'ab'] == [True, False]


def test_what_a_confirmed_run_looked_at_is_kept_with_it(desk, plate, path):
    inspector = desk.inspector
    _know(desk, plate(1000), 'fine', 'good')
    _step_of_its_own(desk, plate(1001))
    assert inspector.unseen

    assert desk.confirm().state is State.APPLIED

    assert inspector.unseen == '' and OnlineInspector.load(path).unseen == ''

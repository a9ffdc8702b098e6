# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is expected follows good parts only where that is asked for, a little and not far."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection import RecipeError
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.attachments import SHIFT
from ant_ros.inspection.online.self_update import SelfUpdate
from ant_ros.inspection.recipe_history import RecipeHistory


def stained(image: np.ndarray, grey: float) -> np.ndarray:
    """Darken a broad place softly, as dust on the lens does."""
    weight = np.zeros(image.shape[:2], np.float32)
    cv2.circle(weight, (150, 110), 18, 1, -1)
    weight = cv2.GaussianBlur(weight, (0, 0), 6)
    return np.clip(image - grey * weight[..., None], 0, 255).astype(np.uint8)


def scores(online, plate, grey: float, seeds=range(1000, 1006)) -> float:
    return float(np.mean([online.judge(stained(plate(seed), grey), 'p').score for seed in seeds]))


def _follow(follow, online, plate):
    return (follow(online.judge(plate(seed), 'p')) for seed in range(1000, 1012))


def test_without_being_asked_for_nothing_follows(online, plate):
    before = online.attachments()
    for seed in range(1000, 1012):
        assert online.follow(online.judge(plate(seed), 'p')) == ''
    assert online.attachments() == before


def test_it_follows_a_slow_change_in_small_bounded_steps(online, plate):
    at_first, taught = scores(online, plate, 1.5), online.recipe.mean.copy()
    online.set_self_update(4)
    said = [online.follow(online.judge(stained(plate(seed), 1.5), 'p'))
            for seed in range(1000, 1032)]
    steps = [text for text in said if text]
    assert 2 <= len(steps) <= 8 and said.index(steps[0]) >= 3
    assert 'grey levels at most from what was taught' in steps[-1]
    assert scores(online, plate, 1.5) < at_first
    assert (online.recipe.mean == taught).all()  # the recipe itself stays what was taught
    for kind in ('spot', 'scratch', 'colour', 'dent', 'missing'):
        assert online.judge(plate(2000, defect=kind), 'p').decision is Decision.REJECT


def test_parts_that_are_not_far_inside_the_pass_region_count_for_nothing(online, plate):
    update = SelfUpdate(1, online.recipe)
    assert not update.add(online.judge(plate(2000, defect='spot'), 'p'))
    assert not update.add(online.judge(np.full_like(plate(1), 40), 'p'))
    assert update.add(online.judge(plate(1000), 'p'))


@pytest.mark.parametrize(('share', 'counts'), [(0.65, True), (0.75, False), (0.99, False)])
def test_a_part_that_only_just_passes_counts_for_nothing(online, plate, share, counts):
    verdict = online.judge(plate(1000), 'p')
    assert verdict.decision is Decision.PASS
    verdict.evidence.score[:] = 0
    verdict.evidence.score[60, 80] = share * verdict.evidence.limit
    assert SelfUpdate(1, online.recipe).add(verdict) == counts


def test_all_steps_together_are_bounded(online, plate):
    update, shift = SelfUpdate(1, online.recipe), None
    verdict = online.judge(plate(1000), 'p')
    for plane in verdict.evidence.difference:
        plane[:] = 50.0
    last = np.zeros(online.recipe.mean.shape)
    for _ in range(20):
        update.add(verdict)
        shift = update.step(shift)
        assert np.abs(shift - last).max() <= 0.26
        last = shift.astype(float)
    assert np.abs(last).max() == 3.0
    with pytest.raises(ValueError, match='at least 1 part'):
        SelfUpdate(0, online.recipe)


def test_a_step_too_small_to_be_kept_is_not_taken(online, plate):
    online.set_self_update(1)
    verdict = online.judge(plate(1000), 'p')

    def follow(grey: float) -> str:
        for plane in verdict.evidence.difference:
            plane[:] = grey
        return online.follow(verdict)

    assert follow(0.06) == '' and SHIFT not in online.attachments()
    assert '0.025 grey levels' in follow(0.1)
    assert follow(0.06) == ''
    assert '0.25 grey levels' not in follow(0.4) and follow(-0.06) == ''


def test_what_is_taken_back_is_warm_before_it_is_used(online, plate, monkeypatch):
    before = online.attachments()
    online.set_self_update(3)
    assert [text for text in _follow(online.follow, online, plate) if text]
    warmed = []
    monkeypatch.setattr(Inspector, 'warm_up', lambda inspector: warmed.append(inspector))

    online.restore(online.attachments())
    assert not warmed
    online.restore(before)
    assert len(warmed) == 1


def test_it_is_saved_loaded_and_taken_back(online, plate, tmp_path):
    before = online.attachments()
    online.set_self_update(3)
    assert [text for text in _follow(online.follow, online, plate) if text]
    online.save(tmp_path / 'plate')
    loaded = OnlineInspector.load(tmp_path / 'plate')
    image = plate(1001)
    assert loaded.judge(image, 'p').score == online.judge(image, 'p').score
    assert loaded.attachments() == online.attachments()
    with pytest.raises(MessageError):
        online.restore({**before, SHIFT: online.attachments()[SHIFT][:-2]})

    online.restore(before)
    assert online.judge(image, 'p').score != loaded.judge(image, 'p').score
    assert SHIFT not in online.attachments()


def test_each_step_is_a_version_in_the_ledger_and_can_be_undone(online, plate, tmp_path):
    path = tmp_path / 'plate'
    online.set_self_update(3)
    with Ledger(ledger_path(path)) as ledger, LabelDesk(online, path, ledger) as desk:
        desk.save(by='me')
        image = plate(1001)
        first = online.judge(image, 'p').score
        answer = next(filter(None, _follow(desk.follow, online, plate)))
        assert (answer.state, answer.version) == (LabelState.APPLIED, 2)
        assert online.judge(image, 'p').score != first
        with LedgerReader(ledger.path) as reader:
            assert [version.who for version in reader.versions()] == ['me', 'self-update']

        undone = desk.undo(by='me')
        assert undone.text.startswith('the last self-update is undone') and undone.version == 3
        assert online.judge(image, 'p').score == first
        assert 'nothing to undo' in desk.undo().text


def test_a_step_that_the_disk_refuses_leaves_the_one_before_to_be_undone(
        online, plate, tmp_path, monkeypatch):
    path = tmp_path / 'plate'
    online.set_self_update(3)

    def refuse(*_: object, **__: object) -> None:
        raise RecipeError('the disk is full')
    with Ledger(ledger_path(path)) as ledger, LabelDesk(online, path, ledger) as desk:
        desk.save(by='me')
        image = plate(1001)
        first = online.judge(image, 'p').score
        assert next(filter(None, _follow(desk.follow, online, plate))).version == 2
        with monkeypatch.context() as patch:
            patch.setattr(RecipeHistory, 'commit', refuse)
            refused = next(filter(None, _follow(desk.follow, online, plate)))
        assert refused.state is LabelState.REFUSED and 'the disk is full' in refused.text

        assert desk.undo(by='me').text.startswith('the last self-update is undone')
        assert online.judge(image, 'p').score == first

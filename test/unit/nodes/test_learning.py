# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the learner watches and follows, without ROS around it."""

from collections.abc import Callable
from collections.abc import Iterator
import math
from types import SimpleNamespace
from typing import Any

import pytest

from ant_ros.inspection import online
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.online import drift_monitor
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.books import Keeping
from ant_ros.nodes.judging import Judged
from ant_ros.nodes.learning import Learning
from ant_ros.nodes.part_verdict import PartVerdict


class Following:
    """An inspector that learns, and counts how often it is told to follow good parts."""

    name, version, why_not, patterns = 'plate', 1, '', ()
    learner = SimpleNamespace(labels={}, pending={}, classes=(), challenge=(), parts={}, version=0)

    def __init__(self) -> None:
        self.told: list[int] = []

    def attachments(self) -> dict[str, bytes]:
        return {}

    def set_self_update(self, every: int) -> None:
        self.told.append(every)


class Desk:
    """A desk that takes everything back."""

    fault = ''

    def __init__(self, inspector: Following, *_: Any, **__: Any) -> None:
        self.inspector = inspector

    def why_not(self) -> str:
        return ''

    def undo(self, *, by: str) -> Any:
        return SimpleNamespace(state=SimpleNamespace(value='applied'), text='undone')

    roll_back = undo

    def close(self) -> None:
        pass


@pytest.fixture
def learn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Learning]]:
    init = drift_monitor.DriftMonitor.__init__
    monkeypatch.setattr(drift_monitor.DriftMonitor, '__init__',
                        lambda self, **more: init(self, usual=4, **more))
    monkeypatch.setattr(online, 'LabelDesk', Desk)
    made = []

    def make(path: str = '', **options: Any) -> Learning:
        made.append(Learning(
            'me', **{'enabled': True, 'keeping': Keeping(), 'answer': print, **options}))
        made[-1].place(Following(), path)
        wait(made[-1])
        return made[-1]
    yield make
    for learning in made:
        assert learning.stop(5.0)


def wait(learning: Learning) -> None:
    learning.call(lambda: '').result(5.0)


def show(learning: Learning, *scores: float, limit: float = 1.0,
         decision: Decision = Decision.PASS) -> None:
    for score in scores:
        report = PartVerdict('a', 0, '', 'me', decision, 'said', score=score,
                             review_threshold=limit)
        learning.record(report, Judged(report))


def test_scores_that_cannot_be_compared_do_not_blind_the_drift_monitor(learn) -> None:
    learning = learn(watch=True)
    show(learning, math.nan, math.inf)
    show(learning, 0.5, limit=0.0)
    show(learning, 0.5, limit=math.nan)
    show(learning, 0.2, 0.21, 0.19, 0.2, *[0.6] * 20)
    assert 'rose from 0.20 to 0.60' in learning.drift


@pytest.mark.parametrize('decision', [Decision.REJECT, Decision.REVIEW])
def test_a_lamp_that_fails_is_told_though_nothing_passes(learn, decision) -> None:
    learning = learn(watch=True)
    show(learning, 0.2, 0.21, 0.19, 0.2)
    show(learning, *[math.inf] * 12, decision=decision)
    assert 'calibration no longer holds' in learning.drift
    assert '12 of the latest 16 were stopped' in learning.drift


def test_parts_that_nobody_has_looked_at_are_not_called_stopped(learn) -> None:
    learning = learn(watch=True)
    show(learning, *[math.nan] * 50, decision=Decision.UNINSPECTED)
    assert learning.drift == ''


def test_the_monitor_knows_which_share_the_recipe_may_stop(learn, monkeypatch) -> None:
    monkeypatch.setattr(Following, 'recipe', SimpleNamespace(target_frr=0.45), raising=False)
    learning = learn(watch=True)
    for stopped in [True, False] * 100:
        show(learning, 0.5, decision=Decision.REJECT if stopped else Decision.PASS)
    assert learning.drift == ''


def test_after_a_rollback_it_is_learned_anew_what_is_usual(learn, tmp_path) -> None:
    learning = learn(str(tmp_path / 'plate'), watch=True)
    show(learning, 0.2, 0.21, 0.19, 0.2, *[0.6] * 20)
    assert learning.drift
    assert learning.call(learning.roll_back).result(5.0) == 'undone'
    show(learning, *[0.6] * 20)
    assert learning.drift == ''


def test_a_rollback_that_the_ledger_was_not_told_of_is_one_nevertheless(
        learn, tmp_path, monkeypatch) -> None:
    def refuse(self: Desk, *, by: str) -> None:
        raise LedgerError('the disk is full')
    monkeypatch.setattr(Desk, 'roll_back', refuse)
    learning = learn(str(tmp_path / 'plate'), watch=True, self_update=7)
    show(learning, 0.2, 0.21, 0.19, 0.2, *[0.6] * 20)
    assert learning.drift
    with pytest.raises(LedgerError, match='the disk is full'):
        learning.call(learning.roll_back).result(5.0)
    show(learning, *[0.6] * 20)
    assert learning.drift == ''
    assert learning._inspector.told == [7, 7]


@pytest.mark.parametrize('back', ['undo', 'roll_back'])
def test_what_is_expected_is_followed_anew_after_a_change_is_taken_back(
        learn, tmp_path, back) -> None:
    learning = learn(str(tmp_path / 'plate'), self_update=7)
    assert learning._inspector.told == [7]
    learning.call(getattr(learning, back)).result(5.0)
    assert learning._inspector.told == [7, 7]
    assert learning.fault == ''


@pytest.mark.parametrize(('enabled', 'place'), [(False, 'plate'), (True, '')])
def test_where_nothing_can_be_followed_it_is_told(learn, tmp_path, enabled, place) -> None:
    path = str(tmp_path / place) if place else ''
    learning = learn(path, enabled=enabled, self_update=7)
    assert 'self_update needs learning: true' in learning.fault
    assert learning._inspector.told == []


def test_a_fault_is_told_as_soon_as_it_is_there(learn, tmp_path) -> None:
    learning = learn(str(tmp_path / 'plate'))
    assert learning.fault == ''
    learning._books.faults['early'] = '2 verdicts are not written down'
    assert learning.fault == '2 verdicts are not written down'


@pytest.fixture
def merged(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Let what is followed belong to a fleet; return what it learns from there."""
    merged = []

    def merge(self: Desk, message: bytes, *, by: str) -> Any:
        merged.append(message)
        state = message.decode() if message in (b'pending', b'refused') else 'applied'
        return SimpleNamespace(state=SimpleNamespace(value=state), text='said')
    monkeypatch.setattr(Desk, 'merge', merge, raising=False)
    monkeypatch.setattr(Following, 'join_fleet', lambda self, robot: None, raising=False)
    monkeypatch.setattr(Following, 'learner', SimpleNamespace(
        **{**vars(Following.learner), 'space': SimpleNamespace(digest='space'),
           'export': lambda: b'mine %d' % Following.learner.version}))
    return merged


def test_what_it_says_itself_is_not_learned_however_soon_it_comes_back(
        learn, merged, tmp_path) -> None:
    back = []
    learning = learn(str(tmp_path / 'plate'), robot='me',
                     share=lambda message: [hear(message) for hear in back])
    back.append(learning.hear)
    Following.learner.version = 1
    learning.call(learning.undo).result(5.0)
    wait(learning)
    assert merged == []


def test_what_could_not_be_said_is_not_taken_for_its_own(learn, merged, tmp_path) -> None:
    def refuse(message: bytes) -> None:
        raise ValueError('too much to tell')
    learning = learn(str(tmp_path / 'plate'), robot='me', share=refuse)
    assert 'too much to tell' in learning.fault
    learning.hear(b'mine 0')
    wait(learning)
    assert merged == [b'mine 0']


def test_only_what_was_refused_of_the_fleet_is_counted_so(learn, merged, tmp_path) -> None:
    learning = learn(str(tmp_path / 'plate'), robot='me')
    for message, count in ((b'pending', 0), (b'refused', 1), (b'applied', 1)):
        learning.hear(message)
        wait(learning)
        assert learning.not_merged == count
    assert merged == [b'pending', b'refused', b'applied']


@pytest.mark.parametrize('back', ['undo', 'roll_back'])
def test_what_was_merged_since_a_version_is_merged_again_when_it_is_back(
        learn, merged, tmp_path, back) -> None:
    learning = learn(str(tmp_path / 'plate'), robot='me')
    message = pack('fleet state', {'space': 'space', 'sender': 'other'}, {})
    learning.hear(message)
    wait(learning)
    assert merged == [message]

    learning.call(getattr(learning, back)).result(5.0)

    assert merged == [message, message]


def test_pictures_that_are_not_on_the_disk_are_told(learn, tmp_path, monkeypatch) -> None:
    learning = learn(str(tmp_path / 'plate'))
    monkeypatch.setattr(Desk, 'fault', 'pictures of known parts are not on the disk')
    assert learning.fault == 'pictures of known parts are not on the disk'

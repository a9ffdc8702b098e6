# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the worker does with a part, without ROS around it."""

import os
from types import SimpleNamespace

import numpy as np
import pytest

from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Verdict
from ant_ros.network.work import Work
from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.judging import Judge
from ant_ros.nodes.judging import Lesson
from ant_ros.nodes.losses import Losses
from ant_ros.nodes.pending_part import Frame
from ant_ros.nodes.pending_part import PendingPart


class Passing:
    """An inspector that passes everything and remembers what it was taught from."""

    version = 1

    def __init__(self, name: str, images=()):
        self.name, self.images = name, images

    @classmethod
    def teach(cls, images, *, name, kind, backbone, target_frr):
        if len(images) == 7:
            raise ValueError('seven is unlucky')
        taught = cls(name, images)
        taught.asked = (kind, backbone, target_frr)
        return taught

    @classmethod
    def load(cls, path):
        if not path.is_dir():
            raise ValueError('no folder')
        return cls(path.name)

    def warm_up(self):
        pass

    def inspect(self, image) -> Verdict:
        return Verdict(Decision.PASS, 0.5, 0.9, 1.0, (), 'fine', Work(0, 1, 0, 1, 0, 0.0), 0,
                       self.name, self.version, (image.shape[1], image.shape[0]))


@pytest.fixture
def judge() -> Judge:
    return Judge('inspector', Losses(), lambda: Passing)


def _part(number: int = 1, side: int = 40) -> PendingPart:
    header = SimpleNamespace(frame_id='camera')
    message = fill_image(SimpleNamespace(header=header), np.zeros((side, side), np.uint8), 'mono8')
    return PendingPart(f'part-{number}', 5, 0.0, frame=Frame(message, 7, 0.0))


def test_report_carries_part_and_image(judge: Judge) -> None:
    judge.start_teaching(Lesson(5, 'plate', 0.005))
    for number in range(5):
        judge.judge(_part(number))
    judged = judge.judge(_part(9))
    assert judged is not None and judged.pixels is not None and judged.verdict is not None
    report = judged.report
    assert (report.part_id, report.stamp_ns, report.frame_id) == ('part-9', 7, 'camera')
    assert (report.decision, report.recipe, report.cause) == (Decision.PASS, 'plate', '')


def test_what_is_asked_for_reaches_the_teaching(judge: Judge) -> None:
    judge.start_teaching(Lesson(5, 'plate', 0.01, 'texture', 'efficientnet-lite0'))
    for number in range(5):
        judge.judge(_part(number))
    assert judge.inspector.asked == ('texture', 'efficientnet-lite0', 0.01)


def test_failed_teaching_keeps_the_inspector_and_ends_the_lesson(judge: Judge) -> None:
    judge.inspector = before = Passing('old')
    judge.start_teaching(Lesson(7, 'new', 0.005))
    judged = [judge.judge(_part(number)) for number in range(7)]
    assert 'seven is unlucky' in judged[-1].report.reason
    assert judge.inspector is before
    assert judge.lesson is None and judge.learning_failed
    with pytest.raises(RuntimeError, match='not teaching'):
        judge.finish_teaching()


def test_parts_that_sharpen_are_judged_all_the_same(judge: Judge) -> None:
    collected: list[list[np.ndarray]] = []
    judge.on_collected = collected.append
    with pytest.raises(RuntimeError, match='no recipe'):
        judge.start_sharpening(3)
    judge.inspector = Passing('plate')
    assert judge.start_sharpening(3) == 'the next 3 parts are taken as good ones'
    with pytest.raises(RuntimeError, match='~/sharpen collects good parts: end it first'):
        judge.start_teaching(Lesson(5, 'new', 0.005))
    with pytest.raises(RuntimeError, match='still collecting'):
        judge.finish_sharpening()

    judged = [judge.judge(_part(number)) for number in range(4)]

    assert {one.report.decision for one in judged} == {Decision.PASS}
    assert [len(images) for images in collected] == [3]
    assert judge.lesson is None and judge.learning_message == 'sharpening from 3 good parts'
    with pytest.raises(RuntimeError, match='not sharpening'):
        judge.finish_sharpening()
    judge.learned('not sharpened: no part in any image', failed=True)
    assert judge.learning_failed and judge.inspector.name == 'plate'


def test_another_recipe_is_not_sharpened_by_parts_of_the_one_before(
        judge: Judge, tmp_path) -> None:
    (tmp_path / 'plate').mkdir()
    judge.inspector = Passing('cap')
    judge.start_sharpening(3)
    judge.judge(_part(1))
    judge.load(str(tmp_path / 'plate'))
    assert judge.lesson is None and judge.learning_failed
    assert 'another recipe was loaded' in judge.learning_message


def test_failed_teaching_says_why_and_what_to_do(judge: Judge, monkeypatch) -> None:
    said = []
    judge.on_teaching_failed = said.append

    def teach(images, **options):
        raise ModuleNotFoundError("No module named 'numba'", name='numba')
    monkeypatch.setattr(Passing, 'teach', teach)
    judge.start_teaching(Lesson(5, 'new', 0.005))
    for number in range(5):
        judge.judge(_part(number))

    assert said == ["teaching failed: No module named 'numba'; install numba"]
    later = judge.judge(_part(6)).report
    assert (later.cause, later.reason) == ('no_recipe', f'no recipe ({said[0]})')


def test_recipe_that_is_refused_or_missing_leaves_the_one_in_use(judge: Judge, tmp_path) -> None:
    (tmp_path / 'plate').mkdir()
    (tmp_path / 'file').touch()
    judge.load(str(tmp_path / 'plate'))
    with pytest.raises(ValueError, match='no folder'):
        judge.load(str(tmp_path / 'file'))
    assert 'refused: no folder' in judge.recipe_fault
    with pytest.raises(ValueError, match='there is nothing at'):
        judge.load(str(tmp_path / 'nothing'))
    assert 'refused: there is nothing' in judge.recipe_fault and judge.inspector.name == 'plate'
    assert judge.recipe_path == str(tmp_path / 'plate')


def test_a_first_recipe_that_is_refused_leaves_no_place_to_wait_for(
        judge: Judge, tmp_path) -> None:
    places = []
    judge.on_place = lambda inspector, path: places.append((inspector, path))
    (tmp_path / 'file').touch()
    (tmp_path / 'plate').mkdir()
    for name, count in (('file', 1), ('plate', 2), ('file', 2)):
        try:
            judge.load(str(tmp_path / name))
        except ValueError as error:
            assert 'no folder' in str(error)
        assert len(places) == count

    assert places == [(None, ''), (judge.inspector, str(tmp_path / 'plate'))]


def test_saving_without_recipe_is_refused(judge: Judge) -> None:
    with pytest.raises(RuntimeError, match='no recipe to save'):
        judge.save('anywhere')
    judged = judge.judge(_part())
    assert judged is not None and judged.report.cause == 'no_recipe'


def test_image_too_small_for_any_inspector_is_not_collected(judge: Judge) -> None:
    judge.start_teaching(Lesson(5, 'plate', 0.005))
    judged = judge.judge(_part(side=8))
    assert judged is not None and judged.report.cause == 'bad_image'
    assert judge.lesson is not None and judge.lesson.images == []


def teach(judge: Judge, name: str) -> None:
    judge.start_teaching(Lesson(5, name, 0.005))
    for number in range(5):
        judge.judge(_part(number))


class Ruled(Passing):
    """An inspector that remembers which rules it was given."""

    rules = scale = None

    def save(self, path) -> None:
        path.mkdir(exist_ok=True)

    def set_rules(self, path, *, mm_per_px=None) -> None:
        if path is not None and 'nonsense' in path.read_text():
            raise ValueError('no rules')
        self.rules, self.scale = path and path.name, mm_per_px

    def reload_rules(self):
        return SimpleNamespace(changed=False, error=None)


@pytest.fixture
def ruled(tmp_path) -> Judge:
    """Return a judge whose recipe a has rules from elsewhere, b its own, and c none."""
    for name in 'abc':
        (tmp_path / name).mkdir()
    for name in ('elsewhere', 'a.rules', 'b.rules'):
        (tmp_path / f'{name}.yaml').write_text('rules: []\n')
    judge = Judge('inspector', Losses(), lambda: Ruled)
    judge.rules, judge.rules_for = str(tmp_path / 'elsewhere.yaml'), f'{tmp_path}/a/'
    judge.mm_per_px = 0.1
    return judge


def test_rules_belong_to_a_recipe_and_follow_to_no_other(ruled: Judge, tmp_path) -> None:
    told = []
    ruled.on_ruled = told.append
    for name in 'abca':
        ruled.load(str(tmp_path / name))
        told.append(ruled.inspector.rules)
    first = f'the parameter are for {tmp_path}/a/)'

    assert told == [
        f"recipe 'a': rules {tmp_path}/elsewhere.yaml", 'elsewhere.yaml',
        f"recipe 'b': rules {tmp_path}/b.rules.yaml", 'b.rules.yaml',
        f"recipe 'c': no rules (those of {first}", None,
        f"recipe 'a': rules {tmp_path}/elsewhere.yaml", 'elsewhere.yaml']
    assert ruled.inspector.scale == 0.1


def test_without_the_parameter_the_rules_beside_the_recipe_count(ruled: Judge, tmp_path) -> None:
    ruled.rules = ''
    ruled.load(str(tmp_path / 'a'))

    assert ruled.rules_in_words == f'rules {tmp_path}/a.rules.yaml'


def test_a_recipe_whose_rules_cannot_be_used_is_refused(ruled: Judge, tmp_path) -> None:
    ruled.load(str(tmp_path / 'a'))
    (tmp_path / 'b.rules.yaml').write_text('nonsense')
    with pytest.raises(ValueError, match='no rules'):
        ruled.load(str(tmp_path / 'b'))

    assert (ruled.inspector.name, ruled.inspector.rules) == ('a', 'elsewhere.yaml')
    assert 'no rules' in ruled.recipe_fault
    assert ruled.rules_in_words == f'rules {tmp_path}/elsewhere.yaml'


def test_rules_laid_beside_a_recipe_in_use_count_from_the_next_part(
        ruled: Judge, tmp_path) -> None:
    ruled.load(str(tmp_path / 'c'))
    beside = tmp_path / 'c.rules.yaml'
    beside.write_text('nonsense')
    ruled.judge(_part(1))
    assert ruled.rules_fault == 'no rules\nno rules are in force'
    assert ruled.inspector.rules is None

    beside.write_text('rules: []\n')
    os.utime(beside, ns=(7, 7))
    ruled.judge(_part(2))
    assert (ruled.inspector.rules, ruled.rules_fault) == ('c.rules.yaml', '')
    assert ruled.ruled_by == str(beside)


def test_what_is_taught_has_the_rules_of_its_place(ruled: Judge, tmp_path) -> None:
    ruled.load(str(tmp_path / 'b'))
    (tmp_path / 'd.rules.yaml').write_text('rules: []\n')
    teach(ruled, 'd')
    assert ruled.inspector.rules == 'b.rules.yaml', 'as long as it has no place of its own'
    ruled.load(str(tmp_path / 'd'))
    assert (ruled.inspector.name, ruled.inspector.rules) == ('d', 'd.rules.yaml')
    ruled.load(str(tmp_path / 'e'))
    assert (ruled.inspector.rules, ruled.ruled_by) == (None, '')


def test_rules_for_a_recipe_without_a_place_are_for_the_one_that_is_taught(
        ruled: Judge, tmp_path) -> None:
    ruled.rules_for = ''
    ruled.start_teaching(Lesson(5, 'new', 0.005))
    for number in range(5):
        ruled.judge(_part(number))

    assert ruled.inspector.rules == 'elsewhere.yaml'


def test_rules_laid_beside_what_was_taught_and_then_saved_count(ruled: Judge, tmp_path) -> None:
    ruled.rules = ''
    teach(ruled, 'new')
    ruled.load(str(tmp_path / 'new'))
    ruled.save(str(tmp_path / 'new'))
    (tmp_path / 'new.rules.yaml').write_text('rules: []\n')
    ruled.judge(_part(9))

    assert ruled.inspector.rules == 'new.rules.yaml'


def test_the_parameters_rules_are_for_the_first_recipe_that_can_be_used(
        ruled: Judge, tmp_path) -> None:
    ruled.rules_for = None
    (tmp_path / 'damaged').touch()
    with pytest.raises(ValueError, match='no folder'):
        ruled.load(str(tmp_path / 'damaged'))
    ruled.load(str(tmp_path / 'c'))
    assert (ruled.inspector.rules, ruled.rules_left_out) == ('elsewhere.yaml', '')

    ruled.load(str(tmp_path / 'a'))
    assert ruled.rules_left_out == (f'the rules {tmp_path}/elsewhere.yaml are for {tmp_path}/c, '
                                    f'here count {tmp_path}/a.rules.yaml')
    (tmp_path / 'd').mkdir()
    ruled.load(str(tmp_path / 'd'))
    assert ruled.rules_left_out.endswith(f'count none (lay some in {tmp_path}/d.rules.yaml)')


def test_the_parameters_rules_stay_with_what_was_taught_where_it_gets_a_place(
        ruled: Judge, tmp_path) -> None:
    ruled.rules_for = None
    teach(ruled, 'new')
    ruled.load(str(tmp_path / 'new'))
    teach(ruled, 'newer')
    assert (ruled.inspector.rules, ruled.rules_left_out) == ('elsewhere.yaml', '')

    ruled.save(str(tmp_path / 'new'))
    ruled.load(str(tmp_path / 'b'))
    assert ruled.inspector.rules == 'b.rules.yaml'
    ruled.load(str(tmp_path / 'new'))
    assert ruled.inspector.rules == 'elsewhere.yaml'


def test_bad_rules_that_were_taken_away_are_no_fault_any_more(ruled: Judge, tmp_path) -> None:
    ruled.load(str(tmp_path / 'c'))
    beside = tmp_path / 'c.rules.yaml'
    beside.write_text('nonsense')
    os.utime(beside, ns=(7, 7))
    ruled.judge(_part(1))
    assert ruled.rules_fault
    beside.unlink()
    ruled.judge(_part(2))
    assert ruled.rules_fault == ''

    beside.write_text('nonsense')
    os.utime(beside, ns=(7, 7))
    ruled.judge(_part(3))
    assert ruled.rules_fault == 'no rules\nno rules are in force'


def test_looking_for_rules_is_one_look_at_a_date(ruled: Judge, tmp_path, monkeypatch) -> None:
    ruled.load(str(tmp_path / 'c'))
    looks = []
    with monkeypatch.context() as patch:
        for name in ('stat', 'lstat'):
            look = getattr(os, name)
            patch.setattr(os, name, lambda path, *more, look=look, **options: (
                looks.append(path), look(path, *more, **options))[1])
        ruled.judge(_part(1))

    assert looks == [f'{tmp_path}/c.rules.yaml']


def test_a_place_without_a_recipe_is_for_one_that_has_no_place(judge: Judge, tmp_path) -> None:
    told = []
    judge.on_missing = told.append
    placed = []
    judge.on_place = lambda inspector, path: placed.append((inspector, path))
    new, saved = str(tmp_path / 'new'), tmp_path / 'saved'
    saved.mkdir()

    judge.load(new)
    assert placed == [(None, new)] and new in told[0]
    judge.load(str(saved))
    with pytest.raises(ValueError, match=f'there is nothing at {new}'):
        judge.load(new)
    assert (judge.recipe_path, judge.missing, len(placed)) == (str(saved), '', 2)

    judge.start_teaching(Lesson(5, 'other', 0.005))
    for number in range(5):
        judge.judge(_part(number))
    judge.load(new)
    assert placed[-1] == (judge.inspector, new) and judge.inspector.name == 'other'

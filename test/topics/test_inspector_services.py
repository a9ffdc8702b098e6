# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector's services and labels answer always, and helpfully."""

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
import pytest
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from std_srvs.srv import SetBool
from std_srvs.srv import Trigger

from ant_ros.inspection.verdict import Decision


def _teach(line, data: bool):
    return line.ros.call(SetBool, 'inspector/teach', SetBool.Request(data=data))


def _show_parts(line, first: int, last: int, grey: int = 10, **image) -> None:
    for number in range(first, last + 1):
        line.trigger(f'part-{number}', float(number))
        line.publish(line.image(float(number), grey, **image))


def test_teach_takes_the_next_parts_and_judges_those_after(inspector_line) -> None:
    line = inspector_line().start()
    answer = _teach(line, True)
    assert answer.success and 'next 10 parts' in answer.message
    _show_parts(line, 1, 10)
    verdicts = line.wait_for_verdicts(10)
    assert {verdict.cause for verdict in verdicts} == {'teaching'}
    assert verdicts[2].reason == 'good part 3 of 10 for teaching'
    assert "taught recipe 'recipe' version 1" in verdicts[9].reason
    _show_parts(line, 11, 11, grey=200)
    assert line.wait_for_verdicts(11)[10].decision is Decision.REJECT
    line.wait_for_health('learning', DiagnosticStatus.OK, 'from 10 good parts')


def test_teach_asks_for_what_the_parameters_say(inspector_line) -> None:
    line = inspector_line(teach_count=5, part_kind='texture', backbone='sampled',
                          target_frr=0.01).start()
    assert _teach(line, True).success
    _show_parts(line, 1, 5)
    line.wait_for_verdicts(5)
    assert line.node.judge.inspector.asked == {
        'kind': 'texture', 'backbone': 'sampled', 'target_frr': 0.01}


def test_the_log_says_what_is_inspected_and_taught(inspector_line) -> None:
    line = inspector_line(teach_count=5)
    log = line.ros.record(Log, '/rosout', 100)
    line.ros.wait_for(lambda: line.ros.node.count_publishers('/rosout') >= 2)
    line.start()
    _teach(line, True)
    _show_parts(line, 1, 5)

    def said() -> list[str]:
        return [entry.msg for entry in log.messages if entry.name == 'inspector'
                and entry.level == Log.INFO]
    for text in ('active: images on /image, parts on /part, frame_policy every, no recipe',
                 'the next 5 parts are taken as good ones',
                 "taught recipe 'recipe' version 1 from 5 good parts"):
        line.ros.wait_for(lambda text=text: any(one.startswith(text) for one in said()))


def test_teach_is_ended_early_with_enough_parts(inspector_line) -> None:
    line = inspector_line(recipe='').start()
    assert not _teach(line, False).success
    assert _teach(line, True).success
    _show_parts(line, 1, 4)
    line.wait_for_verdicts(4)
    answer = _teach(line, False)
    assert not answer.success and '4 good parts collected, at least 5' in answer.message
    _show_parts(line, 5, 6)
    line.wait_for_verdicts(6)
    line.wait_for_health('learning', DiagnosticStatus.OK, '6 of 10')
    again = _teach(line, True)
    assert again.success and '6 of 10' in again.message
    answer = _teach(line, False)
    assert answer.success and 'from 6 good parts' in answer.message


def test_failed_teaching_is_told_and_the_old_recipe_stays(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), teach_count=5).start()
    _teach(line, True)
    _show_parts(line, 1, 5, grey=200)
    assert 'one of the good parts is not good' in line.wait_for_verdicts(5)[4].reason
    line.wait_for_health('learning', DiagnosticStatus.ERROR, 'teaching failed')
    _show_parts(line, 6, 6)
    verdict = line.wait_for_verdicts(6)[5]
    assert (verdict.decision, verdict.recipe) == (Decision.PASS, 'plate')


def test_bad_image_does_not_count_as_taught(inspector_line) -> None:
    line = inspector_line(teach_count=5).start()
    _teach(line, True)
    _show_parts(line, 1, 3)
    _show_parts(line, 4, 4, size=(50, 60))  # of another size
    _show_parts(line, 5, 5, size=(8, 8))    # too small for anything
    _show_parts(line, 6, 7)
    causes = [verdict.cause for verdict in line.wait_for_verdicts(7)]
    assert causes == ['teaching'] * 3 + ['bad_image'] * 2 + ['teaching'] * 2
    line.wait_for_health('learning', DiagnosticStatus.OK, 'from 5 good parts')


def test_teach_at_start(inspector_line) -> None:
    line = inspector_line(teach_at_start=True, teach_count=5).start()
    _show_parts(line, 1, 6)
    assert [verdict.cause for verdict in line.wait_for_verdicts(6)] == ['teaching'] * 5 + ['']


def test_save_writes_the_recipe_that_configure_loads(inspector_line, tmp_path) -> None:
    line = inspector_line(recipe=str(tmp_path / 'cap'), teach_at_start=True, teach_count=5).start()
    line.wait_for_health('model', DiagnosticStatus.WARN, f'there is nothing at {tmp_path}/cap')
    assert 'no recipe to save' in line.ros.call(Trigger, 'inspector/save').message
    _show_parts(line, 1, 5)
    line.wait_for_verdicts(5)
    answer = line.ros.call(Trigger, 'inspector/save')
    assert answer.success and str(tmp_path / 'cap') in answer.message
    assert (tmp_path / 'cap' / 'recipe.json').read_text() == 'cap'
    line.wait_for_health('model', DiagnosticStatus.OK, "recipe 'cap' version 1")


def test_save_without_a_folder_says_what_to_set(inspector_line) -> None:
    line = inspector_line().start()
    assert 'set the parameter recipe' in line.ros.call(Trigger, 'inspector/save').message


def test_teaching_does_not_hold_up_other_requests(
        inspector_line, monkeypatch: pytest.MonkeyPatch) -> None:
    line = inspector_line().start()
    _teach(line, True)
    _show_parts(line, 1, 6)
    line.wait_for_verdicts(6)
    teach = line.inspector.teach

    def slowly(images, **options):
        line.inspector.released.wait(20)
        return teach(images, **options)
    monkeypatch.setattr(line.inspector, 'teach', slowly)
    client = line.ros.node.create_client(SetBool, 'inspector/teach')
    line.ros.wait_for(client.service_is_ready)
    future = client.call_async(SetBool.Request(data=False))
    line.ros.wait_for(lambda: line.node.judge.occupied == 'teaching')
    assert not line.ros.call(Trigger, 'inspector/undo').success
    assert not future.done()
    line.inspector.released.set()
    line.ros.wait_for(future.done)
    assert future.result().success


@pytest.mark.parametrize('service', ['challenge', 'confirm', 'rollback', 'undo'])
def test_learning_services_say_what_is_missing(inspector_line, service: str) -> None:
    line = inspector_line()
    assert 'configure it first' in line.ros.call(Trigger, f'inspector/{service}').message
    line.start()
    answer = line.ros.call(Trigger, f'inspector/{service}')
    assert not answer.success and 'set the parameter recipe' in answer.message


def test_sharpening_says_what_is_missing(inspector_line) -> None:
    line = inspector_line()
    request = SetBool.Request(data=True)
    assert 'activate it' in line.ros.call(SetBool, 'inspector/sharpen', request).message
    line.start()
    answer = line.ros.call(SetBool, 'inspector/sharpen', request)
    assert not answer.success and 'set the parameter recipe' in answer.message


def test_learning_with_an_inspector_that_does_not_learn(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    answer = line.ros.call(Trigger, 'inspector/undo')
    assert not answer.success and 'does not learn' in answer.message


def test_requests_in_other_states_are_answered(inspector_line, tmp_path) -> None:
    line = inspector_line(recipe=str(tmp_path / 'none'))
    assert 'activate it' in _teach(line, True).message
    assert 'configure it first' in _teach(line, False).message
    assert 'configure it first' in line.ros.call(Trigger, 'inspector/save').message


def test_labels_are_refused_before_configure_and_late_listeners_hear_it(
        inspector_line, ros) -> None:
    inspector_line()
    publisher = ros.publisher(DiagnosticArray, 'inspector/label')
    labels = [DiagnosticStatus(hardware_id=f'part-{number}', message='good', name='me')
              for number in range(3)]
    publisher.publish(DiagnosticArray(status=labels))
    answers = ros.record(DiagnosticArray, 'inspector/label_result', QoSProfile(
        depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    ros.wait_for(lambda: sum(len(one.status) for one in answers.messages) == 3)
    answer = answers[-1].status[-1]
    assert (answer.hardware_id, answer.name) == ('part-2', 'me')
    assert 'configure it first' in answer.message
    assert ('result', 'refused') in [(pair.key, pair.value) for pair in answer.values]

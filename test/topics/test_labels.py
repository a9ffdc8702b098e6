# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels over topics: what people say of a part counts with the next one."""

from array import array
from collections.abc import Callable
from pathlib import Path
import shutil
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import UInt8MultiArray
from std_srvs.srv import SetBool
from std_srvs.srv import Trigger

from ant_ros.cli.node_labels import forget_by_node
from ant_ros.cli.node_labels import label_by_node
from ant_ros.cli.node_labels import node_that_holds
from ant_ros.cli.node_labels import NodeSilentError
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.inspector import InspectorNode
from ant_ros.nodes.label_message import LABEL_KEYS
from ant_ros.nodes.learning import MOST_LABELS

RESULT_QOS = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@pytest.fixture(scope='module')
def taught(tmp_path_factory: Any, draw_plate: Callable[..., np.ndarray]) -> Path:
    """Return a recipe that can learn."""
    path = tmp_path_factory.mktemp('taught') / 'plate'
    OnlineInspector.teach(
        [draw_plate(seed) for seed in range(8)], name='plate', backbone='sampled').save(path)
    return path


@pytest.fixture
def recipe(taught: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(taught, tmp_path / 'plate'))


class LabelledLine:
    """An inspector line whose parts are shown and labelled by their names."""

    def __init__(self, line: Any, ros: Any, draw: Callable[..., np.ndarray]):
        self.line, self.ros, self._draw = line, ros, draw
        self.results = ros.record(DiagnosticArray, 'inspector/label_result', RESULT_QOS)
        line.start()
        self._labels = ros.publisher(DiagnosticArray, 'inspector/label', 2000)
        ros.wait_for(lambda: line.node.count_subscribers('inspector/label_result') == 1)
        self._shown = 0

    def show(self, part: str, defect: str = '', seed: int = 100) -> Any:
        """Show a part and return the verdict on it."""
        self._shown += 1
        self.line.trigger(part, float(self._shown))
        message = fill_image(Image(), self._draw(seed, defect), 'rgb8')
        message.header.stamp.sec = self._shown
        self.line.publish(message)
        return self.line.wait_for_verdicts(self._shown)[-1]

    @property
    def answers(self) -> list[tuple[Any, dict[str, str]]]:
        """Return the answers so far, each with its values."""
        return [(status, {pair.key: pair.value for pair in status.values})
                for message in self.results.messages for status in message.status]

    def send(self, part: str, word: str, by: str = 'me', **values: str) -> None:
        """Publish a label."""
        self._labels.publish(DiagnosticArray(status=[DiagnosticStatus(
            hardware_id=part, message=word, name=by,
            values=[KeyValue(key=key, value=value) for key, value in values.items()])]))

    def label(
        self, part: str, word: str, by: str = 'me', **values: str,
    ) -> tuple[Any, dict[str, str]]:
        """Publish a label and return the answer to it."""
        count = len(self.answers)
        self.send(part, word, by, **values)
        self.ros.wait_for(lambda: len(self.answers) > count, what='an answer to the label')
        return self.answers[-1]

    def wait_for_model(self, **values: str) -> None:
        """Wait until the diagnostics say so of the recipe in use."""
        def is_so() -> bool:
            health = self.line.health('model')
            return health is not None and all(
                text in health[2].get(name, '') for name, text in values.items())
        self.ros.wait_for(is_so, what=f'a model with {values}')

    def call(self, service: str) -> Any:
        """Call a service of the inspector."""
        return self.ros.call(Trigger, f'inspector/{service}')


@pytest.fixture
def labelled(inspector_line, ros, recipe, draw_plate) -> Callable[..., LabelledLine]:
    def make(**parameters: Any) -> LabelledLine:
        options = {'recipe': str(recipe), **parameters}
        return LabelledLine(inspector_line(OnlineInspector, **options), ros, draw_plate)
    return make


def test_good_after_all_takes_effect_on_the_next_part(labelled, recipe) -> None:
    line = labelled()
    assert line.show('known', 'scratch').decision is Decision.REJECT
    assert line.label('known', 'scratch')[1]['result'] == 'refused'  # new: asked about
    assert line.label('known', 'scratch')[1]['result'] == 'applied'
    assert line.show('4711', 'spot').decision is Decision.REJECT

    status, values = line.label('4711', 'good')

    assert (status.level, status.hardware_id, status.name) == (
        DiagnosticStatus.OK, '4711', 'me')
    assert tuple(values) == LABEL_KEYS
    assert (values['result'], values['label'], values['label_id'], values['recipe_version']) == (
        'applied', 'good', '2', '3')
    assert float(values['milliseconds']) > 0
    verdict = line.show('next', 'spot', 101)
    assert (verdict.decision, verdict.recipe_version) == (Decision.PASS, 3)
    assert line.show('other', 'scratch', 101).decision is Decision.REJECT
    assert OnlineInspector.load(recipe).learner.labels['4711'].word == 'good'


def test_any_label_is_forgotten_by_its_number(labelled, recipe) -> None:
    line = labelled()
    for part, kind in (('a', 'spot'), ('b', 'scratch')):
        assert line.show(part, kind).decision is Decision.REJECT
        assert line.label(part, 'good')[1]['result'] == 'applied'
    assert line.show('c', 'spot', 101).decision is Decision.PASS

    status, values = line.label('', '', forget='1')

    assert (values['result'], values['label'], values['label_id']) == ('applied', 'forget 1', '1')
    assert '"a is good" is forgotten' in status.message
    assert line.show('d', 'spot', 101).decision is Decision.REJECT
    assert line.show('e', 'scratch', 101).decision is Decision.PASS
    for wrong, why in (('1', 'no label 1 is in force'), ('first', 'give the number'),
                       ('-2', 'give the number')):
        status, values = line.label('', '', forget=wrong)
        assert (values['result'], why in status.message) == ('refused', True), status.message
    with LedgerReader(ledger_path(recipe)) as reader:
        assert [one.state.value for one in reader.labels()] == ['undone', 'applied']


def test_a_defect_class_is_named_on_the_next_part(labelled) -> None:
    line = labelled()
    for kind in ('spot', 'scratch'):
        line.show(kind, kind)
        line.label(kind, kind)
        assert line.label(kind, kind)[1]['result'] == 'applied'

    for kind in ('spot', 'scratch'):
        assert kind in line.show(f'{kind} again', kind, 102).reason


def test_what_looks_alike_is_named_once(labelled, recipe) -> None:
    line = labelled()
    for number in range(4):
        verdict = line.show(f'part {number}', 'scratch', 100 + number)
        line.ros.wait_for(lambda number=number: line.line.node.learning.figures.remembered
                          == number + 1, what='the part being remembered')
    assert (verdict.classes, verdict.pattern) == (('unknown',), 'pattern 1')
    assert verdict.reason.startswith('like pattern 1: ')

    def told() -> bool:
        level, text, values = line.line.health('learning') or (b'', '', {})
        return (level == DiagnosticStatus.OK and '0 labels learned' in text
                and values['patterns'] == 'pattern 1 (4 parts)')
    line.ros.wait_for(told, what='diagnostics that name the pattern')

    assert 'send the same label again' in line.label('pattern 1', 'scratch')[0].message
    status, values = line.label('pattern 1', 'scratch')

    assert (values['result'], status.hardware_id) == ('applied', 'pattern 1')
    assert '4 of 4 parts that look like pattern 1 are scratch' in status.message
    verdict = line.show('next', 'scratch', 110)
    assert (verdict.classes, verdict.pattern) == (('scratch',), '')
    assert len(OnlineInspector.load(recipe).learner.labels) == 4
    with LedgerReader(ledger_path(recipe)) as reader:
        assert {one.state.value for one in reader.labels()} == {'applied'}


def test_undo_and_rollback(labelled) -> None:
    line = labelled()
    assert 'nothing to undo' in line.call('undo').message
    line.show('a', 'spot')
    line.label('a', 'good')
    assert line.show('b', 'spot', 101).decision is Decision.PASS

    answer = line.call('undo')
    assert answer.success and 'a is good' in answer.message
    assert line.show('c', 'spot', 102).decision is Decision.REJECT

    answer = line.call('rollback')
    assert answer.success and 'version 2 is back' in answer.message
    assert line.show('d', 'spot', 103).decision is Decision.PASS


def test_further_good_parts_sharpen_the_recipe(labelled, recipe) -> None:
    line = labelled(teach_count=5)
    line.show('odd', 'spot')
    assert line.label('odd', 'good')[1]['result'] == 'applied'
    answer = line.ros.call(SetBool, 'inspector/sharpen', SetBool.Request(data=True))
    assert answer.success, answer.message
    for number in range(5):
        assert line.show(f'good {number}', '', 200 + number).decision is Decision.PASS

    line.line.wait_for_health('learning', DiagnosticStatus.OK, 'good parts')
    line.ros.wait_for(lambda: OnlineInspector.load(recipe).recipe.taught_parts == 13,
                      what='the sharpened recipe')
    assert line.show('next', 'spot', 101).decision is Decision.PASS  # the label still counts
    answer = line.call('undo')
    assert 'the last sharpening is undone' in answer.message
    assert OnlineInspector.load(recipe).recipe.taught_parts == 8


def test_a_run_is_confirmed_as_good(labelled, recipe) -> None:
    line = labelled()
    assert 'no part was inspected' in line.call('confirm').message
    for number in range(3):
        line.show(f'good {number}', '', 100 + number)
    line.show('odd', 'spot')
    line.ros.wait_for(lambda: line.line.node.learning.figures.remembered == 4,
                      what='the parts being remembered')

    asked = line.call('confirm')
    assert not asked.success and '1 of 4 parts were stopped: odd;' in asked.message
    assert line.label('odd', 'good')[1]['result'] == 'applied'
    answer = line.call('confirm')

    assert answer.success, answer.message
    assert '3 good parts confirmed, 1 more with marks that were called good' in answer.message
    assert 'not guaranteed, 3 of 199 good parts confirmed' in answer.message
    assert len(OnlineInspector.load(recipe).recipe.confirmed) == 3
    assert 'the last confirmed run is undone' in line.call('undo').message


def test_challenge_runs_what_is_known(labelled) -> None:
    line = labelled()
    assert 'is empty' in line.call('challenge').message
    line.show('a', 'spot')
    line.label('a', 'spot')
    line.label('a', 'spot')

    answer = line.call('challenge')

    assert answer.success and '1 of 1 known defects are stopped' in answer.message


@pytest.mark.parametrize(('part', 'word', 'result', 'text'), [
    ('nobody', 'good', 'unknown part', 'no features of part'),
    ('a', '', 'refused', 'without word'), ('', 'good', 'refused', 'without part ID'),
    ('a', 'no/name', 'refused', 'is no label')])
def test_labels_that_make_no_sense_are_answered(
        labelled, part: str, word: str, result: str, text: str) -> None:
    line = labelled()
    line.show('a', 'spot')

    status, values = line.label(part, word)

    assert (values['result'], status.level) == (result, DiagnosticStatus.ERROR)
    assert text in status.message


def test_every_label_of_a_storm_is_answered(labelled, monkeypatch: pytest.MonkeyPatch) -> None:
    line = labelled()
    line.show('a', 'spot')
    released = line.line.inspector.released
    label = LabelDesk.label

    def waits(self: Any, *args: Any, **kwargs: Any) -> Any:
        released.wait(20)
        return label(self, *args, **kwargs)
    monkeypatch.setattr(LabelDesk, 'label', waits)
    for number in range(1000):
        line.send('a', 'good', f'operator {number}')
    line.ros.wait_for(lambda: len(line.answers) == 1000 - MOST_LABELS, what='the refusals')
    assert all('busy' in status.message for status, _ in line.answers)
    assert line.show('meanwhile').decision is Decision.PASS

    released.set()

    line.ros.wait_for(lambda: len(line.answers) == 1000, what='all answers')
    assert len({status.name for status, _ in line.answers}) == 1000
    results = [values['result'] for _, values in line.answers]
    assert results.count('applied') == MOST_LABELS


def test_what_the_disk_refuses_is_told_and_verdicts_go_on(
        labelled, monkeypatch: pytest.MonkeyPatch) -> None:
    line = labelled()
    line.show('a', 'spot')

    def full(*args: Any, **kwargs: Any) -> Any:
        raise LedgerError('the ledger is full; free space on the disk')
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, 'record_label', full)
        status, values = line.label('a', 'good')
    assert (values['result'], status.level) == ('refused', DiagnosticStatus.ERROR)
    assert 'free space' in status.message
    assert line.show('b', 'spot', 101).decision is Decision.REJECT

    assert line.label('a', 'good')[1]['result'] == 'applied'


def test_verdicts_and_labels_are_in_the_ledger(labelled, recipe, tmp_path) -> None:
    line = labelled(ledger=str(tmp_path / 'book'))
    line.show('a', 'spot')
    line.label('a', 'good')
    line.ros.call_in_executor(line.line.node.close)

    with LedgerReader(tmp_path / 'book') as reader:
        verdict = next(iter(reader.verdicts())).record
        assert (verdict.part, verdict.decision) == ('a', Decision.REJECT)
        assert verdict.image_hash and verdict.regions
        assert [(one.part, one.state.value) for one in reader.labels()] == [('a', 'applied')]
    with RecipeHistory(recipe) as history:  # the node holds it no more
        assert len(history.versions) == 2


def test_a_recipe_that_somebody_else_writes_is_inspected_only(labelled, recipe) -> None:
    with RecipeHistory(recipe, who='the other one'):
        line = labelled()
        line.line.wait_for_health('learning', DiagnosticStatus.WARN, 'the other one')
        assert line.show('a', 'spot').decision is Decision.REJECT
        status, values = line.label('a', 'good')
    assert values['result'] == 'refused' and 'the other one' in status.message


def test_learning_can_be_switched_off(labelled, recipe) -> None:
    line = labelled(learning=False)
    line.show('a', 'spot')

    assert 'switched off' in line.label('a', 'good')[0].message
    with RecipeHistory(recipe):
        pass
    assert ledger_path(recipe).exists()


def test_rules_decide(labelled, tmp_path) -> None:
    rules = tmp_path / 'rules.yaml'
    rules.write_text('rules:\n- {name: all right, when: {size_px: {below: 100}}, then: accept}\n')

    verdict = labelled(rules=str(rules)).show('a', 'spot')

    assert verdict.decision is Decision.PASS
    assert "accept by rule 'all right'" in verdict.reason


@pytest.mark.parametrize('learning', [True, False])
def test_rules_are_read_again_when_they_change(labelled, tmp_path, learning) -> None:
    rules = tmp_path / 'rules.yaml'
    rule = 'rules:\n- {name: all, when: {size_px: {at_least: 1}}, then: %s}\n'
    rules.write_text(rule % 'accept')
    line = labelled(rules=str(rules), learning=learning)
    assert line.show('a', 'spot').decision is Decision.PASS

    rules.write_text(rule % 'scrap')
    assert "scrap by rule 'all'" in line.show('b', 'spot').reason

    rules.write_text(rule % 'nonsense')
    assert "scrap by rule 'all'" in line.show('c', 'spot').reason  # what was valid stays
    line.line.wait_for_health('learning', DiagnosticStatus.WARN, 'nonsense')
    rules.write_text(rule % 'rework')
    assert "rework by rule 'all'" in line.show('d', 'spot').reason
    line.line.wait_for_health('learning', DiagnosticStatus.OK, '')


def test_a_part_taught_here_learns_when_it_is_saved(labelled, recipe) -> None:
    shutil.rmtree(recipe)
    line = labelled(teach_at_start=True, teach_count=5)
    for number in range(5):
        line.show(f'good {number}', seed=number)
    line.show('a', 'spot')
    assert 'save it' in line.label('a', 'good')[0].message

    assert line.call('save').success

    assert line.label('a', 'good')[1]['result'] == 'applied'
    assert OnlineInspector.load(recipe).learner.labels
    line.line.wait_for_health('learning', DiagnosticStatus.OK, '1 labels learned')


def test_what_is_expected_follows_good_parts_where_that_is_asked_for(labelled, recipe) -> None:
    line = labelled(self_update=2)
    for number in range(8):
        verdict = line.show(f'{number}', seed=300 + number)
        line.ros.wait_for(lambda number=number: line.line.node.learning.figures.remembered
                          == number + 1, what='the part being remembered')
    with LedgerReader(ledger_path(recipe)) as reader:
        versions = list(reader.versions())
    taught, *updates = versions
    assert taught.version == 1
    assert updates and {version.who for version in updates} == {'self-update'}
    assert verdict.recipe_version > 1

    answer = line.call('undo')
    assert answer.success and 'the last self-update is undone' in answer.message


def test_the_command_goes_to_the_node_that_holds_the_recipe(labelled, recipe) -> None:
    line = labelled()
    line.show('a', 'spot')
    line.ros.wait_for(lambda: node_that_holds(recipe), what='the node to hold the recipe')
    node = node_that_holds(recipe)
    assert node == '/inspector'

    refused = label_by_node(node, 'a', 'spot', 'me', create=False)
    answer = label_by_node(node, 'a', 'spot', 'me', create=True)

    assert (refused.state, answer.state) == (LabelState.REFUSED, LabelState.APPLIED)
    assert (answer.label, answer.version) == (1, 2)
    assert 'spot' in line.show('b', 'spot', 101).reason
    forgotten = forget_by_node(node, 1, 'me')
    assert (forgotten.state, forgotten.label, forgotten.version) == (LabelState.APPLIED, 1, 3)
    with pytest.raises(NodeSilentError, match='is not reached'):
        label_by_node('/nobody', 'a', 'good', 'me', create=False, wait_s=0.2)


def test_a_fleet_learns_together_and_who_comes_late_too(
        inspector_line, ros, taught, tmp_path, draw_plate) -> None:
    copies = [Path(shutil.copytree(taught, tmp_path / name / 'plate')) for name in 'ab']
    one = LabelledLine(
        inspector_line(OnlineInspector, recipe=str(copies[0]), robot='one'), ros, draw_plate)
    one.show('a', 'spot')
    one.label('a', 'spot')
    assert one.label('a', 'spot')[1]['result'] == 'applied'

    other = InspectorNode(context=ros.context, namespace='elsewhere', cli_args=[
        '--ros-args', '-r', 'learned:=/learned'], parameter_overrides=[
        Parameter('recipe', value=str(copies[1])), Parameter('robot', value='other')])
    ros.add(other)
    ros.call_in_executor(other.trigger_configure)
    ros.wait_for(lambda: other.learning.figures.classes == ('spot',), what='the class')

    assert OnlineInspector.load(copies[1]).learner.classes == ('spot',)
    assert one.line.node.learning.figures.learned == 1
    assert other.learning.figures.learned == 0


def test_noise_from_the_fleet_is_refused_and_told(labelled, ros) -> None:
    line = labelled(robot='one')
    ros.publisher(UInt8MultiArray, 'learned', QoSProfile(
        depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)).publish(
            UInt8MultiArray(data=array('B', b'noise')))

    line.line.wait_for_health('learning', DiagnosticStatus.WARN, 'not learned from the fleet')
    line.show('a', 'spot')
    assert line.label('a', 'good')[1]['result'] == 'applied'


def test_each_recipe_is_judged_by_its_own_rules(labelled, recipe, tmp_path) -> None:
    for name in ('cap', 'disc'):
        shutil.copytree(recipe, tmp_path / name)
    accept = 'rules:\n- {name: NAME, when: {length_px: {at_least: 1}}, then: accept}\n'
    rules = tmp_path / 'elsewhere.yaml'
    rules.write_text(accept.replace('NAME', 'plate'))
    line = labelled(rules=str(rules))
    ruled = line.show('a', 'spot')
    assert (ruled.decision, "rule 'plate'" in ruled.reason) == (Decision.PASS, True)

    (tmp_path / 'disc.rules.yaml').write_text(accept.replace('NAME', 'disc'))
    for name, decision, said in (('cap', Decision.REJECT, 'no rules (those of the parameter'),
                                 ('disc', Decision.PASS, f'rules {tmp_path}/disc.rules.yaml'),
                                 ('plate', Decision.PASS, f'rules {rules}')):
        path = str(tmp_path / name)
        line.line.node.set_parameters([Parameter('recipe', value=path)])
        line.wait_for_model(path=path, rules=said)
        verdict = line.show(name, 'spot')
        assert verdict.decision is decision
        assert (f'rule {name!r}' in verdict.reason) is (decision is Decision.PASS)


def test_what_is_saved_is_where_it_was_though_another_place_was_asked_for_in_vain(
        labelled, recipe, tmp_path) -> None:
    line = labelled()
    (tmp_path / 'damaged').mkdir()
    (tmp_path / 'damaged' / 'recipe.json').write_text('damaged')
    line.line.node.set_parameters([Parameter('recipe', value=str(tmp_path / 'damaged'))])
    line.line.wait_for_health('model', DiagnosticStatus.ERROR, 'damaged')
    answer = line.call('save')
    assert (answer.success, f'saved to {recipe}' in answer.message) == (True, True)
    line.line.wait_for_health('model', DiagnosticStatus.OK, "recipe 'plate'")
    line.wait_for_model(path=str(recipe))


def test_diagnostics_tell_how_the_learning_goes(labelled, tmp_path) -> None:
    rules = tmp_path / 'rules.yaml'
    rules.write_text('rules: []\n')
    line = labelled(rules=str(rules))
    line.show('a', 'spot')
    line.label('a', 'good')
    line.label('nobody', 'good')
    line.line.wait_for_health('learning', DiagnosticStatus.OK, '1 labels learned, 0 pending')
    values = line.line.health('learning')[2]
    assert (values['answered_applied'], values['answered_unknown_part']) == ('1', '1')
    assert (values['parts_remembered'], values['ledger_lost']) == ('1', '0')

    rules.write_text('rules: nonsense\n')
    line.show('b')

    line.line.wait_for_health('learning', DiagnosticStatus.WARN, 'rules')

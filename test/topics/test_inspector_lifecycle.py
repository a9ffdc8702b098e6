# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector through its lifecycle: every request is answered, nothing leaks."""

import threading

from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.msg import Transition
import pytest
from rclpy.parameter import Parameter

from ant_ros.nodes.inspector import ENDPOINTS
from ant_ros.nodes.inspector import InspectorNode
from ant_ros.nodes.vision_outputs import VISION_MSGS_INSTALLED

CONFIGURE = Transition.TRANSITION_CONFIGURE
ACTIVATE = Transition.TRANSITION_ACTIVATE
DEACTIVATE = Transition.TRANSITION_DEACTIVATE
CLEANUP = Transition.TRANSITION_CLEANUP

_WORKING = ('worker', 'ledger writer', 'recorder')
_END_TIMEOUT_S = 30.0


def test_illegal_transitions_are_answered_and_change_nothing(inspector_line, ros) -> None:
    line = inspector_line()
    assert not line.change_state(ACTIVATE)
    assert not line.change_state(99)
    assert line.node.state == 'unconfigured'
    assert line.change_state(CONFIGURE)
    assert not line.change_state(CONFIGURE)
    assert line.change_state(ACTIVATE)
    assert not line.change_state(ACTIVATE)
    assert not line.change_state(CLEANUP)
    assert line.node.state == 'active'
    line.ros.wait_for(lambda: (health := line.health('compute')) is not None
                      and health[2]['illegal_lifecycle_requests'] == '5')
    assert ros.executor.faults == 0


def test_transition_by_label(inspector_line, ros) -> None:
    from lifecycle_msgs.srv import ChangeState
    line = inspector_line()
    request = ChangeState.Request()
    request.transition.label = 'activate'
    assert not ros.call(ChangeState, 'inspector/change_state', request).success
    request.transition.label = 'configure'
    assert ros.call(ChangeState, 'inspector/change_state', request).success
    assert line.node.state == 'inactive'


def test_cycles_leak_neither_threads_nor_publishers(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe))

    def cycle() -> tuple[int, int, int, int]:
        for transition in (CONFIGURE, ACTIVATE, DEACTIVATE, CLEANUP):
            assert line.change_state(transition)
        for thread in threading.enumerate():
            if thread.name in _WORKING:
                thread.join(_END_TIMEOUT_S)  # it may still wait for the disk, but must end
        return (threading.active_count(), len(list(line.node.publishers)),
                len(list(line.node.subscriptions)), len(line.node._managed_entities))
    first = cycle()
    for _ in range(34):
        last = cycle()
    assert last == first
    line.start()
    line.trigger('a', 1.0)
    line.show(1.0)
    assert not line.wait_for_verdicts(1)[0].cause


@pytest.mark.parametrize('content', ['damaged', None])
def test_damaged_recipe_is_refused_and_can_be_replaced(
        inspector_line, fake_recipe, content: str | None) -> None:
    if content is None:
        (fake_recipe / 'recipe.json').unlink()
    else:
        (fake_recipe / 'recipe.json').write_text(content)
    line = inspector_line(recipe=str(fake_recipe))
    assert not line.change_state(CONFIGURE)
    assert line.node.state == 'unconfigured'
    line.wait_for_health('state', DiagnosticStatus.ERROR, f'recipe {str(fake_recipe)!r} refused')
    (fake_recipe / 'recipe.json').write_text('plate')
    line.start()
    line.trigger('a', 1.0)
    line.show(1.0)
    assert line.wait_for_verdicts(1)[0].recipe == 'plate'


def test_recipe_is_changed_while_running_and_a_damaged_one_is_refused(
        inspector_line, fake_recipe, tmp_path) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    for name in ('damaged', 'cap'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'recipe.json').write_text(name)
    line.node.set_parameters([Parameter('recipe', value=str(tmp_path / 'damaged'))])
    line.wait_for_health('model', DiagnosticStatus.ERROR, 'damaged')
    assert "recipe 'plate' version 1 stays in use" in line.health('model')[1]
    line.trigger('a', 1.0)
    line.show(1.0)
    assert line.wait_for_verdicts(1)[0].recipe == 'plate'
    line.node.set_parameters([Parameter('recipe', value=str(tmp_path / 'cap'))])
    line.wait_for_health('model', DiagnosticStatus.OK, "recipe 'cap'")
    line.trigger('b', 2.0)
    line.show(2.0)
    assert line.wait_for_verdicts(2)[1].recipe == 'cap'


@pytest.mark.parametrize(('path', 'cause'), [
    ('nothing', 'there is nothing at'), ('folder', 'is not a recipe'),
    ('file', 'is not a recipe')])
def test_what_is_no_recipe_is_refused_and_nothing_is_made_beside_it(
        inspector_line, fake_recipe, tmp_path, path: str, cause: str) -> None:
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'file').touch()
    line = inspector_line(recipe=str(fake_recipe)).start()
    before = {*tmp_path.iterdir()}
    result = line.node.set_parameters([Parameter('recipe', value=str(tmp_path / path))])[0]
    assert not result.successful
    assert cause in result.reason and str(tmp_path / path) in result.reason
    assert line.node.parameters['recipe'] == str(fake_recipe)
    line.trigger('a', 1.0)
    line.show(1.0)
    assert line.wait_for_verdicts(1)[0].recipe == 'plate'
    line.wait_for_health('model', DiagnosticStatus.OK, "recipe 'plate'")
    assert line.node.learning.path == str(fake_recipe)
    assert {*tmp_path.iterdir()} == before


def test_the_rules_are_for_the_copy_that_replaces_a_damaged_recipe(
        inspector_line, fake_recipe, tmp_path) -> None:
    (fake_recipe / 'recipe.json').write_text('damaged')
    for name in ('copy', 'cap'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'recipe.json').write_text(name)
    line = inspector_line(recipe=str(fake_recipe), rules='rules.yaml')
    line.inspector.set_rules = lambda self, path, **scale: None
    assert not line.change_state(CONFIGURE)
    line.node.set_parameters([Parameter('recipe', value=str(tmp_path / 'copy'))])
    assert line.change_state(CONFIGURE)
    values = line.wait_for_health('model', DiagnosticStatus.OK, "recipe 'copy'")
    assert values['rules'] == 'rules rules.yaml'

    line.node.set_parameters([Parameter('recipe', value=str(tmp_path / 'cap'))])
    line.wait_for_health('model', DiagnosticStatus.WARN,
                         f'the rules rules.yaml are for {tmp_path}/copy, here count none')
    assert line.change_state(CLEANUP)
    line.wait_for_health('model', DiagnosticStatus.OK, 'not configured')
    assert line.change_state(CONFIGURE)
    line.wait_for_health('model', DiagnosticStatus.WARN, 'here count none')


def test_slow_recipe_does_not_hold_up_configure(
        inspector_line, fake_recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('ant_ros.nodes.inspector._LOAD_TIMEOUT_S', 0.1)
    line = inspector_line(recipe=str(fake_recipe))
    load = line.inspector.load

    def slowly(path):
        line.inspector.released.wait(20)
        return load(path)
    monkeypatch.setattr(line.inspector, 'load', slowly)
    assert line.change_state(CONFIGURE)
    line.wait_for_health('model', DiagnosticStatus.WARN, 'loading')
    line.inspector.released.set()
    line.wait_for_health('model', DiagnosticStatus.OK, "recipe 'plate'")


def test_fault_in_activation_is_told_and_activation_can_be_tried_again(
        inspector_line, ros, monkeypatch: pytest.MonkeyPatch) -> None:
    line = inspector_line()
    assert line.change_state(CONFIGURE)
    with monkeypatch.context() as broken:
        broken.setattr('ant_ros.nodes.inspector.ImageInput', None)
        assert not line.change_state(ACTIVATE)
    assert line.node.state == 'inactive'
    line.wait_for_health('state', DiagnosticStatus.ERROR, 'on_activate: TypeError')
    assert line.change_state(ACTIVATE)
    line.wait_for_health('state', DiagnosticStatus.OK, 'active')


def test_fault_in_deactivation_brings_the_node_to_rest(
        inspector_line, fake_recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    line = inspector_line(recipe=str(fake_recipe)).start()
    with monkeypatch.context() as broken:
        calls = []

        def once() -> None:
            if not calls:
                calls.append(1)
                raise OSError('on purpose')
            InspectorNode._stop_intake(line.node)
        broken.setattr(line.node, '_stop_intake', once)
        assert not line.change_state(DEACTIVATE)
        line.ros.wait_for(lambda: line.node.state == 'unconfigured')
    line.wait_for_health('state', DiagnosticStatus.ERROR, 'on_deactivate: OSError: on purpose')
    assert line.change_state(CONFIGURE)
    assert line.change_state(ACTIVATE)


def test_depth_override_that_defeats_the_policy_is_refused(ros, inspector_line) -> None:
    line = inspector_line(frame_policy='latest',
                          **{'qos_overrides./image.subscription.depth': 5})
    assert line.change_state(CONFIGURE)
    assert not line.change_state(ACTIVATE)
    line.wait_for_health('state', DiagnosticStatus.ERROR, 'latest needs 1')


def test_shutdown_answers_what_is_owed(inspector_line, fake_recipe) -> None:
    line = inspector_line(recipe=str(fake_recipe), deadline=60.0).start()
    line.trigger('a', 1.0)
    line.ros.wait_for(lambda: line.node._desk.waiting)
    assert line.change_state(Transition.TRANSITION_ACTIVE_SHUTDOWN)
    assert line.wait_for_verdicts(1)[0].cause == 'inactive'
    assert line.node.state == 'finalized'


@pytest.mark.parametrize('state', ['unconfigured', 'inactive', 'active'])
def test_every_state_reports_its_health(inspector_line, state: str) -> None:
    line = inspector_line()
    for transition in {'unconfigured': [], 'inactive': [CONFIGURE],
                       'active': [CONFIGURE, ACTIVATE]}[state]:
        assert line.change_state(transition)
    line.ros.wait_for(lambda: line.health('state') and state in line.health('state')[1])
    tasks = {status.name for status in line.diagnostics[-1].status}
    assert tasks == {f'inspector: {task}' for task in (
        'state', 'input', 'compute', 'learning', 'model')}


STANDARD = ('/rosout', '/parameter_events', '/clock')


def _graph(node) -> set[tuple[str, str, str]]:
    """Return what a node has on the ROS graph, but for what every node has."""
    name, space = node.get_name(), node.get_namespace()
    kinds = {'publisher': node.get_publisher_names_and_types_by_node(name, space),
             'subscription': node.get_subscriber_names_and_types_by_node(name, space),
             'service': node.get_service_names_and_types_by_node(name, space)}
    return {(kind, topic, types[0]) for kind, found in kinds.items() for topic, types in found
            if topic not in STANDARD and not types[0].startswith('lifecycle_msgs/')
            and not types[0].startswith('rcl_interfaces/')
            and not types[0].startswith('type_description_interfaces/')}


@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_endpoint_table_is_the_graph(inspector_line, transport: str) -> None:
    line = inspector_line(autostart=True, image_transport=transport, robot='one')
    absent = {'raw': 'image/compressed', 'compressed': 'image'}[transport]
    expected = {(row.kind, line.node.resolve_topic_name(row.name), row.type) for row in ENDPOINTS
                if row.name != absent
                and (VISION_MSGS_INSTALLED or not row.type.startswith('vision_msgs/'))}
    line.ros.wait_for(lambda: _graph(line.node) >= expected)
    assert _graph(line.node) == expected

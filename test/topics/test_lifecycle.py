# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a transition raises is logged, kept and answered."""

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from lifecycle_msgs.srv import GetState
import pytest
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn

from ant_ros.nodes.lifecycle import guarded
from ant_ros.nodes.lifecycle import GuardedLifecycleNode
from ant_ros.nodes.lifecycle import TransitionRefused


class Moody(GuardedLifecycleNode):
    """A node whose transition named `bad` raises `error`."""

    def __init__(self, bad: str, error: Exception, **kwargs) -> None:
        super().__init__('moody', **kwargs)
        self._bad, self._error = bad, error

    def _transition(self, name: str) -> TransitionCallbackReturn:
        if name == self._bad:
            raise self._error
        return TransitionCallbackReturn.SUCCESS

    @guarded
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition('configure')

    @guarded
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition('activate')

    @guarded
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition('deactivate')

    @guarded
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition('cleanup')

    @guarded
    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition('error')


def _change(ros, transition: str) -> bool:
    request = ChangeState.Request(transition=Transition(label=transition))
    return ros.call(ChangeState, 'moody/change_state', request).success


@pytest.mark.parametrize(('bad', 'path', 'rest'), [
    ('configure', ['configure'], 'unconfigured'),
    ('activate', ['configure', 'activate'], 'inactive'),
    ('deactivate', ['configure', 'activate', 'deactivate'], 'unconfigured'),
    ('cleanup', ['configure', 'cleanup'], 'unconfigured'),
])
@pytest.mark.parametrize('error', [OSError('on purpose'), TransitionRefused('on purpose')])
def test_raising_transition_is_answered(ros, capfd, bad, path, rest, error) -> None:
    node = ros.add(Moody(bad, error, context=ros.context))
    answers = [_change(ros, transition) for transition in path]
    assert answers == [True] * (len(path) - 1) + [False]
    assert ros.call(GetState, 'moody/get_state').current_state.label == rest
    assert node.transition_fault.startswith(f'on_{bad}:') and 'on purpose' in node.transition_fault
    log = capfd.readouterr().err
    assert 'on purpose' in log
    assert ('Traceback' in log) == isinstance(error, OSError)


def test_start_configures_and_activates(ros) -> None:
    node = ros.add(Moody('', OSError(), context=ros.context))
    node.start()
    assert (node.state, node.transition_fault) == ('active', '')


def test_start_stops_where_it_cannot_go_on(ros) -> None:
    node = ros.add(Moody('configure', OSError('no'), context=ros.context))
    node.start()
    assert (node.state, node.transition_fault) == ('unconfigured', 'on_configure: OSError: no')


@pytest.mark.parametrize('label', ['activate', 'deactivate', 'cleanup', 'dance'])
def test_illegal_request_is_logged_with_what_is_possible(ros, capfd, label: str) -> None:
    node = ros.add(Moody('', OSError(), context=ros.context))
    assert not _change(ros, label)
    assert (node.state, node.illegal_requests) == ('unconfigured', 1)
    log = capfd.readouterr().err
    assert f"refused transition '{label}'" in log and 'configure' in log

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Guards around the lifecycle of an rclpy node.

Two traps in rclpy are closed here: what a transition callback raises vanishes without a word, and
a request that is illegal in the current state raises out of `spin()` and is never answered.
"""

from collections.abc import Callable
from functools import wraps
import traceback
from typing import Any

from lifecycle_msgs.srv import ChangeState
from rclpy.lifecycle import LifecycleNode
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn

__all__ = ['GuardedLifecycleNode', 'TransitionRefused', 'guarded']

Transition = Callable[[Any, LifecycleState], TransitionCallbackReturn]


class TransitionRefused(RuntimeError):
    """A transition that cannot be made now, for a reason that the user can remove."""


def guarded(transition: Transition) -> Transition:
    """Log what a transition callback raises and keep the reason for the diagnostics.

    `TransitionRefused` is a clear answer: one line is logged. Anything else is a fault: logged
    with its traceback. Configure and activate then answer FAILURE (the state stays, try again);
    the others answer ERROR, so that `on_error` brings the node to rest.
    """
    name = transition.__name__
    answer = (TransitionCallbackReturn.FAILURE if name in ('on_configure', 'on_activate')
              else TransitionCallbackReturn.ERROR)

    @wraps(transition)
    def wrapper(self: Any, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            result = transition(self, state)
        except TransitionRefused as refusal:
            self.transition_fault = f'{name}: {refusal}'
            self.get_logger().error(self.transition_fault)
            return answer
        except Exception as error:
            self.transition_fault = f'{name}: {type(error).__name__}: {error}'
            self.get_logger().error(f'{name} raised:\n{traceback.format_exc()}')
            return answer
        if name != 'on_error':  # there the fault is what led to it
            self.transition_fault = ''
        return result

    return wrapper


class GuardedLifecycleNode(LifecycleNode):
    """A lifecycle node that answers every transition request, the illegal ones too.

    Attributes:
        transition_fault: why the last transition failed; empty when it did not.
        illegal_requests: requests that the state did not allow.
    """

    def __init__(self, node_name: str, **kwargs: Any):
        super().__init__(node_name, **kwargs)
        self.transition_fault = ''
        self.illegal_requests = 0
        # The only hook there is: the callback was bound to the service in the base class.
        self._answer_change = self._service_change_state.callback
        self._service_change_state.callback = self._on_change_state

    @property
    def state(self) -> str:
        """Name the current state: unconfigured, inactive, active or finalized."""
        return self._state_machine.current_state[1]

    def start(self) -> None:
        """Configure and activate, as an external manager would."""
        if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def _on_change_state(self, request: ChangeState.Request,
                         response: ChangeState.Response) -> ChangeState.Response:
        allowed = {number: label
                   for number, label, *_ in self._state_machine.available_transitions}
        wanted = request.transition
        legal = (wanted.label in allowed.values() if wanted.label else wanted.id in allowed)
        if legal:
            return self._answer_change(request, response)
        self.illegal_requests += 1
        self.get_logger().warning(
            f'refused transition {wanted.label or wanted.id!r}: the node is {self.state}, '
            f'from here it can {", ".join(sorted(set(allowed.values()))) or "do nothing more"}')
        response.success = False
        return response

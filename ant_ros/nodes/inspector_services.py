# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector node's services and labels: every request gets an answer, in every state."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.exceptions import InvalidHandle
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.task import Future as Awaitable
from std_srvs.srv import SetBool
from std_srvs.srv import Trigger

__all__ = ['InspectorServices']

_NOT_CONFIGURED = 'the inspector is {}: configure it first'
_REFUSALS = {
    'challenge': 'there is no challenge set in this version',
    'rollback': 'nothing to roll back to: this version keeps the taught recipe only',
    'undo': 'nothing to undo: this version is taught with ~/teach and does not learn from labels',
}
_LABEL_REFUSED = 'labels are not supported by this version: teach anew with ~/teach'


class InspectorServices:
    """Teach, save and the rest, run on the worker while the executor goes on.

    Args:
        node: the inspector node.
    """

    def __init__(self, node: Any):
        self._node = node
        # Reentrant: a request may wait for the worker while others are answered.
        group = ReentrantCallbackGroup()
        node.create_service(SetBool, '~/teach', self._on_teach, callback_group=group)
        node.create_service(Trigger, '~/save', self._on_save, callback_group=group)
        for name, refusal in _REFUSALS.items():
            node.create_service(Trigger, f'~/{name}', _refuse(refusal), callback_group=group)
        self._label_results = node.create_publisher(
            DiagnosticArray, '~/label_result',
            QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL))
        node.create_subscription(DiagnosticArray, '~/label', self._on_label, 10,
                                 callback_group=group)

    async def _on_teach(self, request: SetBool.Request,
                        response: SetBool.Response) -> SetBool.Response:
        if request.data and self._node.state != 'active':
            response.success = False
            response.message = f'the inspector is {self._node.state}: activate it to teach'
            return response
        count, name = self._node.parameters['teach_count'], self._node.recipe_name()
        judge = self._node.judge
        return await self._answer(response, lambda: (
            judge.start_teaching(count, name) if request.data else judge.finish_teaching()))

    async def _on_save(self, request: Trigger.Request,
                       response: Trigger.Response) -> Trigger.Response:
        path, judge = self._node.parameters['recipe'], self._node.judge
        if not path:
            response.success = False
            response.message = 'nowhere to save to: set the parameter recipe to a folder'
            return response
        return await self._answer(response, lambda: judge.save(path))

    async def _answer(self, response: Any, function: Callable[[], str]) -> Any:
        """Run a function on the worker and fill the response with its message or its fault."""
        worker = self._node.worker
        if worker is None:
            response.success = False
            response.message = _NOT_CONFIGURED.format(self._node.state)
            return response
        future = await self._done(worker.call(function))
        if future.cancelled():
            response.success, response.message = False, 'the inspector was cleaned up meanwhile'
        elif future.exception() is not None:
            response.success, response.message = False, str(future.exception())
        else:
            response.success, response.message = True, future.result()
        return response

    def _done(self, future: 'Future[str]') -> Awaitable:
        """Make something that rclpy can await until a worker's future is done."""
        executor = self._node.executor
        awaitable = Awaitable(executor=executor)

        def on_done(done: 'Future[str]') -> None:
            awaitable.set_result(done)
            with suppress(InvalidHandle):
                executor.wake()
        future.add_done_callback(on_done)
        return awaitable

    def _on_label(self, message: DiagnosticArray) -> None:
        """Answer every label in the message."""
        for label in message.status:
            answer = DiagnosticStatus(
                level=DiagnosticStatus.ERROR, name=label.name, hardware_id=label.hardware_id,
                message=_LABEL_REFUSED, values=[
                    KeyValue(key='result', value='refused'),
                    KeyValue(key='label', value=label.message)])
            self._label_results.publish(DiagnosticArray(header=message.header, status=[answer]))


def _refuse(message: str) -> Callable[[Any, Trigger.Response], Trigger.Response]:
    def answer(request: Any, response: Trigger.Response) -> Trigger.Response:
        response.success, response.message = False, message
        return response
    return answer

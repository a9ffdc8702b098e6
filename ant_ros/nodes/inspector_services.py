# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector node's services and labels: every request gets an answer, in every state."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.exceptions import InvalidHandle
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.task import Future as Awaitable
from std_srvs.srv import SetBool
from std_srvs.srv import Trigger

from ant_ros.nodes.inspector_interface import LABEL_DEPTH
from ant_ros.nodes.label_message import LabelResult
from ant_ros.nodes.label_message import read_labels
from ant_ros.nodes.label_message import to_label_results
from ant_ros.nodes.learning import Learning
from ant_ros.nodes.publisher_events import no_events

__all__ = ['InspectorServices']

_NOT_CONFIGURED = 'the inspector is {}: configure it first'
_MOST_IN_MESSAGE = 50
"""Answers that are sent together where many labels find no room."""

_STEPS = {'challenge': Learning.challenge, 'confirm': Learning.confirm,
          'rollback': Learning.roll_back, 'undo': Learning.undo}


class InspectorServices:
    """Teach, save and the rest, run on worker and learner while the executor goes on.

    Args:
        node: the inspector node.
    """

    def __init__(self, node: Any):
        self._node = node
        # Reentrant: a request may wait for the worker while others are answered.
        group = ReentrantCallbackGroup()
        node.create_service(SetBool, '~/teach', self._on_teach, callback_group=group)
        node.create_service(SetBool, '~/sharpen', self._on_sharpen, callback_group=group)
        node.create_service(Trigger, '~/save', self._on_save, callback_group=group)
        for name in _STEPS:
            node.create_service(
                Trigger, f'~/{name}', self._on_learning(name), callback_group=group)
        self._label_results = node.create_publisher(
            DiagnosticArray, '~/label_result',
            QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL),
            event_callbacks=no_events())
        node.create_subscription(DiagnosticArray, '~/label', self._on_label, LABEL_DEPTH,
                                 callback_group=group)
        self._refused: deque[LabelResult] = deque()

    async def _on_teach(self, request: SetBool.Request,
                        response: SetBool.Response) -> SetBool.Response:
        if request.data and self._node.state != 'active':
            response.success = False
            response.message = f'the inspector is {self._node.state}: activate it to teach'
            return response
        judge, lesson = self._node.judge, self._node.lesson()
        return await self._answer(response, self._node.worker, lambda: (
            judge.start_teaching(lesson) if request.data else judge.finish_teaching()),
            log=request.data)   # what was taught is logged however the teaching ends

    async def _on_sharpen(self, request: SetBool.Request,
                          response: SetBool.Response) -> SetBool.Response:
        learning, judge = self._node.learning, self._node.judge
        why_not = '' if learning is None else learning.figures.off
        if request.data and self._node.state != 'active':
            why_not = f'the inspector is {self._node.state}: activate it to sharpen its recipe'
        if why_not:
            response.success, response.message = False, why_not
            return response
        count = self._node.parameters['teach_count']
        return await self._answer(response, self._node.worker, lambda: (
            judge.start_sharpening(count) if request.data else judge.finish_sharpening()))

    async def _on_save(self, request: Trigger.Request,
                       response: Trigger.Response) -> Trigger.Response:
        path = self._node.parameters['recipe']
        judge, learning = self._node.judge, self._node.learning
        if not path:
            response.success = False
            response.message = 'nowhere to save to: set the parameter recipe to a folder'
            return response
        if learning is None or not learning.has_desk or judge.inspector is None:
            return await self._answer(response, self._node.worker, lambda: judge.save(path))
        saved = judge.inspector
        await self._answer(response, learning, learning.save)
        if response.success and judge.inspector is saved:
            judge.saved(learning.path)
        return response

    def _on_learning(self, name: str) -> Callable[[Trigger.Request, Trigger.Response], Any]:
        async def answer(request: Trigger.Request, response: Trigger.Response) -> Any:
            learning = self._node.learning
            return await self._answer(response, learning, lambda: _STEPS[name](learning))
        return answer

    async def _answer(self, response: Any, worker: Any, function: Callable[[], str], *,
                      log: bool = True) -> Any:
        """Run a function on a thread and fill the response with its message or its fault."""
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
            if log:
                self._node.get_logger().info(response.message)
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
        """Hand every label in the message to the learner."""
        learning = self._node.learning
        for request in read_labels(message, time.monotonic()):
            if learning is None:
                self._refused.append(LabelResult(
                    request, 'refused', _NOT_CONFIGURED.format(self._node.state)))
            else:
                learning.take(request)

    def answer_label(self, result: LabelResult) -> None:
        """Publish the answer to a label, from any thread; those without room go together."""
        if result.result == 'refused' and not result.label_id:
            self._refused.append(result)
        else:
            self._label_results.publish(to_label_results([result]))

    def send_refusals(self) -> None:
        """Publish the answers to the labels that were refused at once."""
        while self._refused:
            count = min(len(self._refused), _MOST_IN_MESSAGE)
            self._label_results.publish(to_label_results(
                [self._refused.popleft() for _ in range(count)]))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Hand a label to the inspector node that holds a recipe, and wait for its answer."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import re
import time
from typing import Any

from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import LabelState

__all__ = ['NodeSilentError', 'forget_by_node', 'label_by_node', 'node_that_holds']

_HOLDER = re.compile(r'node (/\S+), process \d+')
_WAIT_S = 10.0


class NodeSilentError(RuntimeError):
    """The node that holds the recipe does not answer."""


def node_that_holds(recipe: Path) -> str | None:
    """Return the full name of the node that was the last to hold a recipe; None: no node."""
    from ant_ros.inspection.recipe_history.version import history_folder
    holder = history_folder(recipe) / 'holder'
    found = _HOLDER.fullmatch(holder.read_text()) if holder.is_file() else None
    return found and found.group(1)


def label_by_node(
    node_name: str, part: str, word: str, by: str, *, create: bool, wait_s: float = _WAIT_S,
) -> Answer:
    """Publish a label to a node and return its answer.

    Args:
        node_name: Full name of the inspector node.
        part: ID of the part.
        word: `good` or a defect class.
        by: Who says so.
        create: Say it once more where the class is new.
        wait_s: How long to wait for the node, and for each answer.

    Raises:
        NodeSilentError: no such node is reached, or it does not answer.
    """
    with _asking(node_name, wait_s) as ask:
        answer = ask(part, word, by)
        if create and 'send the same label again' in answer.text:
            answer = ask(part, word, by)
        return answer


def forget_by_node(
    node_name: str, number: int, by: str, *, wait_s: float = _WAIT_S,
) -> Answer:
    """Ask a node to take a label back, and return its answer.

    Args:
        node_name: Full name of the inspector node.
        number: The label's number in the ledger.
        by: Who says so.
        wait_s: How long to wait for the node, and for its answer.

    Raises:
        NodeSilentError: no such node is reached, or it does not answer.
    """
    with _asking(node_name, wait_s) as ask:
        return ask('', '', by, forget=number)


@contextmanager
def _asking(node_name: str, wait_s: float) -> Iterator['_Asking']:
    import rclpy
    from rclpy.executors import SingleThreadedExecutor
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('label', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    try:
        yield _Asking(node, executor, node_name, wait_s)
    finally:
        executor.shutdown()
        node.destroy_node()
        context.try_shutdown()


class _Asking:
    """A publisher of labels and a listener to their answers."""

    def __init__(self, node: Any, executor: Any, node_name: str, wait_s: float):
        from diagnostic_msgs.msg import DiagnosticArray
        self._executor, self._name, self._wait_s = executor, node_name, wait_s
        self._answers: list[Any] = []
        self._listener = node.create_subscription(
            DiagnosticArray, f'{node_name}/label_result',
            lambda message: self._answers.extend(message.status), 100)
        self._publisher = node.create_publisher(DiagnosticArray, f'{node_name}/label', 10)
        self._wait(lambda: self._publisher.get_subscription_count()
                   and self._listener.get_publisher_count(), 'is not reached')

    def __call__(self, part: str, word: str, by: str, forget: int | None = None) -> Answer:
        from diagnostic_msgs.msg import DiagnosticArray
        from diagnostic_msgs.msg import DiagnosticStatus
        from diagnostic_msgs.msg import KeyValue
        self._answers.clear()
        status = DiagnosticStatus(hardware_id=part, message=word, name=by)
        if forget is not None:
            status.values = [KeyValue(key='forget', value=f'{forget}')]
            word = f'forget {forget}'
        self._publisher.publish(DiagnosticArray(status=[status]))

        def mine() -> Any:
            return next((one for one in self._answers if (one.hardware_id, one.name) == (part, by)
                         and _values(one)['label'] == word), None)
        self._wait(mine, 'does not answer')
        status = mine()
        values = _values(status)
        return Answer(LabelState(values['result']), int(values['recipe_version']),
                      status.message, int(values['label_id']) or None)

    def _wait(self, predicate: Callable[[], Any], fault: str) -> None:
        deadline_s = time.monotonic() + self._wait_s
        while not predicate():
            if time.monotonic() > deadline_s:
                raise NodeSilentError(
                    f'the node {self._name} holds the recipe but {fault}: check ROS_DOMAIN_ID '
                    'and that it runs here')
            self._executor.spin_once(timeout_sec=0.05)


def _values(status: Any) -> dict[str, str]:
    return {pair.key: pair.value for pair in status.values}

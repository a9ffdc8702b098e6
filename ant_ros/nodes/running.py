# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run a node as a process that a fault in a callback cannot end."""

from collections.abc import Callable
from collections.abc import Sequence
import signal
import socket
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from ant_ros.nodes.last_words import deliver
from ant_ros.nodes.parameters import ParameterError

__all__ = ['SupervisedExecutor', 'run']

_EXIT_USAGE = 2


class SupervisedExecutor(SingleThreadedExecutor):
    """A single-threaded executor that logs and counts what a callback raises, and goes on.

    Attributes:
        faults: exceptions caught so far; a node finds it as `node.executor.faults`.
        last_fault: the last one in a line.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.faults = 0
        self.last_fault = ''

    def spin_once(self, timeout_sec: float | None = None) -> None:
        try:
            super().spin_once(timeout_sec)
        except (KeyboardInterrupt, ExternalShutdownException):
            raise
        except Exception as error:
            if self._is_shutdown:
                return   # another thread has just taken apart what this one was waiting on
            self.faults += 1
            self.last_fault = f'{type(error).__name__}: {error}'
            logger = rclpy.logging.get_logger('ant_ros')
            logger.error('a callback raised (the node goes on):\n' + traceback.format_exc())


class _StopSignals:
    """Turn SIGINT and SIGTERM into an event, and wake the executor to see it.

    rclpy's own handlers shut the context down at once, and then a node can no longer publish its
    last words. A Python handler alone would not run while the main thread waits inside rcl: the
    wake-up descriptor does its work at once, in any case.
    """

    def __init__(self, executor: SingleThreadedExecutor):
        self.stop = threading.Event()
        self._executor = executor
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._thread = threading.Thread(target=self._watch, name='stop-signals', daemon=True)

    def __enter__(self) -> '_StopSignals':
        self._previous = {number: signal.signal(number, lambda *_: None)
                          for number in (signal.SIGINT, signal.SIGTERM)}
        self._previous_descriptor = signal.set_wakeup_fd(
            self._writer.fileno(), warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None, trace: TracebackType | None) -> None:
        signal.set_wakeup_fd(self._previous_descriptor)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._writer.close()
        self._thread.join()
        self._reader.close()

    def _watch(self) -> None:
        while received := self._reader.recv(16):
            if signal.SIGINT in received or signal.SIGTERM in received:
                self.stop.set()
                self._executor.create_task(lambda: None)


def run(make_node: Callable[[], Node], argv: Sequence[str] | None = None) -> int:
    """Run a node until SIGINT or SIGTERM and return the exit code.

    A callback that raises is logged and counted, and never ends the process. On a signal the node
    is closed (its `close()` if it has one, while it can still publish) and destroyed.

    Returns:
        0 after a signal or an outside shutdown, 2 when arguments or parameters are refused.
    """
    try:
        rclpy.init(args=list(sys.argv if argv is None else argv),
                   signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:  # what rcl says of arguments and files that it cannot read
        return _refuse(f'the ROS arguments are not understood: {error}')
    executor = SupervisedExecutor()
    try:
        # Before the node is made: a signal that comes meanwhile must end it cleanly, too.
        with _StopSignals(executor) as signals:
            node = make_node()
            try:
                executor.add_node(node)
                while rclpy.ok() and not signals.stop.is_set():
                    executor.spin_once()
            finally:
                _close(node)
    except ParameterError as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        executor.shutdown(timeout_sec=0.0)
        rclpy.try_shutdown()
    return 0


def _refuse(reason: str) -> int:
    print(f'error: {reason}', file=sys.stderr)
    return _EXIT_USAGE


def _close(node: Node) -> None:
    """Let the node finish, whatever it raises."""
    try:
        if hasattr(node, 'close'):
            node.close()
        deliver(node.publishers)
        node.destroy_node()
    except Exception:
        node.get_logger().error('closing failed:\n' + traceback.format_exc())

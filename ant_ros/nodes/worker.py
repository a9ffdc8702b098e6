# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one thread of a node that computes, so that its executor never does."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
import threading
import time
from typing import Any
from typing import Generic
from typing import TypeVar

from ant_ros.nodes.mailbox import Mailbox

__all__ = ['Worker', 'result_of']

Job = TypeVar('Job')


class _Call:
    """A function that the worker shall call, and its result to be."""

    def __init__(self, function: Callable[[], Any]):
        self.function = function
        self.future: Future[Any] = Future()

    def run(self) -> None:
        try:
            self.future.set_result(self.function())
        except Exception as error:
            self.future.set_exception(error)


class Worker(Generic[Job]):
    """Handle jobs one after the other in a thread of its own.

    Args:
        handle: called with each job. It should not raise; if it does, `on_fault` is told and the
            worker goes on.
        on_fault: called with a job and what `handle` raised.
        capacity: jobs that may wait.
        newest_wins: see `Mailbox`.
    """

    def __init__(self, handle: Callable[[Job], None],
                 on_fault: Callable[[Job, Exception], None], *, capacity: int, newest_wins: bool):
        self._handle = handle
        self._on_fault = on_fault
        self._mailbox: Mailbox[Any] = Mailbox(capacity, newest_wins=newest_wins)
        self._current: tuple[Job, float] | None = None
        self._thread = threading.Thread(target=self._work, name='worker', daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> Job | None:
        """Queue a job; return the one that had no place, None if all fit."""
        return self._mailbox.put(job)

    def call(self, function: Callable[[], Any]) -> 'Future[Any]':
        """Call a function before the next job; its future is cancelled if the worker ends."""
        call = _Call(function)
        if not self._mailbox.put_urgent(call):
            call.future.cancel()
        return call.future

    @property
    def waiting(self) -> int:
        """Count the jobs that wait."""
        return len(self._mailbox)

    @property
    def current(self) -> tuple[Job, float] | None:
        """Return the job in hand and when it was taken (monotonic seconds)."""
        return self._current

    def drain(self) -> list[Job]:
        """Take back all jobs that wait."""
        return self._mailbox.drain()

    def stop(self, timeout_s: float) -> bool:
        """Finish the job in hand and end; return whether the thread ended in time."""
        for left in self._mailbox.close():
            if isinstance(left, _Call):
                left.future.cancel()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (item := self._mailbox.get()) is not None:
            if isinstance(item, _Call):
                item.run()
                continue
            self._current = (item, time.monotonic())
            try:
                self._handle(item)
            except Exception as error:
                self._on_fault(item, error)
            finally:
                self._current = None


def result_of(future: 'Future[Any]', timeout_s: float) -> Any:
    """Wait for a call's result; raise what it raised, or TimeoutError."""
    try:
        return future.result(timeout_s)
    except FutureTimeoutError as error:  # before Python 3.11 not the built-in one
        raise TimeoutError(f'no result within {timeout_s} s') from error
    except CancelledError as error:
        raise RuntimeError('the worker ended before it came to this') from error

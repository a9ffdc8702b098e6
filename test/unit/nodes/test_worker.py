# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The worker handles jobs in order, in one thread, whatever they raise."""

from collections.abc import Iterator
import threading

import pytest

from ant_ros.nodes.worker import result_of
from ant_ros.nodes.worker import Worker


class Bench:
    """A worker whose job 'wait' lasts until `released`, and whose job 'raise' raises."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.threads: set[int] = set()
        self.faults: list[tuple[str, str]] = []
        self.taken, self.released = threading.Event(), threading.Event()
        self.worker = Worker(self._handle, self._on_fault, capacity=2, newest_wins=False)

    def _handle(self, job: str) -> None:
        self.threads.add(threading.get_ident())
        if job == 'wait':
            self.taken.set()
            assert self.released.wait(10)
        if job == 'raise':
            raise RuntimeError('on purpose')
        self.done.append(job)

    def _on_fault(self, job: str, error: Exception) -> None:
        self.faults.append((job, str(error)))

    def hold(self) -> None:
        """Keep the worker busy until `released`."""
        self.worker.submit('wait')
        assert self.taken.wait(10)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.released.set()
    assert bench.worker.stop(10)


def _settle(bench: Bench) -> None:
    while bench.worker.waiting:
        pass
    result_of(bench.worker.call(lambda: None), 10)


def test_jobs_are_done_in_order_on_another_thread(bench: Bench) -> None:
    bench.worker.submit('a')
    bench.worker.submit('b')
    _settle(bench)
    assert bench.done == ['a', 'b']
    assert len(bench.threads) == 1 and threading.get_ident() not in bench.threads


def test_raising_job_is_reported_and_the_next_is_done(bench: Bench) -> None:
    bench.worker.submit('raise')
    bench.worker.submit('a')
    _settle(bench)
    assert bench.faults == [('raise', 'on purpose')]
    assert bench.done == ['a']


def test_job_in_hand_and_waiting_ones_can_be_seen_and_taken_back(bench: Bench) -> None:
    bench.hold()
    assert [bench.worker.submit(job) for job in ('a', 'b', 'c')] == [None, None, 'c']
    current = bench.worker.current
    assert current is not None and current[0] == 'wait'
    assert bench.worker.waiting == 2
    assert bench.worker.drain() == ['a', 'b']


def test_call_comes_before_waiting_jobs_and_returns_or_raises(bench: Bench) -> None:
    bench.hold()
    bench.worker.submit('a')
    future = bench.worker.call(lambda: list(bench.done))
    failing = bench.worker.call(lambda: 1 / 0)
    bench.released.set()
    assert result_of(future, 10) == ['wait']
    with pytest.raises(ZeroDivisionError):
        result_of(failing, 10)


def test_result_that_does_not_come_in_time(bench: Bench) -> None:
    bench.hold()
    with pytest.raises(TimeoutError, match='no result within'):
        result_of(bench.worker.call(lambda: None), 0.01)


def test_stopped_worker_says_so(bench: Bench) -> None:
    bench.hold()
    future = bench.worker.call(lambda: None)
    assert not bench.worker.stop(0.01)
    with pytest.raises(RuntimeError, match='the worker ended'):
        result_of(future, 10)
    with pytest.raises(RuntimeError, match='the worker ended'):
        result_of(bench.worker.call(lambda: None), 10)
    assert bench.worker.submit('a') == 'a'
    bench.released.set()
    assert bench.worker.stop(10)

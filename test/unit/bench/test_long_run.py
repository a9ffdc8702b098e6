# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done very often is looked at now and then."""

import mmap

from ant_ros.bench.long_run import long_run
from ant_ros.bench.long_run import resident_mb


def test_work_is_done_as_often_as_asked_and_looked_at_now_and_then():
    done = []
    assert long_run(200, done.append, lambda number: number) == list(range(4, 201, 4))
    assert done == list(range(1, 201))


def test_of_little_work_every_piece_is_looked_at():
    assert long_run(3, lambda number: None, lambda number: number) == [1, 2, 3]


def test_it_stops_where_the_machine_is_too_slow():
    assert long_run(5000, lambda number: None, lambda number: number, most_seconds=0) == [100]


def test_memory_that_is_used_is_resident():
    before = resident_mb()
    # Not from the heap, which may have pages that were used before.
    with mmap.mmap(-1, 50 * 2**20) as kept:
        for page in range(0, len(kept), mmap.PAGESIZE):
            kept[page] = 1
        assert resident_mb() - before > 40

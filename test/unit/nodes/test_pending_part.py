# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Only one of all that want to answer for a part may."""

from concurrent.futures import ThreadPoolExecutor

from ant_ros.nodes.pending_part import PendingPart


def test_part_is_claimed_once_from_many_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            part = PendingPart('a', 1, 0.0)
            assert not part.answered
            assert sum(pool.map(lambda _, part=part: part.claim(), range(16))) == 1
            assert part.answered

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Let what was published last reach its listeners before its publisher is gone."""

from collections.abc import Iterable
import time
from typing import Any

from rclpy.duration import Duration

__all__ = ['deliver']

_TIMEOUT_S = 0.3


def deliver(publishers: Iterable[Any]) -> None:
    """Wait until all reliable listeners have everything, for a moment in all.

    A message that is still on its way when its publisher is destroyed is lost, also a reliable
    one. A listener that has died without a word must not hold up the end for long.
    """
    deadline_s = time.monotonic() + _TIMEOUT_S
    for publisher in publishers:
        left_s = max(0.0, deadline_s - time.monotonic())
        publisher.wait_for_all_acked(Duration(seconds=left_s))

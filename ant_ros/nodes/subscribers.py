# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether those who want what a node publishes would receive it now."""

from typing import Any

__all__ = ['all_matched']


def all_matched(node: Any, *publishers: Any) -> bool:
    """Return whether each publisher has subscribers, and every one in the graph is matched.

    What is published before is lost to those who are not.
    """
    return all(publisher.get_subscription_count() >= max(
        1, node.count_subscribers(publisher.topic_name)) for publisher in publishers)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which events of a publisher its node looks after."""

from rclpy.event_handler import PublisherEventCallbacks

__all__ = ['no_events']


def no_events() -> PublisherEventCallbacks:
    """Return callbacks for a publisher without events.

    By default rclpy logs of each publisher which subscription does not fit it. The subscription's
    own node says the same, and each event that is looked after costs this node time whenever it
    waits for a message.
    """
    return PublisherEventCallbacks(use_default_callbacks=False)

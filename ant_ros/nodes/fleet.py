# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What inspectors with the same recipe tell each other of what they have learned."""

from array import array
from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from std_msgs.msg import UInt8MultiArray

__all__ = ['FLEET_TOPIC', 'MOST_BYTES', 'MOST_ROBOTS', 'Fleet']

FLEET_TOPIC = 'learned'

MOST_BYTES = 8_000_000
"""Size of the largest message: a fleet that has learned as much as it can."""

MOST_ROBOTS = 32


class Fleet:
    """A latched topic on which each robot tells what it knows; who comes late hears it too.

    Args:
        node: The inspector node.
        hear: Called with each message on the executor's thread.
        group: Callback group of the subscription.
    """

    def __init__(self, node: Any, hear: Callable[[bytes], None], group: Any):
        own = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        theirs = QoSProfile(depth=MOST_ROBOTS, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._hear = hear
        self._log = node.get_logger()
        self._publisher = node.create_publisher(UInt8MultiArray, FLEET_TOPIC, own)
        node.create_subscription(
            UInt8MultiArray, FLEET_TOPIC, self._on_message, theirs, callback_group=group)

    def share(self, message: bytes) -> None:
        """Tell the others, from any thread."""
        self._publisher.publish(UInt8MultiArray(data=array('B', message)))

    def _on_message(self, message: UInt8MultiArray) -> None:
        if len(message.data) > MOST_BYTES:
            self._log.warning(f'{len(message.data)} bytes on {FLEET_TOPIC}: at most {MOST_BYTES} '
                              'are expected; passed over', throttle_duration_sec=10.0)
            return
        self._hear(bytes(message.data))

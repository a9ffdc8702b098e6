# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What inspectors with the same recipe tell each other of what they have learned."""

from array import array
from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from std_msgs.msg import UInt8MultiArray

from ant_ros.nodes.hearsay import MOST_BYTES
from ant_ros.nodes.hearsay import MOST_ROBOTS

__all__ = ['FLEET_TOPIC', 'Fleet']

FLEET_TOPIC = 'learned'


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
        self._publisher = node.create_publisher(UInt8MultiArray, FLEET_TOPIC, own)
        node.create_subscription(
            UInt8MultiArray, FLEET_TOPIC, self._on_message, theirs, callback_group=group)

    def share(self, message: bytes) -> None:
        """Tell the others, from any thread.

        Raises:
            ValueError: there is more to tell than a message may hold.
        """
        if len(message) > MOST_BYTES:
            raise ValueError(f'{len(message)} bytes to tell, others take at most {MOST_BYTES}: '
                             'forget labels that are not needed any more')
        self._publisher.publish(UInt8MultiArray(data=array('B', message)))

    def _on_message(self, message: UInt8MultiArray) -> None:
        data = message.data
        # Of what is too long, as much as shows it: it is refused where that can be written down.
        self._hear(bytes(data if len(data) <= MOST_BYTES else data[:MOST_BYTES + 1]))

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The subscription to a camera, raw or compressed, of the reliability that it offers."""

from collections.abc import Callable
import time
from typing import Any

import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rclpy.callback_groups import CallbackGroup
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.qos_overriding_options import QoSPolicyKind
from rclpy.time import Time
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from ant_ros.nodes.arrivals import Arrivals
from ant_ros.nodes.image_conversion import array_from_compressed
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.pending_part import Frame

__all__ = ['ImageInput']


class ImageInput:
    """Receive images; count what arrives and what gets lost on the way.

    With `reliability: auto` the subscription starts as best effort, which every camera can serve,
    and is made anew as reliable once all matched publishers offer that (and back, if one comes
    that does not).

    Args:
        node: a node that has `losses` to count in.
        on_frame: called on the executor's thread with each image.
        group: callback group of the subscription.
        transport: `raw`, or `compressed`: then the topic is that of image with /compressed.
        depth: images that may wait in the middleware.
        reliability: `auto`, `reliable` or `best_effort`.
        newest_wins: refuse QoS overrides that let old images wait.
    """

    def __init__(self, node: Any, on_frame: Callable[[Frame], None], group: CallbackGroup, *,
                 transport: str, depth: int, reliability: str, newest_wins: bool):
        self._node: Node = node
        self._losses = node.losses
        self._on_frame = on_frame
        self._group = group
        self._depth = depth
        self._newest_wins = newest_wins
        self._auto = reliability == 'auto'
        self._type = CompressedImage if transport == 'compressed' else Image
        self._reliable = reliability == 'reliable'
        self._publishers_changed = False
        self.arrivals = Arrivals()
        base = node.resolve_topic_name('image')
        self.topic: str = f'{base}/compressed' if transport == 'compressed' else base
        self._subscription = self._subscribe()

    @property
    def publishers(self) -> int:
        """Count the matched publishers."""
        return self._subscription.get_publisher_count()

    @property
    def reliability(self) -> str:
        """Return the reliability of the subscription as it is now."""
        return 'reliable' if self._reliable else 'best_effort'

    def read(self, message: Any) -> np.ndarray:
        """Return the pixels of a message of this input."""
        return (array_from_compressed if self._type is CompressedImage else array_from_image)(
            message)

    def other_topics(self) -> tuple[str, ...]:
        """Return the topics that carry images of the wanted type, except this one."""
        wanted = f'sensor_msgs/msg/{self._type.__name__}'
        return tuple(sorted(
            name for name, types in self._node.get_topic_names_and_types()
            if wanted in types and name != self.topic
            and not name.startswith(self._node.get_fully_qualified_name() + '/')))

    def follow_publishers(self) -> None:
        """Subscribe anew if the publishers' reliability has changed (with `auto`)."""
        if not (self._auto and self._publishers_changed):
            return
        offers = [info.qos_profile.reliability
                  for info in self._node.get_publishers_info_by_topic(self.topic)]
        if not offers:
            return
        # The graph may not show yet all that are matched: then look again at the next tick.
        self._publishers_changed = len(offers) < self.publishers
        reliable = all(offer == ReliabilityPolicy.RELIABLE for offer in offers)
        if reliable != self._reliable:
            self._reliable = reliable
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._subscribe()

    def destroy(self) -> None:
        """End the subscription."""
        self._node.destroy_subscription(self._subscription)

    def _subscribe(self) -> Any:
        reliability = (ReliabilityPolicy.RELIABLE if self._reliable
                       else ReliabilityPolicy.BEST_EFFORT)
        return self._node.create_subscription(
            self._type, self.topic, self._on_message,
            QoSProfile(depth=self._depth, reliability=reliability),
            callback_group=self._group,
            event_callbacks=SubscriptionEventCallbacks(
                matched=self._on_matched, incompatible_qos=self._on_incompatible),
            qos_overriding_options=QoSOverridingOptions(
                (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH), callback=self._check_qos))

    def _check_qos(self, qos: QoSProfile) -> SetParametersResult:
        """Refuse a depth that defeats the frame policy."""
        if self._newest_wins and qos.depth != 1:
            return SetParametersResult(successful=False, reason=(
                f'depth {qos.depth} would let old images wait; frame_policy latest needs 1'))
        return SetParametersResult(successful=True)

    def _on_matched(self, event: Any) -> None:
        self._publishers_changed = True

    def _on_incompatible(self, event: Any) -> None:
        self._publishers_changed = True
        if not self._auto:
            self._node.get_logger().warning(
                f'a publisher on {self.topic} offers best effort only and is not received: set '
                'reliability: auto')

    def _on_message(self, message: Any, info: dict[str, Any]) -> None:
        now_s = time.monotonic()
        missing = self.arrivals.note(info['publication_sequence_number'], now_s, self.publishers)
        if missing:
            self._losses.add('transport', missing)
        self._on_frame(Frame(message, Time.from_msg(message.header.stamp).nanoseconds, now_s))

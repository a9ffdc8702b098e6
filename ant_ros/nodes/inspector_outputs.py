# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector node publishes about a part."""

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
from rclpy.lifecycle import LifecycleNode
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import Image

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.judging import Judged
from ant_ros.nodes.last_words import deliver
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.publisher_events import no_events
from ant_ros.nodes.verdict_message import to_message
from ant_ros.nodes.vision_outputs import VISION_MSGS_INSTALLED
from ant_ros.nodes.vision_outputs import VisionOutputs

__all__ = ['InspectorOutputs']

_VERDICT_DEPTH = 100   # who counts verdicts may be held up for some seconds
_DEPTH = 10


class InspectorOutputs:
    """The publishers of verdicts and pictures, from configure to cleanup."""

    def __init__(self, node: LifecycleNode):
        self._node = node
        self._verdict = node.create_lifecycle_publisher(
            DiagnosticArray, '~/verdict', _VERDICT_DEPTH, event_callbacks=no_events(),
            qos_overriding_options=QoSOverridingOptions.with_default_policies())
        self._anomaly_map = self._picture_publisher('~/anomaly_map')
        self._overlay = self._picture_publisher('~/overlay')
        self._vision = VisionOutputs(node) if VISION_MSGS_INSTALLED else None

    def destroy(self) -> None:
        """Destroy the publishers, once the last verdicts have been delivered."""
        deliver([self._verdict])
        for publisher in (self._verdict, self._anomaly_map, self._overlay):
            self._node.destroy_lifecycle_publisher(publisher)
        if self._vision:
            self._vision.destroy()

    def publish(self, report: PartVerdict) -> None:
        """Publish a verdict."""
        self._verdict.publish(to_message(report))

    def publish_pictures(self, judged: Judged, header: Any, *, passes_too: bool) -> None:
        """Publish all that is drawn from an inspected part, as far as somebody listens."""
        if judged.verdict is None or judged.pixels is None:
            return
        if self._vision:
            self._vision.publish(judged.verdict, header, judged.report.part_id)
        if judged.verdict.decision is Decision.PASS and not passes_too:
            return
        if self._anomaly_map.get_subscription_count():
            self._publish_picture(
                self._anomaly_map, judged.verdict.anomaly_map, '32FC1', header)
        if self._overlay.get_subscription_count():
            from ant_ros.inspection import draw_overlay
            self._publish_picture(
                self._overlay, draw_overlay(judged.pixels, judged.verdict), 'rgb8', header)

    def _picture_publisher(self, name: str) -> Any:
        return self._node.create_lifecycle_publisher(
            Image, name, _DEPTH, event_callbacks=no_events(),
            qos_overriding_options=QoSOverridingOptions.with_default_policies())

    def _publish_picture(self, publisher: Any, pixels: np.ndarray, encoding: str,
                         header: Any) -> None:
        publisher.publish(fill_image(Image(header=header), pixels, encoding))

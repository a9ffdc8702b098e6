# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Verdicts in the types of vision_msgs, where that package is installed."""

from itertools import chain
from itertools import repeat
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile

from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Verdict
from ant_ros.nodes.endpoints import Endpoint

try:
    from vision_msgs.msg import BoundingBox2D
    from vision_msgs.msg import Classification
    from vision_msgs.msg import Detection2D
    from vision_msgs.msg import Detection2DArray
    from vision_msgs.msg import ObjectHypothesis
    from vision_msgs.msg import ObjectHypothesisWithPose
    from vision_msgs.msg import VisionInfo
except ImportError:
    VISION_MSGS_INSTALLED = False
else:
    VISION_MSGS_INSTALLED = True

__all__ = ['VISION_ENDPOINTS', 'VISION_MSGS_INSTALLED', 'VisionOutputs']

VISION_ENDPOINTS = (
    Endpoint('publisher', '~/detections', 'vision_msgs/msg/Detection2DArray', 'reliable, depth 10',
             'where vision_msgs is installed; the regions, each with its defect class or '
             'anomaly; an empty array for a part without'),
    Endpoint('publisher', '~/classification', 'vision_msgs/msg/Classification',
             'reliable, depth 10', 'where vision_msgs is installed; the decision and '
             'how likely it is, 0.5 at the threshold of rejection'),
    Endpoint('publisher', '~/vision_info', 'vision_msgs/msg/VisionInfo',
             'reliable, transient local, depth 1',
             'where vision_msgs is installed; database_version is the recipe version'),
)

_UNKNOWN = 'unknown'


class VisionOutputs:
    """Publishers of vision_msgs; make one only if `VISION_MSGS_INSTALLED`."""

    def __init__(self, node: LifecycleNode):
        self._node = node
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._detections = node.create_lifecycle_publisher(Detection2DArray, '~/detections', 10)
        self._classification = node.create_lifecycle_publisher(
            Classification, '~/classification', 10)
        self._info = node.create_lifecycle_publisher(VisionInfo, '~/vision_info', latched)
        self._announced: tuple[str, int] | None = None

    def destroy(self) -> None:
        """Destroy the publishers."""
        for publisher in (self._detections, self._classification, self._info):
            self._node.destroy_lifecycle_publisher(publisher)

    def publish(self, verdict: Verdict, header: Any, part_id: str) -> None:
        """Publish a verdict on the image with this header."""
        self._announce(verdict, header)
        self._detections.publish(_detections(verdict, header, part_id))
        unusual = _share(verdict.score, verdict.reject_threshold)
        self._classification.publish(Classification(header=header, results=[ObjectHypothesis(
            class_id=verdict.decision.value,
            score=1.0 - unusual if verdict.decision is Decision.PASS else unusual)]))

    def _announce(self, verdict: Verdict, header: Any) -> None:
        """Publish the recipe's name and version when they change."""
        recipe = (verdict.recipe, verdict.recipe_version)
        if recipe != self._announced:
            self._announced = recipe
            self._info.publish(VisionInfo(
                header=header, method='ant_ros', database_location=verdict.recipe,
                database_version=verdict.recipe_version))


def _detections(verdict: Verdict, header: Any, part_id: str) -> Any:
    message = Detection2DArray(header=header)
    classes = getattr(verdict, 'classes', ())   # of an inspector that learns
    for region, name in zip(verdict.regions, chain(classes, repeat(_UNKNOWN)), strict=False):
        box = BoundingBox2D(size_x=float(region.width), size_y=float(region.height))
        box.center.position.x = region.x + region.width / 2
        box.center.position.y = region.y + region.height / 2
        hypothesis = ObjectHypothesisWithPose()
        hypothesis.hypothesis.class_id = 'anomaly' if name == _UNKNOWN else name
        hypothesis.hypothesis.score = _share(region.peak, verdict.reject_threshold)
        message.detections.append(
            Detection2D(header=header, results=[hypothesis], bbox=box, id=part_id))
    return message


def _share(score: float, reject_threshold: float) -> float:
    """Return a score from 0 to 1; half of it is the threshold of rejection."""
    return score / (score + reject_threshold) if score > 0 else 0.0

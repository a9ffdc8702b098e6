# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where vision_msgs is installed, verdicts come in its types as well."""

import pytest
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile

from ant_ros.nodes.vision_outputs import VISION_ENDPOINTS

pytestmark = pytest.mark.needs_vision_msgs


def test_verdicts_in_vision_types(inspector_line, fake_recipe) -> None:
    from vision_msgs.msg import Classification
    from vision_msgs.msg import Detection2DArray
    line = inspector_line(recipe=str(fake_recipe))
    detections = line.ros.record(Detection2DArray, 'inspector/detections')
    classes = line.ros.record(Classification, 'inspector/classification')
    line.start()
    line.ros.wait_for(lambda: all(
        line.ros.node.count_publishers(line.node.resolve_topic_name(row.name)) == 1
        for row in VISION_ENDPOINTS))
    for stamp, grey in ((1.0, 10), (2.0, 200)):
        line.trigger(f'part-{stamp}', stamp)
        line.show(stamp, grey)
    line.ros.wait_for(lambda: len(detections) == len(classes) == 2)
    good, bad = detections.messages
    assert list(good.detections) == []  # empty, but there: others synchronise on it
    assert (bad.header.stamp.sec, bad.header.frame_id) == (2, 'camera')
    detection, = bad.detections
    assert (detection.bbox.center.position.x, detection.bbox.center.position.y) == (2.5, 4.0)
    assert (detection.bbox.size_x, detection.bbox.size_y) == (3.0, 4.0)
    assert detection.id == 'part-2.0'
    assert detection.results[0].hypothesis.class_id == 'anomaly'
    assert [message.results[0].class_id for message in classes] == ['pass', 'reject']
    assert all(0.5 < message.results[0].score <= 1 for message in classes)


def test_a_region_has_its_class(inspector_line, fake_recipe, monkeypatch) -> None:
    from vision_msgs.msg import Detection2DArray
    line = inspector_line(recipe=str(fake_recipe))
    inspect = line.inspector.inspect

    def named(self, image):
        verdict = inspect(self, image)
        object.__setattr__(verdict, 'classes', ('scratch',) * len(verdict.regions))
        return verdict
    monkeypatch.setattr(line.inspector, 'inspect', named)
    detections = line.ros.record(Detection2DArray, 'inspector/detections')
    line.start()
    line.ros.wait_for(lambda: line.ros.node.count_publishers(
        line.node.resolve_topic_name('~/detections')) == 1)
    line.trigger('a', 1.0)
    line.show(1.0, 200)
    line.ros.wait_for(lambda: len(detections) == 1)
    assert detections[0].detections[0].results[0].hypothesis.class_id == 'scratch'


def test_vision_info_reaches_late_listeners(inspector_line, fake_recipe) -> None:
    from vision_msgs.msg import VisionInfo
    line = inspector_line(recipe=str(fake_recipe)).start()
    line.trigger('a', 1.0)
    line.show(1.0)
    line.wait_for_verdicts(1)
    infos = line.ros.record(VisionInfo, 'inspector/vision_info', QoSProfile(
        depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    line.ros.wait_for(lambda: len(infos) == 1)
    assert (infos[0].database_location, infos[0].database_version) == ('plate', 1)

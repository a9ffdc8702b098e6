# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of verdicts are drawn for those who look, and only then."""

import pytest
from sensor_msgs.msg import Image

from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.worker import result_of


@pytest.mark.parametrize(('which', 'count'), [('all', 2), ('not_pass', 1)])
def test_map_and_overlay_belong_to_their_image(inspector_line, fake_recipe, which, count) -> None:
    line = inspector_line(recipe=str(fake_recipe), debug_images=which)
    maps = line.ros.record(Image, 'inspector/anomaly_map')
    overlays = line.ros.record(Image, 'inspector/overlay')
    line.start()
    line.ros.wait_for(lambda: line.node._outputs._overlay.get_subscription_count() == 1
                      and line.node._outputs._anomaly_map.get_subscription_count() == 1)
    for stamp, grey in ((1.0, 10), (2.0, 200)):
        line.trigger(f'part-{stamp}', stamp)
        line.show(stamp, grey)
    line.wait_for_verdicts(2)
    line.ros.wait_for(lambda: len(maps) == len(overlays) == count)
    for pictures, encoding in ((maps, '32FC1'), (overlays, 'rgb8')):
        assert [picture.header.stamp.sec for picture in pictures] == [1, 2][-count:]
        assert {picture.header.frame_id for picture in pictures} == {'camera'}
        assert {picture.encoding for picture in pictures} == {encoding}
    assert array_from_image(maps[0]).shape == (40, 48)
    assert array_from_image(overlays[0]).ndim == 3


def test_nothing_is_drawn_for_nobody(
        inspector_line, fake_recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr('ant_ros.inspection.draw_overlay', lambda *args: drawn.append(args))
    line = inspector_line(recipe=str(fake_recipe)).start()
    for number in range(1, 4):
        line.trigger(f'part-{number}', number)
        line.show(number, 200)
    line.wait_for_verdicts(3)
    result_of(line.node.worker.call(lambda: None), 5)  # behind the last part's pictures
    assert drawn == []


def test_fault_in_drawing_does_not_touch_the_verdict(
        inspector_line, fake_recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_) -> None:
        raise RuntimeError('no ink')
    monkeypatch.setattr('ant_ros.inspection.draw_overlay', fail)
    line = inspector_line(recipe=str(fake_recipe))
    line.ros.record(Image, 'inspector/overlay')
    line.start()
    line.ros.wait_for(lambda: line.node._outputs._overlay.get_subscription_count() == 1)
    for number in range(1, 3):
        line.trigger(f'part-{number}', number)
        line.show(number, 200)
    verdicts = line.wait_for_verdicts(2)
    assert [verdict.cause for verdict in verdicts] == ['', '']
    line.wait_for_health('compute', b'\x01', 'no ink')

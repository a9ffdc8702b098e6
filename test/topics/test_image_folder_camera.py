# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Playing pictures over real topics: steadily, or verdict by verdict."""

from pathlib import Path
import time

import cv2
from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
from PIL import Image as PilImage
import pytest
from rcl_interfaces.msg import Log
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from sensor_msgs.msg import TimeReference

from ant_ros.nodes import image_folder_camera
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.image_folder_camera import ImageFolderCamera
from ant_ros.nodes.parameters import ParameterError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures and a broken one, laid out as MVTec does."""
    for name, pixels in [
            ('good/000.png', np.full((4, 6, 3), [10, 20, 30], np.uint8)),
            ('good/002.png', np.full((4, 6), 40, np.uint8)),
            ('scratch/000.png', np.full((5, 7, 3), 50, np.uint8)),
            ('scratch/001.png', np.full((4, 6), 6000, np.uint16))]:
        path = tmp_path / 'pictures' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        PilImage.fromarray(pixels).save(path)
    (tmp_path / 'pictures' / 'good' / '001.png').write_bytes(b'\x89PNG broken')
    return tmp_path / 'pictures'


def make_camera(ros, path: Path, **parameters) -> ImageFolderCamera:
    values = {'path': str(path), 'rate_hz': 100.0, **parameters}
    return ros.add(ImageFolderCamera(context=ros.context, parameter_overrides=[
        Parameter(name, value=value) for name, value in values.items()]))


class Listener:
    """Who takes pictures; `judge` gives a verdict as an inspector would."""

    def __init__(self, ros):
        self.ros = ros
        self.images = ros.record(Image, 'camera/image_raw', 100)
        self.triggers = ros.record(TimeReference, 'part', 100)
        self.reports = ros.record(DiagnosticArray, '/diagnostics', 100)
        self.verdicts = ros.node.create_publisher(DiagnosticArray, 'verdict', 100)

    def judge(self, image: Image) -> None:
        self.verdicts.publish(DiagnosticArray(
            header=image.header, status=[DiagnosticStatus(hardware_id='image-000001')]))

    def report(self, **values: object) -> DiagnosticStatus:
        wanted = {(key, str(value)) for key, value in values.items()}
        found = []

        def reported() -> bool:
            found[:] = [status for message in self.reports.messages for status in message.status
                        if wanted <= {(entry.key, entry.value) for entry in status.values}]
            return bool(found)
        self.ros.wait_for(reported, what=f'a report with {values}')
        return found[-1]


def test_folder_with_a_broken_file_is_played_and_the_file_reported(ros, folder: Path) -> None:
    listener = Listener(ros)
    camera = make_camera(ros, folder)
    ros.wait_for(lambda: camera.finished and len(listener.images) == 4)
    assert [message.source for message in listener.triggers] == [
        'good/000.png', 'good/002.png', 'scratch/000.png', 'scratch/001.png']
    assert [message.header.stamp for message in listener.triggers] == [
        image.header.stamp for image in listener.images]
    assert [image.encoding for image in listener.images] == ['rgb8', 'mono8', 'rgb8', 'mono16']
    assert array_from_image(listener.images[0])[0, 0].tolist() == [10, 20, 30]
    assert array_from_image(listener.images[3]).max() == 6000
    assert listener.images[0].header.frame_id == 'camera'
    report = listener.report(published=4, unreadable=1, finished='true')
    assert report.level == DiagnosticStatus.WARN
    assert '001.png' in report.message


def test_colour_of_16_bits_is_played_as_it_is(ros, tmp_path: Path) -> None:
    bgr = np.full((4, 6, 3), [3000, 20000, 60000], np.uint16)
    cv2.imwrite(str(tmp_path / 'deep.png'), bgr)
    listener = Listener(ros)
    camera = make_camera(ros, tmp_path)
    ros.wait_for(lambda: camera.finished and len(listener.images) == 1)
    assert listener.images[0].encoding == 'rgb16'
    np.testing.assert_array_equal(array_from_image(listener.images[0]), bgr[..., ::-1])


def test_each_picture_waits_for_the_verdict_on_the_one_before(ros, folder: Path) -> None:
    listener = Listener(ros)
    camera = make_camera(ros, folder, pace='verdict')
    for number in range(4):
        ros.wait_for(lambda number=number: len(listener.images) == number + 1)
        listener.judge(Image())          # a verdict on something else
        listener.report(published=number + 1, finished='false')
        assert len(listener.images) == number + 1
        listener.judge(listener.images[number])
    ros.wait_for(lambda: camera.finished)
    listener.report(verdict_timeouts=0, finished='true')


def test_missing_verdict_is_counted_and_playing_goes_on(ros, folder: Path) -> None:
    listener = Listener(ros)
    camera = make_camera(ros, folder, pace='verdict', verdict_timeout_s=0.1)
    ros.wait_for(lambda: camera.finished and len(listener.images) == 4)
    listener.report(verdict_timeouts=1, published=4)


def test_steady_rate_is_kept(ros, folder: Path) -> None:
    listener = Listener(ros)
    camera = make_camera(ros, folder, rate_hz=5.0)
    ros.wait_for(lambda: len(listener.images) >= 1)
    start_s = time.monotonic()
    ros.wait_for(lambda: camera.finished)
    assert time.monotonic() - start_s >= 0.5   # three intervals of 0.2 s
    stamps = [image.header.stamp.sec + 1e-9 * image.header.stamp.nanosec
              for image in listener.images]
    assert np.diff(stamps).min() > 0.1


def test_loop_gives_every_round_names_of_its_own(ros, folder: Path) -> None:
    listener = Listener(ros)
    camera = make_camera(ros, folder, loop=True)
    ros.wait_for(lambda: len(listener.triggers) >= 9)
    camera.close()
    names = [message.source for message in listener.triggers]
    assert names[4] == 'good/000.png#2' and names[8] == 'good/000.png#3'
    assert len(set(names)) == len(names)
    assert not camera.finished


def test_nothing_is_played_before_somebody_listens(ros, folder: Path) -> None:
    camera = make_camera(ros, folder)
    reports = ros.record(DiagnosticArray, '/diagnostics')
    ros.wait_for(lambda: len(reports) > 0)
    listener = Listener(ros)
    ros.wait_for(lambda: camera.finished and len(listener.images) == 4)


def test_a_gate_that_comes_after_the_inspector_misses_no_trigger(ros, folder: Path) -> None:
    images = ros.record(Image, 'camera/image_raw', 100)
    camera = make_camera(ros, folder)
    ros.wait_for(lambda: camera._image.get_subscription_count())
    assert not images.messages
    triggers = ros.record(TimeReference, 'part', 100)
    ros.wait_for(lambda: camera.finished and len(triggers) == len(images) == 4)


def test_a_pace_that_nobody_sets_is_told(ros, folder: Path) -> None:
    logs = ros.record(Log, '/rosout', 100)
    ros.record(Image, 'camera/image_raw', 100)
    ros.record(TimeReference, 'part', 100)
    make_camera(ros, folder, pace='verdict')
    ros.wait_for(lambda: any('nobody publishes /verdict: remap' in log.msg
                             for log in logs.messages))


def test_folder_of_broken_files_fails_in_the_open(ros, tmp_path: Path) -> None:
    (tmp_path / 'a.png').write_bytes(b'nothing')
    listener = Listener(ros)
    camera = make_camera(ros, tmp_path, loop=True)
    report = listener.report(unreadable=1, published=0)
    ros.wait_for(lambda: any(status.level == DiagnosticStatus.ERROR for message
                             in listener.reports.messages for status in message.status))
    assert not camera.finished
    assert report.name.startswith('image_folder_camera')


@pytest.mark.parametrize(('path', 'message'), [('', 'path'), ('/nowhere', 'is not there')])
def test_nothing_to_play_is_refused(ros, path: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ros.add(ImageFolderCamera(context=ros.context, parameter_overrides=[
            Parameter('path', value=path)]))


def test_tables_are_the_graph(ros, folder: Path) -> None:
    camera = make_camera(ros, folder)
    declared = {name for name in camera.get_parameters_by_prefix('')
                if not name.startswith('qos_overrides.') and name not in (
                    'use_sim_time', 'start_type_description_service')}
    assert declared == {row.name for row in image_folder_camera.PARAMETERS}

    def graph(pairs) -> set:
        return {(name, kinds[0]) for name, kinds in pairs
                if name not in ('/parameter_events', '/rosout')}

    def table(kind) -> set:
        return {('/' + row.name.lstrip('/'), row.type)
                for row in image_folder_camera.ENDPOINTS if row.kind == kind}
    node = 'image_folder_camera'
    assert graph(camera.get_publisher_names_and_types_by_node(node, '/')) == table('publisher')
    assert graph(camera.get_subscriber_names_and_types_by_node(node, '/')) == table('subscription')

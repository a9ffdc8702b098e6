# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node that plays a folder of images, a video or a bag as if it were camera and photo-eye."""

from collections.abc import Sequence
import os
from pathlib import Path
import sys
import threading
import time
import traceback
from typing import Any

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import Image
from sensor_msgs.msg import TimeReference

from ant_ros.nodes.diagnostics import DIAGNOSTICS_ENDPOINT
from ant_ros.nodes.diagnostics import DiagnosticsReporter
from ant_ros.nodes.diagnostics import Health
from ant_ros.nodes.diagnostics import Level
from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.handshake import Handshake
from ant_ros.nodes.image_conversion import ConversionError
from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.parameters import Parameter
from ant_ros.nodes.parameters import ParameterError
from ant_ros.nodes.parameters import Parameters
from ant_ros.nodes.picture_source import open_source
from ant_ros.nodes.picture_source import Picture
from ant_ros.nodes.picture_source import Source
from ant_ros.nodes.picture_source import SourceError
from ant_ros.nodes.processes import large_image_profile
from ant_ros.nodes.running import run
from ant_ros.nodes.subscribers import all_matched

__all__ = ['ENDPOINTS', 'PARAMETERS', 'ImageFolderCamera', 'main']

PARAMETERS = (
    Parameter('path', '', 'Folder of images (searched below, too), video, or MCAP bag.',
              read_only=True),
    Parameter('bag_topic', '', 'Image topic of a bag; may stay empty when there is one only.',
              read_only=True),
    Parameter('pace', 'rate', 'Steadily, or each picture when the one before has its verdict.',
              choices=('rate', 'verdict'), read_only=True),
    Parameter('rate_hz', 2.0, 'Pictures per second with pace rate.', minimum=0.001,
              maximum=1000.0),
    Parameter('verdict_timeout_s', 30.0, 'Wall time after which a verdict is given up, with pace '
              'verdict; the pictures then follow at rate_hz until a verdict is heard again.',
              minimum=0.01, maximum=3600.0),
    Parameter('start_timeout_s', 30.0, 'Wall time to wait at the start for who wants images.',
              minimum=0.0, maximum=3600.0, read_only=True),
    Parameter('loop', False, 'Start again at the end; names then end in #2, #3 and so on.'),
    Parameter('frame_id', 'camera', 'Frame of the images.'),
)

ENDPOINTS = (
    Endpoint('publisher', 'camera/image_raw', 'sensor_msgs/msg/Image', 'reliable, depth 10',
             'mono8, rgb8, mono16, rgb16 or 32FC1, as the picture is'),
    Endpoint('publisher', 'part', 'sensor_msgs/msg/TimeReference', 'reliable, depth 100',
             'with every image: its stamp, and the path in the folder or the number of the frame '
             'as source'),
    Endpoint('subscription', 'verdict', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', 'awaited with pace verdict'),
    DIAGNOSTICS_ENDPOINT,
)

_LOOK_S = 0.1
_SETTLE_S = 0.5       # an inspector that takes triggers subscribes to them with the images
_PART_TIMEOUT_S = 5.0  # a gate may start later than the inspector; perhaps nobody wants triggers
_ENCODINGS = {('u1', 2): 'mono8', ('u1', 3): 'rgb8', ('u2', 2): 'mono16', ('u2', 3): 'rgb16',
              ('f4', 2): '32FC1'}


class ImageFolderCamera(Node):
    """Play pictures; a worker thread reads and publishes them."""

    def __init__(self, **options: object):
        super().__init__('image_folder_camera', **options)
        self._settings = Parameters(self, PARAMETERS)
        self._source = _open(self._settings['path'], self._settings['bag_topic'])
        self._inspector = Handshake()
        self._stop = threading.Event()
        self._counts = {'published': 0, 'unreadable': 0, 'rounds': 0}
        self._last_fault = ''
        self._state = 'starting'
        self._last_stamp_ns = 0
        self._due_s = 0.0
        overridable = {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}
        deep = QoSProfile(depth=100)
        self._image = self.create_publisher(Image, 'camera/image_raw', 10, **overridable)
        self._part = self.create_publisher(TimeReference, 'part', deep, **overridable)
        self._verdicts = self.create_subscription(
            DiagnosticArray, 'verdict', self._on_verdict, deep, **overridable).topic_name
        self._diagnostics = DiagnosticsReporter(self, {'playing': self._health})
        self._worker = threading.Thread(target=self._work, name='pictures', daemon=True)
        self._worker.start()

    def close(self) -> None:
        """Stop playing."""
        self._stop.set()
        self._inspector.close()
        self._worker.join()

    @property
    def finished(self) -> bool:
        """Whether everything has been played."""
        return self._state == 'finished'

    def _on_verdict(self, message: DiagnosticArray) -> None:
        # By stamp: an inspector without a photo-eye numbers its parts itself.
        self._inspector.answer(str(_nanoseconds(message.header.stamp)))

    def _work(self) -> None:
        try:
            self._await_subscribers()
            self._state = 'playing'
            while not self._stop.is_set():
                self._play_round()
                if not self._settings['loop']:
                    break
            self._state = 'stopped' if self._stop.is_set() else 'finished'
            self.get_logger().info(f'{self._state}: {self._counts["published"]} pictures played, '
                                   f'{self._counts["unreadable"]} could not be read; the '
                                   'node stays until it is stopped')
        except Exception as error:
            self._state, self._last_fault = 'failed', f'{type(error).__name__}: {error}'
            self.get_logger().error('playing failed:\n' + traceback.format_exc())

    def _await_subscribers(self) -> None:
        """Hold the first picture until inspector and gate listen: what is not there misses it."""
        start_timeout_s = self._settings['start_timeout_s']
        if not self._await(start_timeout_s, self._image):
            if not self._stop.is_set():
                self.get_logger().warning(
                    f'nobody subscribes to {self._image.topic_name}: playing all the same')
            return
        self._await(min(_PART_TIMEOUT_S, start_timeout_s), self._image, self._part)
        self._stop.wait(_SETTLE_S)
        if self._settings['pace'] == 'verdict' and not self.count_publishers(self._verdicts):
            self.get_logger().warning(
                f'pace is verdict, but nobody publishes {self._verdicts}: remap verdict to the '
                "inspector's topic, -r verdict:=inspector/verdict")

    def _await(self, timeout_s: float, *publishers: Any) -> bool:
        """Wait until all who want what is published are matched; return whether they are."""
        deadline_s = time.monotonic() + timeout_s
        while not self._stop.is_set() and time.monotonic() < deadline_s:
            if all_matched(self, *publishers):
                return True
            self._stop.wait(_LOOK_S)
        return False

    def _play_round(self) -> None:
        self._counts['rounds'] += 1
        before = self._counts['published']
        suffix = f'#{self._counts["rounds"]}' if self._counts['rounds'] > 1 else ''
        for picture in self._source.pictures():
            if self._stop.is_set():
                return
            self._play(picture, picture.name + suffix)
        if self._counts['published'] == before:
            raise SourceError(f'nothing of {self._source.path} could be read, the last: '
                              f'{self._last_fault}')

    def _play(self, picture: Picture, name: str) -> None:
        if picture.pixels is None:
            self._refuse(picture.fault)
            return
        try:
            message = _to_message(picture.pixels)
        except ConversionError as error:
            self._refuse(f'{picture.name}: {error}')
            return
        self._await_turn()
        stamp = self._next_stamp()
        message.header.stamp, message.header.frame_id = stamp, self._settings['frame_id']
        trigger = TimeReference(source=name)
        trigger.header.stamp = trigger.time_ref = stamp
        trigger.header.frame_id = message.header.frame_id
        in_turn = self._settings['pace'] == 'verdict'
        if in_turn:
            self._inspector.expect(str(_nanoseconds(stamp)))
        self._part.publish(trigger)
        self._image.publish(message)
        self._counts['published'] += 1
        if in_turn:
            self._inspector.wait(self._settings['verdict_timeout_s'])

    def _await_turn(self) -> None:
        """Keep the rate, where verdicts do not set the pace."""
        now_s = time.monotonic()
        if self._settings['pace'] == 'verdict' and self._inspector.present:
            self._due_s = now_s
            return
        self._stop.wait(max(0.0, self._due_s - now_s))
        self._due_s = max(self._due_s, now_s) + 1.0 / self._settings['rate_hz']

    def _next_stamp(self) -> Time:
        """Return the time, a little later than the last stamp if need be: stamps are names."""
        now_ns = max(self.get_clock().now().nanoseconds, self._last_stamp_ns + 1)
        self._last_stamp_ns = now_ns
        return Time(sec=now_ns // 10 ** 9, nanosec=now_ns % 10 ** 9)

    def _refuse(self, fault: str) -> None:
        self._counts['unreadable'] += 1
        self._last_fault = fault
        self.get_logger().warning(f'left out: {fault}', throttle_duration_sec=1.0)

    def _health(self) -> Health:
        values: dict[str, object] = {
            **self._counts, 'path': str(self._source.path), 'finished': self.finished,
            'verdict_timeouts': self._inspector.timeouts,
            'subscriptions': self._image.get_subscription_count()}
        if self._state == 'failed':
            return Health(Level.ERROR, f'playing failed: {self._last_fault}', values)
        if self._counts['unreadable']:
            return Health(Level.WARN, f'{self._state}; {self._counts["unreadable"]} pictures '
                          f'could not be read, the last: {self._last_fault}', values)
        if not self._inspector.present:
            return Health(Level.WARN, f'{self._state}; no verdict within '
                          f'{self._settings["verdict_timeout_s"]} s: not waiting for more', values)
        return Health(Level.OK, self._state, values)


def _open(path: str, topic: str) -> Source:
    if not path:
        raise ParameterError('path: empty is not allowed, expected a folder of images, a video or '
                             'an MCAP bag')
    try:
        return open_source(Path(path).expanduser(), topic)
    except SourceError as error:
        raise ParameterError(f'path: {error}') from error


def _to_message(pixels: np.ndarray) -> Image:
    """Put a picture into a message, in the encoding that keeps it as it is."""
    encoding = _ENCODINGS.get((pixels.dtype.str[1:], pixels.ndim))
    if encoding is None:
        able = ', '.join(_ENCODINGS.values())
        raise ConversionError(f'a picture of {pixels.dtype} {list(pixels.shape)} has no encoding, '
                              f'expected one that fits {able}')
    return fill_image(Image(), pixels, encoding)


def _nanoseconds(stamp: Time) -> int:
    return stamp.sec * 10 ** 9 + stamp.nanosec


def main(argv: Sequence[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    os.environ.update(large_image_profile())
    return run(ImageFolderCamera, argv)


if __name__ == '__main__':
    sys.exit(main())

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Read pictures one by one from a folder, a video or an MCAP bag."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.image_files import list_images
from ant_ros.inspection.image_files import read_image
from ant_ros.nodes.image_conversion import array_from_compressed
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.image_conversion import ConversionError

__all__ = ['BagSource', 'FolderSource', 'Picture', 'Source', 'SourceError', 'VideoSource',
           'open_source']

_BAG_SUFFIXES = frozenset(('.mcap', '.db3', '.bag'))
_READERS = {'sensor_msgs/msg/Image': array_from_image,
            'sensor_msgs/msg/CompressedImage': array_from_compressed}


class SourceError(ValueError):
    """Pictures that cannot be played: the text says what was given and what is expected."""


@dataclass(frozen=True)
class Picture:
    """
    One picture of a source, or why it could not be read.

    Attributes:
        name: Its path relative to the folder, or its number in the video or bag.
        pixels: [H, W] or [H, W, 3] RGB; None if it could not be read.
        fault: Why not; empty if it could.
    """

    name: str
    pixels: np.ndarray | None = None
    fault: str = ''


@dataclass(frozen=True)
class FolderSource:
    """The images below a folder, in the order of their names; EXIF orientation is honoured."""

    path: Path
    files: tuple[Path, ...]

    def pictures(self) -> Iterator[Picture]:
        """Yield every picture, the unreadable ones too."""
        for file in self.files:
            name = file.relative_to(self.path).as_posix()
            try:
                yield Picture(name, read_image(file))
            except ImageError as error:
                yield Picture(name, fault=str(error))


@dataclass(frozen=True)
class VideoSource:
    """The frames of a video, as far as it can be read."""

    path: Path

    def pictures(self) -> Iterator[Picture]:
        """Yield every frame; they are named by number, from 0."""
        capture = cv2.VideoCapture(str(self.path))
        try:
            number = 0
            while True:
                read, frame = capture.read()
                if not read:
                    break
                yield Picture(_numbered(number), cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
                number += 1
            promised = round(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        finally:
            capture.release()
        if number < promised:
            yield Picture(_numbered(number), fault=(
                f'{self.path} breaks off: {number} of {promised} frames could be read'))


@dataclass(frozen=True)
class BagSource:
    """The images on one topic of a bag."""

    path: Path
    topic: str

    def pictures(self) -> Iterator[Picture]:
        """Yield every image; they are named by number, from 0."""
        with _open_bag(self.path) as bag:
            connections = [connection for connection in bag.connections
                           if connection.topic == self.topic]
            for number, (connection, _, raw) in enumerate(bag.messages(connections=connections)):
                try:
                    message = bag.deserialize(raw, connection.msgtype)
                    yield Picture(_numbered(number), _READERS[connection.msgtype](message))
                except ConversionError as error:
                    yield Picture(_numbered(number), fault=f'{self.topic} of {self.path}: {error}')


Source = FolderSource | VideoSource | BagSource


def open_source(path: Path, topic: str = '') -> Source:
    """
    Recognise what a path holds.

    Args:
        path: A folder of images, a video, or a bag (its folder or its file).
        topic: Image topic of a bag; may be left out when there is one only.

    Raises:
        SourceError: There is nothing to play.
    """
    if not path.exists():
        raise SourceError(f'{path} is not there: expected a folder, a video or an MCAP bag')
    if path.is_dir():
        if (path / 'metadata.yaml').exists():
            return _recognise_bag(path, topic)
        files = tuple(list_images(path))
        if not files:
            raise SourceError(f'{path} holds no images: expected some below it (PNG, JPEG, ...), '
                              'or a bag with its metadata.yaml')
        return FolderSource(path, files)
    if path.suffix in _BAG_SUFFIXES:
        return _recognise_bag(path, topic)
    capture = cv2.VideoCapture(str(path))
    playable = capture.isOpened()
    capture.release()
    if not playable:
        raise SourceError(f'{path} cannot be played as a video: expected a folder of images, a '
                          'video that OpenCV reads, or an MCAP bag')
    return VideoSource(path)


def _recognise_bag(path: Path, topic: str) -> BagSource:
    with _open_bag(path) as bag:
        topics = sorted({connection.topic for connection in bag.connections
                         if connection.msgtype in _READERS})
    if not topics:
        raise SourceError(f'{path} holds no images: expected a topic of {" or ".join(_READERS)}')
    if topic in topics:
        return BagSource(path, topic)
    if topic:
        raise SourceError(f'{path} has no images on {topic}, but on {", ".join(topics)}')
    if len(topics) > 1:
        raise SourceError(f'{path} has images on {", ".join(topics)}: choose one as bag_topic')
    return BagSource(path, topics[0])


@contextmanager
def _open_bag(path: Path) -> Iterator[Any]:
    """Open a bag for as long as it is read."""
    try:
        from rosbags.highlevel import AnyReader
        from rosbags.highlevel import AnyReaderError
        from rosbags.typesys import get_typestore
        from rosbags.typesys import Stores
    except ImportError as error:
        raise SourceError(f'{path} is a bag: install rosbags (pip install "ant_ros[bag]") to play '
                          'it') from error
    try:
        bag = AnyReader([path], default_typestore=get_typestore(Stores.ROS2_JAZZY))
        bag.open()
    except (AnyReaderError, OSError, ValueError) as error:
        raise SourceError(f'{path} cannot be read as a bag: {error}') from error
    try:
        yield bag
    finally:
        bag.close()


def _numbered(number: int) -> str:
    return f'frame-{number:06d}'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures come from folders, videos and bags; what cannot be read is named."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image
import pytest

from ant_ros.nodes.picture_source import BagSource
from ant_ros.nodes.picture_source import FolderSource
from ant_ros.nodes.picture_source import open_source
from ant_ros.nodes.picture_source import SourceError
from ant_ros.nodes.picture_source import VideoSource


def save(path: Path, level: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 6, 3), level, np.uint8)).save(path)


def write_bag(folder: Path, *topics: str) -> Path:
    from rosbags import rosbag2
    from rosbags.typesys import get_typestore
    from rosbags.typesys import Stores
    store = get_typestore(Stores.ROS2_JAZZY)
    header = store.types['std_msgs/msg/Header'](
        stamp=store.types['builtin_interfaces/msg/Time'](sec=1, nanosec=0), frame_id='camera')
    with rosbag2.Writer(folder, version=9, storage_plugin=rosbag2.StoragePlugin.MCAP) as bag:
        for topic in topics:
            connection = bag.add_connection(topic, 'sensor_msgs/msg/Image', typestore=store)
            for number in range(3):
                size = 12 if number < 2 else 5   # the last one is cut off
                message = store.types['sensor_msgs/msg/Image'](
                    header=header, height=2, width=2, encoding='bgr8', is_bigendian=0, step=6,
                    data=np.arange(number, number + size, dtype=np.uint8))
                bag.write(connection, number, store.serialize_cdr(
                    message, 'sensor_msgs/msg/Image'))
    return folder


def test_folder_is_played_in_order_with_what_lies_below(tmp_path: Path) -> None:
    save(tmp_path / 'test' / 'good' / '001.png', 1)
    save(tmp_path / 'test' / 'bad' / '000.png', 2)
    save(tmp_path / 'flat.png', 3)
    source = open_source(tmp_path)
    assert isinstance(source, FolderSource)
    pictures = list(source.pictures())
    assert [picture.name for picture in pictures] == [
        'flat.png', 'test/bad/000.png', 'test/good/001.png']
    assert [int(picture.pixels.max()) for picture in pictures] == [3, 2, 1]


def test_broken_file_is_named_and_the_rest_is_played(tmp_path: Path) -> None:
    save(tmp_path / 'a.png')
    (tmp_path / 'b.png').write_bytes((tmp_path / 'a.png').read_bytes()[:40])
    save(tmp_path / 'c.png')
    pictures = list(open_source(tmp_path).pictures())
    assert [picture.pixels is None for picture in pictures] == [False, True, False]
    assert 'b.png' in pictures[1].fault


def test_orientation_of_a_photograph_is_honoured(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6   # turned by a quarter
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / 'a.jpg', exif=exif)
    picture = next(iter(open_source(tmp_path).pictures()))
    assert picture.pixels.shape == (6, 4, 3)


def test_video_is_played_by_frame(tmp_path: Path) -> None:
    path = tmp_path / 'a.avi'
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 48))
    assert video.isOpened()
    for level in (0, 100, 200):
        frame = np.zeros((48, 64, 3), np.uint8)
        frame[..., 2] = level   # red, in OpenCV's order
        video.write(frame)
    video.release()
    source = open_source(path)
    assert isinstance(source, VideoSource)
    pictures = list(source.pictures())
    assert [picture.name for picture in pictures] == [f'frame-{n:06d}' for n in range(3)]
    for picture, level in zip(pictures, (0, 100, 200), strict=True):
        np.testing.assert_allclose(picture.pixels.mean(axis=(0, 1)), [level, 0, 0], atol=6)


@pytest.mark.parametrize('given', ['folder', 'file'])
@pytest.mark.needs_rosbags
def test_bag_is_played_by_message(tmp_path: Path, given: str) -> None:
    folder = write_bag(tmp_path / 'bag', '/camera/image_raw')
    source = open_source(folder if given == 'folder' else next(folder.glob('*.mcap')))
    assert isinstance(source, BagSource)
    pictures = list(source.pictures())
    assert [picture.name for picture in pictures] == [f'frame-{n:06d}' for n in range(3)]
    np.testing.assert_array_equal(pictures[0].pixels[0, 0], [2, 1, 0])   # rgb of bgr
    assert pictures[2].pixels is None and '/camera/image_raw' in pictures[2].fault


@pytest.mark.needs_rosbags
def test_bag_with_two_cameras_needs_a_choice(tmp_path: Path) -> None:
    folder = write_bag(tmp_path / 'bag', '/left', '/right')
    with pytest.raises(SourceError, match=r'/left, /right.*bag_topic'):
        open_source(folder)
    assert open_source(folder, '/right').topic == '/right'
    with pytest.raises(SourceError, match='no images on /top'):
        open_source(folder, '/top')


def test_nothing_to_play_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match='is not there'):
        open_source(tmp_path / 'nowhere')
    with pytest.raises(SourceError, match='holds no images'):
        open_source(tmp_path)
    text = tmp_path / 'notes.txt'
    text.write_text('no video')
    with pytest.raises(SourceError, match='cannot be played'):
        open_source(text)


@pytest.mark.needs_rosbags
def test_damaged_bag_is_a_clear_error(tmp_path: Path) -> None:
    bag = tmp_path / 'a.mcap'
    bag.write_bytes(b'no bag' * 100)
    with pytest.raises(SourceError, match='cannot be read as a bag'):
        open_source(bag)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image files: upright, without alpha, errors name the file."""

import numpy as np
from PIL import Image
import pytest

from ant_ros.inspection import ImageError
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image


def test_exif_rotation_is_honoured(tmp_path):
    picture = Image.new('RGB', (40, 20))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / 'turned.jpg', exif=exif)

    assert read_image(tmp_path / 'turned.jpg').shape == (40, 20, 3)


@pytest.mark.parametrize(('mode', 'shape', 'dtype'), [
    ('RGB', (20, 40, 3), np.uint8), ('RGBA', (20, 40, 3), np.uint8), ('P', (20, 40, 3), np.uint8),
    ('L', (20, 40), np.uint8), ('LA', (20, 40), np.uint8), ('I;16', (20, 40), np.uint16),
])
def test_modes(tmp_path, mode, shape, dtype):
    Image.new(mode, (40, 20)).save(tmp_path / 'image.png')
    image = read_image(tmp_path / 'image.png')

    assert (image.shape, image.dtype) == (shape, dtype)


@pytest.mark.parametrize('content', [b'', b'no image', b'\x89PNG\r\n\x1a\n' + b'0' * 40])
def test_unreadable_file_is_named(tmp_path, content):
    (tmp_path / 'broken.png').write_bytes(content)

    with pytest.raises(ImageError, match=r'broken\.png'):
        read_image(tmp_path / 'broken.png')


def test_truncated_file_is_named(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(
        tmp_path / 'cut.png')
    whole = (tmp_path / 'cut.png').read_bytes()
    (tmp_path / 'cut.png').write_bytes(whole[:len(whole) // 2])

    with pytest.raises(ImageError, match=r'cut\.png'):
        read_image(tmp_path / 'cut.png')


def test_list_is_sorted_and_leaves_out_what_is_hidden_or_no_image(tmp_path):
    (tmp_path / 'sub').mkdir()
    for name in ('b.PNG', 'a.jpg', 'sub/c.tiff', '.hidden.png', 'notes.txt'):
        (tmp_path / name).write_bytes(b'')

    names = [str(path.relative_to(tmp_path)) for path in list_images(tmp_path)]
    assert names == ['a.jpg', 'b.PNG', 'sub/c.tiff']


def test_list_of_no_directory(tmp_path):
    with pytest.raises(ImageError, match='no directory'):
        list_images(tmp_path / 'missing')

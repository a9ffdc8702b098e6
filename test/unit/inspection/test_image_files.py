# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image files: upright, without alpha, errors name the file."""

import struct
import zlib

import cv2
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


def write_png(path, values, colour_type, chunks=b''):
    """Write [H, W, C] uint16 as a PNG of 16 bits with further chunks before the pixels."""
    def chunk(kind, content):
        return (struct.pack('>I', len(content)) + kind + content
                + struct.pack('>I', zlib.crc32(kind + content)))

    height, width = values.shape[:2]
    rows = b''.join(b'\0' + row.astype('>u2').tobytes() for row in values)
    header = struct.pack('>IIBBBBB', width, height, 16, colour_type, 0, 0, 0)
    exif = chunk(b'eXIf', chunks) if chunks else b''
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + exif
                     + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


@pytest.mark.parametrize('orientation', range(1, 9))
def test_16_bits_of_colour_are_kept_and_turned_as_pillow_turns_8_bits(tmp_path, orientation):
    values = np.random.default_rng(0).integers(0, 2**16, (33, 47, 3), np.uint16)
    small = Image.fromarray((values >> 8).astype(np.uint8))
    exif = small.getexif()
    exif[0x0112] = orientation
    small.save(tmp_path / 'small.png', exif=exif)
    write_png(tmp_path / 'deep.png', values, 2, exif.tobytes()[6:])
    deep, expected = read_image(tmp_path / 'deep.png'), read_image(tmp_path / 'small.png')

    assert deep.dtype == np.uint16
    assert np.array_equal(deep >> 8, expected)


def test_16_bits_of_colour_with_alpha_and_in_tiff(tmp_path):
    values = np.random.default_rng(1).integers(0, 2**16, (33, 47, 4), np.uint16)
    write_png(tmp_path / 'alpha.png', values, 6)
    cv2.imwrite(str(tmp_path / 'colour.tiff'), values[..., 2::-1])
    write_png(tmp_path / 'grey.png', values[..., :2], 4)

    assert np.array_equal(read_image(tmp_path / 'alpha.png'), values[..., :3])
    assert np.array_equal(read_image(tmp_path / 'colour.tiff'), values[..., :3])
    assert np.array_equal(read_image(tmp_path / 'grey.png'), values[..., 0])


def test_a_palette_with_alphas_and_printers_colours_become_rgb(tmp_path):
    picture = Image.new('P', (40, 20), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    picture.save(tmp_path / 'palette.png', transparency=bytes([0, 128]))
    Image.new('CMYK', (40, 20), (0, 255, 255, 0)).save(tmp_path / 'press.tiff')

    assert (read_image(tmp_path / 'palette.png') == (200, 100, 50)).all()
    assert (read_image(tmp_path / 'press.tiff') == (255, 0, 0)).all()


def test_whole_numbers_beyond_16_bits_are_not_wrapped(tmp_path):
    Image.new('I', (40, 20), 70_000).save(tmp_path / 'large.tiff')
    image = read_image(tmp_path / 'large.tiff')

    assert (image.dtype, image.max()) == (np.float32, 70_000)


@pytest.mark.filterwarnings('ignore::UserWarning')
@pytest.mark.parametrize('suffix', ['png', 'jpg', 'tiff', 'bmp', 'webp'])
def test_damaged_files_are_named_whatever_the_damage(tmp_path, suffix):
    random = np.random.default_rng(5)
    path = tmp_path / f'damaged.{suffix}'
    Image.fromarray(random.integers(0, 255, (40, 60, 3), np.uint8)).save(path)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for _ in range(60):
        damaged = whole[:random.integers(1, len(whole) + 1)].copy()
        places = random.integers(0, min(len(damaged), 400), 4)
        damaged[places] = random.integers(0, 256, 4)
        path.write_bytes(damaged.tobytes())
        try:
            assert read_image(path).ndim in (2, 3)
        except ImageError as error:
            assert 'damaged.' in str(error)


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

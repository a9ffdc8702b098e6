# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image messages become arrays and back, whatever their layout; damaged ones are refused."""

from array import array
from types import SimpleNamespace

import cv2
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
import numpy as np
import pytest

from ant_ros.nodes.image_conversion import array_from_compressed
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.image_conversion import ConversionError
from ant_ros.nodes.image_conversion import ENCODINGS
from ant_ros.nodes.image_conversion import fill_compressed
from ant_ros.nodes.image_conversion import fill_image

GREY = {'mono8': np.uint8, '8UC1': np.uint8, 'mono16': np.uint16, '16UC1': np.uint16,
        '32FC1': np.float32}
COLOUR = {'rgb8': (0, 1, 2), 'bgr8': (2, 1, 0), '8UC3': (2, 1, 0), 'rgba8': (0, 1, 2),
          'bgra8': (2, 1, 0)}
DEEP_COLOUR = {name.replace('8', '16'): order for name, order in COLOUR.items()}
BAYER = {'bayer_rggb': 'rggb', 'bayer_bggr': 'bggr', 'bayer_gbrg': 'gbrg', 'bayer_grbg': 'grbg'}

sides = st.integers(1, 24)
quick = settings(max_examples=40, deadline=None)


def _message(pixels: np.ndarray, encoding: str, padding: int = 0, big_endian: bool = False):
    """Lay pixels out as a driver does: [H, W] or [H, W, C] in the encoding's channel order."""
    height, width = pixels.shape[:2]
    ordered = pixels.astype(pixels.dtype.newbyteorder('>' if big_endian else '<'))
    rows = np.frombuffer(ordered.tobytes(), np.uint8).reshape(height, -1)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=0xAB)
    return SimpleNamespace(height=height, width=width, step=rows.shape[1], encoding=encoding,
                           is_bigendian=int(big_endian), data=array('B', rows.tobytes()))


def _arrays(dtype, *channels: int):
    elements = (st.floats(-1e6, 1e6, width=32) if np.dtype(dtype).kind == 'f' else None)
    return st.tuples(sides, sides).flatmap(
        lambda size: npst.arrays(dtype, (*size, *channels), elements=elements))


@pytest.mark.parametrize('encoding', GREY)
@quick
@given(data=st.data(), padding=st.integers(0, 9), big_endian=st.booleans())
def test_grey_is_read_whatever_step_and_byte_order(encoding, data, padding, big_endian) -> None:
    pixels = data.draw(_arrays(GREY[encoding]))
    read = array_from_image(_message(pixels, encoding, padding, big_endian))
    assert read.dtype == GREY[encoding] and read.dtype.isnative
    np.testing.assert_array_equal(read, pixels)


@pytest.mark.parametrize(('encoding', 'order'), COLOUR.items())
@quick
@given(data=st.data(), padding=st.integers(0, 9))
def test_colour_is_read_as_rgb(encoding, order, data, padding) -> None:
    sent = data.draw(_arrays(np.uint8, 4 if 'a' in encoding else 3))
    read = array_from_image(_message(sent, encoding, padding))
    np.testing.assert_array_equal(read, sent[..., order])


@pytest.mark.parametrize(('encoding', 'order'), DEEP_COLOUR.items())
@quick
@given(data=st.data(), padding=st.integers(0, 9), big_endian=st.booleans())
def test_colour_of_16_bits_is_read_as_rgb_in_either_byte_order(
        encoding, order, data, padding, big_endian) -> None:
    sent = data.draw(_arrays(np.uint16, 4 if 'a' in encoding else 3))
    read = array_from_image(_message(sent, encoding, padding, big_endian))
    assert read.dtype == np.uint16 and read.dtype.isnative
    np.testing.assert_array_equal(read, sent[..., order])


@pytest.mark.parametrize('encoding', [*GREY, *COLOUR, *DEEP_COLOUR])
@quick
@given(data=st.data())
def test_what_is_written_is_read_back(encoding, data) -> None:
    colour = np.uint16 if encoding in DEEP_COLOUR else np.uint8
    pixels = data.draw(
        _arrays(GREY[encoding]) if encoding in GREY else _arrays(colour, 3))
    message = fill_image(SimpleNamespace(), pixels, encoding)
    assert isinstance(message.data, array)
    assert len(message.data) == message.step * message.height
    np.testing.assert_array_equal(array_from_image(message), pixels)


@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('encoding', BAYER)
@quick
@given(width=st.integers(2, 20), height=st.integers(2, 20), padding=st.integers(0, 5),
       colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_bayer_of_one_colour_is_that_colour(encoding, bits, width, height, padding, colour):
    scale = 1 if bits == 8 else 257
    values = {'r': colour[0] * scale, 'g': colour[1] * scale, 'b': colour[2] * scale}
    cell = [values[letter] for letter in BAYER[encoding]]
    mosaic = np.empty((height, width), np.uint8 if bits == 8 else np.uint16)
    for place, value in enumerate(cell):
        mosaic[place // 2::2, place % 2::2] = value
    read = array_from_image(_message(mosaic, f'{encoding}{bits}', padding))
    assert read.shape == (height, width, 3)
    assert (read == np.array([values['r'], values['g'], values['b']])).all()


@quick
@given(pixels=st.one_of(_arrays(np.uint8), _arrays(np.uint16), _arrays(np.uint8, 3),
                        _arrays(np.uint16, 3)))
def test_png_is_lossless_both_ways(pixels) -> None:
    message = fill_compressed(SimpleNamespace(), pixels, 'png')
    np.testing.assert_array_equal(array_from_compressed(message), pixels)


@quick
@given(size=st.tuples(st.integers(8, 40), st.integers(8, 40)),
       colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_jpeg_keeps_colours_in_their_channels(size, colour) -> None:
    pixels = np.full((*size, 3), colour, np.uint8)
    message = fill_compressed(SimpleNamespace(), pixels, 'jpeg')
    read = array_from_compressed(message)
    assert read.shape == pixels.shape
    assert np.abs(read.astype(int) - pixels).max() <= 6


@quick
@given(size=st.tuples(sides, sides), level=st.integers(0, 255))
def test_grey_jpeg_stays_grey(size, level) -> None:
    message = fill_compressed(SimpleNamespace(), np.full(size, level, np.uint8))
    read = array_from_compressed(message)
    assert read.shape == size
    assert np.abs(read.astype(int) - level).max() <= 2


def test_png_with_alpha_is_read_as_rgb() -> None:
    bgra = np.zeros((4, 5, 4), np.uint8)
    bgra[..., 0] = 200
    data = array('B', cv2.imencode('.png', bgra)[1].tobytes())
    read = array_from_compressed(SimpleNamespace(format='png', data=data))
    np.testing.assert_array_equal(read[0, 0], [0, 0, 200])


def test_reading_does_not_copy_and_cannot_write() -> None:
    message = _message(np.zeros((4, 5, 3), np.uint8), 'rgb8')
    read = array_from_image(message)
    message.data[0] = 7
    assert read[0, 0, 0] == 7
    with pytest.raises(ValueError, match='read-only'):
        read[0, 0, 0] = 1


@quick
@given(encoding=st.sampled_from(ENCODINGS), data=st.binary(max_size=64),
       height=st.integers(0, 5), width=st.integers(0, 5), step=st.integers(0, 40),
       big_endian=st.integers(0, 255))
def test_any_message_is_read_or_refused(encoding, data, height, width, step, big_endian) -> None:
    message = SimpleNamespace(encoding=encoding, data=array('B', data), height=height,
                              width=width, step=step, is_bigendian=big_endian)
    try:
        read = array_from_image(message)
    except ConversionError:
        return
    assert read.shape[:2] == (height, width)


@pytest.mark.parametrize('kind', ['jpeg', 'png'])
@quick
@given(data=st.data())
def test_truncated_picture_is_refused(kind, data) -> None:
    pixels = np.arange(30 * 40 * 3, dtype=np.uint8).reshape(30, 40, 3)
    message = fill_compressed(SimpleNamespace(), pixels, kind)
    message.data = message.data[:data.draw(st.integers(0, len(message.data) - 9))]
    with pytest.raises(ConversionError):
        array_from_compressed(message)


@quick
@given(data=st.binary(max_size=80), name=st.sampled_from(['jpeg', 'png', '', 'rgb8; jpeg']))
def test_noise_is_not_a_picture(data, name) -> None:
    for head in (b'', b'\xff\xd8', b'\x89PNG\r\n\x1a\n'):
        for tail in (b'', b'\xff\xd9', b'IEND'):
            with pytest.raises(ConversionError):
                array_from_compressed(
                    SimpleNamespace(format=name, data=array('B', head + data + tail)))


def _spoiled(**changes):
    message = _message(np.zeros((4, 6, 3), np.uint8), 'rgb8')
    return SimpleNamespace(**{**vars(message), **changes})


@pytest.mark.parametrize(('message', 'text'), [
    (_spoiled(encoding='yuv422'), 'unknown encoding.*expected one of'),
    (_spoiled(height=0), 'no pixels: 6x0'),
    (_spoiled(width=0), 'no pixels: 0x4'),
    (_spoiled(step=17), 'step is 17 bytes.*needs 18'),
    (_spoiled(data=array('B', bytes(71))), '71 bytes.*72: truncated'),
    (_spoiled(data=array('B')), '0 bytes.*72: truncated'),
    (_spoiled(data=array('B', bytes(80))), '80 bytes.*mislabelled'),
])
def test_damaged_message_is_named(message, text) -> None:
    with pytest.raises(ConversionError, match=text):
        array_from_image(message)


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(value) -> None:
    pixels = np.zeros((4, 6), np.float32)
    pixels[1, 2] = value
    with pytest.raises(ConversionError, match='1 of 24 pixels are NaN or infinite'):
        array_from_image(_message(pixels, '32FC1'))


@pytest.mark.parametrize(('pixels', 'encoding', 'text'), [
    (np.zeros((4, 6), np.uint8), 'rgb8', r'\[H, W, 3\], not uint8 \[4, 6\]'),
    (np.zeros((4, 6, 3), np.float32), 'rgb8', 'not float32'),
    (np.zeros((0, 6), np.uint8), 'mono8', 'non-empty'),
    (np.zeros((4, 6), np.uint8), 'bayer_rggb8', 'cannot write encoding'),
])
def test_array_that_does_not_fit_is_named(pixels, encoding, text) -> None:
    with pytest.raises(ConversionError, match=text):
        fill_image(SimpleNamespace(), pixels, encoding)


@pytest.mark.parametrize(('pixels', 'kind', 'text'), [
    (np.zeros((4, 6), np.uint16), 'jpeg', 'uint8 array'),
    (np.zeros((4, 6, 2), np.uint8), 'png', r'\[4, 6, 2\]'),
    (np.zeros((4, 6), np.uint8), 'gif', 'expected jpeg or png'),
])
def test_array_that_cannot_be_compressed_is_named(pixels, kind, text) -> None:
    with pytest.raises(ConversionError, match=text):
        fill_compressed(SimpleNamespace(), pixels, kind)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convert between image messages and arrays, without cv_bridge.

Messages are read by their fields alone, so that nothing here needs ROS to be tested. What comes
in is checked before it is trusted: a message may be truncated, padded, of the other byte order or
not an image at all.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

__all__ = ['ENCODINGS', 'ConversionError', 'array_from_compressed', 'array_from_image',
           'fill_compressed', 'fill_image']


class ConversionError(ValueError):
    """An image message that cannot be read, or an array that cannot be sent."""


@dataclass(frozen=True)
class _Encoding:
    """How the pixels of an encoding lie in memory and how they become grey or RGB."""

    dtype: str
    channels: int
    decode: Callable[[np.ndarray], np.ndarray]
    encode: Callable[[np.ndarray], np.ndarray] | None = None


def _as_is(pixels: np.ndarray) -> np.ndarray:
    return pixels


def _swap(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., ::-1]


def _without_alpha(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., :3]


def _swap_without_alpha(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., 2::-1]


def _with_alpha(rgb: np.ndarray) -> np.ndarray:
    return np.dstack([rgb, np.full(rgb.shape[:2], np.iinfo(rgb.dtype).max, rgb.dtype)])


def _swap_with_alpha(rgb: np.ndarray) -> np.ndarray:
    return _with_alpha(_swap(rgb))


def _demosaic(code: int) -> Callable[[np.ndarray], np.ndarray]:
    def decode(pixels: np.ndarray) -> np.ndarray:
        if min(pixels.shape) < 2:
            raise ConversionError(
                f'a Bayer mosaic of {pixels.shape[1]}x{pixels.shape[0]} px is too small, '
                'expected at least 2x2')
        # A mirrored frame keeps the mosaic's order and gives every pixel its neighbours.
        framed = cv2.copyMakeBorder(
            np.ascontiguousarray(pixels), 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
        return cv2.cvtColor(framed, code)[2:-2, 2:-2]
    return decode


# OpenCV names a mosaic by its second row's second and third pixel, ROS by its first two rows.
_MOSAICS = {'rggb': cv2.COLOR_BayerBG2RGB, 'bggr': cv2.COLOR_BayerRG2RGB,
            'gbrg': cv2.COLOR_BayerGR2RGB, 'grbg': cv2.COLOR_BayerGB2RGB}

_TABLE = {
    'mono8': _Encoding('u1', 1, _as_is, _as_is),
    '8UC1': _Encoding('u1', 1, _as_is, _as_is),
    'mono16': _Encoding('u2', 1, _as_is, _as_is),
    '16UC1': _Encoding('u2', 1, _as_is, _as_is),
    '32FC1': _Encoding('f4', 1, _as_is, _as_is),
    'rgb8': _Encoding('u1', 3, _as_is, _as_is),
    'bgr8': _Encoding('u1', 3, _swap, _swap),
    '8UC3': _Encoding('u1', 3, _swap, _swap),
    'rgba8': _Encoding('u1', 4, _without_alpha, _with_alpha),
    'bgra8': _Encoding('u1', 4, _swap_without_alpha, _swap_with_alpha),
    'rgb16': _Encoding('u2', 3, _as_is, _as_is),
    'bgr16': _Encoding('u2', 3, _swap, _swap),
    '16UC3': _Encoding('u2', 3, _swap, _swap),
    'rgba16': _Encoding('u2', 4, _without_alpha, _with_alpha),
    'bgra16': _Encoding('u2', 4, _swap_without_alpha, _swap_with_alpha),
    **{f'bayer_{name}8': _Encoding('u1', 1, _demosaic(code)) for name, code in _MOSAICS.items()},
    **{f'bayer_{name}16': _Encoding('u2', 1, _demosaic(code)) for name, code in _MOSAICS.items()},
}

ENCODINGS = tuple(_TABLE)
"""The encodings of sensor_msgs/Image that can be read."""


def array_from_image(message: Any) -> np.ndarray:
    """Return the pixels of a sensor_msgs/Image.

    Returns:
        `[H, W]` for grey and `[H, W, 3]` RGB for colour, of uint8, uint16 or float32 in native
        byte order. Where the layout allows it this is a read-only view of the message's memory.

    Raises:
        ConversionError: the message is truncated, empty, of an unknown encoding, or holds values
            that are no numbers.
    """
    layout = _TABLE.get(message.encoding)
    if layout is None:
        raise ConversionError(
            f'unknown encoding {message.encoding!r}, expected one of {", ".join(ENCODINGS)}; '
            "set the camera driver's pixel format, or use image_transport: compressed")
    height, width, step = message.height, message.width, message.step
    if not height or not width:
        raise ConversionError(f'the image has no pixels: {width}x{height}')
    dtype = np.dtype(layout.dtype).newbyteorder('>' if message.is_bigendian else '<')
    row_bytes = width * layout.channels * dtype.itemsize
    if step < row_bytes:
        raise ConversionError(f'step is {step} bytes, but a row of {width} px in '
                              f'{message.encoding} needs {row_bytes}')
    data = np.frombuffer(message.data, np.uint8)
    if data.size != step * height:
        raise ConversionError(
            f'the image has {data.size} bytes, but {height} rows of {step} bytes make '
            f'{step * height}: truncated or mislabelled')
    pixels = data.reshape(height, step)[:, :row_bytes].view(dtype)
    pixels = pixels.astype(dtype.newbyteorder('='), copy=False)
    if layout.channels > 1:
        pixels = pixels.reshape(height, width, layout.channels)
    pixels.flags.writeable = False
    return _finite(layout.decode(pixels))


def fill_image(message: Any, pixels: np.ndarray, encoding: str) -> Any:
    """Fill a sensor_msgs/Image with an array and return it; the header is the caller's.

    Args:
        message: the message to fill.
        pixels: `[H, W]` or `[H, W, 3]` RGB, of the encoding's type.
        encoding: one of `ENCODINGS`, except the Bayer ones.

    Raises:
        ConversionError: array and encoding do not fit together.
    """
    layout = _TABLE.get(encoding)
    if layout is None or layout.encode is None:
        able = [name for name, row in _TABLE.items() if row.encode]
        raise ConversionError(f'cannot write encoding {encoding!r}, expected one of '
                              f'{", ".join(able)}')
    dimensions = 2 if layout.channels == 1 else 3
    if pixels.ndim != dimensions or pixels.dtype != np.dtype(layout.dtype) or not pixels.size or (
            dimensions == 3 and pixels.shape[2] != 3):
        raise ConversionError(
            f'{encoding} needs a non-empty {np.dtype(layout.dtype)} array '
            f'[H, W{"" if dimensions == 2 else ", 3"}], not {pixels.dtype} {list(pixels.shape)}')
    packed = np.ascontiguousarray(layout.encode(pixels).astype('<' + layout.dtype, copy=False))
    message.height, message.width = pixels.shape[:2]
    message.encoding = encoding
    message.is_bigendian = 0
    message.step = packed.strides[0]
    message.data = _bytes(packed)
    return message


def array_from_compressed(message: Any) -> np.ndarray:
    """Return the pixels of a sensor_msgs/CompressedImage, JPEG or PNG.

    Returns:
        `[H, W]` or `[H, W, 3]` RGB, of uint8 or uint16.

    Raises:
        ConversionError: the data is empty, truncated or not a picture.
    """
    data = np.frombuffer(message.data, np.uint8)
    if 'compressedDepth' in message.format:
        raise ConversionError(f'cannot read format {message.format!r}: subscribe to the raw topic')
    _check_complete(data, message.format)
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError) as error:
        raise ConversionError(f'cannot decode {data.size} bytes of {message.format!r}: '
                              f'{error}') from error
    if pixels is None:
        raise ConversionError(f'cannot decode {data.size} bytes of {message.format!r}: damaged')
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ConversionError(f'{message.format!r} decodes to {pixels.dtype}, '
                              'expected uint8 or uint16')
    if pixels.ndim == 2:
        return pixels
    return pixels[..., 2::-1] if pixels.shape[2] >= 3 else pixels[..., 0]


def fill_compressed(message: Any, pixels: np.ndarray, kind: str = 'jpeg') -> Any:
    """Fill a sensor_msgs/CompressedImage with an array and return it.

    Args:
        message: the message to fill.
        pixels: `[H, W]` or `[H, W, 3]` RGB, of uint8, for PNG also of uint16.
        kind: `jpeg` or `png`.

    Raises:
        ConversionError: the array cannot be sent in this format.
    """
    depths = {'jpeg': ('uint8',), 'png': ('uint8', 'uint16')}.get(kind)
    if depths is None:
        raise ConversionError(f'cannot write format {kind!r}, expected jpeg or png')
    grey = pixels.ndim == 2
    shaped = pixels.size and (grey or pixels.shape[2:] == (3,))
    if not shaped or pixels.dtype.name not in depths:
        raise ConversionError(
            f'{kind} needs a non-empty {" or ".join(depths)} array [H, W] or [H, W, 3], '
            f'not {pixels.dtype} {list(pixels.shape)}')
    _, encoded = cv2.imencode('.' + kind, np.ascontiguousarray(pixels if grey else _swap(pixels)))
    depth = 8 * pixels.itemsize
    colour = f'mono{depth}' if grey else f'bgr{depth}'
    message.format = f'{colour}; {kind} compressed {colour}'
    message.data = _bytes(encoded)
    return message


def _check_complete(data: np.ndarray, name: str) -> None:
    """Refuse a picture without its end: OpenCV decodes it, with grey in place of what is lost."""
    head = data[:8].tobytes()
    if head.startswith(b'\xff\xd8'):
        complete = data[-64:].tobytes().rstrip(b'\0').endswith(b'\xff\xd9')
    elif head == b'\x89PNG\r\n\x1a\n':
        complete = _png_chunks_fit(data.tobytes())
    else:
        raise ConversionError(f'{data.size} bytes of {name!r} are neither JPEG nor PNG')
    if not complete:
        raise ConversionError(f'{data.size} bytes of {name!r}: the end of the picture is missing')


def _png_chunks_fit(data: bytes) -> bool:
    """Return whether the chunks lead from the header to the end within the data.

    A decoder would trust a damaged length, and allocate it.
    """
    kind, place = b'', 8
    while kind != b'IEND':
        length, kind = int.from_bytes(data[place:place + 4], 'big'), data[place + 4:place + 8]
        if place == 8 and (length, kind) != (13, b'IHDR'):
            return False
        place += 12 + length
        if place > len(data):
            return False
    return True


def _finite(pixels: np.ndarray) -> np.ndarray:
    """Return the pixels, or refuse those that are no numbers."""
    if pixels.dtype.kind != 'f':
        return pixels
    wrong = pixels.size - int(np.count_nonzero(np.isfinite(pixels)))
    if wrong:
        raise ConversionError(f'{wrong} of {pixels.size} pixels are NaN or infinite; '
                              'fill the holes before the image is published')
    return pixels


def _bytes(packed: np.ndarray) -> 'array[int]':
    """Copy to the one type that a message takes over without looking at every element."""
    data = array('B')
    data.frombytes(packed.reshape(-1).view(np.uint8).data)
    return data

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images as they come in, checked and brought to one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ['FrameFormat', 'ImageError', 'check_image', 'learn_format', 'to_frame']

_DTYPES = ('uint8', 'uint16', 'float32')
_MIN_SIDE_PX = 32
_MAX_RESIZE = 2.0
_MAX_ASPECT_CHANGE = 1.03
_WHITE_LEVEL = 230.0


class ImageError(ValueError):
    """An image cannot be inspected; says why and what to do."""


@dataclass(frozen=True)
class FrameFormat:
    """The form of the images that a recipe was taught with.

    Attributes:
        width: Width in pixels.
        height: Height in pixels.
        channels: 1 for grey, 3 for RGB.
        dtype: `uint8`, `uint16` or `float32`.
        gain: Factor that brings the values to 0 .. 255.
    """

    width: int
    height: int
    channels: int
    dtype: str
    gain: float


def check_image(image: np.ndarray) -> None:
    """Refuse what is no image.

    Raises:
        ImageError: names what was given and what was expected.
    """
    if not isinstance(image, np.ndarray):
        raise ImageError(f'a {type(image).__name__} is no image: pass a numpy array [H, W] or '
                         '[H, W, 3]')
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise ImageError(f'an image of shape {list(image.shape)}: expected [H, W] grey or '
                         '[H, W, 3] RGB; drop an alpha channel first')
    if image.size == 0:
        raise ImageError(f'an image of shape {list(image.shape)} has no pixels: check the camera')
    if image.dtype.name not in _DTYPES:
        raise ImageError(f'an image of {image.dtype.name}: expected one of {", ".join(_DTYPES)}')
    if min(image.shape[:2]) < _MIN_SIDE_PX:
        raise ImageError(f'an image of {image.shape[1]} x {image.shape[0]} px is too small: '
                         f'expected at least {_MIN_SIDE_PX} px a side')
    if image.dtype.kind == 'f' and not np.isfinite(image).all():
        raise ImageError('the image holds NaN or infinite values: check the driver of the camera '
                         'or replace them before inspecting')


def learn_format(images: Sequence[np.ndarray]) -> FrameFormat:
    """Take the format of the first image, and the range of the values of all of them."""
    first = images[0]
    check_image(first)
    gain = 1.0
    if first.dtype != np.uint8:
        top = max(float(np.percentile(image, 99.9)) for image in images)
        gain = _WHITE_LEVEL / top if top > 0 else 1.0
    height, width = first.shape[:2]
    return FrameFormat(
        width, height, 1 if first.ndim == 2 else 3, first.dtype.name, gain)


def to_frame(image: np.ndarray, expected: FrameFormat) -> np.ndarray:
    """Check an image and return it as [H, W, 3] uint8 of the expected size.

    An image of another size but the same shape (a camera switched to another resolution) is
    scaled, up to a factor of two.

    Raises:
        ImageError: it is no image, or not one that this recipe was taught for.
    """
    check_image(image)
    channels = 1 if image.ndim == 2 else 3
    if channels != expected.channels or image.dtype.name != expected.dtype:
        raise ImageError(
            f'an image of {_describe(channels, image.dtype.name)}, but the recipe was taught with '
            f'{_describe(expected.channels, expected.dtype)}: convert it or teach again')
    height, width = image.shape[:2]
    if image.dtype != np.uint8:
        image = cv2.convertScaleAbs(np.maximum(image, 0), alpha=expected.gain)
    if channels == 1:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    if (width, height) != (expected.width, expected.height):
        across, down = width / expected.width, height / expected.height
        stretched = max(across / down, down / across) > _MAX_ASPECT_CHANGE
        if stretched or not 1 / _MAX_RESIZE <= across <= _MAX_RESIZE:
            raise ImageError(
                f'an image of {width} x {height} px, but the recipe was taught with '
                f'{expected.width} x {expected.height} px: teach again with the new size')
        image = cv2.resize(image, (expected.width, expected.height),
                           interpolation=cv2.INTER_AREA if across > 1 else cv2.INTER_LINEAR)
    return image


def _describe(channels: int, dtype: str) -> str:
    return f'{"grey" if channels == 1 else "RGB"} {dtype}'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images as they come in, checked and brought to one form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from dataclasses import dataclass
from dataclasses import replace

import cv2
import numpy as np

__all__ = ['FrameFormat', 'ImageError', 'check_image', 'learn_format', 'misfits', 'to_frame',
           'without_alpha']

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
    """Refuse what is no image: [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGB with alpha.

    Raises:
        ImageError: names what was given and what was expected.
    """
    if not isinstance(image, np.ndarray):
        raise ImageError(f'a {type(image).__name__} is no image: pass a numpy array [H, W] or '
                         '[H, W, 3]')
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (3, 4)):
        raise ImageError(f'an image of shape {list(image.shape)}: expected [H, W] grey or '
                         '[H, W, 3] RGB, or [H, W, 4] with an alpha channel, which is dropped')
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


def without_alpha(image: np.ndarray) -> np.ndarray:
    """Return RGB [H, W, 3] of RGBA [H, W, 4], as read from files; anything else as it is."""
    with_alpha = image.ndim == 3 and image.shape[2] == 4
    return cv2.cvtColor(image, cv2.COLOR_RGBA2RGB) if with_alpha else image


def learn_format(images: Sequence[np.ndarray]) -> FrameFormat:
    """Take the form that most images have, and the range of the values of these.

    Raises:
        ImageError: none of them is an image; says why the first is not.
    """
    usual = _usual_form(images)
    if usual.dtype == 'uint8':
        return usual
    top = max(float(np.percentile(without_alpha(image), 99.9)) for image in images
              if not _fault(image) and _form(image) == astuple(usual)[:4])
    return replace(usual, gain=_WHITE_LEVEL / top if top > 0 else 1.0)


def misfits(images: Sequence[np.ndarray]) -> dict[int, str]:
    """Return the numbers, from 0, of the images that are of another form than most, and why.

    What is no image at all is among them.
    """
    faults = {number: fault for number, image in enumerate(images) if (fault := _fault(image))}
    if len(faults) == len(images):
        return faults
    usual = _usual_form(images)
    for number, image in enumerate(images):
        if number not in faults and (unlike := _unlike(image, usual)):
            faults[number] = f'an image of {unlike[0]}, but most are of {unlike[1]}'
    return faults


def to_frame(image: np.ndarray, expected: FrameFormat) -> np.ndarray:
    """Check an image and return it as [H, W, 3] uint8 of the expected size.

    An image of another size but the same shape (a camera switched to another resolution) is
    scaled, up to a factor of two. An alpha channel is dropped.

    Raises:
        ImageError: it is no image, or not one that this recipe was taught for.
    """
    check_image(image)
    if unlike := _unlike(image, expected):
        raise ImageError(f'an image of {unlike[0]}, but the recipe was taught with {unlike[1]}: '
                         'convert it or teach again')
    image = without_alpha(image)
    height, width = image.shape[:2]
    if image.dtype != np.uint8:
        image = cv2.convertScaleAbs(np.maximum(image, 0), alpha=expected.gain)
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    if (width, height) != (expected.width, expected.height):
        image = cv2.resize(
            image, (expected.width, expected.height),
            interpolation=cv2.INTER_AREA if width > expected.width else cv2.INTER_LINEAR)
    return image


def _fault(image: np.ndarray) -> str:
    """Say why it is no image; nothing if it is one."""
    try:
        check_image(image)
    except ImageError as error:
        return str(error)
    return ''


def _usual_form(images: Sequence[np.ndarray]) -> FrameFormat:
    """Return the form that most images have, with a gain of 1."""
    forms = Counter(_form(image) for image in images if not _fault(image))
    if not forms:
        check_image(images[0])
    return FrameFormat(*forms.most_common(1)[0][0], gain=1.0)


def _form(image: np.ndarray) -> tuple[int, int, int, str]:
    """Return width, height, channels without alpha, and type."""
    height, width = image.shape[:2]
    return width, height, 1 if image.ndim == 2 else 3, image.dtype.name


def _unlike(image: np.ndarray, expected: FrameFormat) -> tuple[str, str] | None:
    """Say what an image is and what was expected; None where it fits or can be scaled."""
    width, height, channels, dtype = _form(image)
    if (channels, dtype) != (expected.channels, expected.dtype):
        return _describe(channels, dtype), _describe(expected.channels, expected.dtype)
    across, down = width / expected.width, height / expected.height
    stretched = max(across / down, down / across) > _MAX_ASPECT_CHANGE
    if stretched or not 1 / _MAX_RESIZE <= across <= _MAX_RESIZE:
        return f'{width} x {height} px', f'{expected.width} x {expected.height} px'
    return None


def _describe(channels: int, dtype: str) -> str:
    return f'{"grey" if channels == 1 else "RGB"} {dtype}'

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image files on disk."""

from __future__ import annotations

from pathlib import Path
import struct
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.frame import ImageError

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

__all__ = ['list_images', 'read_image']

_SUFFIXES = frozenset(('.bmp', '.jpeg', '.jpg', '.pgm', '.png', '.ppm', '.tif', '.tiff', '.webp'))
_WIDE_MODES = frozenset(('I;16', 'I;16B', 'I;16L', 'I;16N', 'I'))
_ORIENTATION = 0x0112
# What Pillow raises over damaged files, those with damaged metadata among them.
_READING_FAULTS = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError,
                   OverflowError, struct.error, cv2.error)


def list_images(directory: Path) -> list[Path]:
    """List the image files under a directory, sorted; hidden ones are left out.

    Raises:
        ImageError: it is no directory.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise ImageError(f'{directory} is no directory: give a folder with images')
    return sorted(
        path for path in directory.rglob('*')
        if path.suffix.lower() in _SUFFIXES and path.is_file()
        and not any(part.startswith('.') for part in path.relative_to(directory).parts))


def read_image(path: Path) -> np.ndarray:
    """Read an image as the camera meant it: EXIF rotation applied, alpha dropped, depth kept.

    Returns:
        [H, W] for grey or [H, W, 3] RGB, uint8, uint16 or float32.

    Raises:
        ImageError: the file cannot be read; names it and the cause.
    """
    from PIL import Image
    try:
        with Image.open(path) as opened:
            if ';16' in _stored_as(opened) and opened.mode not in _WIDE_MODES:
                return _read_deep_colour(Path(path), opened)
            return _read_with_pillow(opened)
    except (*_READING_FAULTS, Image.DecompressionBombError) as error:
        cause = str(error) or type(error).__name__
        raise ImageError(f'cannot read {path}: {cause}') from error


def _read_with_pillow(opened: PillowImage) -> np.ndarray:
    from PIL import ImageOps
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in _WIDE_MODES:
        values = np.asarray(upright)
        fits = values.min() >= 0 and values.max() <= np.iinfo(np.uint16).max
        return values.astype(np.uint16 if fits else np.float32)
    if upright.mode == 'F':
        return np.asarray(upright).astype(np.float32)
    if upright.mode in ('P', 'PA'):
        # By way of RGBA: a palette of alphas cannot be dropped at once.
        upright = upright.convert('RGBA')
    if upright.mode not in ('L', 'RGB'):
        upright = upright.convert('L' if upright.mode in ('1', 'LA', 'La') else 'RGB')
    return np.array(upright)


def _stored_as(opened: PillowImage) -> str:
    """Return how the file holds its pixels, such as `RGB;16B`."""
    tiles = getattr(opened, 'tile', None)
    if not tiles:
        return ''
    arguments = tiles[0][3]
    raw = arguments if isinstance(arguments, str) else next(iter(arguments or ('',)))
    return raw if isinstance(raw, str) else ''


def _read_deep_colour(path: Path, opened: PillowImage) -> np.ndarray:
    """Read colour of 16 bits with OpenCV, of which Pillow would keep 8."""
    grey = _stored_as(opened).startswith('L')  # asked first: the pixels' form goes as they load
    orientation = opened.getexif().get(_ORIENTATION, 1)
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise OSError('its 16 bits per colour cannot be decoded: save it again as PNG or TIFF')
    image = pixels[..., 0] if grey else pixels[..., 2::-1]
    return np.ascontiguousarray(_upright(image, orientation))


def _upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Undo an EXIF orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return image

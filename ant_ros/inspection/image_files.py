# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image files on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ant_ros.inspection.frame import ImageError

__all__ = ['list_images', 'read_image']

_SUFFIXES = frozenset(('.bmp', '.jpeg', '.jpg', '.pgm', '.png', '.ppm', '.tif', '.tiff', '.webp'))
_WIDE_MODES = frozenset(('I;16', 'I;16B', 'I;16L', 'I;16N', 'I'))


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
    """Read an image as the camera meant it: EXIF rotation applied, alpha dropped.

    Returns:
        [H, W] for grey or [H, W, 3] RGB, uint8, uint16 or float32.

    Raises:
        ImageError: the file cannot be read; names it and the cause.
    """
    from PIL import Image
    from PIL import ImageOps
    try:
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened)
            if upright.mode in _WIDE_MODES:
                return np.asarray(upright).astype(np.uint16)
            if upright.mode == 'F':
                return np.asarray(upright).astype(np.float32)
            if upright.mode not in ('L', 'RGB'):
                upright = upright.convert('L' if upright.mode in ('1', 'LA') else 'RGB')
            return np.array(upright)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageError(f'cannot read {path}: {error}') from error

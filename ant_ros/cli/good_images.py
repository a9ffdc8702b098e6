# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images of good parts in a folder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.progress import track
import typer

from ant_ros.inspection import ImageError
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image

__all__ = ['readable_images', 'where_good_are']


def where_good_are(folder: Path) -> Path:
    """Return train/good below a folder, where there is one; else the folder itself."""
    trained = folder / 'train' / 'good'
    return trained if trained.is_dir() else folder


def readable_images(folder: Path, most: int | None = None) -> Iterator[tuple[Path, np.ndarray]]:
    """Yield the first images of a folder, one at a time, and say which cannot be read.

    Raises:
        ImageError: it is no folder, or none can be read.
    """
    found = False
    for path in track(list_images(folder)[:most], 'reading', transient=True):
        try:
            image = read_image(path)
        except ImageError as error:
            typer.secho(f'left out: {error}', fg='yellow', err=True)
            continue
        found = True
        yield path, image
    if not found:
        raise ImageError(f'no images in {folder}: give a folder with images of good parts')

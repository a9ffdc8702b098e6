# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images of good parts in a folder."""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.progress import track
import typer

from ant_ros.inspection import ImageError
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image
from ant_ros.inspection.frame import misfits

__all__ = ['images_alike', 'leave_out', 'readable_images', 'say_count', 'say_others',
           'where_good_are']

_MOST_NAMED = 5


def where_good_are(folder: Path) -> Path:
    """Return train/good below a folder, where there is one; else the folder itself."""
    trained = folder / 'train' / 'good'
    return trained if trained.is_dir() else folder


def readable_images(folder: Path, most: int | None = None) -> Iterator[tuple[Path, np.ndarray]]:
    """Yield the first images of a folder, one at a time; say which cannot be read and how many.

    Raises:
        ImageError: it is no folder, or none can be read.
    """
    found = list_images(folder)
    say_others(folder, found)
    paths = found[:most]
    unreadable = 0
    for path in track(paths, 'reading', transient=True):
        try:
            image = read_image(path)
        except ImageError as error:
            leave_out(path, error)
            unreadable += 1
            continue
        yield path, image
    say_count(unreadable, len(paths), 'could not be read')
    if unreadable == len(paths):
        raise ImageError(f'no images in {folder} that can be read: give a folder with images of '
                         'good parts')


def images_alike(folder: Path, most: int | None = None) -> list[tuple[Path, np.ndarray]]:
    """Return the first images of a folder, each with its file, but for those of another form.

    That is, of another than most; says which.

    Raises:
        ImageError: it is no folder, or none can be read.
    """
    found = list(readable_images(folder, most))
    faults = misfits([image for _, image in found])
    for number, fault in faults.items():
        leave_out(found[number][0], fault)
    say_count(len(faults), len(found), 'could not be used beside the others')
    return [one for number, one in enumerate(found) if number not in faults]


def say_others(folder: Path, images: Sequence[Path]) -> None:
    """Say which files below a folder are not among the images; hidden ones do not count."""
    others = [path.relative_to(folder) for path in sorted(set(folder.rglob('*')) - set(images))
              if path.is_file()]
    others = [name for name in others if not any(part.startswith('.') for part in name.parts)]
    if others:
        are = '1 file is no image' if len(others) == 1 else f'{len(others)} files are no images'
        more = f' and {len(others) - _MOST_NAMED} more' if len(others) > _MOST_NAMED else ''
        named = ', '.join(map(str, others[:_MOST_NAMED]))
        typer.secho(f'{are} that can be read here: {named}{more}', fg='yellow', err=True)


def leave_out(path: Path, why: object) -> None:
    """Say which image is left out and why."""
    named = '' if str(path) in str(why) else f'{path}: '
    typer.secho(f'left out: {named}{why}', fg='yellow', err=True)


def say_count(count: int, of: int, what: str) -> None:
    """Say how many images were left out, if any."""
    if count:
        typer.secho(f'{count} of {of} images {what}', fg='yellow', err=True)

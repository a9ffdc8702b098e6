# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of labelled images in the MVTec AD layout, and how it is split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ant_ros.bench.confusion import GOOD
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image

__all__ = ['ImageSet', 'ImageSetError', 'Sample', 'Split', 'draw_splits', 'read_image_set',
           'read_mask']

_LAYOUT = 'expected train/good, test/good and test/DEFECT (the layout of MVTec AD)'
_MASKS = 'ground_truth'


class ImageSetError(ValueError):
    """A folder or a way to split it that cannot be used; names the cause and the cure."""


@dataclass(frozen=True)
class Sample:
    """One image on disk.

    Attributes:
        path: The image.
        defect: Its class of defect; None for a good part.
        mask: Image of where the defect is, if there is one.
    """

    path: Path
    defect: str | None = None
    mask: Path | None = None

    @property
    def bad(self) -> bool:
        """Whether the part is bad."""
        return self.defect is not None


@dataclass(frozen=True)
class ImageSet:
    """What a folder holds.

    Attributes:
        folder: The folder.
        teach: Good parts to teach from.
        good: Good parts to test with.
        bad: Bad parts to test with.
    """

    folder: Path
    teach: tuple[Sample, ...]
    good: tuple[Sample, ...]
    bad: tuple[Sample, ...]

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name


@dataclass(frozen=True)
class Split:
    """What to teach from and what to test with."""

    teach: tuple[Sample, ...]
    test: tuple[Sample, ...]


def read_image_set(folder: Path) -> ImageSet:
    """List the images of a folder in the MVTec AD layout.

    That is train/good, test/good, test/DEFECT, and masks, where there are any, in
    ground_truth/DEFECT with the image's name or that and `_mask` (Bergmann et al. 2021).

    Raises:
        ImageSetError: the folder has another layout or lacks images.
    """
    folder = Path(folder)
    places = {'train/good': folder / 'train' / GOOD, 'test/good': folder / 'test' / GOOD}
    for name, place in places.items():
        if not place.is_dir():
            raise ImageSetError(f'{folder} has no {name}: {_LAYOUT}')
    teach, good = (tuple(map(Sample, list_images(place))) for place in places.values())
    bad = tuple(
        Sample(path, kind.name, _mask_of(folder, kind.name, path))
        for kind in sorted((folder / 'test').iterdir())
        if kind.is_dir() and kind.name != GOOD and not kind.name.startswith('.')
        for path in list_images(kind))
    for name, found in (('train/good', teach), ('test/good', good), ('test/DEFECT', bad)):
        if not found:
            raise ImageSetError(f'{folder} has no images in {name}: {_LAYOUT}')
    return ImageSet(folder, teach, good, bad)


def read_mask(path: Path) -> np.ndarray:
    """Return where the defect is [H, W], bool.

    Raises:
        ImageError: the file cannot be read.
    """
    image = read_image(path)
    values = image if image.ndim == 2 else image.max(axis=2)
    return values > values.max() / 2


def draw_splits(images: ImageSet, *, splits: int, shots: int | None, seed: int) -> list[Split]:
    """Choose what to teach from and what to test with.

    One split is the folder's own, so that its figures compare with published ones; with `shots`
    only so many of train/good are taught, drawn by the seed. More splits are all drawn anew:
    the good images of train and test are pooled, `shots` of them (as many as train/good holds,
    if left out) are taught and the rest tested. All bad images are tested in every split.

    Args:
        images: What the folder holds.
        splits: How many.
        shots: Good images to teach from.
        seed: The same seed gives the same splits.

    Raises:
        ImageSetError: there are too few good images.
    """
    if splits < 1 or seed < 0:
        raise ImageSetError(f'{splits} splits with seed {seed}: at least 1 and 0 are needed')
    taught = len(images.teach) if shots is None else shots
    if splits == 1:
        if taught > len(images.teach):
            raise ImageSetError(f'{taught} shots, but train/good holds {len(images.teach)} '
                                'images: ask for fewer, or for more than one split')
        rng = np.random.default_rng(seed)
        teach = images.teach if shots is None else _drawn(images.teach, taught, rng)[0]
        return [Split(teach, images.good + images.bad)]
    pool = images.teach + images.good
    if taught >= len(pool):
        raise ImageSetError(f'{taught} shots of {len(pool)} good images leave none to test with: '
                            'ask for fewer')
    drawn = []
    for number in range(splits):
        teach, rest = _drawn(pool, taught, np.random.default_rng((seed, number)))
        drawn.append(Split(teach, rest + images.bad))
    return drawn


def _drawn(
    samples: Sequence[Sample], count: int, rng: np.random.Generator
) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Return so many of the samples, and the rest, both in their order."""
    chosen = set(rng.choice(len(samples), count, replace=False).tolist())
    return (tuple(one for number, one in enumerate(samples) if number in chosen),
            tuple(one for number, one in enumerate(samples) if number not in chosen))


def _mask_of(folder: Path, kind: str, image: Path) -> Path | None:
    below = folder / _MASKS / kind
    if not below.is_dir():
        return None
    relative = image.relative_to(folder / 'test' / kind).parent
    for stem in (f'{image.stem}_mask', image.stem):
        for suffix in ('.png', image.suffix, '.bmp', '.tif', '.tiff', '.jpg', '.jpeg'):
            path = below / relative / f'{stem}{suffix}'
            if path.is_file():
                return path
    return None

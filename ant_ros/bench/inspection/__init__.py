# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector: real parts, work saved, others in the same run, the line, each idea's worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ant_ros.bench import BenchError
from ant_ros.bench.confusion import GOOD
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import read_image_set
from ant_ros.bench.one_thread import one_thread
from ant_ros.bench.parts import measure_parts
from ant_ros.bench.side_by_side import measure_side_by_side

__all__ = ['PARTS', 'TIMED', 'image_sets', 'measure']

PARTS = ('memory', 'real_parts', 'line', 'knobs', 'solar_cells')
"""The longest first, two at a time."""

TIMED = ('work_saved', 'ideas', 'against_others', 'teach')
"""Parts that have the machine to themselves; the first two share what they measure."""


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Measure every part on one thread, two at a time where no time is compared.

    Each has `goals`: what was wanted, what was measured, and whether it was reached. One that
    lacks something says what, under `missing`.

    Args:
        data: A folder of image sets in the MVTec AD layout, or one such set.
        quick: For a first look.

    Raises:
        BenchError: the folder holds no image set.
        ImportError: threadpoolctl is not installed.
    """
    sets = tuple(image_sets(data))
    figures: dict[str, Any] = {'sets': [one.name for one in sets]}
    figures |= measure_side_by_side(__name__, PARTS, quick, given=(sets,))
    with one_thread():
        return figures | measure_parts(__name__, TIMED, quick, (sets,))


def image_sets(data: Path | None) -> Sequence[ImageSet]:
    """Return the image sets of a folder, sorted by name; none without a folder.

    Raises:
        BenchError: the folder holds none.
        ImageSetError: one of them lacks images.
    """
    if data is None:
        return []
    folders = [data, *(sorted(data.iterdir()) if data.is_dir() else ())]
    sets = [read_image_set(one) for one in folders
            if (one / 'train' / GOOD).is_dir() and (one / 'test' / GOOD).is_dir()]
    if not sets:
        raise BenchError(f'{data} holds no image set: give a folder with folders that hold '
                         'train/good, test/good and test/DEFECT')
    return sets

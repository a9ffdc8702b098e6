# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector: real parts, work saved, others in the same run, the line, each idea's worth."""

from collections.abc import Sequence
import importlib
from pathlib import Path
import time
from typing import Any

from rich.console import Console

from ant_ros.bench import BenchError
from ant_ros.bench.confusion import GOOD
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import read_image_set
from ant_ros.bench.parts import figure_table
from ant_ros.inspection import TeachError

__all__ = ['PARTS', 'image_sets', 'measure']

PARTS = ('real_parts', 'solar_cells', 'against_others', 'work_saved', 'teach', 'memory', 'line',
         'ideas')


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Measure every part; one that lacks something says what, under `missing`.

    Args:
        data: A folder of image sets in the MVTec AD layout, or one such set.
        quick: For a first look.

    Raises:
        BenchError: the folder holds no image set.
    """
    console = Console()
    sets = image_sets(data)
    figures: dict[str, Any] = {'sets': [one.name for one in sets]}
    for part in PARTS:
        started = time.perf_counter()
        console.print(f'[bold]{part}[/bold] …')
        module = importlib.import_module(f'{__name__}.{part}')
        try:
            figures[part] = module.measure(sets, quick=quick)
        except (BenchError, ImportError, TeachError) as error:
            figures[part] = {'missing': str(error)}
        console.print(figure_table(part, figures[part]))
        console.print(f'{part}: {time.perf_counter() - started:.0f} s')
    return figures


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

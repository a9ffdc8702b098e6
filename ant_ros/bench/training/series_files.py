# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Read the time series that aeon carries with it, without running any of it.

Its files are all that is needed, and they are there after `pip install --no-deps aeon` too:
what aeon itself needs (an older Numba) need not fit what is installed.
"""

import importlib.util
from pathlib import Path

import numpy as np

__all__ = ['aeon_folder', 'read_series']


def aeon_folder() -> Path | None:
    """Return the folder of aeon's data sets, or None where it is not installed."""
    spec = importlib.util.find_spec('aeon')
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / 'datasets' / 'data'
    return folder if folder.is_dir() else None


def read_series(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a `.ts` file of labelled series of equal length.

    After the line `@data` each line is a series: channels between colons, numbers between commas,
    and the class after the last colon.

    Returns:
        Series `[N, channels, length]`, float64, and their classes `[N]` as text.

    Raises:
        ValueError: There are no data, or series of different length; names the file and line.
    """
    series, labels = [], []
    shape: tuple[int, ...] = ()
    begun = False
    for number, line in enumerate(file.read_text().splitlines(), 1):
        line = line.strip()
        if not begun or not line:
            begun = begun or line.lower() == '@data'
            continue
        *channels, label = line.split(':')
        try:
            values = np.array([channel.split(',') for channel in channels], np.float64)
        except ValueError as error:
            raise ValueError(f'{file}, line {number}: not channels of equally many numbers, as '
                             'in 1.0,2.0:3.0,4.0:class') from error
        shape = shape or values.shape
        if values.shape != shape or not values.size:
            raise ValueError(f'{file}, line {number}: a series of shape {values.shape} after one '
                             f'of {shape}: expected equal lengths')
        series.append(values)
        labels.append(label)
    if not series:
        raise ValueError(f'{file} has no line after @data: expected labelled series')
    return np.stack(series), np.array(labels)

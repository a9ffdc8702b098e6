# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labelled time series from text files."""

import numpy as np
import pytest

from ant_ros.bench.training.series_files import aeon_folder
from ant_ros.bench.training.series_files import read_series

HEAD = '# where from: somewhere\n@problemName Two\n@equalLength true\n@data\n'


def test_channels_and_classes_are_read(tmp_path):
    file = tmp_path / 'Two_TRAIN.ts'
    file.write_text(HEAD + '1.0,2,3:4,5,-6e-1:Standing\n\n7,8,9:0,0,0:2\n')
    series, labels = read_series(file)
    assert series.tolist() == [[[1, 2, 3], [4, 5, -0.6]], [[7, 8, 9], [0, 0, 0]]]
    assert labels.tolist() == ['Standing', '2']
    assert series.dtype == np.float64


@pytest.mark.parametrize(('lines', 'message'), [
    ('', 'no line after @data'), ('1,2:a\n1,2,3:b\n', r'line 6: a series of shape \(1, 3\)'),
    ('1,two:a\n', 'line 5: not channels'), ('1,2:3:a\n', 'line 5'), ('alone\n', 'line 5')])
def test_anything_else_is_refused_by_file_and_line(tmp_path, lines, message):
    file = tmp_path / 'Bad.ts'
    file.write_text(HEAD + lines)
    with pytest.raises(ValueError, match=message):
        read_series(file)


def test_the_files_of_aeon_are_found_without_importing_it():
    import sys
    folder = aeon_folder()
    assert folder is not None, 'not installed: pip install --no-deps aeon'
    series, labels = read_series(folder / 'ItalyPowerDemand' / 'ItalyPowerDemand_TRAIN.ts')
    assert series.shape == (67, 1, 24)
    assert sorted(set(labels)) == ['1', '2']
    assert 'aeon' not in sys.modules

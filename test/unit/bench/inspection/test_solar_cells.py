# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import sys
from types import ModuleType

import numpy as np
import pytest

from ant_ros.bench import BenchError
from ant_ros.bench.inspection import solar_cells


def draw_cell(random, cracked):
    """Return a cell with bars, and a dark area if it is cracked, [300, 300] uint8."""
    cell = random.normal(150, 4, (300, 300))
    cell[95:103] = cell[195:203] = 70
    if cracked:
        cell[120:180, 40:120] -= 70
    return np.clip(cell, 0, 255).astype(np.uint8)


@pytest.fixture
def cells(monkeypatch):
    """24 good monocrystalline cells, 4 bad ones, one in between, and others."""
    random = np.random.default_rng(0)
    labels = [0.0] * 24 + [1.0] * 4 + [1 / 3] + [0.0] * 3
    kinds = ['mono'] * 29 + ['poly'] * 3
    images = np.stack([draw_cell(random, label == 1.0) for label in labels])
    package, utils = ModuleType('elpv_dataset'), ModuleType('elpv_dataset.utils')
    package.__spec__ = sys.__spec__
    utils.load_dataset = lambda: (images, np.array(labels), np.array(kinds))
    monkeypatch.setitem(sys.modules, 'elpv_dataset', package)
    monkeypatch.setitem(sys.modules, 'elpv_dataset.utils', utils)


def test_cells_without_and_with_a_sure_defect_are_told_apart(cells):
    figures = solar_cells.measure([], quick=False)
    assert (figures['taught'], figures['test_good'], figures['test_bad']) == (12, 12, 4)
    assert figures['image_auroc'] == 1.0


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'elpv_dataset', None)
    with pytest.raises(BenchError, match='pip install elpv-dataset'):
        solar_cells.measure([], quick=False)

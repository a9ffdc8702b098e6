# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Woken tiles get the numbers that a dense run gives."""

import numpy as np

from ant_ros.inspection.deep_stage import no_work
from ant_ros.inspection.deep_stage import TILE


def test_a_woken_tile_gets_the_same_as_in_a_dense_run(inspector, plate):
    recipe = inspector.recipe
    rng = np.random.default_rng(4)
    difference = list(rng.normal(0, 3, recipe.mean.shape).astype(np.float32))
    view = [mean + plane for mean, plane in zip(recipe.mean, difference)]
    shape = (recipe.mask.shape[0] // TILE, recipe.mask.shape[1] // TILE)
    all_tiles = np.argwhere(np.ones(shape, bool))

    dense = recipe.deep.examine(view, difference, all_tiles, len(all_tiles))
    few = recipe.deep.examine(view, difference, all_tiles[[5, 17]], len(all_tiles))

    assert np.allclose(few.lines, dense.lines[[5, 17]], rtol=1e-4, atol=1e-4)
    assert np.allclose(few.features, dense.features[[5, 17]], rtol=1e-3, atol=1e-3)
    assert few.work.units == 2
    assert dense.work.macs == dense.work.macs_dense


def test_a_line_is_stronger_than_its_pixels(inspector):
    recipe = inspector.recipe
    difference = [np.zeros_like(plane) for plane in recipe.mean]
    row, column = np.argwhere(recipe.mask.reshape(
        recipe.mask.shape[0] // TILE, TILE, -1, TILE).all(axis=(1, 3)))[0]
    line = np.s_[row * TILE:(row + 1) * TILE, column * TILE + 8]
    difference[0][line] = 3
    tiles = np.array([[row, column]])

    found = recipe.deep.examine(list(recipe.mean), difference, tiles, 10)

    assert found.lines.max() > 5


def test_no_work_counts_what_a_dense_run_would_do(inspector):
    work = no_work(inspector.recipe.deep, 80)

    assert (work.units, work.macs, work.bytes, work.units_total) == (0, 0, 0, 80)
    assert work.macs_dense > 0

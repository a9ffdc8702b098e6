# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The measurement of speed: its changes are what they say, its rows complete."""

import json

import numpy as np
import pytest

from ant_ros.bench.network import growth
from ant_ros.bench.network import speed
from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.photographs import changed
from ant_ros.bench.network.photographs import contiguous
from ant_ros.bench.network.photographs import photograph
from ant_ros.bench.network.photographs import scattered


@pytest.mark.parametrize('shape', [contiguous, scattered])
@pytest.mark.parametrize('fraction', [0.0, 1 / 64, 1 / 16, 1 / 4, 1.0])
def test_masks_cover_the_stated_fraction(shape, fraction):
    mask = shape(fraction, 256, np.random.default_rng(0))
    assert mask.shape == (256, 256)
    assert mask.mean() == pytest.approx(fraction)


def test_patches_come_from_another_photograph():
    china, flower = photograph('china.jpg', 64), photograph('flower.jpg', 64)
    assert china.shape == (3, 64, 64)
    assert china.dtype == np.float32
    mask = contiguous(1 / 4, 64, np.random.default_rng(0))
    image, = changed(china, flower, [mask])
    assert np.array_equal(image[:, mask], flower[:, mask])
    assert np.array_equal(image[:, ~mask], china[:, ~mask])


def test_speed_has_a_row_for_every_fraction_and_kind(monkeypatch):
    aims = (0.03, 0.1, 0.2, 0.5, 1.05)
    monkeypatch.setattr(speed, '_CASES', {
        'patch_descriptor': speed._Case(lambda side: patch_descriptor(), 0.0, aims)})
    figures = speed.measure(quick=True)
    json.dumps(figures)
    size = figures['networks']['patch_descriptor']['sizes']['256']
    assert [(row['fraction'], row['kind']) for row in size['rows']] == [
        (0.0, 'contiguous'), (1 / 64, 'contiguous'), (1 / 64, 'scattered'),
        (1 / 16, 'contiguous'), (1 / 16, 'scattered'), (1 / 4, 'contiguous'),
        (1 / 4, 'scattered'), (1.0, 'contiguous')]
    idle, small = size['rows'][:2]
    assert idle['units'] == 0
    assert small['error_max'] < 1e-4
    assert small['error_to_dense_doing_nothing'] > 1e-3
    assert 0 < small['compute_share'] < 1
    assert 0 < small['macs_share'] < 0.2
    assert small['ratio_min'] <= small['ratio'] <= small['ratio_max']
    assert size['memory_mb'] > 2 * size['state_mb']


def test_growth_says_that_units_follow_the_change_and_not_the_image():
    figures = growth.measure(quick=True)
    json.dumps(figures)
    small, large = figures['image_side']
    assert small['image_side_px'] < large['image_side_px']
    assert large['units'] <= 1.5 * small['units']
    assert large['memory_mb'] > 3 * small['memory_mb']
    unchanged, changed_rows = figures['changed']
    assert (unchanged['units'], changed_rows['units'] > 0) == (0, True)

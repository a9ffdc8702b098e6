# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from functools import partial

import numpy as np
import pytest

from ant_ros.bench.inspection.conventional import NearestNeighbours
from ant_ros.bench.inspection.conventional import PositionGaussian


class FakeFeatures:
    """Two numbers per position: mean brightness and red of its cell; dense and slow."""

    def describe(self, image):
        height, width = image.shape[0] // 14, image.shape[1] // 14
        cells = image.reshape(14, height, 14, width, 3).astype(np.float32).mean(axis=(1, 3))
        return np.stack([cells.mean(axis=2).ravel(), cells[..., 0].ravel()], axis=1)


def image(seed, *, spot=None):
    random = np.random.default_rng(seed)
    picture = random.normal(100, 3, (56, 112, 3))
    picture[:28] += 40  # the upper half is bright
    if spot:
        row, column = spot
        picture[4 * row:4 * row + 4, 8 * column:8 * column + 8] += 40
    return np.clip(picture, 0, 255).astype(np.uint8)


def test_the_gaussian_is_that_of_each_position():
    good = [image(seed) for seed in range(8)]
    features = FakeFeatures()
    detector = PositionGaussian(good, features)
    described = np.stack([features.describe(one) for one in good])
    odd = features.describe(image(30))
    expected = []
    for position in range(196):
        covariance = np.cov(described[:, position].T) + 0.01 * np.eye(2)
        centred = odd[position] - described[:, position].mean(axis=0)
        expected.append(np.sqrt(centred @ np.linalg.solve(covariance, centred)))
    assert detector.inspect(image(30)).score == pytest.approx(max(expected), rel=1e-3)


def test_neighbours_are_the_nearest_anywhere():
    good = [image(seed) for seed in range(4)]
    features = FakeFeatures()
    memory = np.concatenate([features.describe(one) for one in good])
    odd = features.describe(image(30, spot=(12, 3)))
    expected = max(np.linalg.norm(memory - one, axis=1).min() for one in odd)
    found = NearestNeighbours(good, features).inspect(image(30, spot=(12, 3)))
    assert found.score == pytest.approx(expected, rel=1e-2)


def test_only_the_gaussian_knows_where_things_belong():
    good = [image(seed) for seed in range(12)]
    detectors = [kind(good, FakeFeatures()) for kind in (PositionGaussian, NearestNeighbours)]
    # As bright as the upper half, but in the lower.
    usual, moved = image(40), image(41, spot=(12, 3))
    ratios = [one.inspect(moved).score / one.inspect(usual).score for one in detectors]
    assert ratios[0] > 3
    assert ratios[1] < 3
    located = detectors[0].inspect(moved).anomaly_map
    assert located.shape == (56, 112)
    row, column = np.unravel_index(located.argmax(), located.shape)
    assert (abs(row - 50) < 6, abs(column - 28) < 10) == (True, True)


def test_pretrained_features_see_a_change_where_it_is():
    from ant_ros.bench.inspection.conventional import DenseFeatures
    features = DenseFeatures()
    random = np.random.default_rng(0)
    plain = random.integers(90, 110, (300, 200, 3), np.uint8)
    changed = plain.copy()
    changed[225:255, 20:40] = (250, 20, 20)
    before, after = features.describe(plain), features.describe(changed)
    assert before.shape == (196, 152)
    moved = np.linalg.norm(after - before, axis=1).reshape(14, 14)
    row, column = np.unravel_index(moved.argmax(), moved.shape)
    assert (abs(row - 11) <= 1, abs(column - 2) <= 1) == (True, True)
    grey = plain[..., 0]
    wide = (grey.astype(np.uint16) << 8) | grey
    scaled = features.describe(wide), features.describe((grey * (255 / grey.max())).astype('u1'))
    assert np.abs(scaled[0] - scaled[1]).mean() < 0.1 * np.abs(scaled[0]).mean()
    for kind in (PositionGaussian, NearestNeighbours):
        detector = partial(kind, features=features)([plain, plain[::-1].copy(), plain[:, ::-1]])
        assert detector.inspect(changed).score > detector.inspect(plain).score

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The measurement of exactness: its images, its figure, and that it sees an error."""

import numpy as np
import pytest

from ant_ros.bench.network import exactness
from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.networks import texture


def test_the_images_differ_by_squares_of_the_stated_sizes():
    expected = texture(1, 64, 0)[0].numpy()
    images = list(exactness.changed_images(expected, 8, 3))
    shares = [np.mean((image != expected).any(0)) for image in images]

    assert shares == pytest.approx([1 / 64, 1 / 16, 1 / 4, 1.0] * 2, rel=0.02)
    again = list(exactness.changed_images(expected, 8, 3))
    np.testing.assert_array_equal(images, again)


def test_the_difference_is_relative_to_the_largest_output():
    dense = [np.array([1.0, -4.0]), np.array([0.5])]

    assert exactness.relative_difference([np.array([1.0, -3.0]), np.array([0.5])],
                                         dense) == pytest.approx(0.25)
    assert exactness.relative_difference(dense, dense) == 0.0


def test_every_backend_is_within_the_bounds(monkeypatch):
    monkeypatch.setattr(exactness, 'NETWORKS', {'patches': patch_descriptor})
    figures = exactness.measure(quick=True)

    assert figures['inputs'] == 4
    assert set(figures['networks']['patches']) == {'compiled', 'torch', 'onnxruntime'}
    assert figures['largest_same'] <= exactness.BOUND
    assert 0 < figures['largest_across'] <= exactness.BOUND_ACROSS


def test_a_unit_that_computes_wrongly_is_seen(monkeypatch):
    class Wrong(exactness.TorchBackend):
        def compute(self, node, tiles):
            return super().compute(node, tiles) + 1e-3

    monkeypatch.setattr(exactness, 'NETWORKS', {'patches': patch_descriptor})
    monkeypatch.setattr(exactness, '_INTERPRETED', {'torch': Wrong})

    assert exactness.measure(quick=True)['largest_same'] > 10 * exactness.BOUND

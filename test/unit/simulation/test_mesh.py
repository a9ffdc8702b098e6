# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.simulation.mesh import lattice
from ant_ros.simulation.mesh import merge

SQUARE = np.stack([*np.meshgrid([0.0, 1.0, 2.0], [2.0, 0.0]), np.ones((2, 3))], axis=2)


def test_a_flat_lattice_looks_up_and_covers_its_area():
    mesh = lattice(SQUARE)
    corners = mesh.vertices[mesh.triangles]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert doubled[:, 2].sum() / 2 == pytest.approx(4.0)
    assert np.allclose(mesh.normals, [0.0, 0.0, 1.0])


def test_a_closed_lattice_joins_its_last_column_to_the_first():
    angle = np.linspace(0, 2 * np.pi, 6, endpoint=False)
    ring = [np.stack([r * np.cos(angle), r * np.sin(angle), 0 * angle], 1) for r in (1.0, 2.0)]
    open_strip, strip = lattice(np.stack(ring)), lattice(np.stack(ring), closed=True)
    assert len(strip.triangles) - len(open_strip.triangles) == 2


def test_merged_meshes_keep_their_triangles_apart():
    first, second = lattice(SQUARE), lattice(SQUARE + 5.0)
    both = merge(first, second)
    assert np.array_equal(both.vertices[both.triangles[-1]],
                          second.vertices[second.triangles[-1]])


def test_the_texture_is_projected_from_above():
    coordinates = lattice(SQUARE).texture_coordinates()
    assert coordinates[3] == pytest.approx([0.5, 0.5])

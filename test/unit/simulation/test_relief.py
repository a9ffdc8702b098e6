# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.simulation.families import family_named
from ant_ros.simulation.mesh import lattice
from ant_ros.simulation.mesh import merge
from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.relief import draw_relief
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.surface import grid_mm


def ramp(low_mm: float, high_mm: float, half_mm: float) -> Mesh:
    """A square that rises along x."""
    x, y = np.meshgrid([-half_mm, half_mm], [half_mm, -half_mm])
    return lattice(np.stack([x, y, low_mm + (high_mm - low_mm) * (x / half_mm + 1) / 2],
                            axis=2))


def test_heights_and_normals_are_those_of_the_surface():
    relief = draw_relief(ramp(2.0, 6.0, 10.0))
    x, y = grid_mm()
    inside = np.maximum(np.abs(x), np.abs(y)) < 9.5
    assert relief.heights_mm[inside] == pytest.approx(4.0 + 0.2 * x[inside], abs=0.02)
    for plane, share in zip(relief.normals, (-0.2, 0.0, 1.0), strict=True):
        assert plane[inside] == pytest.approx(share / np.hypot(0.2, 1.0), abs=1e-5)
    assert relief.top_mm == pytest.approx(6.0, abs=0.05)


def test_cover_is_the_outline():
    relief = draw_relief(ramp(2.0, 2.0, 10.0))
    x, y = grid_mm()
    outside = np.maximum(np.abs(x), np.abs(y)) > 10.3
    inside = np.maximum(np.abs(x), np.abs(y)) < 9.7
    assert (relief.cover[inside] == 1.0).all()
    assert not relief.cover[outside].any()
    assert not relief.heights_mm[np.maximum(np.abs(x), np.abs(y)) > 10.7].any()


@pytest.mark.parametrize('order', [1, -1])
def test_what_is_higher_hides_what_is_lower(order):
    meshes = (ramp(2.0, 2.0, 10.0), ramp(5.0, 5.0, 4.0))[::order]
    heights = draw_relief(merge(*meshes)).heights_mm
    assert heights[192, 192] == pytest.approx(5.0)
    assert heights[192, 192 + 42] == pytest.approx(2.0)


def test_a_surface_seen_from_below_is_not_there():
    mesh = ramp(2.0, 2.0, 10.0)
    assert not draw_relief(Mesh(mesh.vertices, mesh.normals, mesh.triangles[:, ::-1])).cover.any()


@pytest.mark.parametrize('name', FAMILIES)
def test_the_relief_of_a_family_has_its_size(name):
    family = family_named(name)
    relief = draw_relief(family.build(None))
    x, y = grid_mm()
    there = relief.cover > 0.5
    assert np.ptp(x[there]) == pytest.approx(family.size_mm[0], abs=1.0)
    assert np.ptp(y[there]) == pytest.approx(family.size_mm[1], abs=1.0)
    assert relief.top_mm == pytest.approx(family.size_mm[2], abs=0.1)
    assert np.linalg.norm(relief.normals[:, there], axis=0) == pytest.approx(1.0, abs=1e-5)

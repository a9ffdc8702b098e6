# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.simulation.families import family_named
from ant_ros.simulation.family import Absence
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.surface import Look

PLAIN = Look((3, 4), 0.0, 0.0, (0.0, 0.0), (), 1.0)
WHITE = np.ones(3, np.float32)

pytestmark = pytest.mark.parametrize('name', FAMILIES)


def test_every_family_of_the_scenarios_is_there(name):
    assert family_named(name).name == name


def test_the_mesh_has_the_stated_size_and_stands_on_the_belt(name):
    family = family_named(name)
    vertices = family.build(None).vertices
    size = np.ptp(vertices, axis=0)
    # A deviation of a little: knurls and rounded corners.
    assert size[:2] == pytest.approx(family.size_mm[:2], abs=1.0)
    assert vertices[:, 2].min() == pytest.approx(0.0)
    assert vertices[:, 2].max() == pytest.approx(family.size_mm[2])


def test_every_mesh_variant_differs_from_the_good_mesh_and_more_so_with_severity(name):
    family = family_named(name)
    good = family.build(None).vertices
    for kind, place in {(shape.kind, shape.place) for shape in family.shapes()}:
        steps = [np.abs(family.build(shape).vertices - good).max() for shape in family.shapes()
                 if (shape.kind, shape.place) == (kind, place)]
        assert steps[0] > 0.0
        assert steps == sorted(steps)


def test_the_paint_is_a_texture_in_grey_levels(name):
    texture = family_named(name).paint(PLAIN, WHITE, None)
    assert texture.shape == (384, 384, 3)
    assert texture.dtype == np.float32
    assert 20 < texture.mean() < 235


def test_every_painted_feature_can_be_absent(name):
    family = family_named(name)
    good = family.paint(PLAIN, WHITE, None)
    for place in range(family.painted_features):
        half, gone = (np.abs(family.paint(PLAIN, WHITE, Absence(place, degree)) - good)
                      for degree in (0.5, 1.0))
        assert half.max() > 20
        assert gone.sum() > half.sum()


def test_the_look_changes_the_paint_a_little(name):
    family = family_named(name)
    other = Look((300, 40), 0.03, 0.01, (0.2, -0.1), (), 1.0)
    difference = np.abs(family.paint(other, WHITE, None) - family.paint(PLAIN, WHITE, None))
    assert 0.5 < difference[family.material() > 0.5].mean() < 12


def test_without_variation_the_grain_is_gone(name):
    family = family_named(name)
    flat = [family.paint(Look(offset, 0.0, 0.0, (0.0, 0.0), (), 0.0), WHITE, None)
            for offset in ((0, 0), (500, 77))]
    assert np.array_equal(*flat)


def test_paint_does_not_depend_on_what_was_painted_before(name):
    family = family_named(name)
    before = family.paint(PLAIN, WHITE, None)
    family.paint(PLAIN, WHITE * 0.5, Absence(0, 1.0))
    assert np.array_equal(family.paint(PLAIN, WHITE, None), before)


def test_defects_have_material_to_lie_on(name):
    assert 0.15 < family_named(name).material().mean() < 0.8

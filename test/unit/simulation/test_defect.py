# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.simulation.defect import DefectPlan
from ant_ros.simulation.defect import paint_part
from ant_ros.simulation.defect import shape_of
from ant_ros.simulation.families import family_named
from ant_ros.simulation.scenario import DEFECT_CLASSES
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.surface import Look

LOOK = Look((3, 4), 0.0, 0.0, (0.0, 0.0), (), 1.0)


def change(name: str, kind: str, severity: float, seed: int = 5) -> np.ndarray:
    family = family_named(name)
    plan = DefectPlan(kind, severity, 0, seed)
    return np.abs(paint_part(family, LOOK, plan) - paint_part(family, LOOK, None)).max(axis=2)


@pytest.mark.parametrize('name', FAMILIES)
@pytest.mark.parametrize('kind', sorted(set(DEFECT_CLASSES) - {'deformation'}))
def test_a_defect_of_the_paint_grows_with_its_severity(name, kind):
    faint, middling, strong = (change(name, kind, severity).sum() for severity in (0.1, 0.5, 1.0))
    assert 0 < faint < middling < strong


@pytest.mark.parametrize('name', ['plate', 'bottle_cap'])
def test_a_pale_print_changes_what_is_printed_and_no_more(name):
    faint, gone = (change(name, 'pale_print', severity) for severity in (0.1, 1.0))
    assert 0 < faint.sum() == pytest.approx(0.1 * gone.sum(), rel=0.01)
    assert 0 < np.count_nonzero(gone) < 0.2 * gone.size


@pytest.mark.parametrize('name', FAMILIES)
def test_a_deformation_leaves_the_paint_and_changes_the_mesh(name):
    assert not change(name, 'deformation', 1.0).any()
    assert shape_of(family_named(name), DefectPlan('deformation', 1.0, 0, 5)).degree == 1.0


@pytest.mark.parametrize('name', FAMILIES)
@pytest.mark.parametrize('kind', ['scratch', 'contamination'])
def test_local_defects_stay_local_and_on_the_material(name, kind):
    changed = change(name, kind, 1.0) > 1.0
    assert 50 < np.count_nonzero(changed) < 0.1 * changed.size
    assert family_named(name).material()[changed].min() > 0.0


def test_the_seed_decides_where_a_scratch_lies():
    first, second = (change('plate', 'scratch', 1.0, seed) > 5 for seed in (1, 2))
    assert np.array_equal(first, change('plate', 'scratch', 1.0, 1) > 5)
    assert np.count_nonzero(first & second) < 0.5 * np.count_nonzero(first)


def test_a_missing_tooth_is_a_matter_of_the_mesh():
    gear = family_named('gear')
    assert shape_of(gear, DefectPlan('missing_feature', 0.9, 0, 5)) is None
    tooth = shape_of(gear, DefectPlan('missing_feature', 0.9, gear.painted_features, 5))
    assert tooth in gear.shapes()


def test_every_severity_has_its_mesh_variant():
    for name in FAMILIES:
        family = family_named(name)
        shapes = set(family.shapes())
        for severity in np.linspace(0.0, 1.0, 21):
            for place in range(family.bends):
                assert shape_of(family, DefectPlan('deformation', severity, place, 1)) in shapes

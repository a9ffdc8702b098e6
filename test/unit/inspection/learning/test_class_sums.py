# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sums by class add up."""

import numpy as np
import pytest

from ant_ros.inspection.learning.class_sums import ClassSums

RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(40, 5))
LABELS = [str(name) for name in RNG.choice(['good', 'dent', 'scratch'], 40)]


def assert_same(one: ClassSums, other: ClassSums) -> None:
    assert one.classes == other.classes
    assert one.sums.count == other.sums.count
    for name in ('feature', 'target', 'target_squared', 'feature_feature', 'feature_target'):
        assert getattr(one.sums, name) == pytest.approx(getattr(other.sums, name), rel=1e-9)


def test_counts_and_means_are_those_of_the_classes():
    sums = ClassSums.of(VECTORS, LABELS)
    assert sums.classes == ('dent', 'good', 'scratch')
    for index, name in enumerate(sums.classes):
        rows = VECTORS[[label == name for label in LABELS]]
        assert sums.counts[index] == len(rows)
        assert sums.means[index] == pytest.approx(rows.mean(axis=0))


def test_order_and_grouping_do_not_matter_and_classes_come_at_any_time():
    batch = ClassSums.of(VECTORS, LABELS)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(40)
        streamed = ClassSums.none(5)
        for row in order:
            streamed = streamed + ClassSums.of(VECTORS[row:row + 1], [LABELS[row]])
        assert_same(streamed, batch)
    halves = [ClassSums.of(VECTORS[part], LABELS[part]) for part in (
        slice(0, 7), slice(7, None))]
    assert_same(halves[1] + halves[0], batch)


def test_nothing_added_changes_nothing():
    sums = ClassSums.of(VECTORS, LABELS)
    assert_same(sums + ClassSums.none(5), sums)
    assert ClassSums.of(np.zeros((0, 5)), []).classes == ()


def test_adding_leaves_both_as_they_were():
    one, other = ClassSums.of(VECTORS[:9], LABELS[:9]), ClassSums.of(VECTORS[9:], LABELS[9:])
    kept = one.sums.feature_target.copy()
    one + other
    assert np.array_equal(one.sums.feature_target, kept)


def test_how_far_a_class_scatters_adds_up_and_is_its_own_matter():
    rng = np.random.default_rng(5)
    wide, tight = rng.normal(3, 2, (20, 6)), rng.normal(-1, 0.01, (50, 6))
    sums = ClassSums.of(wide[:8], ['wide'] * 8) + ClassSums.of(
        np.concatenate([wide[8:], tight]), ['wide'] * 12 + ['tight'] * 50)
    assert sums.classes == ('tight', 'wide')
    direct = [((rows - rows.mean(axis=0))**2).sum() for rows in (tight, wide)]
    np.testing.assert_allclose(sums.scatters, direct, rtol=1e-9)

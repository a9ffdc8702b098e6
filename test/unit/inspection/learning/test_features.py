# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the learner gets to see of a part."""

import numpy as np
import pytest

from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import MOST_ROWS
from ant_ros.inspection.learning.features import PartFeatures

GOOD = np.random.default_rng(0).normal(5.0, [1.0, 10.0, 0.1], (200, 3))


def test_good_places_lie_about_1_from_their_centre():
    space = FeatureSpace.of(GOOD, 'x')
    distances = np.linalg.norm(space.scale(GOOD), axis=1)
    assert 0.3 < np.median(distances) < 1.5
    assert space.scale(GOOD).mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert np.array_equal(space.good, space.scale(GOOD))


def test_a_feature_that_never_varied_does_not_rule_over_the_others():
    good = GOOD.copy()
    good[:, 2] = 7.0
    space = FeatureSpace.of(good, 'x')
    step = space.scale(np.array([[5.0, 5.0, 8.0]])) - space.scale(np.array([[5.0, 5.0, 7.0]]))
    assert np.abs(step).max() < 1
    assert np.isfinite(FeatureSpace.of(np.full((3, 2), 4.0), 'x').scale(np.zeros((1, 2)))).all()


def test_the_digest_tells_spaces_apart():
    digest = FeatureSpace.of(GOOD, 'x').digest
    assert FeatureSpace.of(GOOD.copy(), 'x').digest == digest
    assert FeatureSpace.of(GOOD, 'y').digest != digest
    assert FeatureSpace.of(GOOD[1:], 'x').digest != digest


@pytest.mark.parametrize('good', [
    GOOD[:1], GOOD[0], np.zeros((5, 0)), np.full((4, 3), np.nan)])
def test_too_few_good_places_are_refused(good):
    with pytest.raises(ValueError, match='at least 2 good places'):
        FeatureSpace.of(good, 'x')


def test_another_number_of_features_is_refused():
    with pytest.raises(ValueError, match=r'expected \[N, 3\]'):
        FeatureSpace.of(GOOD, 'x').scale(np.zeros((2, 4)))


def test_a_part_keeps_its_own_copy():
    vectors, flagged = np.ones((2, 3)), np.array([True, False])
    part = PartFeatures('p', vectors, flagged)
    vectors[:] = flagged[:] = 0
    assert part.vectors.tolist() == [[1, 1, 1]] * 2
    assert part.flagged.tolist() == [True, False]
    assert part.vectors.dtype == np.float32
    with pytest.raises(ValueError, match='read-only'):
        part.vectors[0, 0] = 2


@pytest.mark.parametrize(('part', 'vectors', 'flagged', 'cause'), [
    ('', np.ones((1, 3)), [True], 'part ID'),
    ('p' * 201, np.ones((1, 3)), [True], 'part ID'),
    ('p', np.ones((0, 3)), [], '1 to 8 rows'),
    ('p', np.ones((MOST_ROWS + 1, 3)), [True] * (MOST_ROWS + 1), '1 to 8 rows'),
    ('p', np.ones(3), [True], '1 to 8 rows'),
    ('p', np.ones((2, 3)), [True], r'\(1,\) flags for 2 rows'),
    ('p', np.full((1, 3), np.inf), [True], 'not finite'),
    ('p', np.full((1, 3), 1e300), [True], 'not finite'),
])
def test_what_is_no_part_is_refused(part, vectors, flagged, cause):
    with pytest.raises(ValueError, match=cause), np.errstate(over='ignore'):
        PartFeatures(part, vectors, flagged)

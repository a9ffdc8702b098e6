# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Names for places in closed form."""

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from ant_ros.inspection.learning.class_head import ClassHead
from ant_ros.inspection.learning.class_head import UNKNOWN
from ant_ros.inspection.learning.class_sums import ClassSums


def scaled(space, line, kind, count):
    return space.scale(line.places(kind, count))


def head_of(space, line, counts):
    sums = ClassSums.none(space.width)
    for kind, count in counts.items():
        sums = sums + ClassSums.of(scaled(space, line, kind, count), [kind] * count)
    return ClassHead(sums)


def test_classes_are_told_apart_after_a_few_labels(space, line):
    head = head_of(space, line, {'scratch': 5, 'dent': 5, 'stain': 5})
    for kind in ('scratch', 'dent', 'stain'):
        names = head.name(scaled(space, line, kind, 100))
        assert np.mean([label == kind for label in names.labels]) >= 0.97
        assert np.median(names.confidence) > 0.9


def test_one_label_is_enough_to_begin_with(space, line):
    names = head_of(space, line, {'dent': 1}).name(scaled(space, line, 'dent', 100))
    assert np.mean([label == 'dent' for label in names.labels]) >= 0.8


def test_what_is_like_no_class_is_unknown(space, line):
    head = head_of(space, line, {'scratch': 10, 'dent': 10})
    names = head.name(scaled(space, line, 'hole', 100))
    assert np.mean([label == UNKNOWN for label in names.labels]) >= 0.9
    strange = [label == UNKNOWN for label in names.labels]
    assert (names.confidence[strange] == 0).all()
    assert np.isneginf(names.margin[strange]).all()
    assert np.isfinite(names.margin[np.logical_not(strange)]).all()


def test_good_places_are_nearer_to_good_than_to_any_defect(space, line):
    head = head_of(space, line, {'scratch': 10, 'dent': 10})
    assert (head.name(space.scale(line.good_places(300))).margin < 1).mean() > 0.99
    assert (head.name(scaled(space, line, 'dent', 300)).margin > 1).mean() > 0.97


def test_a_rare_class_weighs_as_much_as_a_frequent_one(space, line):
    head = head_of(space, line, {'scratch': 300, 'dent': 3})
    names = head.name(scaled(space, line, 'dent', 100))
    assert 'scratch' not in names.labels
    assert np.mean([label == 'dent' for label in names.labels]) >= 0.9


def test_with_many_labels_it_is_linear_discriminant_analysis(space, line):
    kinds = ('scratch', 'dent', 'stain')
    rows = {kind: scaled(space, line, kind, 2000) for kind in kinds}
    sums = ClassSums.none(space.width)
    for kind in kinds:
        sums = sums + ClassSums.of(rows[kind], [kind] * 2000)
    reference = LinearDiscriminantAnalysis(priors=[1 / 3] * 3).fit(
        np.concatenate(list(rows.values())), np.repeat(kinds, 2000))
    fresh = np.concatenate([scaled(space, line, kind, 200) for kind in kinds])
    named = ClassHead(sums).name(fresh).labels
    known = [label != UNKNOWN for label in named]
    same = np.array(named)[known] == reference.predict(fresh)[known]
    assert np.mean(known) > 0.95
    assert same.mean() > 0.995


def test_without_defects_nothing_has_a_name(space):
    names = ClassHead(ClassSums.none(space.width)).name(np.zeros((2, space.width)))
    assert names.labels == [UNKNOWN] * 2
    assert np.isneginf(names.margin).all()


def test_nothing_asked_is_nothing_answered(space, line):
    assert head_of(space, line, {'dent': 1}).name(np.zeros((0, space.width))).labels == []

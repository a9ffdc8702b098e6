# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from functools import partial

from ant_ros.bench.learning import new_class
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.outcomes import Outcome
from ant_ros.bench.learning.taught import snapshot


def test_a_defect_that_passes_or_has_another_name_is_named_wrong():
    assert new_class.naming_accuracy([
        Outcome('dent', False, 'dent', 2.0), Outcome('dent', True, '', 0.5),
        Outcome('scratch', False, 'dent', 2.0), Outcome('scratch', False, 'scratch', 2.0),
        Outcome('good', True, '', 0.1)]) == 0.5
    assert new_class.naming_accuracy([Outcome('good', True, '', 0.1)]) is None


def test_what_was_right_before_and_is_wrong_after_is_lost():
    before = [Outcome('dent', False, 'dent', 2.0), Outcome('dent', False, 'dent', 2.0),
              Outcome('dent', True, '', 0.5)]
    after = [Outcome('dent', True, '', 2.0), Outcome('dent', False, 'dent', 2.0),
             Outcome('dent', False, 'scratch', 0.5)]
    assert new_class._lost(before, after) == {'pass_now': 1, 'named_wrong_now': 1}
    assert new_class._lost(before, before) == {'pass_now': 0, 'named_wrong_now': 0}


def test_kinds_that_lie_apart_are_grouped_as_k_means_does(space, draw_words):
    figures = new_class.proposals(draw_words(60, 5), space)
    assert (figures['anomalies'], figures['classes']) == (60, 4)
    assert figures['adjusted_rand'] > 0.8
    assert figures['k_means_adjusted_rand'] > 0.8


def test_the_new_class_is_one_that_the_line_does_not_show():
    faint = new_class._only('pale_print', (0.1, 0.2))
    assert [(one.kind, one.severity) for one in faint.defects] == [('pale_print', (0.1, 0.2))]
    assert new_class.NEW not in [one.kind for one in USUAL.defects]


def test_parts_of_the_new_class_are_labelled_as_they_come(
        new_small_inspector, small_parts, small):
    inspector = new_small_inspector()
    bad = [part for part in small_parts if part.word != 'good']
    rows = new_class.label_one_by_one(inspector, bad, small_parts, bad[0].word, (0, 2),
                                      keep=partial(snapshot, scenario=small))
    assert [row['labels'] for row in rows] == [0, 2]
    assert sum(rows[-1]['answers'].values()) == 2
    assert rows[0]['naming_accuracy'] == 0
    assert rows[-1]['naming_accuracy'] > 0


def test_names_get_better_with_labels_of_each_class(new_small_inspector, small_parts):
    bad = [part for part in small_parts if part.word != 'good']
    rows = new_class.naming(new_small_inspector(), bad, bad)
    assert [row['labels_of_each'] for row in rows] == [1, 5, 10]
    # The guard keeps a label waiting whose part looks like a good one.
    assert 3 <= rows[0]['classes'] <= len({part.word for part in bad})
    assert rows[-1]['naming_accuracy'] >= max(rows[0]['naming_accuracy'], 0.5)

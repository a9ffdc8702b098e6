# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from ant_ros.bench.learning.outcomes import figures_of
from ant_ros.bench.learning.outcomes import inspect_all
from ant_ros.bench.learning.outcomes import Outcome
from ant_ros.bench.learning.outcomes import recall


def test_false_rejects_and_escapes_are_counted_with_their_bounds():
    figures = figures_of([
        *[Outcome('good', True, '', 0.1)] * 19, Outcome('good', False, 'unknown', 1.2),
        *[Outcome('dent', False, 'dent', 2.0)] * 9, Outcome('dent', True, '', 0.4)])
    assert (figures['good_parts'], figures['false_rejects'], figures['frr']) == (20, 1, 0.05)
    assert figures['false_rejects_per_1000'] == 50
    assert (figures['defects'], figures['escapes']) == (10, 1)
    assert figures['escaped'] == {'dent': 1}
    assert figures['escape_rate_upper_95'] == pytest.approx(0.394, abs=1e-3)


def test_recall_is_the_share_of_a_class_that_did_not_pass():
    outcomes = [Outcome('dent', False, 'unknown', 2.0), Outcome('dent', True, '', 0.4),
                Outcome('scratch', True, '', 0.4)]
    assert recall(outcomes, 'dent') == 0.5
    assert recall(outcomes, 'stain') is None


def test_parts_are_judged_and_nothing_is_remembered(new_small_inspector, small_parts):
    inspector = new_small_inspector()
    outcomes = inspect_all(inspector, small_parts)
    assert [one.word for one in outcomes] == [part.word for part in small_parts]
    assert sum(one.passed for one in outcomes[:6]) >= 4
    assert sum(not one.passed for one in outcomes[6:]) >= len(outcomes[6:]) / 2
    assert not len(inspector.learner.parts)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import doctest

from hypothesis import given
from hypothesis import strategies
import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from sklearn.metrics import roc_auc_score

from ant_ros.bench.evaluation import ranking as module
from ant_ros.bench.evaluation.ranking import Ranking

PARTS = strategies.lists(
    strategies.tuples(strategies.integers(0, 6), strategies.booleans(),
                      strategies.integers(0, 3)),
    min_size=2, max_size=30)


@given(PARTS)
def test_areas_are_those_of_scikit_learn_with_ties_and_weights(parts):
    scores, bad, weights = (np.array(column) for column in zip(*parts))
    ranking = Ranking(scores, bad)
    for given_weights in (np.ones(len(parts)), weights):
        kinds = {bool(one) for one, weight in zip(bad, given_weights) if weight}
        found = ranking.auroc(given_weights[None]), ranking.average_precision(given_weights[None])
        if kinds == {False, True}:
            kept = given_weights > 0
            arguments = (bad[kept], scores[kept])
            expected = [area(*arguments, sample_weight=given_weights[kept])
                        for area in (roc_auc_score, average_precision_score)]
            assert found[0][0] == pytest.approx(expected[0])
            assert found[1][0] == pytest.approx(expected[1])
        else:
            assert np.isnan(found[0][0])
            assert np.isnan(found[1][0])


@given(PARTS, strategies.sampled_from([0.0, 0.05, 0.3]))
def test_limits_are_those_found_by_trying_all(parts, frr):
    scores, bad, _ = (np.array(column) for column in zip(*parts))
    ranking = Ranking(scores, bad)
    if not bad.any() or bad.all():
        assert np.isnan(ranking.frr_at_zero_escapes()[0])
        assert np.isnan(ranking.recall_at_frr(frr)[0])
        return
    tried = [((scores[bad] >= limit).mean(), (scores[~bad] >= limit).mean())
             for limit in (*scores, scores.max() + 1)]
    assert ranking.frr_at_zero_escapes()[0] == pytest.approx(
        min(wrong for recall, wrong in tried if recall == 1))
    assert ranking.recall_at_frr(frr)[0] == pytest.approx(
        max(recall for recall, wrong in tried if wrong <= frr))


def test_draws_are_told_apart():
    ranking = Ranking([3.0, 2.0, 1.0, 0.0], [True, False, True, False])
    weights = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    assert ranking.auroc(weights).tolist() == [0.75, 1.0, 0.0, 1.0]
    assert ranking.frr_at_zero_escapes(weights).tolist() == [0.5, 0.0, 1.0, 0.0]


def test_the_example_in_the_docstring():
    assert doctest.testmod(module).failed == 0

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The order of elimination, checked against least squares by brute force."""

from itertools import combinations

import numpy as np
import pytest

from ant_ros.network.pruning.elimination import eliminate
from ant_ros.network.pruning.elimination import make_up_for
from ant_ros.network.pruning.elimination import Reader


def reader(seed=0, inputs=6, outputs=3):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(400, inputs)) @ rng.normal(size=(inputs, inputs))
    return Reader(rng.normal(size=(outputs, inputs)), np.cov(rows.T), np.ones(outputs),
                  np.arange(inputs)[:, None])


def error(one, gone):
    """Return the least squared error without some inputs, all others free."""
    kept = np.setdiff1d(np.arange(len(one.covariance)), gone)
    weight = np.zeros_like(one.weight)
    mask = np.isin(np.arange(len(one.covariance)), kept)
    weight[:, kept] = make_up_for(one.weight, one.covariance, mask)
    lost = one.weight - weight
    return float(np.einsum('oi,ij,oj->', lost, one.covariance, lost))


def test_errors_are_those_of_least_squares():
    one = reader()
    order, errors = eliminate([one], 6)
    assert sorted(order.tolist()) == list(range(6))
    for gone in range(1, 6):
        assert errors[gone] == pytest.approx(error(one, order[:gone]), rel=1e-6)
    assert errors[1] == pytest.approx(min(error(one, [i]) for i in range(6)), rel=1e-6)


def test_no_other_weights_of_the_kept_are_better():
    one = reader(1)
    kept = np.array([True, True, False, True, False, True])
    best = make_up_for(one.weight, one.covariance, kept)
    rng = np.random.default_rng(2)
    for _ in range(20):
        lost = one.weight.copy()
        lost[:, kept] -= best + 0.01 * rng.normal(size=best.shape)
        assert np.einsum('oi,ij,oj->', lost, one.covariance, lost) > error(one, [2, 4])


def test_a_copy_goes_first_and_costs_nothing():
    rows = np.random.default_rng(3).normal(size=(500, 4))
    rows = np.hstack([rows, rows[:, :1]])
    covariance = np.cov(rows.T) + 1e-9 * np.eye(5)
    one = Reader(np.ones((2, 5)), covariance, np.ones(2), np.arange(5)[:, None])
    order, errors = eliminate([one], 5)
    assert order[0] in (0, 4)
    assert errors[1] < 1e-6
    assert errors[2] > 0.1


def test_several_inputs_of_one_candidate_go_together_and_readers_add_up():
    one, other = reader(4), reader(5)
    pairs = np.arange(6).reshape(3, 2)
    both = [Reader(r.weight, r.covariance, r.importance, pairs) for r in (one, other)]
    order, errors = eliminate(both, 3)
    sums = [error(one, pairs[i]) + error(other, pairs[i]) for i in range(3)]
    assert order[0] == int(np.argmin(sums))
    assert errors[1] == pytest.approx(min(sums), rel=1e-6)


def test_what_matters_more_stays():
    one = reader(6, outputs=2)
    weight = np.array([[5.0, 0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0, 0]])
    for importance, first in (([1.0, 0.0], 0), ([0.0, 1.0], 1)):
        weighed = Reader(weight, np.eye(6), np.array(importance), one.columns)
        assert eliminate([weighed], 6)[0][-1] == first


def test_the_best_pair_is_found_where_inputs_do_not_depend_on_each_other():
    rng = np.random.default_rng(7)
    one = Reader(rng.normal(size=(2, 6)), np.diag(rng.uniform(1, 2, 6)), np.ones(2),
                 np.arange(6)[:, None])
    order, errors = eliminate([one], 6)
    assert errors[2] == pytest.approx(min(error(one, list(p)) for p in combinations(range(6), 2)))
    assert (np.diff(errors) >= 0).all()
    assert len(set(order.tolist())) == 6


def test_without_readers_nothing_is_missed():
    order, errors = eliminate([], 3)
    assert sorted(order.tolist()) == [0, 1, 2]
    assert errors.tolist() == [0.0] * 4

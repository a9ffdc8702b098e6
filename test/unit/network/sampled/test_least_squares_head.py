# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A head that learns from sums."""

import numpy as np
import pytest

from ant_ros.network.sampled import LeastSquaresHead
from ant_ros.network.sampled import LeastSquaresSums
from ant_ros.network.sampled import solve_least_squares


def samples(number: int = 300, width: int = 20, noise: float = 0.1):
    rng = np.random.default_rng(0)
    features = np.tanh(rng.normal(size=(number, width)) @ rng.normal(size=(width, width)))
    targets = features @ rng.normal(size=(width, 3)) + 5.0
    return features, targets + noise * rng.normal(size=targets.shape)


def head() -> LeastSquaresHead:
    return LeastSquaresHead(ridge=1e-3)


def assert_same(one: LeastSquaresHead, other: LeastSquaresHead, tolerance: float = 1e-9) -> None:
    for name in ('weights', 'bias'):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert np.abs(mine - theirs).max() <= tolerance * np.abs(theirs).max()


def test_the_answer_is_that_of_ridge_regression_with_a_free_bias():
    features, targets = samples()
    solved = head().fit(features, targets)

    centred = features - features.mean(axis=0)
    square = centred.T @ centred
    penalty = 1e-3 * np.trace(square) / len(square)
    weights = np.linalg.solve(square + penalty * np.eye(20),
                              centred.T @ (targets - targets.mean(axis=0)))
    assert solved.weights == pytest.approx(weights, rel=1e-9)
    assert solved.predict(features).mean(axis=0) == pytest.approx(targets.mean(axis=0))


def test_order_and_grouping_do_not_matter():
    features, targets = samples()
    batch = head().fit(features, targets)
    order = np.random.default_rng(1).permutation(len(features))
    single = head()
    for row in order:
        single.partial_fit(features[row:row + 1], targets[row:row + 1])
    merged = head()
    for part in np.array_split(order, 4):
        merged.merge(head().fit(features[part], targets[part]))

    assert_same(single, batch)
    assert_same(merged, batch)


def test_what_is_removed_is_gone():
    features, targets = samples()
    kept = head().fit(features[:200], targets[:200])
    removed = head().fit(features, targets)
    for row in range(200, 300):
        removed.remove(features[row:row + 1], targets[row:row + 1])

    assert_same(removed, kept)
    assert removed.sums.count == 200


def test_removing_everything_leaves_exactly_nothing():
    features, targets = samples()
    emptied = head().fit(features, targets).remove(features[::-1], targets[::-1])

    assert not emptied.sums.feature_feature.any()
    with pytest.raises(ValueError, match='no samples'):
        emptied.predict(features)


def test_removing_what_was_never_learned_is_refused_and_changes_nothing():
    features, targets = samples()
    learned = head().fit(features[:10], targets[:10])
    before = learned.weights.copy()

    with pytest.raises(ValueError, match='never learned'):
        learned.remove(features, targets)
    with pytest.raises(ValueError, match='never learned'):
        learned.remove(100 * features[:5], targets[:5])
    assert np.array_equal(learned.weights, before)


def test_a_new_output_counts_as_0_so_far():
    features, targets = samples()
    targets[:150, 2] = 0.0
    grown = head().fit(features[:150], targets[:150, :2]).add_outputs()
    grown.partial_fit(features[150:], targets[150:])

    assert_same(grown, head().fit(features, targets))


def test_the_ridge_is_chosen_by_cross_validation():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(80, 60))
    truth = rng.normal(size=60)
    targets = features @ truth + 20.0 * rng.normal(size=80)
    fresh = rng.normal(size=(500, 60))
    errors = {ridge: np.abs(LeastSquaresHead(ridge=ridge).fit(features, targets).predict(fresh)
                            [:, 0] - fresh @ truth).mean() for ridge in (1e-8, 1e-2, 1.0, 30.0)}
    chosen = LeastSquaresHead().fit(features, targets).predict(fresh)[:, 0]

    assert np.abs(chosen - fresh @ truth).mean() < 1.15 * min(errors.values())
    assert errors[1e-8] > 2 * min(errors.values())


def test_cross_validation_from_sums_is_that_of_the_samples():
    features, targets = samples(60, noise=2.0)
    solved = LeastSquaresHead().fit(features, targets)
    centred = features - features.mean(axis=0)
    values, _ = np.linalg.eigh(centred.T @ centred)

    def error(ridge: float) -> float:
        penalty = ridge * values.mean()
        freedom = 1 + (values / (values + penalty)).sum()
        rest = targets - LeastSquaresHead(ridge=ridge).fit(features, targets).predict(features)
        return float((rest**2).sum() / (1 - freedom / len(features))**2)

    grid = 10.0 ** np.arange(-14, 2.5, 0.5)
    best = LeastSquaresHead(ridge=grid[np.argmin([error(ridge) for ridge in grid])])
    assert_same(best.fit(features, targets), solved)


def test_more_features_than_samples_give_a_finite_answer():
    features, targets = samples(30, 100)
    for solved in (LeastSquaresHead(), head(), LeastSquaresHead(ridge=0, cutoff=1e-6)):
        assert np.isfinite(solved.fit(features, targets).weights).all()


def test_the_cutoff_takes_the_smallest_weights_among_equal_answers():
    features, targets = samples(noise=0)
    doubled = LeastSquaresHead(ridge=0, cutoff=1e-6).fit(np.hstack([features] * 2), targets)
    single = LeastSquaresHead(ridge=0, cutoff=1e-6).fit(features, targets)

    assert doubled.weights[:20] == pytest.approx(single.weights / 2, abs=1e-6)
    assert doubled.weights[20:] == pytest.approx(single.weights / 2, abs=1e-6)


def test_constant_features_answer_the_mean():
    _, targets = samples()
    solved = LeastSquaresHead().fit(np.full((300, 4), 0.7), targets)

    assert solved.predict(np.zeros((1, 4)))[0] == pytest.approx(targets.mean(axis=0))


def test_float32_features_are_summed_in_float64():
    features, targets = samples(5000)
    narrow = features.astype(np.float32)

    assert_same(head().fit(narrow, targets), head().fit(narrow.astype(np.float64), targets),
                1e-12)


def test_rows_resolve_what_sums_cannot():
    rng = np.random.default_rng(0)
    left, _ = np.linalg.qr(rng.normal(size=(200, 10)))
    right, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    rows = left * 10.0 ** -np.arange(10) @ right
    truth = rng.normal(size=10)

    solved = solve_least_squares(rows, rows @ truth)
    assert solved == pytest.approx(truth, abs=1e-5)
    rough = LeastSquaresHead(ridge=0, cutoff=1e-7).fit(rows, rows @ truth)
    assert np.abs(rough.weights[:, 0] - truth).max() > 1e-2


@pytest.mark.parametrize('arguments', [
    {'ridge': -1.0}, {'ridge': np.nan}, {'ridge': 0}, {'cutoff': 1e-9}, {'cutoff': 2.0}])
def test_unusable_settings_are_refused(arguments):
    with pytest.raises(ValueError, match=r'ridge|cutoff'):
        LeastSquaresHead(**arguments)


@pytest.mark.parametrize(('features', 'targets', 'message'), [
    (np.full((4, 20), np.nan), np.ones((4, 3)), 'features hold 80'),
    (np.ones((4, 20)), np.full((4, 3), np.inf), 'targets hold 12'),
    (np.ones((4, 20)), np.ones((5, 3)), 'the same N'),
    (np.ones((4, 19)), np.ones((4, 3)), '19'),
    (np.ones((4, 20)), np.ones((4, 2)), 'add_outputs'),
])
def test_bad_samples_are_refused_and_change_nothing(features, targets, message):
    learned = head().fit(*samples())
    before = learned.sums

    with pytest.raises(ValueError, match=message):
        learned.partial_fit(features, targets)
    assert learned.sums is before


def test_a_head_that_knows_nothing_says_so():
    with pytest.raises(ValueError, match='learned nothing'):
        head().predict(np.ones((1, 2)))
    with pytest.raises(ValueError, match='learned nothing'):
        head().merge(head())
    with pytest.raises(ValueError, match='at least 1'):
        head().fit(*samples()).add_outputs(0)


def test_sums_of_no_samples_are_neutral():
    sums = LeastSquaresSums.of(*samples())
    total = sums + LeastSquaresSums.of(np.empty((0, 20)), np.empty((0, 3)))

    assert total.count == sums.count
    assert np.array_equal(total.feature_feature, sums.feature_feature)

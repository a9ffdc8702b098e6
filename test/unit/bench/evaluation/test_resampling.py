# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import numpy as np
import pytest

from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.resampling import Resampling

GOOD = [Sample(Path(f'good/{number}.png')) for number in range(30)]
BAD = [Sample(Path(f'bad/{number}.png'), 'crack') for number in range(20)]


def test_as_many_good_and_bad_images_are_drawn_as_there_are():
    weights = Resampling.draw(GOOD + BAD, 0).weights(GOOD + BAD)
    assert (weights[:, :30].sum(axis=1) == 30).all()
    assert (weights[:, 30:].sum(axis=1) == 20).all()
    assert len(np.unique(weights, axis=0)) > 900


def test_an_image_in_several_splits_is_one_image():
    resampling = Resampling.draw(GOOD[:20] + BAD + GOOD[10:] + BAD, 0)
    first, second = resampling.weights(GOOD[:20]), resampling.weights(GOOD[10:])
    assert np.array_equal(first[:, 10:], second[:, :10])


def test_the_interval_of_a_mean_is_that_of_theory():
    values = np.random.default_rng(1).normal(5, 2, len(GOOD))
    resampling = Resampling.draw(GOOD, 0)
    low, high = resampling.interval(
        [GOOD], [lambda weights: weights @ values / weights.sum(axis=1)])
    error = values.std() / np.sqrt(len(values))
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.1)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.1)


def test_a_figure_that_hardly_any_draw_has_gets_no_interval():
    resampling = Resampling.draw(GOOD, 0)
    nothing = [lambda weights: np.full(len(weights), np.nan)]
    assert resampling.interval([GOOD], nothing) is None


@pytest.mark.parametrize('bound', [0.0, 1.0, 1 - 1e-15])
def test_a_share_without_exception_gets_what_as_many_unseen_images_leave_open(bound):
    samples, always = GOOD + BAD, [lambda weights: np.full(len(weights), bound)]
    resampling = Resampling.draw(samples, 0)
    low, high = resampling.interval([samples], always, share=True)
    assert high - low == pytest.approx(0.168, abs=1e-3)  # 20 of 20, Clopper and Pearson
    assert round(bound) in (low, high)
    assert resampling.interval([samples], always) == (bound, bound)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Hidden units go, heads are solved anew."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ant_ros.network.pruning import prune
from ant_ros.network.sampled.estimators import SampledClassifier
from ant_ros.network.sampled.estimators import SampledRegressor
from ant_ros.network.sampled.least_squares_head import LeastSquaresHead

PIXELS, LABELS = load_digits(return_X_y=True)
PIXELS = PIXELS / 16.0
TRAIN, TEST = slice(0, 1300), slice(1300, None)


@pytest.fixture(scope='module')
def fitted():
    return SampledClassifier(256, random_state=0).fit(PIXELS[TRAIN], LABELS[TRAIN])


@pytest.mark.parametrize('fraction', [0.3, 0.5])
def test_units_go_and_accuracy_stays(fitted, fraction):
    pruned = prune(fitted, fraction, PIXELS[TRAIN])
    assert pruned.width <= (1 - fraction) * 256
    assert pruned._hidden.layers[0].weights.shape == (pruned.width, 64)
    assert pruned.head_.weights.shape == (pruned.width, 10)
    assert fitted.width == 256
    lost = fitted.score(PIXELS[TEST], LABELS[TEST]) - pruned.score(PIXELS[TEST], LABELS[TEST])
    assert lost < 0.03


def test_better_units_stay_than_chance_would_leave(fitted):
    rng = np.random.default_rng(0)
    pruned = prune(fitted, 0.8, PIXELS[TRAIN])
    layer = fitted._hidden.layers[0]
    wanted = np.eye(10)[LABELS]

    def error(head, features):
        return float(((head.predict(features) - wanted[TEST]) ** 2).mean())

    chance = []
    for _ in range(5):
        some = rng.choice(256, pruned.width, replace=False)
        features = layer(PIXELS)[:, some]
        chance.append(error(LeastSquaresHead().fit(features[TRAIN], wanted[TRAIN]),
                            features[TEST]))
    ours = error(pruned.head_, pruned._hidden(PIXELS[TEST]))
    assert ours < np.mean(chance)


def test_the_head_is_the_one_of_all_that_was_ever_learned():
    model = SampledClassifier(64, random_state=1)
    model.partial_fit(PIXELS[:600], LABELS[:600], classes=np.arange(10))
    model.partial_fit(PIXELS[600:1300], LABELS[600:1300])
    pruned = prune(model, 0.4, PIXELS[:200])
    features = pruned._hidden(PIXELS[TRAIN])
    anew = LeastSquaresHead().fit(features, np.eye(10)[LABELS[TRAIN]])
    assert np.allclose(pruned.head_.predict(features), anew.predict(features), atol=1e-6)
    pruned.partial_fit(PIXELS[TEST], LABELS[TEST])
    assert pruned.head_.sums.count == len(PIXELS)


def test_several_layers_are_adjusted_and_need_targets():
    model = SampledClassifier((96, 64), random_state=0).fit(PIXELS[TRAIN], LABELS[TRAIN])
    pruned = prune(model, 0.4, PIXELS[TRAIN], LABELS[TRAIN])
    sizes = [layer.weights.size for layer in pruned._hidden.layers]
    assert sum(sizes) + pruned.width[1] * 10 <= 0.6 * (96 * 64 + 64 * 96 + 640)
    assert pruned.score(PIXELS[TEST], LABELS[TEST]) > model.score(
        PIXELS[TEST], LABELS[TEST]) - 0.04
    with pytest.raises(ValueError, match='needs targets'):
        prune(model, 0.4, PIXELS[TRAIN])
    with pytest.raises(ValueError, match='not among the classes'):
        prune(model, 0.4, PIXELS[:3], np.array([1, 2, 77]))
    with pytest.raises(ValueError, match='2 targets for 3 samples'):
        prune(model, 0.4, PIXELS[:3], LABELS[:2])


def test_a_regressor_keeps_its_curve():
    x = np.linspace(0, 6, 300)[:, None]
    for width in (64, (48, 32)):
        model = SampledRegressor(width, random_state=0).fit(x, np.sin(x[:, 0]))
        pruned = prune(model, 0.5, x, None if width == 64 else np.sin(x[:, 0]))
        assert np.abs(pruned.predict(x) - np.sin(x[:, 0])).max() < 0.05
        assert pruned.predict(x).shape == (300,)


def test_what_can_not_be_pruned_is_refused(fitted):
    with pytest.raises(ValueError, match='not fitted'):
        prune(SampledClassifier(), 0.3, PIXELS)
    boosted = SampledClassifier(16, boosting_steps=1).fit(PIXELS[:200], LABELS[:200])
    with pytest.raises(ValueError, match='boosting_steps=0'):
        prune(boosted, 0.3, PIXELS)
    tiny = SampledClassifier(1, random_state=0).fit(PIXELS[:200], LABELS[:200])
    with pytest.raises(ValueError, match='too small'):
        prune(tiny, 0.3, PIXELS)
    with pytest.raises(ValueError, match='expected'):
        prune(fitted, 0.3, PIXELS[:, :5])
    with pytest.raises(ValueError, match='NaN'):
        prune(fitted, 0.3, np.full((4, 64), np.nan))
    with pytest.raises(ValueError, match='at least two'):
        prune(fitted, 0.3, PIXELS[:0])

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sampled networks as scikit-learn estimators."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.base import ClassifierMixin
from sklearn.base import MultiOutputMixin
from sklearn.base import RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted
from sklearn.utils.validation import validate_data

from ant_ros.network.sampled.boosting import ResidualBoost
from ant_ros.network.sampled.least_squares_head import LeastSquaresHead
from ant_ros.network.sampled.sampled_layer import Activation
from ant_ros.network.sampled.sampled_layer import Density
from ant_ros.network.sampled.sampled_layer import sample_layers

__all__ = ['SampledClassifier', 'SampledRegressor']


class _SampledEstimator(BaseEstimator):
    """What the classifier and the regressor share: hidden layers, then a head of sums."""

    _hidden: Callable[[np.ndarray], np.ndarray]

    def __init__(
        self, width: int | Sequence[int] = 512, *, activation: Activation = 'tanh',
        density: Density = 'gradient', scale: float = 1.0, ridge: float | None = None,
        boosting_steps: int = 0, random_state: Any = None,
    ) -> None:
        self.width = width
        self.activation = activation
        self.density = density
        self.scale = scale
        self.ridge = ridge
        self.boosting_steps = boosting_steps
        self.random_state = random_state

    def _learn(self, points: np.ndarray, targets: np.ndarray, *, anew: bool) -> None:
        if anew:
            features = self._draw(points, targets)
            self.head_ = LeastSquaresHead(ridge=self.ridge).fit(features, targets)
        else:
            self.head_.partial_fit(self._hidden(points), targets)

    def _draw(self, points: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Draw the hidden layers and return their answers at the points."""
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        widths = (self.width,) if isinstance(self.width, int) else tuple(self.width)
        if self.boosting_steps:
            if len(widths) != 1 or self.density == 'gaussian':
                raise ValueError(
                    f'boosting with width {self.width} and density {self.density!r}: expected '
                    'one width and a density of pairs; set boosting_steps=0 for others')
            self._hidden, features = ResidualBoost.fit(
                points, widths[0], targets, steps=self.boosting_steps, density=self.density,
                activation=self.activation, scale=self.scale, rng=rng)
            return features
        layers, features = sample_layers(
            points, widths, targets, density=self.density, activation=self.activation,
            scale=self.scale, rng=rng)
        self._hidden = _Stack(layers)
        return features

    def _outputs(self, points: Any) -> np.ndarray:
        """Return the outputs `[N, C]` of the head."""
        check_is_fitted(self)
        points = validate_data(self, points, reset=False, dtype=(np.float64, np.float32))
        return self.head_.predict(self._hidden(points))


class _Stack:
    """Layers one on top of the other."""

    def __init__(self, layers: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        self.layers = layers

    def __call__(self, points: np.ndarray) -> np.ndarray:
        for layer in self.layers:
            points = layer(points)
        return points


class SampledClassifier(ClassifierMixin, _SampledEstimator):
    """Classify with hidden weights drawn from pairs of samples and a least-squares head.

    Good at: being fitted in the time of about one epoch of gradient descent, and learning on
    from single samples without forgetting. Bad at: very many samples, where a network trained
    by steps or boosted trees go on improving. Columns of unlike units want standardising first.

    Paper: Bolager et al., Sampling weights of deep neural networks, NeurIPS 2023
    (arXiv 2306.16830).

    Args:
        width: Hidden units, or those of each hidden layer. More units than samples are allowed:
            units repeat once the pairs are used up, and the ridge keeps the answer unique.
        activation: `tanh` or `relu`.
        density: `gradient`, `uniform` or `widest` pairs, or `gaussian` weights.
        scale: Steepness of the units, 1 as published; of `gaussian` the standard deviation of
            the weights times the root of the number of inputs.
        ridge: Of the head, as for `LeastSquaresHead`; None chooses it from the sums.
        boosting_steps: Residual blocks, as for `ResidualBoost`; 0 for none.
        random_state: Seed of the draw.

    Attributes:
        classes_: Labels, sorted.
        head_: The `LeastSquaresHead`.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> samples, labels = load_iris(return_X_y=True)
        >>> bool(SampledClassifier(64, random_state=0).fit(samples, labels)
        ...      .score(samples, labels) > 0.95)
        True
    """

    def fit(self, X: Any, y: Any) -> SampledClassifier:
        """Draw the hidden layers from samples `[N, D]` with labels `[N]` and solve the head.

        Raises:
            ValueError: NaN, shapes that do not fit, fewer than two samples or classes.
        """
        X, y = self._validated(X, y, reset=True)
        classes = np.unique(y)
        if len(classes) < 2:
            raise ValueError(f'only one class, {classes[0]!r}: expected samples of at least two')
        self._learn(X, _one_hot(y, classes), anew=True)
        self.classes_ = classes
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> SampledClassifier:
        """Learn further samples; the first call draws the hidden layers, later ones keep them.

        Sums are updated, so that the order of the calls does not matter and nothing is
        forgotten.

        Args:
            X: Samples `[N, D]`.
            y: Labels `[N]`.
            classes: All labels that will ever come; needed in the first call.

        Raises:
            ValueError: As `fit`; no `classes` in the first call; a label not among them.
        """
        first = not hasattr(self, 'classes_')
        if first and classes is None:
            raise ValueError('classes: the first call of partial_fit needs all labels that will '
                             'ever come')
        known = np.unique(classes) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), known):
            raise ValueError(f'classes {np.unique(classes)}: the first call had {known}; call '
                             'fit to start anew')
        X, y = self._validated(X, y, reset=first)
        self._learn(X, _one_hot(y, known), anew=first)
        self.classes_ = known
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the score of each class `[N, C]`, of two classes that of the second `[N]`."""
        scores = self._outputs(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> np.ndarray:
        """Return the label `[N]` with the highest score."""
        scores = self._outputs(X)
        return self.classes_[scores.argmax(axis=1)]

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        X, y = validate_data(self, X, y, reset=reset, dtype=(np.float64, np.float32),
                             ensure_min_samples=2 if reset else 1)
        check_classification_targets(y)
        return X, y


class SampledRegressor(MultiOutputMixin, RegressorMixin, _SampledEstimator):
    """Regress with hidden weights drawn from pairs of samples and a least-squares head.

    See `SampledClassifier` for what it is good and bad at, and for the arguments.

    Attributes:
        head_: The `LeastSquaresHead`.

    Example:
        >>> samples = np.linspace(0, 6, 200)[:, None]
        >>> model = SampledRegressor(32, random_state=0).fit(samples, np.sin(samples[:, 0]))
        >>> bool(abs(model.predict([[1.0]])[0] - np.sin(1.0)) < 1e-3)
        True
    """

    def fit(self, X: Any, y: Any) -> SampledRegressor:
        """Draw the hidden layers from samples `[N, D]` with targets `[N]` or `[N, C]`, and solve.

        Raises:
            ValueError: NaN, shapes that do not fit, fewer than two samples.
        """
        self._fit(X, y, first=True)
        return self

    def partial_fit(self, X: Any, y: Any) -> SampledRegressor:
        """Learn further samples; the first call draws the hidden layers, later ones keep them.

        Raises:
            ValueError: As `fit`.
        """
        self._fit(X, y, first=not hasattr(self, 'head_'))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the targets `[N]` or `[N, C]`."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._single else outputs

    def _fit(self, X: Any, y: Any, *, first: bool) -> None:
        X, y = validate_data(
            self, X, y, reset=first, dtype=(np.float64, np.float32), multi_output=True,
            y_numeric=True, ensure_min_samples=2 if first else 1)
        single = y.ndim == 1
        self._learn(X, y.reshape(len(y), -1), anew=first)
        self._single = single


def _one_hot(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the labels as rows `[N, C]` of 0 and a single 1.

    Raises:
        ValueError: A label is none of the classes.
    """
    unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        raise ValueError(f'labels {unknown.tolist()} were never seen before: name all labels in '
                         f'`classes` of the first partial_fit, or call fit; known are '
                         f'{classes.tolist()}')
    return (labels[:, None] == classes).astype(np.float64)

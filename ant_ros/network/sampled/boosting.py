# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Residual blocks with sampled weights, each fitted in closed form to what is left over.

Source: Zozoulenko, Cass, Gonon, Random feature representation boosting, ICML 2025
(arXiv 2501.18283), the case of the squared error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ant_ros.network.sampled.least_squares_head import LeastSquaresHead
from ant_ros.network.sampled.sampled_layer import Activation
from ant_ros.network.sampled.sampled_layer import PairDensity
from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = ['ResidualBoost']


@dataclass(frozen=True)
class ResidualBoost:
    """A residual network φ ← φ + f(φ, x) A, one block at a time, without backpropagation.

    f is a layer sampled from pairs of (φ, x), preferred where the residual R of the head W
    before the block changes most. A = β W⁺, where β solves R ≈ f β by ridge regression: the
    smallest change of φ that moves the outputs by f β. (The paper shrinks A instead of β; here
    the same cross-validation as in the head then sets the ridge.) Good at: what one layer of
    the same width leaves over. Bad at: being quick; a block costs two heads and a layer.

    Attributes:
        first: The layer in front of the blocks.
        blocks: Layer f and matrix A `[M, M]` of each block.
    """

    first: SampledLayer
    blocks: tuple[tuple[SampledLayer, np.ndarray], ...]

    @classmethod
    def fit(
        cls, points: np.ndarray, width: int, targets: np.ndarray, *, steps: int,
        density: PairDensity = 'gradient', activation: Activation = 'tanh', scale: float = 1.0,
        rate: float = 0.5, rng: np.random.Generator,
    ) -> tuple[ResidualBoost, np.ndarray]:
        """Draw and fit `steps` blocks.

        Args:
            points: `[N, D]`.
            width: Units of the first layer and of each block, M.
            targets: `[N]` or `[N, C]`; classes as one-hot rows.
            steps: Blocks wanted.
            density: As for `SampledLayer.from_pairs`.
            activation: `tanh` or `relu`.
            scale: As for `SampledLayer.from_pairs`.
            rate: Share of each block that is added.
            rng: Source of the draw.

        Returns:
            The blocks, and the features `[N, M]` of the points, ready for a head.

        Raises:
            ValueError: As `SampledLayer.from_pairs`, or steps below 1.
        """
        if steps < 1:
            raise ValueError(f'{steps} steps: expected at least 1')
        targets = np.asarray(targets, np.float64).reshape(len(points), -1)
        first = SampledLayer.from_pairs(
            points, width, targets, density=density, activation=activation, scale=scale,
            rng=rng)
        features = first(points)
        blocks = []
        for _ in range(steps):
            head = LeastSquaresHead().fit(features, targets)
            rest = targets - head.predict(features)
            seen = np.hstack([features, points])
            layer = SampledLayer.from_pairs(
                seen, width, rest, density=density, activation=activation, scale=scale,
                rng=rng)
            answers = layer(seen)
            # One-hot rows add up to 1, so that one singular value of W is nothing but rounding.
            back = np.linalg.pinv(head.weights, rcond=1e-3)
            correction = LeastSquaresHead().fit(answers, rest).weights
            change = (rate * correction @ back).astype(features.dtype)
            blocks.append((layer, change))
            features += answers @ change
        return cls(first, tuple(blocks)), features

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the features `[N, M]` of points `[N, D]`."""
        points = np.asarray(points, self.first.weights.dtype)
        features = self.first(points)
        for layer, change in self.blocks:
            features += layer(np.hstack([features, points])) @ change
        return features

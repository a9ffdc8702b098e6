# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Hidden layers whose weights are drawn from pairs of data points instead of found by steps.

Source: Bolager, Burak, Datar, Sun, Dietrich, Sampling weights of deep neural networks,
NeurIPS 2023 (arXiv 2306.16830).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import get_args
from typing import Literal

import numpy as np
import numpy.typing as npt

from ant_ros.network.sampled.finite import check_finite

__all__ = ['Activation', 'Density', 'PairDensity', 'SampledLayer', 'sample_layers']

Activation = Literal['tanh', 'relu']
PairDensity = Literal['gradient', 'uniform', 'widest']
Density = Literal['gradient', 'uniform', 'widest', 'gaussian']

# A tanh unit answers -1/2 at the first point of its pair and +1/2 at the second, a ReLU unit 0
# and 1: (scale s1, shift s2) of `s1 <d, z - a> / |d|^2 - s2` with d = b - a.
_CONSTANTS: dict[str, tuple[float, float]] = {
    'tanh': (math.log(3.0), math.log(3.0) / 2.0), 'relu': (1.0, 0.0)}
# Points nearer than this share of the median distance are weighed as if they were that far
# apart, or a few near-duplicates with unlike targets would take all the units.
_NEAREST = 0.01


@dataclass(frozen=True)
class SampledLayer:
    """A dense hidden layer `activation(z @ weights.T + biases)`.

    Good at: it is drawn in one pass over the data, needs no step size, and does not change when
    the data are shifted, turned or scaled as a whole. Bad at: it learns no representation; more
    data alone do not make a layer of fixed width better. Columns of unlike units want
    standardising first.

    Attributes:
        weights: `[M, D]`.
        biases: `[M]`.
        activation: `tanh` or `relu`.
    """

    weights: np.ndarray
    biases: np.ndarray
    activation: Activation = 'tanh'

    @classmethod
    def from_pairs(
        cls, points: np.ndarray, width: int, targets: np.ndarray | None = None, *,
        density: PairDensity = 'gradient', activation: Activation = 'tanh',
        scale: float = 1.0, rng: np.random.Generator,
    ) -> SampledLayer:
        """Draw `width` units, each from a pair of points, with replacement.

        Equal points are never paired while unlike ones are at hand. With nothing but equal
        points every unit is constant. With more units than pairs, units repeat.

        Args:
            points: `[N, D]`, N of at least 2; float32 gives float32 weights, all else float64.
            width: Units wanted, M.
            targets: `[N]` or `[N, C]`, for the density `gradient` only; classes as one-hot rows.
            density: `gradient` prefers pairs where the targets change most per distance,
                `uniform` takes any pair, `widest` takes any of the wider half of the pairs: what
                is close together differs by noise.
            activation: `tanh` or `relu`.
            scale: Steepness. 1 is as published; less makes units that are gentler around the
                middle of the same pairs, which smooth targets in few dimensions like.
            rng: Source of the draw; the same state gives the same layer.

        Raises:
            ValueError: Too few points, numbers that are not finite, targets that are missing or
                not as many as the points, an unknown density or activation, a scale that is
                not above 0.
        """
        points = _checked_points(points)
        _check_choice('density', density, get_args(PairDensity))
        _check_choice('activation', activation, tuple(_CONSTANTS))
        _check_width(width)
        _check_scale(scale)
        if density == 'widest':
            first, second = _widest_pairs(points, width, rng)
        else:
            changes = _checked_targets(targets, len(points)) if density == 'gradient' else None
            first, second = _weighed_pairs(points, width, changes, rng)
        return cls(*_units(points, first, second, activation, scale), activation)

    @classmethod
    def gaussian(
        cls, inputs: int, width: int, *, scale: float = 1.0, activation: Activation = 'tanh',
        dtype: npt.DTypeLike = np.float64, rng: np.random.Generator,
    ) -> SampledLayer:
        """Draw weights that know no data: normal weights, biases uniform in -pi to pi.

        This is the extreme learning machine that sampled weights have to beat; `scale` is its
        standard deviation and has to be tuned.

        Raises:
            ValueError: A scale that is not above 0, no inputs or no units.
        """
        _check_choice('activation', activation, tuple(_CONSTANTS))
        _check_width(width)
        _check_width(inputs, 'inputs')
        _check_scale(scale)
        weights = rng.normal(0.0, scale, (width, inputs))
        biases = rng.uniform(-math.pi, math.pi, width)
        return cls(weights.astype(dtype), biases.astype(dtype), activation)

    @property
    def width(self) -> int:
        """Number of units."""
        return len(self.weights)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the answers `[N, M]` of the units at points `[N, D]`."""
        answers = np.asarray(points, self.weights.dtype) @ self.weights.T
        answers += self.biases
        if self.activation == 'tanh':
            return np.tanh(answers, out=answers)
        return np.maximum(answers, 0, out=answers)


def sample_layers(
    points: np.ndarray, widths: Sequence[int], targets: np.ndarray | None = None, *,
    density: Density = 'gradient', activation: Activation = 'tanh', scale: float = 1.0,
    rng: np.random.Generator,
) -> tuple[tuple[SampledLayer, ...], np.ndarray]:
    """Draw hidden layers one on top of the other.

    Distances are those in front of each layer; target differences are always those between the
    original points.

    Args:
        points: `[N, D]`.
        widths: Units per layer.
        targets: As for `SampledLayer.from_pairs`.
        density: That of the pairs, or `gaussian` for weights that know no data.
        activation: `tanh` or `relu`.
        scale: Steepness of the units; of `gaussian` the standard deviation of the weights times
            the root of the number of inputs.
        rng: Source of the draw.

    Returns:
        The layers, and the answers `[N, widths[-1]]` of the last one at the points.

    Raises:
        ValueError: As `SampledLayer.from_pairs`, or no widths.
    """
    if not len(widths):
        raise ValueError('no widths: expected at least one, such as (512,)')
    answers = _checked_points(points)
    layers: list[SampledLayer] = []
    for width in widths:
        if density == 'gaussian':
            inputs = answers.shape[1]
            layer = SampledLayer.gaussian(
                inputs, width, scale=scale / math.sqrt(inputs), activation=activation,
                dtype=answers.dtype, rng=rng)
        else:
            layer = SampledLayer.from_pairs(
                answers, width, targets, density=density, activation=activation, scale=scale,
                rng=rng)
        layers.append(layer)
        answers = layer(answers)
    return tuple(layers), answers


def _candidates(
    number: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `count` pairs of indices that never name the same point twice."""
    first = rng.integers(0, number, count)
    return first, (first + rng.integers(1, number, count)) % number


def _weighed_pairs(
    points: np.ndarray, width: int, targets: np.ndarray | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw candidates, as many as there are points, and of them `width` by their density."""
    number = len(points)
    first, second = _candidates(number, number * max(1, math.ceil(width / number)), rng)
    distances = np.sqrt(_squared(points[second] - points[first]))
    chances = (distances > 0).astype(np.float64)
    if targets is not None:
        rise = np.abs(targets[second] - targets[first]).max(axis=1)
        nearest = _NEAREST * np.median(distances[distances > 0]) if chances.any() else 0.0
        steepness = np.divide(rise, np.maximum(distances, nearest), where=distances > 0,
                              out=np.zeros_like(distances), casting='unsafe')
        if np.isfinite(total := steepness.sum()) and total > 0:
            chances = steepness
    if not chances.any():
        chances += 1
    chosen = rng.choice(len(first), width, p=chances / chances.sum())
    return first[chosen], second[chosen]


def _widest_pairs(
    points: np.ndarray, width: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw twice as many pairs as wanted and keep the half that is farther apart."""
    first, second = _candidates(len(points), 2 * width, rng)
    squared = _squared(points[second].astype(np.float64) - points[first])
    widest = np.sort(np.argsort(-squared, kind='stable')[:width])
    return first[widest], second[widest]


def _units(
    points: np.ndarray, first: np.ndarray, second: np.ndarray, activation: Activation,
    scale: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights `[M, D]` and biases `[M]` of one unit per pair."""
    rise, shift = _CONSTANTS[activation]
    start = points[first].astype(np.float64)
    difference = points[second] - start
    squared = _squared(difference)
    weights = scale * rise * difference / np.where(squared > 0, squared, 1.0)[:, None]
    biases = -(weights * start).sum(axis=1) - scale * shift
    return weights.astype(points.dtype), biases.astype(points.dtype)


def _squared(differences: np.ndarray) -> np.ndarray:
    return (differences**2).sum(axis=1)


def _checked_points(points: np.ndarray) -> np.ndarray:
    points = np.asarray(points)
    if points.ndim != 2 or len(points) < 2 or not points.shape[1]:
        raise ValueError(f'points of shape {points.shape}: expected [N, D] with N of at least 2')
    if points.dtype != np.float32:
        points = points.astype(np.float64, copy=False)
    check_finite('points', points)
    return points


def _checked_targets(targets: np.ndarray | None, number: int) -> np.ndarray:
    if targets is None:
        raise ValueError("no targets: the density 'gradient' needs them; "
                         "give targets or choose density='uniform'")
    targets = np.asarray(targets, np.float64)
    if targets.ndim == 1:
        targets = targets[:, None]
    if targets.ndim != 2 or len(targets) != number:
        raise ValueError(f'targets of shape {targets.shape}: expected [{number}, C], '
                         'a row for each point')
    check_finite('targets', targets)
    return targets


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f'{name} {value!r}: choose {", ".join(choices)}')


def _check_width(width: int, name: str = 'width') -> None:
    if width < 1:
        raise ValueError(f'{name} {width}: expected at least 1')


def _check_scale(scale: float) -> None:
    if not 0 < scale < math.inf:
        raise ValueError(f'scale {scale}: expected a finite number above 0')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A linear head in closed form that learns from sums: in any order, merged, and back again.

With features h and targets y all that is ever needed are the sums of h hᵀ, h yᵀ, h, y and y².
They add up, so that it does not matter when, where and in which order samples came.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields
import functools
import operator

import numpy as np

from ant_ros.network.sampled.finite import check_finite

__all__ = ['LeastSquaresHead', 'LeastSquaresSums', 'solve_least_squares']

_ROWS = 4096
# The largest first: of equally good ones it is taken.
_RIDGES = 10.0 ** np.arange(2, -14.5, -0.5)
# In sums of squares nothing below this share of the largest is more than rounding.
_ROUNDING = 1e-15
# Features that vary by less than this share of their squares are constant but for rounding.
_CONSTANT = 1e-12
_SMALLEST_CUTOFF = 1e-7


@dataclass(frozen=True)
class LeastSquaresSums:
    """All that least squares need to know of the samples seen, in float64.

    Attributes:
        count: Number of samples.
        feature: Sum of h, `[M]`.
        target: Sum of y, `[C]`.
        target_squared: Sum of y², `[C]`.
        feature_feature: Sum of h hᵀ, `[M, M]`.
        feature_target: Sum of h yᵀ, `[M, C]`.
    """

    count: int
    feature: np.ndarray
    target: np.ndarray
    target_squared: np.ndarray
    feature_feature: np.ndarray
    feature_target: np.ndarray

    @classmethod
    def none(cls, features: int, outputs: int) -> LeastSquaresSums:
        """Return the sums of no samples."""
        return cls(0, np.zeros(features), np.zeros(outputs), np.zeros(outputs),
                   np.zeros((features, features)), np.zeros((features, outputs)))

    @classmethod
    def of(cls, features: np.ndarray, targets: np.ndarray) -> LeastSquaresSums:
        """Return the sums of features `[N, M]` and targets `[N, C]` or `[N]`.

        Raises:
            ValueError: Other shapes, or numbers that are not finite.
        """
        features, targets = _checked(features, targets)
        check_finite('features', features)
        check_finite('targets', targets)
        # Blocks keep the float64 copy of float32 features small.
        blocks = [cls._of_block(features[start:start + _ROWS].astype(np.float64, copy=False),
                                targets[start:start + _ROWS])
                  for start in range(0, len(features), _ROWS)]
        if not blocks:
            return cls.none(features.shape[1], targets.shape[1])
        return functools.reduce(operator.add, blocks)

    @classmethod
    def _of_block(cls, h: np.ndarray, y: np.ndarray) -> LeastSquaresSums:
        return cls(len(h), h.sum(axis=0), y.sum(axis=0), (y**2).sum(axis=0), h.T @ h, h.T @ y)

    def __add__(self, other: LeastSquaresSums) -> LeastSquaresSums:
        """Return the sums of both sets of samples."""
        self._check_fits(other)
        return LeastSquaresSums(**{field.name: getattr(self, field.name) + getattr(
            other, field.name) for field in fields(self)})

    def __sub__(self, other: LeastSquaresSums) -> LeastSquaresSums:
        """Return the sums without those of `other`, which must have been added before.

        Raises:
            ValueError: `other` has more samples or larger squares than these sums hold.
        """
        self._check_fits(other)
        rest = LeastSquaresSums(**{field.name: getattr(self, field.name) - getattr(
            other, field.name) for field in fields(self)})
        if rest.count == 0 and self.count:
            return LeastSquaresSums.none(*self.feature_target.shape)
        kept = np.concatenate([np.diag(rest.feature_feature), rest.target_squared])
        had = np.concatenate([np.diag(self.feature_feature), self.target_squared])
        if rest.count < 0 or (kept < -1e-9 * had).any():
            raise ValueError(f'cannot remove {other.count} samples from {self.count}: some of '
                             'them were never learned; remove only what was added')
        return rest

    def with_outputs(self, extra: int) -> LeastSquaresSums:
        """Return the sums with `extra` more outputs, 0 in all samples so far."""
        return LeastSquaresSums(
            self.count, self.feature, np.pad(self.target, (0, extra)),
            np.pad(self.target_squared, (0, extra)), self.feature_feature,
            np.pad(self.feature_target, ((0, 0), (0, extra))))

    def _check_fits(self, other: LeastSquaresSums) -> None:
        if self.feature_target.shape != other.feature_target.shape:
            raise ValueError(
                f'sums of {self.feature_target.shape[0]} features and '
                f'{self.feature_target.shape[1]} outputs do not go with sums of '
                f'{other.feature_target.shape[0]} and {other.feature_target.shape[1]}: use the '
                'same features; new outputs come with add_outputs')


class LeastSquaresHead:
    """A ridge regression `y = features @ weights + bias` kept as sums.

    Good at: an answer in closed form, streaming equal to batch in any order, merging what
    others have learned, taking samples back, nothing forgotten. Bad at: targets that are not
    linear in the features.

    The bias is not shrunk. The ridge is stated as a share of the mean variance of the features,
    so that the same number serves any count of samples: λ = ridge · trace(A) / M with A the
    centred sum of h hᵀ. After `fit` the head is solved; after any other change it solves when it
    is next asked.

    Args:
        ridge: Share described above. None chooses it by generalised cross-validation (Golub,
            Heath, Wahba 1979), which the sums suffice for. 0 needs a cutoff.
        cutoff: Singular values of the features below this share of the largest one are left
            out. Sums of squares resolve no less than 1e-7; for finer ones use
            `solve_least_squares`.

    Raises:
        ValueError: A ridge below 0, or a cutoff that is not 0 and not in 1e-7 to 1.
    """

    def __init__(self, *, ridge: float | None = None, cutoff: float = 0.0) -> None:
        if ridge is not None and not 0 <= ridge < np.inf:
            raise ValueError(f'ridge {ridge}: expected None or a finite number from 0')
        if cutoff and not _SMALLEST_CUTOFF <= cutoff < 1:
            raise ValueError(f'cutoff {cutoff}: expected 0, or {_SMALLEST_CUTOFF} to 1; for '
                             'finer ones use solve_least_squares')
        if ridge == 0 and not cutoff:
            raise ValueError('ridge 0 without a cutoff: features that depend on each other have '
                             'no unique answer; give cutoff=1e-7 or more')
        self.ridge = ridge
        self.cutoff = cutoff
        self._sums: LeastSquaresSums | None = None
        self._solution: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def sums(self) -> LeastSquaresSums:
        """The sums, to store and to merge.

        Raises:
            ValueError: Nothing has been learned yet.
        """
        if self._sums is None:
            raise ValueError('the head has learned nothing yet: call fit or partial_fit')
        return self._sums

    @sums.setter
    def sums(self, sums: LeastSquaresSums) -> None:
        self._sums = sums
        self._solution = None

    @property
    def weights(self) -> np.ndarray:
        """Weights `[M, C]`."""
        return self._solved()[0]

    @property
    def bias(self) -> np.ndarray:
        """Bias `[C]`."""
        return self._solved()[1]

    def fit(self, features: np.ndarray, targets: np.ndarray) -> LeastSquaresHead:
        """Forget everything, learn features `[N, M]` with targets `[N, C]` or `[N]`, and solve.

        Raises:
            ValueError: Other shapes, no samples, or numbers that are not finite; nothing is
                changed.
        """
        sums = LeastSquaresSums.of(features, targets)
        solution = _solve(sums, self.ridge, self.cutoff)
        self.sums = sums
        self._solution = solution
        return self

    def partial_fit(self, features: np.ndarray, targets: np.ndarray) -> LeastSquaresHead:
        """Learn further samples.

        Raises:
            ValueError: As `fit`, or another number of features or outputs than before.
        """
        more = LeastSquaresSums.of(features, targets)
        self.sums = more if self._sums is None else self._sums + more
        return self

    def merge(self, other: LeastSquaresHead) -> LeastSquaresHead:
        """Learn what another head has learned from other samples with the same features.

        Raises:
            ValueError: The other head has other features or outputs, or has learned nothing.
        """
        self.sums = other.sums if self._sums is None else self._sums + other.sums
        return self

    def remove(self, features: np.ndarray, targets: np.ndarray) -> LeastSquaresHead:
        """Take samples back that were learned before.

        Sums are subtracted, which leaves a rounding of 1e-16 of the largest sum there ever was:
        harmless while a good part of the samples stays. Where most are taken back, `fit` the
        ones that stay, which is exact.

        Raises:
            ValueError: As `fit`, or samples that cannot have been learned.
        """
        self.sums = self.sums - LeastSquaresSums.of(features, targets)
        return self

    def add_outputs(self, extra: int = 1) -> LeastSquaresHead:
        """Add outputs that were 0 in all samples so far, such as a class never seen before.

        Raises:
            ValueError: Less than one, or nothing has been learned yet.
        """
        if extra < 1:
            raise ValueError(f'{extra} more outputs: expected at least 1')
        self.sums = self.sums.with_outputs(extra)
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the outputs `[N, C]` for features `[N, M]`."""
        weights, bias = self._solved()
        # Large weights cancel each other: float32 sums would leave nothing of the answer.
        return features.astype(np.float64, copy=False) @ weights + bias

    def _solved(self) -> tuple[np.ndarray, np.ndarray]:
        if self._solution is None:
            self._solution = _solve(self.sums, self.ridge, self.cutoff)
        return self._solution


def solve_least_squares(
    rows: np.ndarray, targets: np.ndarray, *, cutoff: float = 1e-13
) -> np.ndarray:
    """Return the coefficients `[M, C]` or `[M]` with the least squared error, in float64.

    Works on the rows themselves, not on their squares: it resolves singular values down to
    1e-15 of the largest and costs about four times the time of the sums. There is no bias.

    Args:
        rows: `[N, M]`.
        targets: `[N, C]` or `[N]`.
        cutoff: Singular values below this share of the largest one are left out.

    Raises:
        ValueError: Other shapes, or numbers that are not finite.
    """
    checked, columns = _checked(rows, targets)
    check_finite('rows', checked)
    check_finite('targets', columns)
    answer = np.linalg.lstsq(checked.astype(np.float64, copy=False), columns, rcond=cutoff)[0]
    return answer[:, 0] if np.ndim(targets) == 1 else answer


def _solve(
    sums: LeastSquaresSums, ridge: float | None, cutoff: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights `[M, C]` and the bias `[C]`."""
    if not sums.count:
        raise ValueError('the head holds no samples: call fit or partial_fit')
    feature = sums.feature / sums.count
    target = sums.target / sums.count
    square = sums.feature_feature - np.outer(sums.feature, feature)
    mixed = sums.feature_target - np.outer(sums.feature, target)
    trace = float(np.trace(square))
    if trace <= _CONSTANT * max(np.trace(sums.feature_feature), 1e-300):
        return np.zeros(mixed.shape), target  # constant features say nothing: answer the mean
    unit = trace / len(square)
    if ridge and not cutoff:
        weights = _ridge_solution(square, mixed, ridge * unit)
    else:
        values, vectors = np.linalg.eigh(square)
        projected = vectors.T @ mixed
        if ridge is None:
            spread = sums.target_squared - sums.target * target
            ridge = _best_ridge(values, projected, spread, sums.count)
        weights = vectors @ (projected * _inverse(values, ridge * unit, cutoff)[:, None])
    return weights, target - feature @ weights


def _ridge_solution(square: np.ndarray, mixed: np.ndarray, penalty: float) -> np.ndarray:
    """Solve for a given ridge, which is a tenth of the work of the eigenvalues."""
    shifted = square.copy()
    shifted.flat[::len(square) + 1] += penalty
    return np.linalg.solve(shifted, mixed)


def _inverse(values: np.ndarray, penalty: float, cutoff: float) -> np.ndarray:
    """Return 1 / (value + penalty) per eigenvalue, and 0 for those below the cutoff."""
    largest = values[-1]
    inverse = 1 / np.maximum(np.maximum(values, 0) + penalty, 1e-300)
    if cutoff:
        inverse[values <= cutoff**2 * largest] = 0.0
    return inverse


def _best_ridge(
    values: np.ndarray, projected: np.ndarray, spread: np.ndarray, count: int
) -> float:
    """Return the ridge with the least generalised cross-validation error.

    The squared error of ridge λ is Σ y² - Σ p² (e + 2 λ) / (e + λ)², its degrees of freedom
    1 + Σ e / (e + λ), with eigenvalues e and p the eigenvectors times Σ h y.
    """
    values = np.maximum(values, 0)
    unit = values.sum() / len(values)
    total = float(spread.sum())
    strength = (projected**2).sum(axis=1)
    penalties = np.maximum(_RIDGES * unit, _ROUNDING * values[-1])[:, None]
    explained = (strength * (values + 2 * penalties) / (values + penalties)**2).sum(axis=1)
    freedom = 1 - (1 + (values / (values + penalties)).sum(axis=1)) / count
    rest = np.maximum(total - explained, 1e-15 * total)
    errors = np.where(freedom > 0, rest / np.where(freedom > 0, freedom, 1)**2, np.inf)
    return float(penalties[errors.argmin(), 0] / unit)


def _checked(features: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features = np.asarray(features)
    targets = np.asarray(targets, np.float64)
    if targets.ndim == 1:
        targets = targets[:, None]
    if features.ndim != 2 or targets.ndim != 2 or len(features) != len(targets):
        raise ValueError(f'features of shape {features.shape} and targets of shape '
                         f'{targets.shape}: expected [N, M] and [N, C] with the same N')
    if features.dtype != np.float32:
        features = features.astype(np.float64, copy=False)
    return features, targets

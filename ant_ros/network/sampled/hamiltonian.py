# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Energy functions learned from motion by one least-squares problem.

Source: Rahma, Datar, Dietrich, Training Hamiltonian neural networks without backpropagation,
NeurIPS 2024 workshop (arXiv 2411.17511).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ant_ros.network.sampled.finite import check_finite
from ant_ros.network.sampled.least_squares_head import solve_least_squares
from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = ['SampledHamiltonian']

_NEWTON_STEPS = 25


@dataclass(frozen=True)
class SampledHamiltonian:
    """H(q, p) = Σ coefficient · tanh(weights · (q, p) + bias) + constant, found from motion.

    Good at: smooth energies in few dimensions, to many digits within seconds. Bad at: energies
    with sharp features, and regions that no sample came from.

    States are rows (q₁ … q_d, p₁ … p_d) of `2 d` numbers, velocities are their derivatives in
    time. Energies, states and times are in the units of the data.

    Attributes:
        layer: Hidden layer of `M` tanh units.
        coefficients: `[M]`.
        constant: Energy offset.
    """

    layer: SampledLayer
    coefficients: np.ndarray
    constant: float

    @classmethod
    def fit(
        cls, states: np.ndarray, velocities: np.ndarray, width: int = 1000, *,
        anchor: tuple[np.ndarray, float] | None = None,
        density: Literal['uniform', 'gradient'] = 'uniform', scale: float = 1 / 3,
        cutoff: float = 1e-13, seed: int = 0,
    ) -> SampledHamiltonian:
        """Find the energy whose gradient turns the states as observed.

        All equations ∂H/∂p = q̇ and -∂H/∂q = ṗ are linear in the coefficients and solved at
        once. Rows number N · 2 d, so memory is 16 N d M bytes. More units than
        equations are allowed: the smallest coefficients are taken.

        Args:
            states: `[N, 2 d]`, N of at least 2.
            velocities: `[N, 2 d]`.
            width: Hidden units, M.
            anchor: A state `[2 d]` and its energy; motion alone leaves a constant open. None
                makes the energy of the first state 0.
            density: `uniform` draws pairs of states uniformly (U-SWIM); `gradient` fits that
                first and draws again where its energy is steep (A-SWIM), at twice the time.
            scale: Steepness of the units. 1 is as published; gentler units fit smooth energies
                to more digits.
            cutoff: Singular values below this share of the largest one are left out.
            seed: Seed of the draw.

        Raises:
            ValueError: Shapes that do not fit, an odd number of columns, numbers that are not
                finite, an unknown density.
        """
        states, velocities = _checked(states, velocities)
        if density not in ('gradient', 'uniform'):
            raise ValueError(f'density {density!r}: choose gradient, uniform')
        rng = np.random.default_rng(seed)
        layer = SampledLayer.from_pairs(
            states, width, density='uniform', scale=scale, rng=rng)
        learned = cls._solved(layer, states, velocities, anchor, cutoff)
        if density == 'gradient':
            layer = SampledLayer.from_pairs(
                states, width, learned.energy(states), scale=scale, rng=rng)
            learned = cls._solved(layer, states, velocities, anchor, cutoff)
        return learned

    @classmethod
    def fit_trajectories(
        cls, trajectories: np.ndarray, step_s: float, width: int = 1000, *,
        anchor: tuple[np.ndarray, float] | None = None,
        density: Literal['uniform', 'gradient'] = 'uniform', scale: float = 1 / 3,
        cutoff: float = 1e-13, seed: int = 0,
    ) -> SampledHamiltonian:
        """Find the energy from states sampled in time, without velocities.

        The mean of two neighbours and their difference over the step stand for state and
        velocity. These are the equations of the implicit midpoint rule, so that the error of
        the step is undone by a `roll_out` with the same step (David & Méhats, Symplectic
        learning for Hamiltonian neural networks, 2023).

        Args:
            trajectories: `[T, S, 2 d]` with S of at least 2, or one of them, `[S, 2 d]`.
            step_s: Time between two states.
            width: As for `fit`, like all that follow.
            anchor: As for `fit`.
            density: As for `fit`.
            scale: As for `fit`.
            cutoff: As for `fit`.
            seed: As for `fit`.

        Raises:
            ValueError: As `fit`, or a step that is not above 0.
        """
        trajectories = np.asarray(trajectories, np.float64)
        if trajectories.ndim == 2:
            trajectories = trajectories[None]
        if trajectories.ndim != 3 or trajectories.shape[1] < 2:
            raise ValueError(f'trajectories of shape {trajectories.shape}: expected '
                             '[T, S, 2 d] with S of at least 2')
        _check_step(step_s)
        before, after = trajectories[:, :-1], trajectories[:, 1:]
        columns = trajectories.shape[2]
        return cls.fit(
            ((before + after) / 2).reshape(-1, columns),
            ((after - before) / step_s).reshape(-1, columns), width, anchor=anchor,
            density=density, scale=scale, cutoff=cutoff, seed=seed)

    def energy(self, states: np.ndarray) -> np.ndarray:
        """Return the energies `[N]` of states `[N, 2 d]`."""
        return self.layer(states) @ self.coefficients + self.constant

    def gradient(self, states: np.ndarray) -> np.ndarray:
        """Return the gradients `[N, 2 d]` of the energy at states `[N, 2 d]`."""
        slopes = 1 - self.layer(states)**2
        return (slopes * self.coefficients) @ self.layer.weights

    def velocity(self, states: np.ndarray) -> np.ndarray:
        """Return the velocities (∂H/∂p, -∂H/∂q) `[N, 2 d]` at states `[N, 2 d]`."""
        return _turned(self.gradient(states))

    def roll_out(self, start: np.ndarray, step_s: float, steps: int) -> np.ndarray:
        """Follow the motion from one or several states by the implicit midpoint rule.

        The rule is symplectic: the energy swings by O(step²) and does not drift.

        Args:
            start: `[2 d]` or `[T, 2 d]`.
            step_s: Time step.
            steps: How many.

        Returns:
            States `[steps + 1, 2 d]` or `[steps + 1, T, 2 d]`, the start first.

        Raises:
            ValueError: A step that is not above 0, or too long for the equation of a step to
                be solved; states of another width or not finite.
        """
        start = np.asarray(start, np.float64)
        width = self.layer.weights.shape[1]
        if start.ndim not in (1, 2) or start.shape[-1] != width:
            raise ValueError(f'start of shape {start.shape}: expected [{width}] or [T, {width}]')
        check_finite('start', start)
        _check_step(step_s)
        state = np.atleast_2d(start)
        path = np.empty((steps + 1, *state.shape))
        path[0] = state
        weights = self.layer.weights
        products = (weights[:, :, None] * weights[:, None, :]).reshape(self.layer.width, -1)
        guess = state
        for index in range(steps):
            middle = self._midpoint(state, guess, products, step_s)
            state = 2 * middle - state
            guess = 2 * state - middle
            path[index + 1] = state
        return path[:, 0] if start.ndim == 1 else path

    @classmethod
    def _solved(
        cls, layer: SampledLayer, states: np.ndarray, velocities: np.ndarray,
        anchor: tuple[np.ndarray, float] | None, cutoff: float,
    ) -> SampledHamiltonian:
        """Solve for the coefficients of a drawn layer.

        The offset stands in the equation of the anchor alone, which it therefore always
        fulfils: it needs no place in the problem.
        """
        slopes = 1 - layer(states)**2
        rows = (slopes[:, None, :] * layer.weights.T).reshape(-1, layer.width)
        # (q̇, ṗ) = (∂H/∂p, -∂H/∂q), so turning three times gives the gradient.
        gradients = -_turned(velocities)
        coefficients = solve_least_squares(rows, gradients.ravel(), cutoff=cutoff)
        state, energy = (states[0], 0.0) if anchor is None else anchor
        state = np.asarray(state, np.float64)
        constant = energy - float((layer(state[None]) @ coefficients)[0])
        return cls(layer, coefficients, constant)

    def _midpoint(
        self, state: np.ndarray, guess: np.ndarray, products: np.ndarray, step_s: float
    ) -> np.ndarray:
        """Solve m = x + step / 2 · velocity(m) for the middle of a step, by Newton's method.

        Args:
            state: x, `[T, 2 d]`.
            guess: Where to look first, `[T, 2 d]`.
            products: w wᵀ of each unit, `[M, 4 d²]`, of which the curvature is made.
            step_s: Time step.
        """
        count, width = state.shape
        identity = np.eye(width)
        half = step_s / 2
        middle = guess
        for _ in range(_NEWTON_STEPS):
            answers = self.layer(middle)
            slopes = (1 - answers**2) * self.coefficients
            gap = middle - state - half * _turned(slopes @ self.layer.weights)
            curvature = ((-2 * answers * slopes) @ products).reshape(count, width, width)
            # The curvature is symmetric: turning its columns is turning its rows, transposed.
            matrix = identity - half * _turned(curvature).swapaxes(1, 2)
            change = np.linalg.solve(matrix, gap[..., None])[..., 0]
            middle = middle - change
            # Newton squares its error: after a change of 1e-9 only rounding is left.
            if float(np.abs(change).max()) <= 1e-9 * (1 + float(np.abs(middle).max())):
                return middle
        raise ValueError(f'step of {step_s} s: the midpoint was not found in {_NEWTON_STEPS} '
                         'iterations; choose a shorter step')


def _turned(gradients: np.ndarray) -> np.ndarray:
    """Turn (∂H/∂q, ∂H/∂p) into (∂H/∂p, -∂H/∂q) along the last axis."""
    half = gradients.shape[-1] // 2
    return np.concatenate([gradients[..., half:], -gradients[..., :half]], axis=-1)


def _checked(states: np.ndarray, velocities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    states = np.asarray(states, np.float64)
    velocities = np.asarray(velocities, np.float64)
    if states.ndim != 2 or states.shape != velocities.shape or states.shape[1] % 2:
        raise ValueError(f'states of shape {states.shape} and velocities of shape '
                         f'{velocities.shape}: expected both [N, 2 d], positions first')
    check_finite('states', states)
    check_finite('velocities', velocities)
    return states, velocities


def _check_step(step_s: float) -> None:
    if not 0 < step_s < np.inf:
        raise ValueError(f'step of {step_s} s: expected a finite time above 0')

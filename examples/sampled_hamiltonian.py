#!/usr/bin/env python3
# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn the energy of a pendulum from its motion alone, then let it swing for a long time.

Run: python examples/sampled_hamiltonian.py
"""

import time

import numpy as np

from ant_ros.network.sampled import SampledHamiltonian


def energy(states: np.ndarray) -> np.ndarray:
    """Return p² / 2 + 1 - cos q of states `[N, 2]`."""
    return states[:, 1]**2 / 2 + 1 - np.cos(states[:, 0])


def swing(starts: np.ndarray, step_s: float, steps: int) -> np.ndarray:
    """Return trajectories `[T, steps + 1, 2]` of the true pendulum, finely integrated."""
    q, p = starts.T.copy()
    path = [np.stack([q, p], axis=1)]
    fine = step_s / 200
    for _ in range(steps):
        for _ in range(200):
            p = p - fine / 2 * np.sin(q)
            q = q + fine * p
            p = p - fine / 2 * np.sin(q)
        path.append(np.stack([q, p], axis=1))
    return np.stack(path, axis=1)


def main() -> None:
    step_s = 0.1
    starts = np.random.default_rng(0).uniform([-2, -1], [2, 1], (60, 2))
    recorded = swing(starts, step_s, 25)

    started = time.perf_counter()
    pendulum = SampledHamiltonian.fit_trajectories(
        recorded, step_s, width=200, anchor=(np.zeros(2), 0.0))
    spent = time.perf_counter() - started
    states = recorded[:, ::5].reshape(-1, 2)
    error = np.linalg.norm(pendulum.energy(states) - energy(states)) / np.linalg.norm(
        energy(states))
    print(f'energy learned from {recorded.shape[0]} swings of {recorded.shape[1]} positions and '
          f'momenta in {spent:.2f} s: relative error {error:.1e}')

    path = pendulum.roll_out(np.array([1.5, 0.0]), step_s, 4_000)
    energies = pendulum.energy(path)
    early, late = energies[:500].mean(), energies[-500:].mean()
    print(f'4000 steps of {step_s} s: energy swings by '
          f'{np.ptp(energies) / energies[0]:.1e} and drifts by '
          f'{abs(late - early) / energies[0]:.1e}')


if __name__ == '__main__':
    main()

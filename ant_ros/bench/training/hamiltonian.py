# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure energies learned from motion: error, seconds against Adam, drift of a long roll-out.

All times are CPU seconds of one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any
from typing import Literal

import numpy as np
from threadpoolctl import threadpool_limits
import torch

from ant_ros.network.sampled.hamiltonian import SampledHamiltonian
from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = ['SYSTEMS', 'measure']

_PUBLISHED = {
    'source': 'notebooks of arXiv 2411.17511: relative L2 error and seconds; Adam on a GPU, '
              'sampling on a CPU with 64 threads; other domains, widths and machines than here',
    'pendulum, width 1000, 10000 points': {
        'adam': (2.17e-3, 90.8), 'u_swim': (8.74e-10, 1.8), 'a_swim': (3.62e-10, 4.1)},
    'henon_heiles, width 5000, 20000 points': {
        'adam': (6.68e-4, 7788.9), 'u_swim': (8.22e-8, 41.7), 'a_swim': (6.80e-8, 89.4)},
}
_RATES = (1e-3, 3e-3, 1e-2)
_BATCH = 512
# Name, density, steepness and share of the width: the two published ones, and the gentler units
# of this package, also with fewer of them than Adam trains.
_VARIANTS: tuple[tuple[str, Literal['uniform', 'gradient'], float, float], ...] = (
    ('gentle', 'uniform', 1 / 3, 1.0), ('narrow', 'uniform', 1 / 3, 0.4),
    ('u_swim', 'uniform', 1.0, 1.0), ('a_swim', 'gradient', 1.0, 1.0))


@dataclass(frozen=True)
class System:
    """A motion with known energy.

    Attributes:
        half_sides: Of the box around 0 that states are drawn from, `[2 d]`.
        energy: Energies `[N]` of states `[N, 2 d]`.
        gradient: Their gradients `[N, 2 d]`.
        start: Of the roll-out.
        step_s: Of the roll-out.
    """

    half_sides: tuple[float, ...]
    energy: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, ...]
    step_s: float

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Draw states uniformly from the box."""
        rng = np.random.default_rng(seed)
        return rng.uniform(-1, 1, (count, len(self.half_sides))) * self.half_sides

    def velocity(self, states: np.ndarray) -> np.ndarray:
        """Return (∂H/∂p, -∂H/∂q)."""
        gradient = self.gradient(states)
        half = gradient.shape[1] // 2
        return np.hstack([gradient[:, half:], -gradient[:, :half]])


def _henon_heiles_energy(states: np.ndarray) -> np.ndarray:
    x, y, u, v = states.T
    return (u**2 + v**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3


def _henon_heiles_gradient(states: np.ndarray) -> np.ndarray:
    x, y, u, v = states.T
    return np.stack([x + 2 * x * y, y + x**2 - y**2, u, v], axis=1)


SYSTEMS = {
    'pendulum': System(
        (2 * np.pi, 6.0), lambda states: states[:, 1]**2 / 2 + 1 - np.cos(states[:, 0]),
        lambda states: np.stack([np.sin(states[:, 0]), states[:, 1]], axis=1),
        (2.0, 0.5), 0.05),
    'henon_heiles': System(
        (1.0,) * 4, _henon_heiles_energy, _henon_heiles_gradient, (0.1, 0.2, 0.3, 0.1), 0.05),
}


def measure(quick: bool) -> dict[str, Any]:
    """Return errors, seconds and energy drifts per system.

    Args:
        quick: A fifth of the width and points, seconds of Adam instead of minutes.
    """
    width, count = (200, 1000) if quick else (1000, 5000)
    cap_s = 2.5 if quick else 300.0
    steps = 1_000 if quick else 10_000
    with threadpool_limits(1):
        figures = {name: _measure(system, width, count, cap_s, steps)
                   for name, system in SYSTEMS.items()}
    return {'width': width, 'points': count, 'threads': 1,
            'seconds': 'CPU seconds of one thread', 'systems': figures,
            'published': _PUBLISHED}


def _measure(system: System, width: int, count: int, cap_s: float, steps: int) -> dict[str, Any]:
    states, test = system.draw(count, 0), system.draw(4_000, 1)
    velocities = system.velocity(states)
    anchor = (states[0], float(system.energy(states[:1])[0]))
    SampledHamiltonian.fit(states[:50], velocities[:50], 10)  # load what loads once
    figures: dict[str, Any] = {}
    for name, density, scale, share in _VARIANTS:
        units = round(share * width)
        started = time.process_time()
        learned = SampledHamiltonian.fit(
            states, velocities, units, anchor=anchor, density=density, scale=scale)
        figures[name] = {'fit_s': time.process_time() - started, 'units': units,
                         'energy_error': _error(learned.energy(test), system.energy(test)),
                         'gradient_error': _error(learned.gradient(test),
                                                  system.gradient(test)),
                         'roll_out': _drift(learned, system, steps)}
    figures['adam'], rival = _adam(system, states, test, anchor, width, cap_s)
    figures['adam']['roll_out'] = _drift(rival, system, steps)
    for name, *_ in _VARIANTS:
        figures[name] |= _against(figures['adam'], figures[name])
    return figures


def _against(adam: dict[str, Any], sampled: dict[str, Any]) -> dict[str, Any]:
    """Return how long Adam takes to the same error, and how much larger its own is in the end."""
    reached = [spent for spent, error in adam['energy_error_by_s']
               if error <= sampled['energy_error']]
    return {'adam_to_sampled_time': (reached or [adam['spent_s']])[0] / sampled['fit_s'],
            'ratio_is_lower_bound': not reached,
            'error_adam_to_sampled': adam['energy_error'] / sampled['energy_error']}


def _error(found: np.ndarray, true: np.ndarray) -> float:
    """Return the relative L2 error."""
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))


def _drift(learned: SampledHamiltonian, system: System, steps: int) -> dict[str, Any]:
    """Return how the learned and the true energy change along a roll-out of the learned one.

    Swing is the largest change of the learned energy, drift the slope of a straight line through
    it times the duration, both relative to the energy at the start.
    """
    path = learned.roll_out(np.array(system.start), system.step_s, steps)
    start = float(system.energy(path[:1])[0])
    energies = learned.energy(path)
    times = np.linspace(-1, 1, len(path))
    slope = float(times @ (energies - energies.mean()) / (times @ times))
    return {'steps': steps, 'step_s': system.step_s,
            'energy_swing': float(np.abs(energies - energies[0]).max() / abs(start)),
            'energy_drift': abs(2 * slope) / abs(start),
            'true_energy_change': float(
                np.abs(system.energy(path) - start).max() / abs(start))}


class _Rival(torch.nn.Module):
    """The same network as weights of torch; its gradient is written out, which is quickest.

    States and energies are scaled to about 1, without which Adam is helpless.
    """

    def __init__(self, width: int, half_sides: tuple[float, ...], unit: float) -> None:
        super().__init__()
        self.sides = torch.tensor(half_sides, dtype=torch.float32)
        self.unit = unit
        hidden = torch.nn.Linear(len(half_sides), width)
        self.weights = hidden.weight
        self.biases = hidden.bias
        self.coefficients = torch.nn.Parameter(torch.randn(width) / width**0.5)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Return the scaled gradients [N, 2 d] of the energy at scaled states [N, 2 d]."""
        answers = torch.tanh(states @ self.weights.T + self.biases)
        return ((1 - answers**2) * self.coefficients) @ self.weights

    def learned(self, anchor: tuple[np.ndarray, float]) -> SampledHamiltonian:
        """Return it in the form of the sampled network."""
        with torch.no_grad():
            layer = SampledLayer((self.weights / self.sides).double().numpy(),
                                 self.biases.double().numpy())
            coefficients = self.unit * self.coefficients.double().numpy()
        offset = float(layer(anchor[0][None])[0] @ coefficients)
        return SampledHamiltonian(layer, coefficients, anchor[1] - offset)


def _adam(
    system: System, states: np.ndarray, test: np.ndarray, anchor: tuple[np.ndarray, float],
    width: int, cap_s: float,
) -> tuple[dict[str, Any], SampledHamiltonian]:
    """Train the rival with the best of three rates until the cap; the search is counted apart."""
    torch.set_num_threads(1)
    targets = system.gradient(states)
    searched = [_descend(system, states, targets, test, anchor, width, rate, cap_s / 20)
                for rate in _RATES]
    best = int(np.argmin([curve[-1][1] for curve, _, _ in searched]))
    curve, rival, batches = _descend(
        system, states, targets, test, anchor, width, _RATES[best], cap_s)
    learned = rival.learned(anchor)
    return {
        'rate': _RATES[best], 'batch': _BATCH, 'search_s': 3 * cap_s / 20,
        'spent_s': curve[-1][0], 'batches': batches, 'energy_error': curve[-1][1],
        'gradient_error': _error(learned.gradient(test), system.gradient(test)),
        'energy_error_by_s': curve}, learned


def _descend(
    system: System, states: np.ndarray, targets: np.ndarray, test: np.ndarray,
    anchor: tuple[np.ndarray, float], width: int, rate: float, cap_s: float,
) -> tuple[list[tuple[float, float]], _Rival, int]:
    """Return the error by CPU seconds, the network and the number of batches.

    The rate falls along a cosine to 0 at the cap. Looks at the test set stop the clock.
    """
    torch.manual_seed(0)
    scaled = targets * system.half_sides
    unit = float(np.sqrt((scaled**2).mean()))
    rival = _Rival(width, system.half_sides, unit)
    adam = torch.optim.Adam(rival.parameters(), lr=rate, fused=True)
    points = torch.from_numpy(states / system.half_sides).float()
    wanted = torch.from_numpy(scaled / unit).float()
    true = system.energy(test)
    curve: list[tuple[float, float]] = []
    spent, next_look, count = 0.0, cap_s / 1000, 0
    while spent < cap_s:
        started = time.process_time()
        now = spent
        while now < min(next_look, cap_s):
            for group in adam.param_groups:
                group['lr'] = rate * 0.5 * (1 + np.cos(np.pi * min(now / cap_s, 1)))
            chosen = torch.randint(len(points), (_BATCH,))
            adam.zero_grad(set_to_none=True)
            torch.nn.functional.mse_loss(rival(points[chosen]), wanted[chosen]).backward()
            adam.step()
            count += 1
            now = spent + time.process_time() - started
        spent = now
        next_look = 1.25 * spent
        curve.append((spent, _error(rival.learned(anchor).energy(test), true)))
    return curve, rival, count

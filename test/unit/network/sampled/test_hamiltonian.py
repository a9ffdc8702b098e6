# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Energies learned from motion."""

from pathlib import Path
import re
import runpy

import numpy as np
import pytest

from ant_ros.network.sampled import SampledHamiltonian

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'sampled_hamiltonian.py'


def energy(states: np.ndarray) -> np.ndarray:
    """Return that of a pendulum."""
    return states[:, 1]**2 / 2 + 1 - np.cos(states[:, 0])


def velocity(states: np.ndarray) -> np.ndarray:
    return np.stack([states[:, 1], -np.sin(states[:, 0])], axis=1)


def draw(number: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform([-3, -2], [3, 2], (number, 2))


def learned(**settings) -> SampledHamiltonian:
    states = draw(600)
    anchor = (states[0], float(energy(states[:1])[0]))
    return SampledHamiltonian.fit(states, velocity(states), 120, anchor=anchor, **settings)


@pytest.mark.parametrize('density', ['uniform', 'gradient'])
def test_it_finds_the_energy_and_its_gradient(density):
    found = learned(density=density)
    fresh = draw(500, 1)

    assert found.energy(fresh) == pytest.approx(energy(fresh), abs=1e-4)
    assert found.velocity(fresh) == pytest.approx(velocity(fresh), abs=1e-3)


def test_the_anchor_is_met_and_without_one_the_first_state_has_no_energy():
    states = draw(200)
    anchored = SampledHamiltonian.fit(states, velocity(states), 60, anchor=(states[3], 7.0))
    free = SampledHamiltonian.fit(states, velocity(states), 60)

    assert anchored.energy(states[3:4]) == pytest.approx([7.0])
    assert free.energy(states[:1]) == pytest.approx([0.0], abs=1e-9)
    assert anchored.energy(states) - free.energy(states) == pytest.approx(
        np.full(200, anchored.constant - free.constant))


def test_the_gradient_is_the_derivative_of_the_energy():
    found = learned()
    state = np.array([[0.4, -0.7]])
    steps = 1e-5 * np.eye(2)

    slope = [float(found.energy(state + step)[0] - found.energy(state - step)[0]) / 2e-5
             for step in steps]
    assert found.gradient(state)[0] == pytest.approx(slope, abs=1e-6)


def test_roll_out_conserves_energy_and_follows_the_motion():
    found = learned()
    path = found.roll_out(np.array([1.5, 0.0]), 0.02, 3000)

    energies = found.energy(path)
    assert np.abs(energies - energies[0]).max() < 1e-4
    assert abs(energies[-500:].mean() - energies[:500].mean()) < 1e-5
    assert np.abs(energy(path) - energy(path[:1])).max() < 2e-4
    assert path[:, 0].min() == pytest.approx(-1.5, abs=1e-3)


def test_every_step_fulfils_the_midpoint_rule():
    found = learned()
    path = found.roll_out(np.array([[1.5, 0.0], [-0.5, 1.0]]), 0.1, 50)

    middle = ((path[1:] + path[:-1]) / 2).reshape(-1, 2)
    moved = (path[1:] - path[:-1]).reshape(-1, 2) / 0.1
    assert path.shape == (51, 2, 2)
    assert moved == pytest.approx(found.velocity(middle), abs=1e-9)


def test_roll_out_runs_backwards_from_its_end():
    found = learned()
    path = found.roll_out(np.array([1.0, 0.3]), 0.1, 100)
    turned = path[-1] * [1, -1]

    back = found.roll_out(turned, 0.1, 100)
    # The pendulum looks the same in a mirror of time; the network learned that to its accuracy.
    assert back[-1] * [1, -1] == pytest.approx(path[0], abs=5e-3)


def test_trajectories_without_velocities_are_enough():
    truth = learned()
    starts = draw(40, 2) * 0.6
    paths = truth.roll_out(starts, 0.1, 20).swapaxes(0, 1)
    found = SampledHamiltonian.fit_trajectories(
        paths, 0.1, 120, anchor=(paths[0, 0], float(energy(paths[0, :1])[0])))
    naive = SampledHamiltonian.fit(
        paths[:, :-1].reshape(-1, 2), (paths[:, 1:] - paths[:, :-1]).reshape(-1, 2) / 0.1, 120,
        anchor=(paths[0, 0], float(energy(paths[0, :1])[0])))

    states = paths[:, ::5].reshape(-1, 2)
    error = np.abs(found.energy(states) - energy(states)).max()
    assert error < 1e-3
    assert error < 0.1 * np.abs(naive.energy(states) - energy(states)).max()


def test_more_units_than_equations_are_answered():
    states = draw(10)
    found = SampledHamiltonian.fit(states, velocity(states), 100)

    assert found.velocity(states) == pytest.approx(velocity(states), abs=1e-6)


def test_equal_states_give_a_constant_energy():
    found = SampledHamiltonian.fit(np.ones((5, 2)), np.zeros((5, 2)), 10)

    assert found.energy(draw(3)) == pytest.approx(np.zeros(3))


STATES = draw(20)


@pytest.mark.parametrize(('states', 'velocities', 'message'), [
    (STATES[:, :1], STATES[:, :1], 'positions first'),
    (STATES, STATES[:5], 'positions first'),
    (STATES * np.nan, STATES, 'states hold 40'),
    (STATES, STATES * np.inf, 'velocities hold'),
    (STATES[:1], STATES[:1], 'at least 2'),
])
def test_bad_input_is_refused(states, velocities, message):
    with pytest.raises(ValueError, match=message):
        SampledHamiltonian.fit(states, velocities, 10)


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match='choose gradient, uniform'):
        learned(density='widest')
    with pytest.raises(ValueError, match='above 0'):
        SampledHamiltonian.fit_trajectories(STATES, 0.0)
    with pytest.raises(ValueError, match=r'expected \[T, S, 2 d\]'):
        SampledHamiltonian.fit_trajectories(STATES[:1], 0.1)


def test_bad_roll_outs_are_refused():
    found = learned()

    with pytest.raises(ValueError, match='above 0'):
        found.roll_out(STATES[0], -1.0, 3)
    with pytest.raises(ValueError, match=r'expected \[2\]'):
        found.roll_out(np.ones(4), 0.1, 3)
    with pytest.raises(ValueError, match='start hold'):
        found.roll_out(np.full(2, np.nan), 0.1, 3)
    with pytest.raises(ValueError, match='choose a shorter step'):
        found.roll_out(draw(40), 10.0, 20)


def test_the_example_swings_without_losing_energy(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')

    said = capsys.readouterr().out
    error, swing, drift = (float(number) for number in re.findall(r'\d\.\de-\d\d', said))
    assert error < 2e-3
    assert swing < 2e-3
    assert drift < 1e-5

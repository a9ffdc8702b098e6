# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import numpy as np
import pytest

from ant_ros.network.temporal.column import NO_WINNER
from ant_ros.network.temporal.column import TemporalColumn
from ant_ros.network.temporal.column import winner_take_all
from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.encoding import on_off
from ant_ros.network.temporal.plasticity import Plasticity


def patterns(seed=0, count=60, width=12, kinds=3, noise=0.04):
    """Return noisy copies of random on/off patterns, and which each is a copy of."""
    rng = np.random.default_rng(seed)
    pure = np.random.default_rng(99).random((kinds, width)) < 0.5
    which = rng.integers(0, kinds, count)
    return on_off(pure[which] ^ (rng.random((count, width)) < noise), 0.5), which


def dendritic(seed=0, **change):
    lines = np.concatenate([np.arange(6), np.arange(12, 18)])
    distal = Dendrites(np.stack([lines, lines + 6]), 3, 2, thresholds=25, ticks=8,
                       **{key: change.pop(key) for key in ('response',) if key in change})
    return TemporalColumn(distal, soma_threshold=40, seed=seed, plasticity=Plasticity(
        0.2, 0.2, 0.2, reversal=0.2, least=change.pop('least', 1.0)), **change)


def same(one, other):
    return all(np.array_equal(value, other.state()[key]) for key, value in one.state().items())


def test_the_earliest_wins_then_the_largest_potential_then_the_first():
    times = np.array([[3, 2, 5], [2, 2, 2], [1, 1, 4], [NEVER] * 3], np.int16)
    potentials = np.array([[9, 1, 9], [4, 6, 5], [7, 7, 8], [1, 2, 3]])
    assert winner_take_all(times, potentials).tolist() == [1, 1, 0, NO_WINNER]


def test_point_neurons_find_the_patterns_without_labels():
    times, _ = patterns()
    column = TemporalColumn.of_point_neurons(24, 3, threshold=60, ticks=8)
    column.learn_many(times)
    fresh, kinds = patterns(seed=1)
    winners = column.winners(fresh)
    partners = {int(winner): set(kinds[winners == winner]) for winner in np.unique(winners)}
    assert NO_WINNER not in partners
    assert sorted(map(tuple, partners.values())) == [(0,), (1,), (2,)]


def test_labels_enable_one_neuron_each():
    times, which = patterns()
    column = dendritic()
    assert column.learn_many(times, which).tolist() == which.tolist()
    fresh, kinds = patterns(seed=1)
    assert np.mean(column.winners(fresh) == kinds) > 0.95


@pytest.mark.parametrize('least', [1.0, 0.2])
@pytest.mark.parametrize('response', ['ramp', 'step'])
@pytest.mark.parametrize('labelled', [True, False])
def test_compiled_loops_learn_the_same_bit_for_bit(least, response, labelled):
    times, which = patterns(noise=0.2)
    one, many = (dendritic(least=least, response=response) for _ in range(2))
    winners = [one.learn(x, int(label) if labelled else None) for x, label in zip(times, which)]
    assert many.learn_many(times, which if labelled else None).tolist() == winners
    assert same(one, many)
    compiled = many.winners(times)
    spikes = many.respond(times)
    assert compiled.tolist() == winner_take_all(spikes.times, spikes.potentials).tolist()


def test_the_seed_alone_decides_the_draws():
    times, which = patterns(noise=0.2)
    columns = [dendritic(seed) for seed in (3, 3, 4)]
    for column in columns:
        column.learn_many(times, which)
    assert same(columns[0], columns[1])
    assert not same(columns[0], columns[2])


def test_a_saved_column_goes_on_as_the_first_would_have():
    times, which = patterns(noise=0.2)
    column = dendritic()
    column.learn_many(times[:30], which[:30])
    again = TemporalColumn.from_state(column.state())
    column.learn_many(times[30:], which[30:])
    again.learn_many(times[30:], which[30:])
    assert same(column, again)


def with_proximal(patience):
    """Two neurons that share the proximal pattern (lines 0, 1) and differ in context (2 or 3)."""
    distal = Dendrites(np.array([[2, 3]]), 2, 1, thresholds=3, ticks=8)
    distal.weights = np.array([[[[7, 0]], [[0, 7]]]], np.int8)
    proximal = Dendrites(np.array([[0, 1]]), 2, 1, thresholds=4, ticks=8)
    proximal.weights = np.full((1, 2, 1, 2), 7, np.int8)
    return TemporalColumn(distal, proximal=proximal, patience=patience)


def test_context_lets_a_neuron_fire_earlier():
    column = with_proximal(patience=3)
    driven = np.array([[0, 0, NEVER, NEVER], [0, 0, 0, NEVER], [0, 0, NEVER, 0]], np.int16)
    assert column.respond(driven).times.tolist() == [[4, 4], [2, 4], [4, 2]]
    assert column.winners(driven).tolist()[1:] == [0, 1]


def test_context_alone_fires_nothing():
    column = with_proximal(patience=3)
    assert column.winners(np.array([[NEVER, NEVER, 0, 0]])).tolist() == [NO_WINNER]


def test_a_soma_waits_no_longer_than_its_patience():
    late = np.array([[0, 0, 5, NEVER]])
    assert with_proximal(patience=1).respond(late).times.tolist() == [[2, 2]]
    assert with_proximal(patience=5).respond(late).times.tolist() == [[6, 6]]
    assert with_proximal(patience=6).respond(late).times.tolist() == [[7, 7]]


def test_proximal_synapses_of_the_winner_learn_too():
    column = with_proximal(patience=3)
    column.plasticity = Plasticity(1.0, 1.0, 1.0)
    column.learn(np.array([0, 3, 0, NEVER]))
    assert column.proximal.weights[0, :, 0].tolist() == [[7, 7], [7, 7]]
    column.learn(np.array([0, NEVER, 0, NEVER]))
    assert column.proximal.weights[0, :, 0].tolist() == [[7, 6], [7, 7]]
    assert same(column, TemporalColumn.from_state(column.state()))


def test_the_wrong_winner_unlearns():
    column = TemporalColumn.of_point_neurons(2, 2, threshold=3, ticks=8, plasticity=Plasticity(
        1.0, 1.0, 1.0, reversal=1.0))
    column.distal.weights = np.array([[[[7, 0]], [[4, 0]]]], np.int8)
    column.distal.wins[:] = 1
    times = np.array([0, NEVER])
    assert column.winners(times[None]).tolist() == [0]
    assert column.learn(times, 1) == 1
    assert column.distal.weights[0, :, 0].tolist() == [[6, 1], [5, 0]]


@pytest.mark.parametrize(('times', 'message'), [
    (np.zeros((2, 23), int), 'expected \\[..., 24\\]'),
    (np.full((2, 24), 8), 'outside the cycle of 8 ticks'),
    (np.zeros((2, 24)), 'expected integers'),
    (np.zeros(24, int), 'expected \\[N, 24\\]'),
])
def test_bad_spike_times_are_refused(times, message):
    column = dendritic()
    before = column.state()
    for call in (column.winners, column.respond, column.learn_many):
        with pytest.raises(ValueError, match=message):
            call(times)
    assert all(np.array_equal(value, before[key]) for key, value in column.state().items())


def test_labels_without_a_neuron_are_refused():
    column = dendritic()
    times, _ = patterns(count=2)
    for label in (3, -1):
        with pytest.raises(ValueError, match=f'neuron {label} cannot be enabled: there are 3'):
            column.learn(times[0], label)
        with pytest.raises(ValueError, match=f'neuron {label} cannot'):
            column.learn_many(times, np.array([0, label]))
    with pytest.raises(ValueError, match='expected a number for each of the 2'):
        column.learn_many(times, np.array([0]))
    with pytest.raises(ValueError, match='expected a mask'):
        column.learn(times[0], np.zeros(3, bool))
    assert column.distal.wins.sum() == 0


@pytest.mark.parametrize(('change', 'message'), [
    ({'soma_threshold': 0}, 'soma_threshold is 0'), ({'soma_threshold': 999}, 'expected 1 to 28'),
    ({'patience': -1}, 'patience is -1'), ({'inputs': 3}, 'reads line 3, but there are 3'),
    ({'proximal': Dendrites(np.arange(2)[None], 3, 1, thresholds=1, ticks=8)},
     '1 dendrites on 3 neurons'),
])
def test_parts_that_do_not_fit_are_refused(change, message):
    distal = Dendrites(np.arange(4)[None], 2, 1, thresholds=1, ticks=8)
    with pytest.raises(ValueError, match=message):
        TemporalColumn(distal, **change)


def test_a_state_with_parts_missing_is_refused():
    state = dendritic().state()
    del state['random']
    with pytest.raises(ValueError, match='the state lacks random'):
        TemporalColumn.from_state(state)


def test_importing_the_package_imports_neither_torch_nor_numba():
    code = ('import sys; import ant_ros.network.temporal as t; t.TemporalColumn; '
            't.TemporalClusters; t.prune_temporal; '
            'sys.exit(any(m in sys.modules for m in ("torch", "numba", "sklearn")))')
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0

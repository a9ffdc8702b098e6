# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.network.temporal.column import TemporalColumn
from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.encoding import on_off
from ant_ros.network.temporal.plasticity import Plasticity
from ant_ros.network.temporal.pruning import prune_temporal


def patterns(seed, count=200, width=20, kinds=4):
    rng = np.random.default_rng(seed)
    pure = np.random.default_rng(99).random((kinds, width)) < 0.5
    which = rng.integers(0, kinds, count)
    return on_off(pure[which] ^ (rng.random((count, width)) < 0.1), 0.5), which


@pytest.fixture(scope='module')
def trained():
    lines = np.concatenate([np.arange(10), np.arange(20, 30)])
    column = TemporalColumn(
        Dendrites(np.stack([lines, lines + 10]), 4, 2, thresholds=45, ticks=8),
        soma_threshold=60, plasticity=Plasticity(0.2, 0.2, 0.2, reversal=0.2))
    times, which = patterns(0)
    column.learn_many(times, which)
    return column


@pytest.mark.parametrize(('fraction', 'left'), [(0.3, 14), (0.4, 12), (0.5, 10), (0.99, 1)])
def test_every_segment_loses_the_same_number_of_synapses(trained, fraction, left):
    times, which = patterns(0)
    before = trained.state()
    pruned = prune_temporal(trained, fraction, times, which)
    assert pruned.distal.weights.shape == (2, 4, 2, left)
    assert pruned.synapses <= max((1.0 - fraction) * trained.synapses, 16)
    assert (pruned.distal.thresholds <= trained.distal.thresholds).all()
    assert (pruned.distal.thresholds < 45).all() == (left == 1)
    assert all(np.array_equal(value, before[key]) for key, value in trained.state().items())


@pytest.mark.parametrize('labelled', [True, False])
def test_half_of_the_synapses_are_not_missed(trained, labelled):
    times, which = patterns(0)
    pruned = prune_temporal(trained, 0.4, times, which if labelled else None)
    fresh, kinds = patterns(1)
    whole = np.mean(trained.winners(fresh) == kinds)
    assert whole > 0.9
    assert np.mean(pruned.winners(fresh) == kinds) > whole - 0.02


def test_a_pruned_column_learns_saves_and_is_pruned_again(trained):
    times, which = patterns(0)
    pruned = prune_temporal(trained, 0.3, times, which)
    again = TemporalColumn.from_state(pruned.state())
    one = [pruned.learn(x, int(label)) for x, label in zip(times, which)]
    assert again.learn_many(times, which).tolist() == one
    assert all(np.array_equal(value, again.state()[key]) for key, value in pruned.state().items())
    assert prune_temporal(pruned, 0.5, times, which).distal.weights.shape[3] == 7


def test_nothing_is_pruned_where_nothing_is_asked_for(trained):
    pruned = prune_temporal(trained, 0.0, patterns(0)[0])
    assert all(np.array_equal(value, pruned.state()[key])
               for key, value in trained.state().items())


@pytest.mark.parametrize('fraction', [-0.1, 1.0, 1.5, float('nan')])
def test_fractions_out_of_range_are_refused(trained, fraction):
    with pytest.raises(ValueError, match='expected 0 up to but not 1'):
        prune_temporal(trained, fraction, patterns(0)[0])


def test_bad_samples_are_refused(trained):
    times, which = patterns(0)
    with pytest.raises(ValueError, match='at least one sample'):
        prune_temporal(trained, 0.3, times[:0])
    with pytest.raises(ValueError, match='one time for every input line'):
        prune_temporal(trained, 0.3, times[:, :5])
    with pytest.raises(ValueError, match='neuron 9 cannot be enabled'):
        prune_temporal(trained, 0.3, times, np.full_like(which, 9))

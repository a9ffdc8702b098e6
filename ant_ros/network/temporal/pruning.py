# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Take synapses out of a column in whole steps of every segment, so that time is saved.

Published temporal networks lose 30 to 50 % of their synapses without losing accuracy
(Venkatachalam et al., arXiv 2602.01546); which ones go is not public, so the choice is ours.
"""

from dataclasses import replace

import numpy as np

from ant_ros.network.temporal.column import TemporalColumn
from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.encoding import check_times
from ant_ros.network.temporal.plasticity import Plasticity

__all__ = ['prune_temporal']

_BATCH = 256
_COOLED = 0.3
_PASSES = 4


def prune_temporal(column: TemporalColumn, fraction: float, times: np.ndarray,
                   enabled: np.ndarray | None = None) -> TemporalColumn:
    """Return a column with `fraction` fewer distal synapses, fine-tuned where that helps.

    Plasticity drives weights to 0 or to the largest. Every distal segment keeps the same number
    of synapses, its strongest, so that all loops over synapses become shorter by the same part;
    between equal weights those stay whose lines vary most. Thresholds shrink with the potential
    that the samples lose. Then a copy learns from the samples a few times, in small steps; it is
    returned as it was when it sent most of them to their label's neuron, or, without labels, to
    the neuron that won before.

    Args:
        column: Trained; stays as it is.
        fraction: Part of the distal synapses to remove, in [0, 1).
        times: Spike times `[N, inputs]` of samples like those that it was trained on.
        enabled: The neuron that each sample's label enables `[N]`; None: all are.

    Returns:
        A column that reads the same inputs and has the same neurons. It has at most
        1 - `fraction` of the synapses, but at least one on every segment.

    Raises:
        ValueError: A fraction out of range, no samples, bad spike times, or a neuron that does
            not exist.
    """
    if not 0.0 <= fraction < 1.0:
        raise ValueError(f'fraction is {fraction}, expected 0 up to but not 1, such as 0.3')
    times = check_times(times, column.inputs, column.ticks)
    if times.ndim != 2 or len(times) == 0:
        raise ValueError(f'spike times of shape {times.shape}: expected [N, {column.inputs}] '
                         'with at least one sample')
    pruned = TemporalColumn.from_state(column.state())
    if fraction == 0.0:
        return pruned
    distal = pruned.distal
    before = _mean_potential(distal, times)
    synapses = distal.weights.shape[3]
    left = column.ticks - np.minimum(times, column.ticks).astype(np.float64)
    varied = (left.std(axis=0) / column.ticks)[distal.lines]  # below 1: between equals only
    ranks = distal.weights + np.take_along_axis(varied[:, None, None], distal.places, axis=3)
    distal.thin(max(int(synapses * (1.0 - fraction) + 1e-9), 1), ranks)
    after = _mean_potential(distal, times)
    distal.thresholds[:] = np.maximum(np.rint(distal.thresholds * after / before), 1)
    pruned.soma_threshold = max(round(column.soma_threshold * after.sum() / before.sum()), 1)
    wanted = column.winners(times) if enabled is None else np.asarray(enabled)
    return _fine_tuned(pruned, column.plasticity, times, enabled, wanted)


def _fine_tuned(pruned: TemporalColumn, rates: Plasticity, times: np.ndarray,
                enabled: np.ndarray | None, wanted: np.ndarray) -> TemporalColumn:
    """Return the column, or what it is after the pass that did it most good."""
    tuned = TemporalColumn.from_state(pruned.state())
    tuned.plasticity = replace(
        rates, capture=rates.capture * _COOLED, minus=rates.minus * _COOLED,
        backoff=rates.backoff * _COOLED, reversal=rates.reversal * _COOLED)
    best, most = pruned, np.count_nonzero(pruned.winners(times) == wanted)
    rng = np.random.default_rng(0)
    for _ in range(_PASSES):
        order = rng.permutation(len(times))
        tuned.learn_many(times[order], None if enabled is None else wanted[order])
        right = np.count_nonzero(tuned.winners(times) == wanted)
        if right > most:
            best, most = TemporalColumn.from_state(tuned.state()), right
            best.plasticity = rates
    return best


def _mean_potential(distal: Dendrites, times: np.ndarray) -> np.ndarray:
    """Return the mean potential of the strongest segment at the end, `[dendrites]`."""
    listening = Dendrites.from_state(distal.state())
    listening.thresholds[:] = np.iinfo(np.int64).max  # nobody speaks before the end
    potentials = np.zeros(len(distal.lines))
    for start in range(0, len(times), _BATCH):
        spikes = listening.respond(times[start:start + _BATCH])
        potentials += spikes.potentials.max(axis=2).sum(axis=0)
    return np.maximum(potentials / len(times), 1.0)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A column: neurons that see the same input, of which the earliest wins and learns."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.dendrite import DendriteSpikes
from ant_ros.network.temporal.encoding import check_times
from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.plasticity import Plasticity

__all__ = ['NO_WINNER', 'ColumnSpikes', 'TemporalColumn', 'winner_take_all']

NO_WINNER = -1
"""Stands for the winner of a cycle in which no neuron fired."""

_BATCH = 256


@dataclass(frozen=True)
class ColumnSpikes:
    """What the neurons of a column did in one cycle, before they compete.

    Attributes:
        times: Spike times `[N, neurons]`, int16.
        potentials: What decides between equal times, `[N, neurons]`; larger wins.
        distal: What their distal dendrites did.
        proximal: What their proximal dendrites did; None where there are none.
    """

    times: np.ndarray
    potentials: np.ndarray
    distal: DendriteSpikes
    proximal: DendriteSpikes | None


class TemporalColumn:
    """Neurons with active dendrites, 1-winner-take-all, and plasticity that needs no gradient.

    A neuron's distal dendrites tell its soma how well patterns match: each passes on the
    potential of the segment that spoke, from its spike on, and the soma is ready when these add
    up to `soma_threshold`. Without proximal dendrites it then fires, if it is enabled.

    With them the *patient soma* decides: the proximal dendrite must be driven, or the neuron
    stays silent; from its spike on the soma waits for the distal ones, but no longer than
    `patience` ticks. So context lets a neuron fire earlier, and never fire alone:
    `y = clip(distal, proximal, proximal + patience)`. (How published neurons with active
    dendrites combine theirs, Venkatachalam et al., arXiv 2602.01546, is not public; this rule
    and its name are ours.)

    One dendrite of one segment and no proximal one is the point neuron of Smith
    (arXiv 2011.13844). Good at: learning from one pass, with integers and additions alone. Bad
    at: fine shades; most of a decision is in a handful of ticks.

    Args:
        distal: Distal dendrites; their `ticks` is the length of the cycle.
        soma_threshold: Sum of the potentials that distal dendrites pass on, at which a soma is
            ready; 1: at the first spike of any.
        proximal: Proximal dendrites, at most one for each neuron; None: enabling alone gates.
        patience: Ticks that a driven soma waits for its distal dendrites.
        plasticity: Probabilities of the steps of the weights.
        inputs: Input lines; as many as the dendrites read if None.
        seed: Seed of all draws: same seed, same samples in the same order, same weights.

    Raises:
        ValueError: Parts that do not fit each other, or numbers out of their range.
    """

    def __init__(self, distal: Dendrites, *, soma_threshold: int = 1,
                 proximal: Dendrites | None = None, patience: int = 0,
                 plasticity: Plasticity | None = None, inputs: int | None = None,
                 seed: int = 0) -> None:
        self.distal, self.proximal = distal, proximal
        self.soma_threshold, self.patience = soma_threshold, patience
        self.plasticity = plasticity or Plasticity()
        read = 1 + max(int(part.lines.max()) for part in self._parts())
        self.inputs = read if inputs is None else inputs
        self.rng = np.random.default_rng(seed)
        self._check(read)

    @classmethod
    def of_point_neurons(cls, inputs: int, neurons: int, *, threshold: int, ticks: int,
                         largest: int = 7, response: str = 'ramp',
                         plasticity: Plasticity | None = None, seed: int = 0) -> 'TemporalColumn':
        """Return a column of neurons with one segment each, which reads all inputs."""
        distal = Dendrites(np.arange(inputs)[None], neurons, 1, thresholds=threshold,
                           ticks=ticks, largest=largest, response=response)
        return cls(distal, plasticity=plasticity, seed=seed)

    @property
    def neurons(self) -> int:
        """Neurons of the column."""
        return self.distal.weights.shape[1]

    @property
    def ticks(self) -> int:
        """Length of the cycle in ticks."""
        return self.distal.ticks

    @property
    def synapses(self) -> int:
        """Synapses of all neurons."""
        return sum(part.synapses for part in self._parts())

    def respond(self, times: np.ndarray) -> ColumnSpikes:
        """Run one cycle for every sample, all neurons enabled, without learning.

        Args:
            times: Spike times `[N, inputs]`.

        Raises:
            ValueError: Another width, not integers, or times outside the cycle.
        """
        return self._respond(self._batch(times))

    def winners(self, times: np.ndarray) -> np.ndarray:
        """Return the number of the neuron that fires first, `[N]`, or `NO_WINNER`.

        Args:
            times: Spike times `[N, inputs]`.

        Raises:
            ValueError: Another width, not integers, or times outside the cycle.
        """
        times = self._batch(times)
        if self._compiled:
            return self.distal.winner_stream(times, self.soma_threshold)
        parts = [self._respond(times[i:i + _BATCH]) for i in range(0, len(times), _BATCH)]
        found = [winner_take_all(part.times, part.potentials) for part in parts]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def learn(self, times: np.ndarray, enabled: int | np.ndarray | None = None) -> int:
        """Learn from one sample and return the neuron that did.

        The winner's segments that spoke learn. If no enabled neuron fires, the first that never
        learned takes the pattern; if there is none, the strongest does. If a neuron that is not
        enabled would have won, its plasticity is reversed.

        Args:
            times: Spike times `[inputs]`.
            enabled: What a label's one-bit enable lets fire: the number of a neuron, or a mask
                `[neurons]`; None: all.

        Raises:
            ValueError: Bad spike times, a neuron that does not exist, or none enabled.
        """
        times = self._batch(np.asarray(times)[None])
        mask = self._mask(enabled)
        spikes = self._respond(times)
        winner = _winner(spikes, mask)
        if enabled is not None and self.plasticity.reversal:
            rival = _winner(spikes, np.ones_like(mask))
            if rival != NO_WINNER and not mask[rival]:
                self.distal.unlearn(rival, times[0], spikes.distal, self.plasticity, self.rng)
        if winner == NO_WINNER:
            winner = self._recruit(spikes, mask)
        self.distal.learn(winner, times[0], spikes.distal, self.plasticity, self.rng)
        if self.proximal is not None and spikes.proximal is not None:
            self.proximal.learn(winner, times[0], spikes.proximal, self.plasticity, self.rng)
        return winner

    def learn_many(self, times: np.ndarray, enabled: np.ndarray | None = None) -> np.ndarray:
        """Learn from samples in their order: `learn` one by one, but many times faster.

        With proximal dendrites it is as slow as that.

        Args:
            times: Spike times `[N, inputs]`.
            enabled: For each sample the number of the neuron that its label enables `[N]`;
                None: all neurons are enabled.

        Returns:
            The neurons that learned `[N]`.

        Raises:
            ValueError: Bad spike times, or a neuron that does not exist.
        """
        times = self._batch(times)
        if enabled is not None:
            enabled = np.asarray(enabled)
            if enabled.shape != (len(times),) or not np.issubdtype(enabled.dtype, np.integer):
                raise ValueError(f'enabled is of shape {enabled.shape} and type {enabled.dtype}: '
                                 f'expected a number for each of the {len(times)} samples')
            for neuron in np.unique(enabled):
                self._mask(int(neuron))
        if self._compiled:
            numbers = np.full(len(times), -1) if enabled is None else enabled
            return self.distal.learn_stream(times, numbers.astype(np.int64), self.soma_threshold,
                                            self.plasticity, self.rng)
        return np.array([self.learn(sample, None if enabled is None else int(enabled[i]))
                         for i, sample in enumerate(times)], np.int64)

    def state(self) -> dict[str, np.ndarray]:
        """Return everything as arrays: what is learned, and where the draws stand."""
        numbers = [self.soma_threshold, self.patience, self.inputs]
        rng = self.rng.bit_generator.state
        words = [rng['state'][key] >> shift & (2 ** 64 - 1)
                 for key in ('state', 'inc') for shift in (0, 64)]
        state = {'column': np.array(numbers),
                 'plasticity': np.array([*vars(self.plasticity).values()]),
                 'random': np.array([*words, rng['has_uint32'], rng['uinteger']], np.uint64)}
        for name, part in (('distal', self.distal), ('proximal', self.proximal)):
            if part is not None:
                state |= {f'{name}.{key}': value for key, value in part.state().items()}
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> 'TemporalColumn':
        """Return the column that `state` was asked of; it goes on as that one would have.

        Raises:
            ValueError: Arrays are missing or do not fit each other.
        """
        missing = {'column', 'plasticity', 'random', 'distal.weights'} - set(state)
        if missing:
            raise ValueError(f'the state lacks {", ".join(sorted(missing))}: give all arrays that '
                             'state() returned')
        parts = {name: {key.partition('.')[2]: value for key, value in state.items()
                        if key.startswith(f'{name}.')} for name in ('distal', 'proximal')}
        soma_threshold, patience, inputs = (int(value) for value in state['column'])
        column = cls(
            Dendrites.from_state(parts['distal']), soma_threshold=soma_threshold,
            proximal=Dendrites.from_state(parts['proximal']) if parts['proximal'] else None,
            patience=patience, inputs=inputs,
            plasticity=Plasticity(*(float(value) for value in state['plasticity'])))
        words = [int(word) for word in state['random']]
        column.rng.bit_generator.state = {
            'bit_generator': 'PCG64', 'has_uint32': words[4], 'uinteger': words[5],
            'state': {'state': words[0] | words[1] << 64, 'inc': words[2] | words[3] << 64}}
        return column

    @property
    def _compiled(self) -> bool:
        """Whether there are compiled loops for this column; they give the same answers."""
        return self.proximal is None

    def _parts(self) -> list[Dendrites]:
        return [part for part in (self.distal, self.proximal) if part is not None]

    def _check(self, read: int) -> None:
        if read > self.inputs:
            raise ValueError(f'a dendrite reads line {read - 1}, but there are {self.inputs} '
                             'inputs')
        highest = self.distal.largest * self.distal.lines.size
        if not 1 <= self.soma_threshold <= highest:
            raise ValueError(f'soma_threshold is {self.soma_threshold}, expected 1 to {highest} '
                             '(all weights of one segment on every dendrite at their largest)')
        if not 0 <= self.patience <= NEVER // 4:
            raise ValueError(f'patience is {self.patience}, expected 0 to {NEVER // 4} ticks')
        proximal = self.proximal
        if proximal is not None and (len(proximal.lines) != 1 or proximal.ticks != self.ticks
                                     or proximal.weights.shape[1] != self.neurons):
            raise ValueError(
                f'proximal: {len(proximal.lines)} dendrites on {proximal.weights.shape[1]} '
                f'neurons with a cycle of {proximal.ticks} ticks; expected 1 on {self.neurons} '
                f'with {self.ticks}, as the distal ones')

    def _batch(self, times: np.ndarray) -> np.ndarray:
        times = check_times(times, self.inputs, self.ticks)
        if times.ndim != 2:
            raise ValueError(f'spike times of shape {times.shape}: expected [N, {self.inputs}]')
        return times

    def _mask(self, enabled: int | np.ndarray | None) -> np.ndarray:
        mask = np.ones(self.neurons, bool)
        if enabled is None:
            return mask
        if isinstance(enabled, np.ndarray) and enabled.ndim:
            if enabled.shape != mask.shape or enabled.dtype != bool or not enabled.any():
                raise ValueError(f'enabled is of shape {enabled.shape} and type {enabled.dtype}: '
                                 f'expected a mask [{self.neurons}] of which one is True')
            return enabled
        if not 0 <= int(enabled) < self.neurons:
            raise ValueError(f'neuron {enabled} cannot be enabled: there are {self.neurons}, '
                             'numbered from 0; build a column with a neuron for every label')
        return np.arange(self.neurons) == int(enabled)

    def _respond(self, times: np.ndarray) -> ColumnSpikes:
        distal = self.distal.respond(times)
        reached = distal.drive >= self.soma_threshold
        ready = np.where(reached[:, -1], reached.argmax(axis=1), NEVER)
        last = np.minimum(ready, self.ticks - 1)
        potentials = np.take_along_axis(distal.drive, last[:, None], 1)[:, 0]
        if self.proximal is None:
            return ColumnSpikes(ready.astype(np.int16), potentials, distal, None)
        proximal = self.proximal.respond(times)
        gate = proximal.times[:, 0].astype(np.int64)
        fired = np.where(gate == NEVER, NEVER, np.clip(ready, gate, gate + self.patience))
        return ColumnSpikes(fired.astype(np.int16), potentials + proximal.potentials[:, 0],
                            distal, proximal)

    def _recruit(self, spikes: ColumnSpikes, mask: np.ndarray) -> int:
        idle = mask & (self.distal.wins.sum(axis=(0, 2)) == 0)
        if idle.any():
            return int(idle.argmax())
        strength = spikes.distal.potentials[0].sum(axis=0)
        return int(np.where(mask, strength, -1.0).argmax())


def winner_take_all(times: np.ndarray, potentials: np.ndarray) -> np.ndarray:
    """Return the earliest neuron `[N]`; of equals the one with the largest potential, then number.

    Args:
        times: Spike times `[N, neurons]`.
        potentials: `[N, neurons]`.

    Returns:
        Numbers of neurons; `NO_WINNER` where none fired.
    """
    first = times.min(axis=1)
    tied = np.where(times == first[:, None], potentials, -np.inf)
    return np.where(first == NEVER, NO_WINNER, tied.argmax(axis=1))


def _winner(spikes: ColumnSpikes, mask: np.ndarray) -> int:
    times = np.where(mask, spikes.times, NEVER)
    return int(winner_take_all(times, np.where(mask, spikes.potentials, -np.inf))[0])

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Segments on dendrites: ramps or steps add up to spikes, and the earliest segment speaks.

With x the time of an input and w its weight, the response is `min(max(t - x + 1, 0), w)` for a
ramp and `w` from x on for a step; neither leaks (Smith, arXiv 2011.13844). A segment spikes at
the first tick at which its responses add up to its threshold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.plasticity import Plasticity
from ant_ros.network.temporal.plasticity import reverse
from ant_ros.network.temporal.plasticity import search
from ant_ros.network.temporal.plasticity import stdp

__all__ = ['RESPONSES', 'DendriteSpikes', 'Dendrites']

RESPONSES = ('ramp', 'step')


@dataclass(frozen=True)
class DendriteSpikes:
    """What the dendrites of every neuron did in one cycle.

    Attributes:
        times: Spike times `[N, dendrites, neurons]`, int16; `NEVER` where no segment fired.
        potentials: Potential of the segment that spoke, when it fired or, where none did, that
            of the strongest at the end of the cycle, `[N, dendrites, neurons]`.
        segments: Which segment that was, `[N, dendrites, neurons]`.
        drive: What the dendrites pass on to the soma, all together, `[N, ticks, neurons]`.
    """

    times: np.ndarray
    potentials: np.ndarray
    segments: np.ndarray
    drive: np.ndarray


class Dendrites:
    """Dendrites of several segments each, the same ones on every neuron of a column.

    All segments of a dendrite read the same input lines and compete: the earliest speaks (then
    the one with the largest potential, then the lowest number), and it alone learns.

    Args:
        lines: Input lines that each dendrite reads, `[dendrites, width]`.
        neurons: Neurons of the column.
        segments: Segments of a dendrite.
        thresholds: Potential at which a segment fires; a number or `[dendrites]`, at least 1.
        ticks: Length of the cycle.
        largest: Largest weight, 1 to 127.
        response: 'ramp' or 'step'.

    Raises:
        ValueError: No lines, neurons or segments, or a number out of its range.
    """

    def __init__(self, lines: np.ndarray, neurons: int, segments: int, *,
                 thresholds: np.ndarray | int, ticks: int, largest: int = 7,
                 response: str = 'ramp') -> None:
        self.lines = np.atleast_2d(np.asarray(lines))
        self.thresholds = np.broadcast_to(np.asarray(thresholds), len(self.lines)).astype(np.int64)
        self.ticks, self.largest, self.response = ticks, largest, response
        _check_sizes(self, neurons, segments)
        shape = (len(self.lines), neurons, segments)
        width = self.lines.shape[1]
        self._weights = np.zeros((*shape, width), np.int8)
        self._places = np.broadcast_to(np.arange(width), self._weights.shape).copy()
        self.wins = np.zeros(shape, np.int64)
        self._levels = self._count_levels(self._weights, self._places)

    @property
    def weights(self) -> np.ndarray:
        """Weights `[dendrites, neurons, segments, synapses]`, int8, from 0 to `largest`.

        Set as a whole: an assignment is checked and raises ValueError for numbers outside.
        """
        view = self._weights.view()
        view.flags.writeable = False
        return view

    @weights.setter
    def weights(self, weights: np.ndarray) -> None:
        weights = np.asarray(weights)
        if weights.shape != self._weights.shape:
            raise ValueError(f'weights of shape {weights.shape}, expected {self._weights.shape}: '
                             '[dendrites, neurons, segments, synapses]')
        if not np.issubdtype(weights.dtype, np.integer):
            raise ValueError(f'weights of type {weights.dtype}, expected integers')
        if weights.min() < 0 or weights.max() > self.largest:
            raise ValueError(f'weights from {weights.min()} to {weights.max()}, expected 0 to '
                             f'{self.largest}')
        self._weights = weights.astype(np.int8)
        self._levels = self._count_levels(self._weights, self._places)

    @property
    def places(self) -> np.ndarray:
        """Which of its dendrite's lines each synapse reads, in the shape of `weights`."""
        view = self._places.view()
        view.flags.writeable = False
        return view

    @property
    def synapses(self) -> int:
        """Synapses there are."""
        return self._weights.size

    def respond(self, times: np.ndarray) -> DendriteSpikes:
        """Run one cycle for every sample.

        Args:
            times: Spike times `[N, inputs]`, checked.
        """
        dendrites, neurons, segments, _ = self._weights.shape
        courses = self._courses(times)
        reached = courses >= self.thresholds[:, None, None, None]
        fired = reached[:, :, -1]
        spikes = np.where(fired, reached.argmax(axis=2), self.ticks)
        last = np.minimum(spikes, self.ticks - 1)
        potentials = np.take_along_axis(courses, last[:, :, None], 2)[:, :, 0]
        # Earliest first, then the largest potential; argmax takes the lowest of equals.
        bound = self.largest * self.lines.shape[1] + 1
        rank = (potentials - spikes * bound).reshape(dendrites, -1, neurons, segments)
        best = rank.argmax(axis=-1)
        unit = best + np.arange(neurons) * segments
        spikes, potentials = (np.take_along_axis(a, unit, -1) for a in (spikes, potentials))
        course = np.take_along_axis(courses, unit[:, :, None], -1)
        passed = np.arange(self.ticks)[:, None] >= spikes[:, :, None]
        return DendriteSpikes(
            np.where(spikes < self.ticks, spikes, NEVER).swapaxes(0, 1).astype(np.int16),
            potentials.swapaxes(0, 1), best.swapaxes(0, 1), (course * passed).sum(axis=0))

    def learn(self, neuron: int, times: np.ndarray, spikes: DendriteSpikes,
              plasticity: Plasticity, rng: np.random.Generator) -> None:
        """Let a neuron's dendrites learn from one sample.

        Where a segment fired, it learns. Where none did, one that never learned takes the
        pattern as it is; if there is none left, the strongest searches.

        Args:
            neuron: The neuron that won, or was told to.
            times: Spike times `[inputs]`.
            spikes: What `respond` returned for this sample alone.
            plasticity: Probabilities of the steps.
            rng: Source of the draws.
        """
        output, segment = spikes.times[0, :, neuron], spikes.segments[0, :, neuron].copy()
        fired = output != NEVER
        wins = self.wins[:, neuron]
        free = ~fired & (wins == 0).any(axis=1)
        segment[free] = (wins == 0).argmax(axis=1)[free]
        dendrites = np.arange(len(segment))
        inputs = self._inputs(times, dendrites, neuron, segment)
        weights = self._weights[dendrites, neuron, segment]
        weights[fired] = stdp(weights[fired], inputs[fired], output[fired], plasticity,
                              self.largest, rng)
        weights[free] = np.clip(self.ticks - np.minimum(inputs[free], self.ticks), 0, self.largest)
        idle = ~fired & ~free
        weights[idle] = search(weights[idle], inputs[idle], plasticity, self.largest, rng)
        wins[dendrites, segment] += 1
        self._write(dendrites, neuron, segment, weights)

    def unlearn(self, neuron: int, times: np.ndarray, spikes: DendriteSpikes,
                plasticity: Plasticity, rng: np.random.Generator) -> None:
        """Reverse the plasticity of the segments of a neuron that should not have won.

        Args:
            neuron: That neuron.
            times: Spike times `[inputs]`.
            spikes: What `respond` returned for this sample alone.
            plasticity: Probabilities of the steps.
            rng: Source of the draws.
        """
        output = spikes.times[0, :, neuron]
        dendrites = np.flatnonzero(output != NEVER)
        segment = spikes.segments[0, dendrites, neuron]
        weights = reverse(self._weights[dendrites, neuron, segment],
                          self._inputs(times, dendrites, neuron, segment), output[dendrites],
                          plasticity, self.largest, rng)
        self._write(dendrites, neuron, segment, weights)

    def learn_stream(self, times: np.ndarray, enabled: np.ndarray, soma_threshold: int,
                     plasticity: Plasticity, rng: np.random.Generator) -> np.ndarray:
        """Learn from every sample in turn in compiled loops; see `stream.learn_stream`."""
        from ant_ros.network.temporal.stream import learn_stream
        winners = learn_stream(times, enabled, *self._tables(), self.wins, soma_threshold,
                               np.array(list(vars(plasticity).values())), rng)
        self._levels = self._count_levels(self._weights, self._places)
        return winners

    def winner_stream(self, times: np.ndarray, soma_threshold: int) -> np.ndarray:
        """Return the winners in compiled loops; see `stream.winner_stream`."""
        from ant_ros.network.temporal.stream import winner_stream
        return winner_stream(times, *self._tables(), soma_threshold)

    def thin(self, synapses: int, ranks: np.ndarray) -> None:
        """Take synapses out, the same number on every segment.

        Args:
            synapses: Synapses that each segment keeps: those with the highest ranks.
            ranks: In the shape of `weights`.

        Raises:
            ValueError: No synapses would be left, or more than there are.
        """
        if not 1 <= synapses <= self._weights.shape[3]:
            raise ValueError(f'{synapses} synapses a segment: expected 1 to '
                             f'{self._weights.shape[3]}')
        kept = np.sort(np.argsort(-ranks, axis=3, kind='stable')[..., :synapses], axis=3)
        self._weights = np.take_along_axis(self._weights, kept, axis=3)
        self._places = np.take_along_axis(self._places, kept, axis=3)
        self._levels = self._count_levels(self._weights, self._places)

    def replace(self, neuron: int, weights: np.ndarray) -> None:
        """Give the first segments of a neuron other weights `[dendrites, synapses]`, unchecked."""
        dendrites = np.arange(len(self.lines))
        self._write(dendrites, neuron, np.zeros_like(dendrites), weights)
        self.wins[:, neuron, 0] += 1

    def state(self) -> dict[str, np.ndarray]:
        """Return everything as arrays."""
        return {'lines': self.lines.copy(), 'thresholds': self.thresholds.copy(),
                'weights': self._weights.copy(), 'places': self._places.copy(),
                'wins': self.wins.copy(),
                'cycle': np.array([self.ticks, self.largest, RESPONSES.index(self.response)])}

    @classmethod
    def from_state(cls, state: Mapping[str, np.ndarray]) -> 'Dendrites':
        """Return the dendrites that `state` was asked of.

        Raises:
            ValueError: Arrays are missing or do not fit each other.
        """
        missing = {'lines', 'thresholds', 'weights', 'places', 'wins', 'cycle'} - set(state)
        if missing:
            raise ValueError(f'the state lacks {", ".join(sorted(missing))}: give all arrays that '
                             'state() returned')
        ticks, largest, response = (int(value) for value in state['cycle'])
        weights, places = state['weights'], state['places']
        if weights.ndim != 4 or weights.shape != places.shape:
            raise ValueError(f'weights of shape {weights.shape} at places of shape '
                             f'{places.shape}: the state was mixed up or damaged')
        _, neurons, segments, synapses = weights.shape
        dendrites = cls(state['lines'], neurons, segments, thresholds=state['thresholds'],
                        ticks=ticks, largest=largest, response=RESPONSES[response])
        width = dendrites.lines.shape[1]
        if places.min() < 0 or places.max() >= width:
            raise ValueError(f'places from {places.min()} to {places.max()} on {width} lines: the '
                             'state was mixed up or damaged')
        dendrites._weights = dendrites._weights[..., :synapses]
        dendrites._places = places.astype(np.int64)
        dendrites.weights = weights
        dendrites.wins[:] = state['wins']
        return dendrites

    def _tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, int, bool]:
        """Return what compiled loops read."""
        return (self.lines, self.thresholds, self._weights, self._places, self.ticks,
                self.largest, self.response == 'step')

    def _inputs(self, times: np.ndarray, dendrites: np.ndarray, neuron: int,
                segment: np.ndarray) -> np.ndarray:
        """Return the spike times that segments see `[segments, synapses]`."""
        places = self._places[dendrites, neuron, segment]
        return times[np.take_along_axis(self.lines[dendrites], places, axis=1)]

    def _count_levels(self, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return how much each line adds in each tick from its spike on.

        Float32, so that a matrix product adds them up: sums of small integers are exact in it.

        Args:
            weights: `[dendrites, ..., synapses]`.
            places: Lines that the synapses read, in the same shape.

        Returns:
            `[dendrites, levels, ..., width]`.
        """
        dense = weights
        if weights.shape[-1] < self.lines.shape[1]:
            dense = np.zeros((*weights.shape[:-1], self.lines.shape[1]), np.int8)
            np.put_along_axis(dense, places, weights, axis=-1)
        if self.response == 'step':
            return dense[:, None].astype(np.float32)
        levels = np.arange(self.largest).reshape(-1, *(1,) * (dense.ndim - 1))
        return (dense[:, None] > levels).astype(np.float32)

    def _courses(self, times: np.ndarray) -> np.ndarray:
        """Return the potential of every segment in every tick `[dendrites, N, ticks, units]`."""
        dendrites, levels = self._levels.shape[:2]
        matrix = self._levels.reshape(dendrites, -1, self.lines.shape[1]).swapaxes(1, 2)
        inputs = times.T[self.lines].swapaxes(1, 2)  # [dendrites, N, width]
        units = matrix.shape[2] // levels
        slope = np.zeros((dendrites, len(times), self.ticks, units), np.float32)
        for tick in range(self.ticks):
            arrived = inputs == tick
            if arrived.any():
                rises = (arrived.astype(np.float32) @ matrix).reshape(
                    dendrites, len(times), levels, units)
                span = min(levels, self.ticks - tick)
                slope[:, :, tick:tick + span] += rises[:, :, :span]
        return np.cumsum(slope, axis=2)

    def _write(self, dendrites: np.ndarray, neuron: int, segment: np.ndarray,
               weights: np.ndarray) -> None:
        self._weights[dendrites, neuron, segment] = weights
        self._levels[dendrites, :, neuron, segment] = self._count_levels(
            weights, self._places[dendrites, neuron, segment])


def _check_sizes(dendrites: Dendrites, neurons: int, segments: int) -> None:
    lines = dendrites.lines
    if lines.ndim != 2 or lines.size == 0 or not np.issubdtype(lines.dtype, np.integer):
        raise ValueError(f'lines of shape {lines.shape} and type {lines.dtype}: expected '
                         'integers [dendrites, width], at least one of each')
    if lines.min() < 0:
        raise ValueError(f'line {lines.min()}: expected numbers of input lines, from 0')
    if neurons < 1 or segments < 1:
        raise ValueError(f'{neurons} neurons with {segments} segments: expected at least 1 each')
    if not 1 <= dendrites.largest <= np.iinfo(np.int8).max:
        raise ValueError(f'largest is {dendrites.largest}, expected 1 to 127, such as 7')
    if not 1 <= dendrites.ticks < NEVER // 4:
        raise ValueError(f'ticks is {dendrites.ticks}, expected 1 to {NEVER // 4 - 1}')
    if dendrites.response not in RESPONSES:
        raise ValueError(f'response is {dendrites.response!r}, expected one of {RESPONSES}')
    if (dendrites.thresholds < 1).any():
        raise ValueError(f'threshold {dendrites.thresholds.min()}: expected at least 1, or '
                         'segments would fire without input')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A column at work on a stream of samples, in compiled loops: what `TemporalColumn` does, faster.

Draws are made in the same order from the same generator, so weights are the same bit for bit.
Imports Numba: import it where it is needed.
"""

from numba import njit
import numpy as np

__all__ = ['learn_stream', 'winner_stream']

_NEVER = np.iinfo(np.int16).max
_CAPTURE, _MINUS, _BACKOFF, _SEARCH, _REVERSAL, _LEAST = range(6)


@njit(cache=True)
def learn_stream(times: np.ndarray, enabled: np.ndarray, lines: np.ndarray,
                 thresholds: np.ndarray, weights: np.ndarray, places: np.ndarray, ticks: int,
                 largest: int, step: bool, wins: np.ndarray, soma_threshold: int,
                 probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Learn from every sample in turn, in place, and return the neurons that did `[N]`.

    Args:
        times: Spike times `[N, inputs]`, int16.
        enabled: The one neuron that is enabled, or -1 for all, `[N]`.
        lines: `[dendrites, width]`.
        thresholds: `[dendrites]`.
        weights: `[dendrites, neurons, segments, synapses]`, int8.
        places: Which of its dendrite's lines each synapse reads.
        ticks: Length of the cycle.
        largest: Largest weight.
        step: Whether responses are steps rather than ramps.
        wins: `[dendrites, neurons, segments]`.
        soma_threshold: Sum of passed potentials at which a soma fires.
        probabilities: Those of `Plasticity`, in its order.
        rng: Source of the draws.
    """
    dendrites, neurons = weights.shape[:2]
    output = np.empty((dendrites, neurons), np.int64)
    segment = np.empty((dendrites, neurons), np.int64)
    fired_at, potential = np.empty(neurons, np.int64), np.empty(neurons, np.int64)
    strength = np.empty(neurons, np.int64)
    inputs = np.empty(lines.shape, np.int64)
    winners = np.empty(len(times), np.int64)
    for sample in range(len(times)):
        _read(times[sample], lines, inputs)
        _respond(inputs, thresholds, weights, places, ticks, largest, step, soma_threshold,
                 output, segment, fired_at, potential, strength)
        label = enabled[sample]
        winner = _earliest(fired_at, potential, label)
        if label >= 0 and probabilities[_REVERSAL] > 0:
            rival = _earliest(fired_at, potential, -1)
            if rival >= 0 and rival != label:
                _unlearn(rival, inputs, output, segment, weights, places, largest, probabilities,
                         rng)
        if winner < 0:
            winner = label if label >= 0 else _recruit(wins, strength)
        _learn(winner, inputs, output, segment, weights, places, wins, ticks, largest,
               probabilities, rng)
        winners[sample] = winner
    return winners


@njit(cache=True)
def winner_stream(times: np.ndarray, lines: np.ndarray, thresholds: np.ndarray,
                  weights: np.ndarray, places: np.ndarray, ticks: int, largest: int, step: bool,
                  soma_threshold: int) -> np.ndarray:
    """Return the neuron that fires first for every sample, or -1, `[N]`.

    Args:
        times: Spike times `[N, inputs]`, int16.
        lines: `[dendrites, width]`.
        thresholds: `[dendrites]`.
        weights: `[dendrites, neurons, segments, synapses]`, int8.
        places: Which of its dendrite's lines each synapse reads.
        ticks: Length of the cycle.
        largest: Largest weight.
        step: Whether responses are steps rather than ramps.
        soma_threshold: Sum of passed potentials at which a soma fires.
    """
    dendrites, neurons = weights.shape[:2]
    output = np.empty((dendrites, neurons), np.int64)
    segment = np.empty((dendrites, neurons), np.int64)
    fired_at, potential = np.empty(neurons, np.int64), np.empty(neurons, np.int64)
    strength = np.empty(neurons, np.int64)
    inputs = np.empty(lines.shape, np.int64)
    winners = np.empty(len(times), np.int64)
    for sample in range(len(times)):
        _read(times[sample], lines, inputs)
        _respond(inputs, thresholds, weights, places, ticks, largest, step, soma_threshold,
                 output, segment, fired_at, potential, strength)
        winners[sample] = _earliest(fired_at, potential, -1)
    return winners


@njit(cache=True)
def _read(times, lines, inputs):  # type: ignore[no-untyped-def]
    for d in range(lines.shape[0]):
        for i in range(lines.shape[1]):
            inputs[d, i] = times[lines[d, i]]


@njit(cache=True)
def _respond(inputs, thresholds, weights, places, ticks, largest, step,  # type: ignore
             soma_threshold, output, segment, fired_at, potential, strength):
    dendrites, neurons, segments, _ = weights.shape
    slope = np.empty(ticks + largest + 1, np.int64)
    course, best_course = np.empty(ticks, np.int64), np.empty(ticks, np.int64)
    drive = np.empty(ticks, np.int64)
    for n in range(neurons):
        drive[:] = 0
        strength[n] = 0
        for d in range(dendrites):
            best_time, best_potential = ticks + 1, -1
            for s in range(segments):
                _course(inputs[d], weights[d, n, s], places[d, n, s], step, slope, course)
                time = _reach(course, thresholds[d])
                reached = course[min(time, ticks - 1)]
                if time < best_time or (time == best_time and reached > best_potential):
                    best_time, best_potential, segment[d, n] = time, reached, s
                    course, best_course = best_course, course
            output[d, n] = best_time if best_time < ticks else _NEVER
            strength[n] += best_potential
            drive[best_time:] += best_course[best_time:]
        time = _reach(drive, soma_threshold)
        fired_at[n] = time if time < ticks else _NEVER
        potential[n] = drive[min(time, ticks - 1)]


@njit(cache=True)
def _course(inputs, weights, places, step, slope, course):  # type: ignore[no-untyped-def]
    """Write the potential in every tick."""
    ticks = len(course)
    slope[:] = 0
    for i in range(len(weights)):
        x, w = inputs[places[i]], weights[i]
        if x < ticks and w > 0:
            if step:
                slope[x] += w
            else:
                slope[x] += 1
                slope[x + w] -= 1
    rising, total = 0, 0
    for t in range(ticks):
        rising = slope[t] if step else rising + slope[t]
        total += rising
        course[t] = total


@njit(cache=True)
def _reach(course, threshold):  # type: ignore[no-untyped-def]
    """Return the first tick at the threshold, or the length of the cycle."""
    for t in range(len(course)):
        if course[t] >= threshold:
            return t
    return len(course)


@njit(cache=True)
def _earliest(fired_at, potential, label):  # type: ignore[no-untyped-def]
    if label >= 0:
        return label if fired_at[label] != _NEVER else -1
    best = -1
    for n in range(len(fired_at)):
        if fired_at[n] != _NEVER and (
                best < 0 or fired_at[n] < fired_at[best]
                or (fired_at[n] == fired_at[best] and potential[n] > potential[best])):
            best = n
    return best


@njit(cache=True)
def _recruit(wins, strength):  # type: ignore[no-untyped-def]
    for n in range(len(strength)):
        if wins[:, n].sum() == 0:
            return n
    return np.argmax(strength)


@njit(cache=True)
def _change(weight, up, probability, largest, least, rng):  # type: ignore[no-untyped-def]
    if least < 1.0:
        share = weight / largest
        held = share * (2.0 - share) if up else (1.0 - share) * (1.0 + share)
        probability = probability * (held + least - held * least)
    if rng.random() >= probability:
        return weight
    return min(weight + 1, largest) if up else max(weight - 1, 0)


@njit(cache=True)
def _unlearn(n, inputs, output, segment, weights, places, largest,  # type: ignore
             probabilities, rng):
    for d in range(len(output)):
        if output[d, n] != _NEVER:
            row, place = weights[d, n, segment[d, n]], places[d, n, segment[d, n]]
            for i in range(len(row)):
                late = inputs[d, place[i]] > output[d, n]
                row[i] = _change(row[i], late, probabilities[_REVERSAL], largest,
                                 probabilities[_LEAST], rng)


@njit(cache=True)
def _learn(n, inputs, output, segment, weights, places, wins, ticks, largest,  # type: ignore
           probabilities, rng):
    for d in range(len(output)):
        if output[d, n] != _NEVER:
            row, place = weights[d, n, segment[d, n]], places[d, n, segment[d, n]]
            wins[d, n, segment[d, n]] += 1
            for i in range(len(row)):
                x = inputs[d, place[i]]
                early = x <= output[d, n]
                if early:
                    probability = probabilities[_CAPTURE]
                elif x == _NEVER:
                    probability = probabilities[_BACKOFF]
                else:
                    probability = probabilities[_MINUS]
                row[i] = _change(row[i], early, probability, largest, probabilities[_LEAST], rng)
    for d in range(len(output)):
        if output[d, n] == _NEVER:
            _search(wins[d, n], weights[d, n], places[d, n], segment[d, n], inputs[d], ticks,
                    largest, probabilities[_SEARCH], rng)


@njit(cache=True)
def _search(wins, weights, places, strongest, inputs, ticks, largest,  # type: ignore
            probability, rng):
    for s in range(len(wins)):
        if wins[s] == 0:
            wins[s] += 1
            for i in range(weights.shape[1]):
                weights[s, i] = min(max(ticks - inputs[places[s, i]], 0), largest)
            return
    wins[strongest] += 1
    row, place = weights[strongest], places[strongest]
    for i in range(len(row)):
        if rng.random() < probability and inputs[place[i]] != _NEVER:
            row[i] = min(row[i] + 1, largest)

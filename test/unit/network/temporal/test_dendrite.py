# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.network.temporal.dendrite import Dendrites
from ant_ros.network.temporal.encoding import NEVER
from ant_ros.network.temporal.plasticity import Plasticity

TICKS = 9


def dendrites(weights, thresholds=1, response='ramp', lines=None):
    weights = np.array(weights, np.int8)
    made = Dendrites(np.arange(weights.shape[3])[None] if lines is None else np.array(lines),
                     weights.shape[1], weights.shape[2], thresholds=thresholds, ticks=TICKS,
                     response=response)
    made.weights = weights
    return made


def potential(times, weights, tick, response):
    """Add up the responses as the formulas of the module say."""
    total = 0
    for x, w in zip(times.tolist(), weights.tolist()):
        if x != NEVER:
            total += min(max(tick - x + 1, 0), w) if response == 'ramp' else w * (tick >= x)
    return total


@pytest.mark.parametrize('response', ['ramp', 'step'])
def test_segments_fire_when_the_responses_of_the_formulas_add_up(response):
    rng = np.random.default_rng(1)
    weights = rng.integers(0, 8, (2, 3, 2, 5))
    lines = rng.integers(0, 8, (2, 5))
    thresholds = np.array([9, 14])
    made = dendrites(weights, thresholds, response, lines)
    times = rng.choice([0, 1, 2, 3, 5, 8, NEVER], (20, 8)).astype(np.int16)
    spikes = made.respond(times)
    for n, d, k in np.ndindex(20, 2, 3):
        found = []
        for s in range(2):
            course = [potential(times[n, lines[d]], weights[d, k, s], t, response)
                      for t in range(TICKS)]
            fired = [t for t in range(TICKS) if course[t] >= thresholds[d]]
            found.append((fired[0], -course[fired[0]], s) if fired
                         else (NEVER, -course[-1], s))
        time, negative, segment = min(found)
        assert (spikes.times[n, d, k], spikes.potentials[n, d, k],
                spikes.segments[n, d, k]) == (time, -negative, segment)


def test_a_dendrite_passes_its_potential_on_from_its_spike_and_not_before():
    made = dendrites([[[[3, 3]]]], thresholds=4)
    spikes = made.respond(np.array([[0, 1]], np.int16))
    assert spikes.times.tolist() == [[[2]]]
    assert spikes.drive[0, :, 0].tolist() == [0, 0, 5, 6, 6, 6, 6, 6, 6]


def test_equal_segments_speak_in_the_order_of_their_numbers():
    made = dendrites([[[[2, 2], [2, 2]]]], thresholds=2)
    assert made.respond(np.array([[0, 0]], np.int16)).segments.tolist() == [[[0]]]


def test_only_the_segment_that_spoke_learns():
    made = dendrites([[[[5, 1], [1, 5]], [[3, 3], [3, 3]]]], thresholds=5)
    times = np.array([[0, NEVER]], np.int16)
    before = made.weights.copy()
    made.learn(0, times[0], made.respond(times), Plasticity(1.0, 1.0, 1.0),
               np.random.default_rng(0))
    assert made.weights[0, 0, 0].tolist() == [6, 0]
    assert (made.weights[0, 0, 1] == before[0, 0, 1]).all()
    assert (made.weights[0, 1] == before[0, 1]).all()


def test_a_silent_dendrite_gives_a_fresh_segment_the_pattern_and_then_searches():
    made = Dendrites(np.arange(3)[None], 1, 1, thresholds=99, ticks=TICKS)
    times = np.array([[0, 4, NEVER]], np.int16)
    plasticity = Plasticity(search=1.0)
    made.learn(0, times[0], made.respond(times), plasticity, np.random.default_rng(0))
    assert made.weights[0, 0, 0].tolist() == [7, 5, 0]
    made.learn(0, times[0], made.respond(times), plasticity, np.random.default_rng(0))
    assert made.weights[0, 0, 0].tolist() == [7, 6, 0]
    assert made.wins.tolist() == [[[2]]]


def test_thinned_segments_keep_the_synapses_of_the_highest_rank():
    made = dendrites([[[[7, 0, 3, 5], [0, 7, 7, 1]]]], thresholds=3)
    made.thin(2, made.weights)
    assert made.weights[0, 0].tolist() == [[7, 5], [7, 7]]
    assert made.places[0, 0].tolist() == [[0, 3], [1, 2]]
    assert made.synapses == 4
    spikes = made.respond(np.array([[NEVER, 0, 0, NEVER]], np.int16))
    assert spikes.drive[0, -1].tolist() == [14.0]
    with pytest.raises(ValueError, match='3 synapses a segment: expected 1 to 2'):
        made.thin(3, made.weights)


def test_the_state_gives_the_same_dendrites_back():
    made = dendrites(np.random.default_rng(0).integers(0, 8, (1, 3, 2, 4)), thresholds=5)
    made.thin(3, made.weights)
    again = Dendrites.from_state(made.state())
    times = np.array([[0, 3, 1, NEVER]], np.int16)
    assert (again.respond(times).drive == made.respond(times).drive).all()
    assert {key: value.tolist() for key, value in again.state().items()} == {
        key: value.tolist() for key, value in made.state().items()}


@pytest.mark.parametrize(('key', 'value', 'message'), [
    ('weights', np.full((1, 1, 1, 2), 8, np.int8), 'weights from 8 to 8, expected 0 to 7'),
    ('weights', np.zeros((1, 1, 1, 3), np.int8), 'mixed up or damaged'),
    ('places', np.full((1, 1, 1, 2), 2), 'places from 2 to 2 on 2 lines'),
    ('places', None, 'the state lacks places'),
])
def test_a_damaged_state_is_refused(key, value, message):
    state = dendrites([[[[1, 2]]]]).state()
    if value is None:
        del state[key]
    else:
        state[key] = value
    with pytest.raises(ValueError, match=message):
        Dendrites.from_state(state)


@pytest.mark.parametrize('weights', [
    np.full((1, 1, 1, 2), 8), np.full((1, 1, 1, 2), -1), np.full((1, 1, 1, 2), 0.5),
    np.zeros((1, 1, 2))])
def test_weights_out_of_range_are_refused_and_change_nothing(weights):
    made = dendrites([[[[1, 2]]]])
    with pytest.raises(ValueError, match='weights'):
        made.weights = weights
    assert made.weights.tolist() == [[[[1, 2]]]]
    with pytest.raises(ValueError, match='read-only'):
        made.weights[0] = 3


@pytest.mark.parametrize(('change', 'message'), [
    ({'lines': np.zeros((1, 0), int)}, 'lines of shape'),
    ({'lines': np.array([[-1]])}, 'line -1'),
    ({'lines': np.array([[0.5]])}, 'expected integers'),
    ({'neurons': 0}, '0 neurons'), ({'segments': 0}, 'with 0 segments'),
    ({'thresholds': 0}, 'threshold 0'), ({'ticks': 0}, 'ticks is 0'),
    ({'largest': 128}, 'largest is 128'), ({'response': 'leaky'}, "response is 'leaky'"),
])
def test_bad_sizes_are_refused(change, message):
    arguments = {'lines': np.arange(2)[None], 'neurons': 1, 'segments': 1, 'thresholds': 1,
                 'ticks': 8} | change
    with pytest.raises(ValueError, match=message):
        Dendrites(arguments.pop('lines'), arguments.pop('neurons'), arguments.pop('segments'),
                  **arguments)

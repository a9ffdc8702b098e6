# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A replay gives the same state, bit for bit, or says why it cannot."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError
from ant_ros.network.event_log import load_event_log
from ant_ros.network.event_log import Recorder
from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend
from ant_ros.network.program import Program
from ant_ros.network.replay import replay
from ant_ros.network.schedules import Course
from ant_ros.network.schedules import run_schedule
from ant_ros.network.schedules import SCHEDULES
from ant_ros.network.torch_backend import TorchBackend

_EXPECTED = np.random.default_rng(0).normal(size=(3, 30, 26)).astype(np.float32)


def _program(kind=CompiledBackend, seed=0, expected=_EXPECTED, passing=0.0):
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3, 2, 1), nn.SiLU(), nn.Conv2d(6, 6, 3, 1, 1, groups=6), nn.ReLU(),
        nn.Conv2d(6, 4, 3, 1, 1)).eval()
    program = Program(convert(network, expected), expected, passing=passing)
    backend = kind(program)
    program.rest(backend)
    return program, backend


def _image(seed=1, expected=_EXPECTED):
    image = expected.copy()
    image[:, 20:, 17:] += np.random.default_rng(seed).normal(size=(3, 10, 9)).astype(np.float32)
    return image


def _run(program, backend, schedule, threshold=0.2, image=None, follow=False,
         max_units=None) -> tuple[EventLog, Course]:
    recorder = Recorder(program, threshold)
    events = program.load(_image() if image is None else image, threshold, follow=follow)
    recorder.events(events)
    course = run_schedule(program, backend, schedule, events, seed=5, recorder=recorder,
                          max_units=max_units)
    return recorder.log(course.cut, course.settled), course


@pytest.mark.parametrize('passing', [0.0, 0.1])
@pytest.mark.parametrize('schedule', SCHEDULES)
@pytest.mark.parametrize('kind', [CompiledBackend, TorchBackend, OnnxRuntimeBackend])
def test_a_replay_gives_the_same_bits(kind, schedule, passing, tmp_path):
    program, backend = _program(kind, passing=passing)
    log, course = _run(program, backend, schedule)
    bits = program.values.copy().view(np.uint32)
    program.restore()
    log.save(tmp_path / 'run.events')
    again = replay(program, backend, load_event_log(tmp_path / 'run.events'))

    assert again == course
    assert again.units > 20
    np.testing.assert_array_equal(program.values.view(np.uint32), bits)


def test_a_network_built_anew_replays_the_log():
    log, _ = _run(*_program(), 'random')
    program, backend = _program()
    replay(program, backend, log)
    bits = program.values.copy().view(np.uint32)
    program.restore()
    _run(program, backend, 'random')

    np.testing.assert_array_equal(program.values.view(np.uint32), bits)


def test_a_run_that_was_cut_is_replayed_as_far_as_it_went():
    program, backend = _program()
    log, course = _run(program, backend, 'priority', max_units=9)
    bits, eligible = program.values.copy().view(np.uint32), program.eligible.copy()
    program.restore()
    again = replay(program, backend, log)

    assert again == course and again.cut
    np.testing.assert_array_equal(program.values.view(np.uint32), bits)
    np.testing.assert_array_equal(program.eligible, eligible)


@pytest.mark.parametrize('other', [
    {'seed': 1}, {'passing': 0.3}, {'expected': _EXPECTED + np.float32(1e-3)}])
def test_a_log_of_another_network_is_refused_and_nothing_changes(other):
    log, _ = _run(*_program(), 'batched')
    program, backend = _program(**other)
    before = program.values.copy()
    with pytest.raises(EventLogError, match='belongs to another network'):
        replay(program, backend, log)

    np.testing.assert_array_equal(program.values, before)
    assert not program.eligible.any()


def test_a_log_that_began_in_another_state_is_refused_until_the_state_is_right():
    program, backend = _program()
    _run(program, backend, 'batched', follow=True)
    second = _image(2)
    log, course = _run(program, backend, 'batched', image=second, follow=True)
    bits = program.values.copy().view(np.uint32)
    again, its_backend = _program()
    with pytest.raises(EventLogError, match='began in another state'):
        replay(again, its_backend, log)
    _run(again, its_backend, 'batched', follow=True)

    assert replay(again, its_backend, log, follow=True) == course
    np.testing.assert_array_equal(again.values.view(np.uint32), bits)


def test_units_that_change_in_another_way_are_noticed():
    program, backend = _program(passing=0.1)
    log, _ = _run(program, backend, 'batched')
    program.restore()
    sent = log.sent.copy()
    sent[len(log.events)] ^= True
    with pytest.raises(EventLogError, match='the replay went another way at'):
        replay(program, backend, replace(log, sent=sent))

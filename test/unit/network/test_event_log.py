# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An event log holds what happened, and comes back from disk as it was."""

from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
import torch
from torch import nn

from ant_ros.network.conversion import convert
from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError
from ant_ros.network.event_log import load_event_log
from ant_ros.network.event_log import network_hash
from ant_ros.network.event_log import Recorder
from ant_ros.network.event_log import state_hash
from ant_ros.network.program import Program
from ant_ros.network.schedules import run_schedule
from ant_ros.network.torch_backend import TorchBackend

_EXPECTED = np.random.default_rng(0).normal(size=(3, 30, 22)).astype(np.float32)


def _program(passing: float = 0.0, tile: int = 4) -> tuple[Program, TorchBackend]:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 4, 3, 1, 1))
    program = Program(convert(network.eval(), _EXPECTED), _EXPECTED, passing=passing, tile=tile)
    backend = TorchBackend(program)
    program.rest(backend)
    return program, backend


def _recorded(threshold: float = 0.5) -> tuple[Program, EventLog, np.ndarray]:
    program, backend = _program()
    image = _EXPECTED.copy()
    image[:, 26:, 18:] += 1
    recorder = Recorder(program, threshold)
    events = program.load(image, threshold)
    recorder.events(events)
    course = run_schedule(program, backend, 'batched', events, recorder=recorder)
    return program, recorder.log(course.cut, course.settled), image


def test_the_log_holds_every_batch_in_order():
    program, log, _ = _recorded()
    batches = list(log.batches())

    assert log.events.tolist() == [40, 41, 46, 47]
    assert [node for node, _, _ in batches] == [1, 2]
    assert sum(len(tiles) for _, tiles, _ in batches) == len(log.units) - len(log.events)
    for node, tiles, sent in batches:
        assert sent.any()
        assert (log.change[np.isin(log.units, tiles + log.first[node])] >= 0).all()
    np.testing.assert_array_equal(log.first, program.first)
    assert log.grids == list(program.grid)
    assert not log.cut and log.settled


def test_the_log_holds_the_pixels_of_the_events_with_zeros_beyond_the_border():
    program, log, image = _recorded()
    rows, columns = program.grid[0]

    corner = log.events.tolist().index(rows * columns - 1)
    assert log.pixels.shape == (len(log.events), 4, 4, 3)
    np.testing.assert_array_equal(log.pixels[corner, :2, :2],
                                  image[:, 28:, 20:].transpose(1, 2, 0))
    assert not log.pixels[corner, 2:].any() and not log.pixels[corner, :, 2:].any()


def test_a_log_comes_back_from_disk_as_it_was(tmp_path):
    _, log, _ = _recorded()
    log.save(tmp_path / 'run.events')
    again = load_event_log(tmp_path / 'run.events')

    for name in ('passing', 'units', 'ends', 'sent', 'change', 'pixels'):
        np.testing.assert_array_equal(getattr(again, name), getattr(log, name))
        assert getattr(again, name).dtype == getattr(log, name).dtype
    empty = np.zeros(0)
    rest = dict.fromkeys(('passing', 'units', 'ends', 'sent', 'change', 'pixels'), empty)
    assert repr(replace(again, **rest)) == repr(replace(log, **rest))
    assert again.why(2, 3, 2) == log.why(2, 3, 2)
    assert [path.name for path in tmp_path.iterdir()] == ['run.events']


def test_a_run_without_events_is_logged_too(tmp_path):
    program, _ = _program()
    recorder = Recorder(program, 0.1)
    recorder.events(program.load(_EXPECTED, 0.1))
    log = recorder.log(False, True)
    log.save(tmp_path / 'run.events')

    assert list(load_event_log(tmp_path / 'run.events').batches()) == []
    assert not len(log.events)


@pytest.mark.parametrize('place', [0.2, 0.6, 0.95])
def test_a_damaged_file_is_refused(tmp_path, place):
    path = tmp_path / 'run.events'
    _recorded()[1].save(path)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)

    with pytest.raises(EventLogError, match=r'run\.events.* damaged'):
        load_event_log(path)


def test_half_a_file_is_refused(tmp_path):
    path = tmp_path / 'run.events'
    _recorded()[1].save(path)
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(EventLogError, match='no event log or damaged'):
        load_event_log(path)


def test_a_missing_file_and_a_foreign_one_are_refused(tmp_path):
    with pytest.raises(EventLogError, match='cannot read the event log'):
        load_event_log(tmp_path / 'none.events')
    (tmp_path / 'weights.safetensors').write_bytes(
        safetensors.numpy.save({'weight': np.ones(3, np.float32)}))
    with pytest.raises(EventLogError, match='is a safetensors file, but no event log'):
        load_event_log(tmp_path / 'weights.safetensors')


def test_another_schema_is_refused_with_the_version_that_wrote_it(tmp_path, monkeypatch):
    monkeypatch.setattr('ant_ros.network.event_log.SCHEMA', 7)
    _recorded()[1].save(tmp_path / 'run.events')
    monkeypatch.undo()

    with pytest.raises(EventLogError, match='schema 7, this version reads 1: use the version'):
        load_event_log(tmp_path / 'run.events')


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    _, log, _ = _recorded()
    with pytest.raises(EventLogError, match='cannot write'):
        log.save(tmp_path / 'no folder' / 'run.events')


def test_the_hash_tells_networks_apart():
    program, _ = _program()
    other_passing, _ = _program(passing=0.1)
    other_tile, _ = _program(tile=2)

    hashes = {network_hash(one) for one in (program, other_passing, other_tile)}
    assert len(hashes) == 3
    assert network_hash(_program()[0]) == network_hash(program)
    state, network = state_hash(program), network_hash(program)
    program.graph.tensors['0.weight'].flat[0] += 1e-3
    assert network_hash(program) != network
    program.load(_EXPECTED + 1, 0.0)
    assert state_hash(program) != state

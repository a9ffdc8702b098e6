# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""why: from a unit back to the tile of the image that woke it."""

from itertools import pairwise
from pathlib import Path
import runpy

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.network.conversion import convert
from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError
from ant_ros.network.event_log import Recorder
from ant_ros.network.program import Program
from ant_ros.network.schedules import run_schedule
from ant_ros.network.torch_backend import TorchBackend

_EXPECTED = np.zeros((1, 24, 24), np.float32)


def _recorded(schedule: str = 'batched', max_units: int | None = None,
              passing: float = 0.0) -> tuple[EventLog, Program, TorchBackend]:
    """Two places of the image change, the lower right one more; averages of 3 x 3 twice."""
    network = nn.Sequential(nn.Conv2d(1, 1, 3, 1, 1), nn.Conv2d(1, 1, 3, 1, 1)).eval()
    for layer in network:
        nn.init.constant_(layer.weight, 1 / 9)
        nn.init.constant_(layer.bias, 0.0)
    program = Program(convert(network, torch.from_numpy(_EXPECTED)), _EXPECTED, tile=4,
                      passing=passing)
    backend = TorchBackend(program)
    program.rest(backend)
    image = _EXPECTED.copy()
    image[0, 2, 2] = 1.0
    image[0, 2, 9] = -3.0
    recorder = Recorder(program, 0.25)
    events = program.load(image, 0.25)
    recorder.events(events)
    course = run_schedule(program, backend, schedule, events, recorder=recorder,
                          max_units=max_units)
    return recorder.log(course.cut, course.settled), program, backend


def test_a_unit_between_two_events_is_blamed_on_the_larger_change():
    log, _, _ = _recorded()
    reason = log.why(2, 0, 1)

    assert reason.woken
    assert [(step.node, step.row, step.column) for step in reason.steps] == [
        (0, 0, 2), (1, 0, 2), (2, 0, 1)]
    assert reason.steps[0].change == pytest.approx(3.0)
    assert reason.steps[0].threshold == 0.25
    assert reason.steps[1].change == pytest.approx(3 / 9)
    assert str(reason) == (
        'tile (0, 1) of 1 was woken by image tile (0, 2) at rows 0 to 3, columns 8 to 11, which '
        'differs by 3, 2.75 above the threshold of 0.25; by way of 0 (0, 2) changed by 0.333')


def test_a_unit_that_only_one_event_reaches_is_blamed_on_it():
    log, _, _ = _recorded()

    assert log.why(2, 0, 0).steps[0].column == 0
    assert log.why('0', 0, 0).steps[0].change == pytest.approx(1.0)


@pytest.mark.parametrize('schedule', ['batched', 'priority', 'random'])
def test_every_step_of_every_reason_reads_the_one_before_and_comes_after_it(schedule):
    log, program, _ = _recorded(schedule)
    for unit in np.unique(log.units[len(log.events):]):
        node, row, column = log.place(int(unit))
        steps = log.why(node, row, column).steps
        assert steps[0].node == 0
        assert steps[0].change > steps[0].threshold
        assert (steps[-1].node, steps[-1].row, steps[-1].column) == (node, row, column)
        for before, after in pairwise(steps):
            assert before.node == program.graph.nodes[after.node].inputs[0]
            assert abs(before.row - after.row) <= 1 and abs(before.column - after.column) <= 1


def test_an_image_tile_says_how_far_it_is_above_the_threshold():
    log, _, _ = _recorded()

    assert str(log.why(0, 0, 0)) == ('image tile (0, 0) at rows 0 to 3, columns 0 to 3 differs by '
                                     '1, 0.75 above the threshold of 0.25')


def test_a_unit_that_slept_says_so():
    log, _, _ = _recorded()
    reason = log.why(2, 5, 5)

    assert not reason.woken
    assert reason.steps == ()
    assert str(reason) == ('tile (5, 5) of 1 was not woken: nothing that it reads changed enough')
    assert 'was no event: it differs by no more than 0.25' in str(log.why(0, 5, 5))


def test_a_unit_that_an_earlier_run_left_waiting_says_so():
    _, program, backend = _recorded(max_units=2)
    recorder = Recorder(program, 0.25)
    recorder.events(np.zeros(0, np.int32))
    run_schedule(program, backend, 'batched', np.zeros(0, np.int32), recorder=recorder)
    log = recorder.log(False, True)
    reason = log.why(1, 0, 2)

    assert reason.woken
    assert len(reason.steps) == 1
    assert str(reason) == ('tile (0, 2) of 0 was woken by what an earlier run, cut short, had '
                           'left waiting')


def test_a_unit_that_does_not_exist_is_refused():
    log, _, _ = _recorded()
    with pytest.raises(EventLogError, match=r"no tile \(6, 0\) in '1': it has 6 x 6 tiles"):
        log.why(2, 6, 0)
    with pytest.raises(EventLogError, match=r"no node 'head': choose one of input, 0, 1"):
        log.why('head', 0, 0)
    with pytest.raises(EventLogError, match='no node 3: the network has the nodes 0 to 2'):
        log.why(3, 0, 0)


def test_the_example_says_why_draws_and_replays(capsys, tmp_path):
    path = Path(__file__).parents[3] / 'examples' / 'why_did_it_wake.py'
    runpy.run_path(str(path))['main'](tmp_path)
    woken, slept, replayed, _ = capsys.readouterr().out.splitlines()

    assert 'was woken by image tile' in woken and 'threshold of 0.5' in woken
    assert 'was not woken' in slept
    assert replayed == 'replayed, the same to the last bit: True'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['activity.png', 'run.events']

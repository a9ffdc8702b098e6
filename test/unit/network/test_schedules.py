# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Schedules: another order, the same answer; budgets; loops."""

from collections import Counter
from pathlib import Path
import re
import runpy
import time

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.event_log import Recorder
from ant_ros.network.program import Program
from ant_ros.network.schedules import Course
from ant_ros.network.schedules import run_schedule
from ant_ros.network.schedules import SCHEDULES
from ant_ros.network.settling import Settling


class _Branches(nn.Module):
    """Two ways of different length that meet again, and one over the whole map."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.long = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.SiLU(),
                                  nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU())
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.Sigmoid())
        self.head = nn.Conv2d(16, 4, 1)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        y = self.long(x)
        return self.head(torch.cat([x + y, y * self.gate(x)], 1))


class _Lateral(nn.Module):
    def __init__(self):
        super().__init__()
        self.lateral = nn.Conv2d(3, 3, 3, 1, 1, bias=False)

    def forward(self, x, state):
        return torch.tanh(x + self.lateral(state))


class _Settles(nn.Module):
    """Lateral connections that come to rest, with something before and after."""

    def __init__(self):
        super().__init__()
        self.before = nn.AvgPool2d(2)
        self.block = Settling(_Lateral(), tolerance=1e-6, max_sweeps=60)
        self.after = nn.Conv2d(3, 2, 1)
        self.block.contract_(torch.zeros(1, 3, 16, 16), 0.5)

    def forward(self, x):
        return self.after(self.block(self.before(x)))


class _Restless(nn.Module):
    """Lateral connections that turn about for ever."""

    def __init__(self):
        super().__init__()
        cell = _Lateral()
        nn.init.constant_(cell.lateral.weight, -2.0)
        self.block = Settling(cell, tolerance=1e-6, max_sweeps=7, bounded=True)

    def forward(self, x):
        return self.block(x)


def _image(seed=0, size=32):
    return np.random.default_rng(seed).normal(size=(3, size, size)).astype(np.float32)


def _program(network, **options):
    torch.manual_seed(0)
    expected = _image()
    program = Program(convert(network().eval(), expected), expected, **options)
    backend = CompiledBackend(program)
    program.rest(backend)
    return program, backend


def _changed(seed=1):
    image = _image()
    image[:, 8:17, 10:19] = _image(seed)[:, 8:17, 10:19]
    return image


def _run(program, backend, schedule, image, **options):
    events = program.load(image, 0.0)
    course = run_schedule(program, backend, schedule, events, **options)
    return program.value(program.graph.outputs[0]).copy(), course


def test_every_schedule_gives_the_dense_answer():
    program, backend = _program(_Branches)
    torch.manual_seed(0)
    with torch.no_grad():
        dense = _Branches().eval()(torch.from_numpy(_changed())[None])[0].numpy()
    runs = [('batched', 0), ('priority', 0), *(('random', seed) for seed in range(20))]
    updates = set()
    for schedule, seed in runs:
        answer, course = _run(program, backend, schedule, _changed(), seed=seed)
        assert not program.eligible.any()
        program.restore()
        assert np.abs(answer.transpose(2, 0, 1) - dense).max() <= 1e-5 * np.abs(dense).max()
        assert not course.cut and course.settled
        updates.add(course.units)
    assert len(updates) > 10  # the orders did differ


def test_batched_computes_every_unit_at_most_once():
    program, backend = _program(_Branches)
    recorder = Recorder(program, 0.0)
    events = program.load(_changed(), 0.0)
    recorder.events(events)
    course = run_schedule(program, backend, 'batched', events, recorder=recorder)
    log = recorder.log(False, True)

    assert max(Counter(log.units.tolist()).values()) == 1
    assert course.units == len(log.units) - len(events)
    nodes = [node for node, _, _ in log.batches()]
    assert nodes == sorted(nodes)


def test_batched_counts_what_the_compiled_loop_counts():
    program, backend = _program(_Branches, tile=3)  # 16 positions: tiles at the border are cut
    _, course = _run(program, backend, 'batched', _changed())
    program.restore()
    program.load(_changed(), 0.0)
    compiled = backend.run()

    assert course.units > 20 and course.macs > 0
    assert (course.units, course.macs, course.floats) == (
        compiled.units, compiled.macs, compiled.floats)


def test_priority_computes_what_was_told_the_largest_change():
    program, backend = _program(_Branches, tile=4)
    image = _image()
    image[:, 4, 4] += 0.5
    image[:, 24, 24] += 5.0
    image[:, 4, 24] += 0.05
    recorder = Recorder(program, 0.0)
    events = program.load(image, 0.0)
    recorder.events(events)
    run_schedule(program, backend, 'priority', events, recorder=recorder, max_units=1)
    log = recorder.log(True, True)
    node, tiles, _ = next(log.batches())

    assert node == 1
    assert divmod(int(tiles[0]), program.grid[1][1]) == (3, 3)


def test_random_is_the_seed_and_nothing_else():
    program, backend = _program(_Branches)
    orders = []
    for seed in (3, 3, 4):
        recorder = Recorder(program, 0.0)
        events = program.load(_changed(), 0.0)
        recorder.events(events)
        run_schedule(program, backend, 'random', events, seed=seed, recorder=recorder)
        orders.append(recorder.log(False, True).units.tolist())
        program.restore()

    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


def test_random_chooses_each_eligible_unit_equally_often():
    program, backend = _program(_Branches)
    chosen = Counter()
    for seed in range(600):
        recorder = Recorder(program, 0.0)
        events = program.load(_changed(), 0.0)
        recorder.events(events)
        eligible = int(program.eligible.sum())
        run_schedule(program, backend, 'random', events, seed=seed, recorder=recorder,
                     max_units=1)
        chosen[int(recorder.log(True, True).units[-1])] += 1
        program.restore()
    expected = 600 / eligible
    # Chi-squared stays below its mean plus five standard deviations.
    surprise = sum((count - expected) ** 2 / expected for count in chosen.values())

    assert len(chosen) == eligible
    assert surprise < eligible + 5 * np.sqrt(2 * eligible)


@pytest.mark.parametrize('schedule', SCHEDULES)
def test_a_budget_of_units_cuts_and_the_next_run_goes_on(schedule):
    program, backend = _program(_Branches)
    whole, _ = _run(program, backend, schedule, _changed())
    program.restore()
    events = program.load(_changed(), 0.0)
    first = run_schedule(program, backend, schedule, events, max_units=7)
    assert first.units == 7 and first.cut and first.settled
    assert program.eligible.any()
    rest = run_schedule(program, backend, schedule, np.zeros(0, np.int32))

    assert not rest.cut
    np.testing.assert_allclose(program.value(program.graph.outputs[0]), whole, rtol=0, atol=1e-5)


@pytest.mark.parametrize('schedule', SCHEDULES)
def test_a_budget_that_is_just_enough_does_not_cut(schedule):
    program, backend = _program(_Branches)
    _, course = _run(program, backend, schedule, _changed())
    program.restore()
    _, again = _run(program, backend, schedule, _changed(), max_units=course.units)

    assert again == course


@pytest.mark.parametrize('schedule', SCHEDULES)
def test_a_deadline_cuts(schedule):
    program, backend = _program(_Branches)
    _, course = _run(program, backend, schedule, _changed(), deadline_ns=time.monotonic_ns())
    assert course == Course(0, 0, 0, True, True)
    program.restore()
    _, course = _run(program, backend, schedule, _changed(),
                     deadline_ns=time.monotonic_ns() + 10 ** 12)
    assert not course.cut


@pytest.mark.parametrize(('schedule', 'seeds'), [('batched', 1), ('priority', 1), ('random', 4)])
def test_a_loop_comes_to_rest_at_the_same_state_in_any_order(schedule, seeds):
    program, backend = _program(_Settles)
    torch.manual_seed(0)
    with torch.no_grad():
        dense = _Settles().eval()(torch.from_numpy(_changed())[None])[0].numpy()
    for seed in range(seeds):
        answer, course = _run(program, backend, schedule, _changed(), seed=seed)
        program.restore()
        assert course.settled and not course.cut
        assert np.abs(answer.transpose(2, 0, 1) - dense).max() <= 1e-5 * np.abs(dense).max()


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('schedule', SCHEDULES)
def test_a_loop_that_does_not_come_to_rest_is_stopped_and_says_so(schedule):
    program, backend = _program(_Restless)
    recorder = Recorder(program, 0.0)
    events = program.load(_changed(), 0.0)
    recorder.events(events)
    course = run_schedule(program, backend, schedule, events, recorder=recorder)
    updates = Counter(recorder.log(False, course.settled).units.tolist())

    assert not course.settled and not course.cut
    assert not program.eligible.any()
    assert max(updates.values()) == 7 * (1 if schedule == 'batched' else 4)


def test_no_event_no_work():
    program, backend = _program(_Branches)
    for schedule in SCHEDULES:
        assert _run(program, backend, schedule, _image())[1] == Course(0, 0, 0, False, True)


def test_an_unknown_schedule_is_refused():
    program, backend = _program(_Branches)
    with pytest.raises(ValueError, match="no schedule 'fifo': choose one of batched, priority"):
        run_schedule(program, backend, 'fifo', np.zeros(0, np.int32))


def test_the_example_shows_one_answer_in_every_order_and_what_a_budget_leaves(capsys):
    path = Path(__file__).parents[3] / 'examples' / 'schedules_and_budgets.py'
    runpy.run_path(str(path))['main']()
    orders, budgets = (part.splitlines() for part in re.split(
        r'\n(?=.*at most)', capsys.readouterr().out.strip(), maxsplit=1))

    assert len(orders) == 4
    assert all(float(line.split()[-1]) <= 1e-5 for line in orders)
    assert any('cut' in line for line in budgets)
    assert sum(' 0% of the change missing' in line for line in budgets) >= 2

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The batched run in compiled code: budgets, runs that follow one another, loops."""

import time

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.bench.network.networks import dilated
from ant_ros.bench.network.networks import settling
from ant_ros.bench.network.networks import texture
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.program import Program
from ant_ros.network.schedules import run_schedule


def _program(module=None, **options):
    expected = texture(1, 48, 0)[0].numpy()
    program = Program(convert(module or dilated(), expected), expected, **options)
    backend = CompiledBackend(program)
    program.rest(backend)
    return program, backend


def _changed(program, rng):
    image = program.expected.copy()
    height, width = rng.integers(1, 20, 2)
    top, left = rng.integers(0, 48 - height), rng.integers(0, 48 - width)
    image[:, top:top + height, left:left + width] += rng.normal(
        size=(3, height, width)).astype(np.float32)
    return image


def _respond(program, backend, image, answer, **options):
    return backend.respond(image, program.detect(image, 0.0), answer, **options)


def _slowly(program, backend, image):
    """Answer unit by unit in Python from the reference."""
    program.restore()
    events = program.load(image, 0.0)
    course = run_schedule(program, backend, 'priority', events)
    answer = program.answers()
    program.restore()
    return answer, course


def test_runs_that_leave_things_behind_do_not_disturb_one_another():
    program, backend = _program()
    other, slow = _program()
    rest = program.answers()
    rng = np.random.default_rng(0)
    for _ in range(40):
        image = _changed(program, rng)
        answer = rest.copy()
        _respond(program, backend, image, answer)
        assert np.array_equal(answer, _slowly(other, slow, image)[0])
    program.restore()
    assert np.array_equal(program.values, program.reference)


def test_passing_on_less_does_not_disturb_later_runs_either():
    program, backend = _program(passing=0.05)
    fresh, others = _program(passing=0.05)
    rest = program.answers()
    rng = np.random.default_rng(1)
    for _ in range(20):
        image = _changed(program, rng)
        answer, wanted = rest.copy(), rest.copy()
        run = _respond(program, backend, image, answer)
        fresh.restore()
        assert _respond(fresh, others, image, wanted).units == run.units
        assert np.array_equal(answer, wanted)


def test_a_lasting_state_follows_the_images():
    program, backend = _program(lasting=True)
    other, slow = _program()
    answer = program.answers()
    rng = np.random.default_rng(2)
    for _ in range(10):
        image = _changed(other, rng)
        events = program.detect(image, 0.0)
        backend.respond(image, events, answer)
        program.expect(image, events.tiles)
        assert np.array_equal(answer, _slowly(other, slow, image)[0])
        assert np.array_equal(answer, program.answers())


def test_a_budget_of_units_is_kept_exactly_and_can_be_gone_on_with():
    program, backend = _program()
    image = _changed(program, np.random.default_rng(3))
    program.load(image, 0.0)
    whole = backend.run()
    wanted = program.answers()
    assert not whole.cut
    program.restore()
    program.load(image, 0.0)
    steps = [backend.run(max_units=7)]
    assert steps[0].units == 7
    while steps[-1].cut:
        steps.append(backend.run(max_units=7))
    assert sum(step.units for step in steps) == whole.units
    assert sum(step.macs for step in steps) == whole.macs
    assert np.array_equal(program.answers(), wanted)


def test_no_time_is_no_unit():
    program, backend = _program()
    program.load(_changed(program, np.random.default_rng(3)), 0.0)
    run = backend.run(deadline_ns=time.monotonic_ns())
    assert (run.units, run.cut) == (0, True)
    assert program.eligible.any()
    assert not backend.run(deadline_ns=time.monotonic_ns() + 60_000_000_000).cut


def test_a_cut_answer_does_not_leave_units_waiting():
    program, backend = _program()
    image, answer = _changed(program, np.random.default_rng(4)), program.answers()
    rest = answer.copy()
    assert _respond(program, backend, image, answer, max_units=3).cut
    assert not program.eligible.any()
    again = rest.copy()
    _respond(program, backend, program.expected, again)
    assert np.array_equal(again, rest)


def test_everything_woken_counts_what_a_dense_run_costs():
    program, backend = _program()
    program.load(program.expected + 1, 0.0)
    run = backend.run()
    assert (run.units, run.macs, run.floats) == (
        program.units_total, program.macs_dense, program.floats_dense)
    assert run.compute_ns > 0


def test_a_loop_comes_to_rest_where_torch_does():
    module = settling()
    program, backend = _program(module)
    image = _changed(program, np.random.default_rng(5))
    program.load(image, 0.0)
    run = backend.run()
    assert run.settled
    with torch.no_grad():
        wanted = module(torch.from_numpy(image)[None]).numpy()
    output, = program.split_answers(program.answers())
    np.testing.assert_allclose(output, wanted, rtol=0, atol=1e-4 * np.abs(wanted).max())


class _Restless(nn.Module):
    def forward(self, x, state):
        return torch.tanh(x - 3 * state)


@pytest.mark.parametrize('sweeps', [1, 4])
def test_a_loop_without_rest_is_stopped_and_says_so(sweeps):
    from ant_ros.network.settling import Settling

    block = Settling(_Restless(), tolerance=1e-6, max_sweeps=sweeps, bounded=True).eval()
    program, backend = _program(nn.Sequential(block).eval())
    program.load(program.expected + 1, 0.0)
    run = backend.run()
    assert not run.settled
    assert not program.eligible.any()
    members = len(program.graph.nodes) - 1
    assert run.units <= program.units_total * sweeps * members

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Events or one dense run: bounds that hold, and the point where the one gets cheaper."""

from dataclasses import asdict
from dataclasses import replace
import json
import math

import numpy as np
import pytest

from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.networks import texture
from ant_ros.network.break_even import _follow_rectangle
from ant_ros.network.break_even import BreakEven
from ant_ros.network.break_even import by_macs
from ant_ros.network.break_even import Decision
from ant_ros.network.break_even import measure_break_even
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.program import Program


@pytest.fixture(scope='module', name='network')
def _network():
    expected = texture(1, 64, 0)[0].numpy()
    program = Program(convert(patch_descriptor(), expected), expected)
    backend = CompiledBackend(program)
    program.rest(backend)
    return program, backend


def _costs(program, dense_ns):
    """Each unit costs 1 ns and takes it."""
    total = float(program.units_total)
    return BreakEven(dense_ns, (0.0,) + (1.0,) * (len(program.grid) - 1), (0.0, total),
                     (0.0, total))


def _pasted(program, top, left, side):
    image = program.expected.copy()
    image[:, top:top + side, left:left + side] += 1
    return image


@pytest.mark.parametrize('place', [(0, 0, 5), (30, 20, 16), (40, 50, 14), (0, 0, 64)])
def test_no_more_units_compute_than_the_bound_says(network, place):
    program, backend = network
    decision = Decision(program, _costs(program, math.inf))
    tiles = program.load(_pasted(program, *place), 0.0)
    run = backend.run()
    program.restore()
    bound = decision.bound_ns(tiles)
    assert run.units <= bound <= 1.5 * run.units + 1


def test_a_rectangle_around_the_tiles_bounds_the_bound(network):
    program, _ = network
    decision = Decision(program, _costs(program, math.inf))
    unit_ns = np.ones(len(program.grid))
    unit_ns[0] = 0.0
    together = program.detect(_pasted(program, 20, 8, 12), 0.0).tiles
    apart = together[[0, -1]]
    assert _follow_rectangle(program.table, together, unit_ns) == decision.bound_ns(together)
    assert _follow_rectangle(program.table, apart, unit_ns) == decision.bound_ns(together)
    assert decision.bound_ns(apart) < decision.bound_ns(together)


def test_dense_begins_where_the_bound_exceeds_its_time(network):
    program, _ = network
    tiles = program.detect(_pasted(program, 20, 20, 12), 0.0).tiles
    bound = Decision(program, _costs(program, math.inf)).bound_ns(tiles)
    assert Decision(program, _costs(program, bound - 1)).dense(tiles)
    assert not Decision(program, _costs(program, bound + 1)).dense(tiles)


def test_many_tiles_are_dense_whatever_they_wake(network):
    program, _ = network
    tiles = np.arange(program.first[1], dtype=np.int32)
    half = Decision(program, _costs(program, program.units_total / 2))
    assert half.dense(tiles)
    assert half.dense(tiles[:half.fewest_dense])
    # As few tiles may still be followed where they lie well.
    assert half.fewest_dense > len(tiles) / 8
    assert not half.dense(tiles[:1])


def test_never_dense_never_is(network):
    program, _ = network
    assert not Decision(program, NEVER_DENSE).dense(np.arange(program.first[1], dtype=np.int32))


def test_the_bound_is_found_between_what_was_tried():
    costs = BreakEven(30.0, (), (0.0, 100.0, 200.0), (10.0, 20.0, 40.0))
    assert costs.largest_bound_ns == pytest.approx(150.0)
    assert replace(costs, dense_ns=5.0).largest_bound_ns == -math.inf
    assert replace(costs, dense_ns=50.0).largest_bound_ns == math.inf
    assert replace(costs, dense_ns=20.0).largest_bound_ns == pytest.approx(100.0)


@pytest.mark.parametrize('share', [0.5, 0.9])
def test_work_can_decide_instead_of_time(network, share):
    program, _ = network
    decision = Decision(program, by_macs(program.graph, share, program.tile))
    few = program.detect(_pasted(program, 30, 30, 4), 0.0).tiles
    everything = np.arange(np.diff(program.first)[0], dtype=np.int32)

    assert not decision.dense(few)
    assert decision.dense(everything)
    costs = by_macs(program.graph, share, program.tile)
    assert costs.dense_ns == pytest.approx(share * program.macs_dense)
    assert costs.unit_ns == tuple(
        program.macs_per_unit(node) for node in range(len(program.grid)))


def test_it_survives_as_json():
    costs = BreakEven(30.0, (1.0, 2.0), (0.0, 100.0), (10.0, 20.0))
    kept = json.loads(json.dumps(asdict(costs)))
    assert BreakEven(**{name: tuple(value) if isinstance(value, list) else value
                        for name, value in kept.items()}) == costs


def test_measuring_leaves_the_program_at_rest(network):
    program, backend = network
    runs = []

    def run_node(node):
        backend.run(max_units=int(program.first[node + 1] - program.first[node]))

    def respond(image):
        runs.append(backend.respond(image, program.detect(image, 0.0), program.answers()))

    costs = measure_break_even(program, run_node, respond, np.sum)
    program.restore()
    assert np.array_equal(program.values, program.reference)
    assert costs.dense_ns > 0
    assert len(costs.unit_ns) == len(program.grid)
    assert sum(costs.unit_ns) > 0
    assert np.all(np.diff(costs.bound_ns) >= 0)
    assert np.all(np.diff(costs.taken_ns) >= 0)
    assert runs[0].units == 0
    assert runs[-1].units == program.units_total

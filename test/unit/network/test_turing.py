# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A Turing machine on a network without a clock."""

from copy import deepcopy
from pathlib import Path
import runpy

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from ant_ros.bench.network import turing as figures_of_turing
from ant_ros.bench.network.turing import automata_answer
from ant_ros.bench.network.turing import BUSY_BEAVER
from ant_ros.bench.network.turing import COPY
from ant_ros.bench.network.turing import INCREMENT
from ant_ros.bench.network.turing import PALINDROME
from ant_ros.bench.network.turing import SCHEDULES
from ant_ros.bench.network.turing import SWEEP
from ant_ros.network.handshake import HandshakeError
from ant_ros.network.handshake import picker
from ant_ros.network.handshake import ThresholdUnits
from ant_ros.network.turing import Machine
from ant_ros.network.turing import TuringNetwork

EXAMPLE = Path(__file__).parents[3] / 'examples' / 'universal_machine.py'


def answer(run):
    return run.tape, run.head, run.state, run.halted, run.steps


def run_all(machine, tape, **options):
    """Return the one answer of all schedules."""
    runs = [TuringNetwork(machine, tape).run(*order, **options) for order in SCHEDULES]
    assert len(runs) >= 20
    # The same work too: in every order each unit fires equally often.
    assert len({(*answer(run), run.units_fired, run.units_touched) for run in runs}) == 1
    return runs[0]


@pytest.mark.parametrize(('machine', 'tape', 'expected'), [
    (INCREMENT, '1011', '1100'),
    (INCREMENT, '1' * 30, '1' + '0' * 30),
    (INCREMENT, '', '1'),
    (COPY, '0110', '0110#0110'),
    (COPY, '', '#'),
    (PALINDROME, '0110110', ''),
    (PALINDROME, '10', None),
    (PALINDROME, '1100110', None),
])
def test_every_schedule_gives_the_answer_of_another_implementation(machine, tape, expected):
    run = run_all(machine, tape)

    assert answer(run) == automata_answer(machine, tape, 10_000)
    assert run.accepted is (expected is not None)
    assert expected is None or ''.join(run.tape) == expected


def test_the_busy_beaver_stops_after_107_steps_with_13_ones():
    run = run_all(BUSY_BEAVER, '')

    assert answer(run) == automata_answer(BUSY_BEAVER, '', 1000)
    assert (run.steps, run.tape.count('1'), run.accepted) == (107, 13, True)


@st.composite
def machines(draw):
    states, symbols = 'ABCD'[:draw(st.integers(1, 4))], '_01'[:draw(st.integers(2, 3))]
    keys = [(state, symbol) for state in states for symbol in symbols]
    value = st.tuples(st.sampled_from([*states, 'stop']), st.sampled_from(symbols),
                      st.sampled_from('LRN'))
    table = {key: draw(value) for key in keys if draw(st.integers(0, 5))}
    table['A', '_'] = draw(value)
    return Machine(table, start='A', accept=frozenset({'stop'}))


@given(machine=machines(), data=st.data(), seed=st.integers(0, 2 ** 32))
@settings(max_examples=80, deadline=None, derandomize=True, database=None)
def test_random_machines_agree_with_another_implementation(machine, data, seed):
    tape = data.draw(st.text(machine.symbols, max_size=6))
    expected = automata_answer(machine, tape, 60)

    for schedule in ('random', 'ranked', 'fifo', 'lifo'):
        assert answer(TuringNetwork(machine, tape).run(schedule, seed, 60)) == expected


class AllBut:
    """Hold every unit but one, and that one after it has fired once."""

    def __init__(self, unit):
        self.unit = unit

    def __contains__(self, unit):
        if unit == self.unit:
            self.unit = None
            return False
        return True


def explore(units):
    """Let units fire in all orders there are; return how many configurations, and the last ones.

    Each firing checks that it takes back no other unit's eligibility.
    """
    seen, ends, todo = set(), [], [units]
    while todo:
        units = todo.pop()
        configuration = tuple(units.output), tuple(units.readers)
        if configuration in seen:
            continue
        seen.add(configuration)
        if not units.eligible:
            ends.append(configuration)
        for unit in units.eligible:
            branch = deepcopy(units)
            branch.held = AllBut(unit)
            branch.run(list.pop)
            todo.append(branch)
    return len(seen), ends


@pytest.mark.parametrize(('machine', 'tape'), [(INCREMENT, '1'), (PALINDROME, '0')])
def test_all_orders_there_are_end_alike(machine, tape):
    network = TuringNetwork(machine, tape)
    configurations, ends = explore(network.units)

    network.run()
    assert configurations > network.units.fired  # there was a choice
    assert ends == [(tuple(network.units.output), tuple(network.units.readers))]


def loosened(machine, tape, **without):
    """Return a network that lacks the acknowledge from one layer to another."""
    network = TuringNetwork(machine, tape)
    (source, target), = without.items()
    sources, targets = (getattr(network, f'_{name}') for name in (source, target))
    for unit in sources if isinstance(sources, range) else (sources,):
        network.units.readers[unit] = tuple(
            wire for wire in network.units.readers[unit] if wire[0] not in targets)
    return network


@pytest.mark.parametrize('without', [
    {'done': 'reading'}, {'control': 'state'}, {'reading': 'symbol'},
    {'state': 'next_state'}, {'symbol': 'next_symbol'},
])
def test_without_any_of_the_acknowledges_it_breaks(without):
    expected = answer(TuringNetwork(INCREMENT, '1011').run())
    outcomes = set()
    for order in SCHEDULES:
        try:
            outcomes.add(answer(loosened(INCREMENT, '1011', **without).run(*order, max_steps=50)))
        except HandshakeError:
            outcomes.add('race')

    assert outcomes != {expected}


def check_local(units):
    """Check that each unit's potential is what its wires make of the units wired to it."""
    potential = [hold * bit - threshold for hold, bit, threshold
                 in zip(units.hold, units.output, units.threshold)]
    for source, wires in enumerate(units.readers):
        for reader, weight in wires:
            potential[reader] += weight * units.output[source]
    assert potential == units.potential


def test_a_unit_knows_only_what_is_wired_to_it():
    network = TuringNetwork(COPY, '0110')
    check_local(network.units)
    for _ in range(40):
        network.run('random', max_steps=1)
        check_local(network.units)


def wiring(network):
    """Return, for the units with wires, the sums of weights that they hear."""
    heard = {}
    for wires in network.units.readers:
        for reader, weight in wires:
            heard[reader] = heard.get(reader, 0) + abs(weight)
    return sorted(heard.values())


def test_precision_and_touched_units_do_not_grow_with_the_tape():
    seen = set()
    for length in (100, 1000, 10_000):
        tape = ['0'] * (length // 2 - 4) + [*'#0110110#'] + ['1'] * (length // 2 - 5)
        network = TuringNetwork(SWEEP, tape, head=length // 2)
        run = network.run(max_steps=300)
        assert (run.steps, run.halted, run.tape[:3]) == (300, False, ('0', '0', '0'))
        assert run.units_alive > 4 * (length - 1)
        seen.add((run.touched_mean, run.touched_max, *wiring(network)))

    assert len(seen) == 1


def test_memory_is_recruited_and_released():
    table = {('out', '1'): ('out', '_', 'R'), ('out', '_'): ('home', '_', 'L')}
    network = TuringNetwork(Machine(table, start='out'), '1' * 50)
    alive = [network.run(max_steps=1).units_alive for _ in range(5)]
    assert len(set(alive)) == 1  # what one stack releases the other one recruits

    grower = TuringNetwork(Machine({('on', '_'): ('on', '_', 'R')}, start='on'))
    alive = [grower.run(max_steps=1).units_alive for _ in range(5)]
    assert alive == list(range(alive[0], alive[0] + 5))  # one symbol, one unit per cell


def test_a_bound_stops_after_exactly_that_many_steps_and_a_further_run_goes_on():
    network, whole = TuringNetwork(COPY, '01'), TuringNetwork(COPY, '01').run()
    first = network.run('random', 1, max_steps=7)
    assert (first.steps, first.halted, first.accepted) == (7, False, False)
    assert answer(first) == automata_answer(COPY, '01', 7)

    second = network.run('lifo')
    assert (second.tape, second.accepted, second.steps) == (whole.tape, True, whole.steps - 7)
    assert second.units_fired + first.units_fired == whole.units_fired
    assert network.run().steps == 0


def test_a_head_in_the_middle_and_a_tape_that_grows_on_the_left():
    run = TuringNetwork(INCREMENT, '111', head=2).run()
    assert (run.tape, run.head) == (tuple('1000'), 0)

    left = Machine({('go', 'x'): ('go', 'x', 'L')}, start='go')
    assert TuringNetwork(left, 'x').run().head == -1
    assert TuringNetwork(left, '_').run().tape == ()


@pytest.mark.parametrize(('change', 'message'), [
    ({'transitions': {}}, 'no transitions'),
    ({'transitions': None}, 'no transitions'),
    ({'transitions': {('a', '1'): ('a', '1')}}, 'malformed'),
    ({'transitions': {'a1': ('a', '1', 'R')}}, 'malformed'),
    ({'transitions': {('a', 1): ('a', '1', 'R')}}, 'malformed'),
    ({'transitions': {('a', '1'): ('a', '1', 'up')}}, 'expected L, R or N'),
    ({'start': 'b'}, "start state 'b'"),
    ({'accept': frozenset('a')}, 'leaves an accepting state'),
    ({'accept': 'stop'}, 'expected a set'),
])
def test_a_bad_machine_is_refused(change, message):
    good = {'transitions': {('a', '1'): ('a', '1', 'R')}, 'start': 'a'}
    with pytest.raises(ValueError, match=message):
        Machine(**(good | change))


def test_bad_tapes_and_runs_are_refused():
    with pytest.raises(ValueError, match="symbol '2' at place 1"):
        TuringNetwork(INCREMENT, '12')
    with pytest.raises(ValueError, match='outside the tape'):
        TuringNetwork(INCREMENT, '11', head=2)
    network = TuringNetwork(INCREMENT, '11')
    with pytest.raises(ValueError, match='max_steps is -1'):
        network.run(max_steps=-1)
    with pytest.raises(ValueError, match='unknown schedule'):
        network.run('by clock')
    assert network.run().accepted


def test_a_machine_does_not_follow_its_table_when_that_is_changed_later():
    table = {('a', '1'): ('a', '0', 'R')}
    machine = Machine(table, start='a')
    table['a', '1'] = ('a', '1', 'R')

    assert TuringNetwork(machine, '1').run().tape == ('0',)


def test_units_that_race_are_reported():
    units = ThresholdUnits()
    start = units.recruit(1, 1, 1)
    units.set_output(start)
    first, second = units.recruit(1, 1, 1), units.recruit(1, 1, 1)
    for unit, other in ((first, second), (second, first)):
        units.connect(start, unit, 1)
        units.connect(unit, other, -1)  # whoever fires first keeps the other from firing
    units.wake()
    with pytest.raises(HandshakeError, match='depend on the order'):
        units.run(picker('random'))


def test_units_are_wired_and_released_only_at_rest():
    units = ThresholdUnits()
    source, reader = units.recruit(1, 1, 1), units.recruit(1, 1, 0)
    units.set_output(source)
    with pytest.raises(ValueError, match='set its output before'):
        units.set_output(source)
    with pytest.raises(HandshakeError, match='waiting for a wire'):
        units.rewire(source, (((reader, 1),),))
    with pytest.raises(HandshakeError, match='something to say'):
        units.release(source, 1)
    with pytest.raises(ValueError, match='cannot recruit'):
        units.recruit(1, 0, 0)


def test_the_figures_are_right_and_constant(monkeypatch):
    monkeypatch.setattr(figures_of_turing, 'SCHEDULES', SCHEDULES[1:8:3])
    figures = figures_of_turing.measure(quick=True)

    for name in ('increment', 'palindrome', 'copy'):
        for row in figures[name]:
            assert row['same'] and row['correct'] and row['automata_lib'] is not False
            assert row['schedules'] == 3
    assert figures['busy_beaver']['correct']
    middle = figures['middle_of_tape']
    assert [row['steps'] for row in middle] == [10_000] * 4
    assert len({(row['touched_mean'], row['touched_max']) for row in middle}) == 1


def test_the_example_runs(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')

    printed = capsys.readouterr().out
    assert 'seek end  [1] 0  1  1 ' in printed
    assert ' done   1 [1] 0  0 ' in printed
    assert '1 answer' in printed

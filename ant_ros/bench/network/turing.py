# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure whether the clockless Turing network loses anything, and what a step of it touches."""

from collections.abc import Sequence
from random import Random
from statistics import median
import time
from typing import Any

from ant_ros.network.handshake import Schedule
from ant_ros.network.turing import Machine
from ant_ros.network.turing import Run
from ant_ros.network.turing import TuringNetwork

__all__ = ['BUSY_BEAVER', 'COPY', 'INCREMENT', 'PALINDROME', 'SCHEDULES', 'SWEEP', 'measure']

INCREMENT = Machine(
    {
        ('seek end', '0'): ('seek end', '0', 'R'),
        ('seek end', '1'): ('seek end', '1', 'R'),
        ('seek end', '_'): ('carry', '_', 'L'),
        ('carry', '1'): ('carry', '0', 'L'),
        ('carry', '0'): ('done', '1', 'N'),
        ('carry', '_'): ('done', '1', 'N'),
    }, start='seek end', accept=frozenset({'done'}))
"""Add one to a binary number, most significant bit first."""

PALINDROME = Machine(
    {
        ('take', '_'): ('yes', '_', 'N'),
        ('home', '_'): ('take', '_', 'R'),
    } | {
        ('home', bit): ('home', bit, 'L') for bit in '01'
    } | {
        key: value for bit in '01' for key, value in {
            ('take', bit): (f'seek {bit}', '_', 'R'),
            (f'seek {bit}', '0'): (f'seek {bit}', '0', 'R'),
            (f'seek {bit}', '1'): (f'seek {bit}', '1', 'R'),
            (f'seek {bit}', '_'): (f'match {bit}', '_', 'L'),
            (f'match {bit}', bit): ('home', '_', 'L'),
            (f'match {bit}', '_'): ('yes', '_', 'N'),
        }.items()
    }, start='take', accept=frozenset({'yes'}))
"""Accept a word of 0 and 1 that reads the same backwards; n^2 / 2 steps."""

COPY = Machine(
    {
        ('fence', '0'): ('fence', '0', 'R'),
        ('fence', '1'): ('fence', '1', 'R'),
        ('fence', '_'): ('home', '#', 'L'),
        ('home', '0'): ('home', '0', 'L'),
        ('home', '1'): ('home', '1', 'L'),
        ('home', '_'): ('next', '_', 'R'),
        ('next', '#'): ('tidy', '#', 'L'),
        ('tidy', '_'): ('done', '_', 'R'),
    } | {
        ('back', symbol): ('back', symbol, 'L') for symbol in '01#'
    } | {
        key: value for bit, mark in (('0', 'a'), ('1', 'b')) for key, value in {
            ('next', bit): (f'take {bit}', mark, 'R'),
            ('take 0', bit): (f'carry 0{bit}', mark, 'R'),
            ('take 1', bit): (f'carry 1{bit}', mark, 'R'),
            (f'take {bit}', '#'): (f'carry {bit}', '#', 'R'),
            (f'carry {bit}', '_'): ('back', bit, 'L'),
            (f'carry {bit}0', '_'): ('carry 0', bit, 'R'),
            (f'carry {bit}1', '_'): ('carry 1', bit, 'R'),
            ('back', mark): ('next', mark, 'R'),
            ('tidy', mark): ('tidy', bit, 'L'),
        }.items()
    } | {
        (f'carry {bits}', symbol): (f'carry {bits}', symbol, 'R')
        for bits in ('0', '1', '00', '01', '10', '11') for symbol in '01#'
    }, start='fence', accept=frozenset({'done'}))
"""Turn a word of 0 and 1 into word#word, two symbols a trip; n^2 steps."""

BUSY_BEAVER = Machine(
    {
        ('A', '0'): ('B', '1', 'R'), ('A', '1'): ('B', '1', 'L'),
        ('B', '0'): ('A', '1', 'L'), ('B', '1'): ('C', '0', 'L'),
        ('C', '0'): ('H', '1', 'R'), ('C', '1'): ('D', '1', 'L'),
        ('D', '0'): ('D', '1', 'R'), ('D', '1'): ('A', '0', 'R'),
    }, start='A', accept=frozenset({'H'}), blank='0')
"""The 4-state busy beaver: 107 steps, 13 ones (Brady 1983)."""

SWEEP = Machine(
    {
        ('right', '#'): ('left', '#', 'L'),
        ('left', '#'): ('right', '#', 'R'),
    } | {
        (way, bit): (way, '1' if bit == '0' else '0', way[0].upper())
        for way in ('left', 'right') for bit in '01'
    }, start='right')
"""Flip bits between two walls for ever."""

SCHEDULES: tuple[tuple[Schedule, int], ...] = (
    ('fifo', 0), ('lifo', 0), *(('ranked', seed) for seed in range(4)),
    *(('random', seed) for seed in range(14)),
)
"""Twenty orders of firing, fair and unfair."""


_LARGEST_FOR_AUTOMATA = 300  # cells; automata-lib copies the tape at every step


def measure(quick: bool) -> dict[str, Any]:
    """Return the figures of the Turing network.

    Every machine runs under all `SCHEDULES`. `same` says that they agree on the tape, the head,
    the state and the work done; `correct` that the answer is that of plain Python arithmetic, and
    `automata_lib` that it is also that of automata-lib (None where it is not installed or the
    tape is too long for it).

    Args:
        quick: measure smaller tapes.
    """
    random = Random(4)
    digits = (1, 10, 100, 1000) if quick else (1, 10, 100, 1000, 10_000, 100_000)
    words = (2, 10, 30) if quick else (2, 10, 100, 300)
    return {
        'increment': [_increment(length, random) for length in digits],
        'palindrome': [_palindrome(length, is_palindrome, random)
                       for length in words for is_palindrome in (True, False)],
        'copy': [_copy(length, random) for length in words],
        'busy_beaver': _compare(BUSY_BEAVER, '', '1' + '0' + '1' * 12, steps=107),
        'middle_of_tape': [_middle(10 ** power, repeats=1 if quick else 5)
                           for power in (2, 3, 4, 5)],
    }


def automata_answer(machine: Machine, tape: Sequence[str], max_steps: int) -> tuple[Any, ...]:
    """Return tape, head, state, halted and steps as automata-lib has them after `max_steps`.

    Raises:
        ImportError: if automata-lib is not installed.
    """
    from automata.base.exceptions import RejectionException
    from automata.tm.dtm import DTM

    table: dict[str, dict[str, Any]] = {}
    for (state, symbol), value in machine.transitions.items():
        table.setdefault(state, {})[symbol] = value
    configurations = DTM(
        states=set(machine.states), input_symbols=set(machine.symbols) - {machine.blank},
        tape_symbols=set(machine.symbols), transitions=table, initial_state=machine.start,
        blank_symbol=machine.blank, final_states=set(machine.accept),
    ).read_input_stepwise(''.join(tape))
    steps, halted = -1, False
    while steps < max_steps:
        try:
            last = next(configurations)
        except (StopIteration, RejectionException):
            halted = True
            break
        steps += 1
    halted = halted or (last.state, last.tape.read_symbol()) not in machine.transitions
    cells, head = ''.join(last.tape.tape), last.tape.current_position
    bare = cells.lstrip(machine.blank)
    head = head - (len(cells) - len(bare)) if bare else 0
    return tuple(bare.rstrip(machine.blank)), head, last.state, halted, steps


def _compare(
    machine: Machine, tape: str, expected: str | None, accepted: bool = True,
    steps: int | None = None,
) -> dict[str, Any]:
    """Run a machine under all schedules and say whether they agree, and with what is expected."""
    start = time.perf_counter()
    runs = [TuringNetwork(machine, tape).run(schedule, seed) for schedule, seed in SCHEDULES]
    seconds = time.perf_counter() - start
    first = runs[0]
    return {
        'cells': len(tape), 'steps': first.steps, 'schedules': len(runs),
        'same': all(_answer(run) == _answer(first) for run in runs),
        'correct': first.halted and first.accepted is accepted
        and (expected is None or ''.join(first.tape) == expected)
        and (steps is None or first.steps == steps),
        'automata_lib': _agrees(machine, tape, first),
        'touched_mean': first.touched_mean, 'touched_max': max(run.touched_max for run in runs),
        'units_alive': first.units_alive, 'seconds': seconds,
    }


def _answer(run: Run) -> tuple[Any, ...]:
    return (run.tape, run.head, run.state, run.halted, run.steps, run.units_fired,
            run.units_touched, run.units_alive)


def _agrees(machine: Machine, tape: str, run: Run) -> bool | None:
    if len(tape) > _LARGEST_FOR_AUTOMATA:
        return None
    try:
        answer = automata_answer(machine, tape, run.steps)
    except ImportError:
        return None
    return answer == (run.tape, run.head, run.state, run.halted, run.steps)


def _increment(length: int, random: Random) -> dict[str, Any]:
    """Add one to a number whose lowest tenth of digits carries."""
    ones = length // 10
    tape = ''.join(random.choices('01', k=length - ones)) + '1' * ones
    return _compare(INCREMENT, tape, f'{int(tape, 2) + 1:0{length}b}')


def _palindrome(length: int, is_palindrome: bool, random: Random) -> dict[str, Any]:
    """Ask for a palindrome, or one with a symbol spoilt."""
    half = ''.join(random.choices('01', k=(length + 1) // 2))
    word = half + half[::-1][length % 2:]
    if not is_palindrome:
        place = random.randrange(length)
        word = word[:place] + ('1' if word[place] == '0' else '0') + word[place + 1:]
    return _compare(PALINDROME, word, None, accepted=word == word[::-1])


def _copy(length: int, random: Random) -> dict[str, Any]:
    word = ''.join(random.choices('01', k=length))
    return _compare(COPY, word, f'{word}#{word}')


def _middle(length: int, repeats: int) -> dict[str, Any]:
    """Make 10,000 steps between two walls in the middle of a tape."""
    window = '#' + ''.join(Random(0).choices('01', k=79)) + '#'
    margin = Random(1).choices('01', k=length)
    middle = length // 2
    tape = [*margin[:middle - 40], *window, *margin[middle + 41:]]
    runs, seconds = [], []
    for seed in range(repeats):
        network = TuringNetwork(SWEEP, tape, head=middle)
        start = time.perf_counter()
        runs.append(network.run('random', seed, max_steps=10_000))
        seconds.append(time.perf_counter() - start)
    return {
        'cells': length, 'steps': runs[0].steps, 'units_alive': runs[0].units_alive,
        'touched_mean': runs[0].touched_mean, 'touched_max': max(run.touched_max for run in runs),
        'us_per_step': median(seconds) / runs[0].steps * 1e6,
    }

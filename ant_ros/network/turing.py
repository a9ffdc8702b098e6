# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A Turing machine as an asynchronous network of threshold units with two growing stacks.

What it shows: giving up the clock loses nothing. The network computes whatever can be computed,
with one-bit units and small integer weights; the answer is the same whatever the order in which
units fire; and a step of the machine wakes the same few units however long the tape is.

Inspired by the asynchronous neural Turing networks of Siegelmann's group, whose construction is
not public. The forerunners that are: Siegelmann and Sontag, "On the computational power of neural
nets", 1995 (universal, but clocked, with stacks in unbounded precision), and Chung and Siegelmann,
"Turing completeness of bounded-precision recurrent neural networks", NeurIPS 2021 (clocked, with
stacks of fixed precision that recruit and release neurons). Here four-phase handshakes between
one-hot codes take the place of the clock, as they do in asynchronous circuits.

A ring of layers, for a machine with transitions (q, s) -> (q', s', move):

    next_state[q] ──> state[q] ────────────────────┐
    next_symbol[s] ─> symbol[s] ──> reading[s] ────┴─> control[q, s] ─┬─> next_state[q']
                                                                      ├─> push[s'] on one stack
                         next_symbol[s] <── pop[s] off the other <────┘

There is one control unit per transition, and its outgoing weights are the transition. A layer
inhibits what feeds it once it has taken the code, and takes no new one before the old one is
gone. `done` rises when state, symbol and both stacks have what the step brings them and falls when
all of them have let go; it inhibits `reading`, so that the next step waits for exactly that.

The tape is the left stack, the symbol under the head and the right stack. A cell of a stack holds
its symbol in one unit per symbol. Only the top cell is wired to the ring: a push recruits a new
top and wires it in, a pop wires in the cell below and releases the old top. At the bottom lies a
ground unit, which reads as a blank and stays: the tape is infinite both ways.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from ant_ros.network.handshake import HandshakeError
from ant_ros.network.handshake import picker
from ant_ros.network.handshake import Schedule
from ant_ros.network.handshake import ThresholdUnits

__all__ = ['Machine', 'Run', 'TuringNetwork']

# Kinds of units (threshold, and weight on the unit's own bit): take a code and keep it until told
# otherwise; any of; both at once; wait for both to come, then for both to go.
_LATCH = {'threshold': 1, 'hold': 1}
_OR = {'threshold': 1, 'hold': 0}
_AND = {'threshold': 2, 'hold': 0}
_BOTH = {'threshold': 2, 'hold': 1}


@dataclass(frozen=True)
class Machine:
    """Describe a deterministic Turing machine with one tape, infinite both ways.

    Attributes:
        transitions: (next state, symbol to write, move) by (state, symbol read); the move is
            'L', 'R' or 'N' (stay). The machine halts where there is none.
        start: the first state.
        accept: states in which the machine halts and accepts.
        blank: the symbol of the empty tape.

    Raises:
        ValueError: for an empty or malformed table, an unknown move, a start state that no
            transition leaves, or a transition out of an accepting state.
    """

    transitions: Mapping[tuple[str, str], tuple[str, str, str]]
    start: str
    accept: frozenset[str] = frozenset()
    blank: str = '_'

    def __post_init__(self) -> None:
        if isinstance(self.accept, str):
            raise ValueError(f'accept is the text {self.accept!r}: expected a set of states')
        object.__setattr__(self, 'accept', frozenset(self.accept))
        if not isinstance(self.transitions, Mapping) or not self.transitions:
            raise ValueError(f'the machine has no transitions but {self.transitions!r}: give a '
                             f'dict with at least one')
        for key, value in self.transitions.items():
            if not (_is_words(key, 2) and _is_words(value, 3)):
                raise ValueError(f'transition {key!r}: {value!r} is malformed: expected (state, '
                                 f'symbol): (next state, symbol to write, move), all text')
            if value[2] not in ('L', 'R', 'N'):
                raise ValueError(f'transition {key!r} moves {value[2]!r}: expected L, R or N')
            if key[0] in self.accept:
                raise ValueError(f'transition {key!r} leaves an accepting state: remove it, or '
                                 f'the state from accept')
        if self.start not in {state for state, _ in self.transitions} | self.accept:
            raise ValueError(f'no transition leaves the start state {self.start!r}: add one')
        object.__setattr__(self, 'transitions', MappingProxyType(dict(self.transitions)))

    @property
    def states(self) -> tuple[str, ...]:
        """All states, sorted."""
        named = {state for state, _ in self.transitions} | self.accept | {self.start}
        return tuple(sorted(named | {state for state, _, _ in self.transitions.values()}))

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, sorted."""
        read = {symbol for _, symbol in self.transitions} | {self.blank}
        return tuple(sorted(read | {symbol for _, symbol, _ in self.transitions.values()}))


@dataclass(frozen=True)
class Run:
    """Report what one run of a network did.

    Attributes:
        tape: the tape without the blanks before and after it.
        head: where the head stands on `tape`; below 0 or past the end where it stands on a blank
            outside, 0 for an empty tape.
        state: the machine's state.
        halted: the machine halted; False where the bound on steps struck first.
        accepted: it halted in an accepting state.
        steps: steps of the machine in this run.
        units_fired: updates that flipped a unit's bit in this run.
        units_touched: updates evaluated in this run, one for each event that reached a unit, and
            units recruited or released.
        touched_mean: the same per step, mean.
        touched_max: the same, of the step with the most.
        units_alive: units in use at the end, memory included.
    """

    tape: tuple[str, ...]
    head: int
    state: str
    halted: bool
    accepted: bool
    steps: int
    units_fired: int
    units_touched: int
    touched_mean: float
    touched_max: int
    units_alive: int


class _Stack:
    """A stack of cells of one unit per symbol, of which only the top cell is wired.

    It wires by position and never looks at what a cell holds.
    """

    def __init__(self, units: ThresholdUnits, size: int) -> None:
        self.units = units
        self.size = size
        self.push = _layer(units, size, **_OR)
        self.pushed = units.recruit(1, **_AND)
        self.pop = _layer(units, size, **_AND)
        self.pop_ground = units.recruit(1, **_AND)
        self.ground = units.recruit(1, **_LATCH)
        self.cells: list[int] = []
        self._wired = tuple(((self.pushed, 1), (pop, 1)) for pop in self.pop)
        self._unwired: tuple[tuple[()], ...] = ((),) * size
        units.set_output(self.ground)
        for symbol, (push, pop) in enumerate(zip(self.push, self.pop)):
            units.connect(push, self.pushed, 1)
            units.on_fire[push] = partial(self._push, symbol)
            units.on_fire[pop] = self._pop

    def fill(self, symbols: Sequence[int]) -> None:
        """Lay down a tape, the deepest symbol first, and wire the last one as the top."""
        for symbol in symbols:
            cell = self.units.recruit(self.size, **_LATCH)
            self.units.set_output(cell + symbol)
            self.cells.append(cell)
        self._wire_top()

    def contents(self) -> list[range]:
        """Return the units of each cell, the deepest first."""
        return [range(cell, cell + self.size) for cell in self.cells]

    def _push(self, symbol: int, begins: int) -> None:
        """Recruit a new top cell as a push begins, and wire the push to it until it ends."""
        new: tuple[tuple[int, int], ...] = ()
        if begins:
            self._unwire_top()
            self.cells.append(self.units.recruit(self.size, **_LATCH))
            self._wire_top()
            new = ((self.cells[-1] + symbol, 1),)
        self.units.rewire(self.push[symbol], (((self.pushed, 1), *new),))

    def _pop(self, begins: int) -> None:
        """Release the top cell as a pop ends."""
        if not begins:
            self._unwire_top()
            self.units.release(self.cells.pop(), self.size)
            self._wire_top()

    def _unwire_top(self) -> None:
        if self.cells:
            self.units.rewire(self.cells[-1], self._unwired)
        else:
            self.units.rewire(self.ground, ((),))

    def _wire_top(self) -> None:
        if self.cells:
            self.units.rewire(self.cells[-1], self._wired)
        else:
            self.units.rewire(self.ground, (((self.pop_ground, 1),),))


class TuringNetwork:
    """Run a Turing machine on an asynchronous network.

    Args:
        machine: the machine.
        tape: its symbols, the first one under the head.
        head: index of the symbol under the head instead, within the tape.

    Attributes:
        units: the network itself.

    Raises:
        ValueError: for a symbol the machine does not know, or a head outside the tape.
    """

    def __init__(self, machine: Machine, tape: Sequence[str] = (), head: int = 0) -> None:
        code = {symbol: index for index, symbol in enumerate(machine.symbols)}
        for place, symbol in enumerate(tape):
            if symbol not in code:
                raise ValueError(
                    f'symbol {symbol!r} at place {place} of the tape is not in the alphabet '
                    f'{", ".join(map(repr, code))}: mention it in a transition')
        cells = [code[symbol] for symbol in tape] or [code[machine.blank]]
        if not 0 <= head < len(cells):
            raise ValueError(f'the head at {head} is outside the tape: expected 0 to '
                             f'{len(cells) - 1}')
        self.machine = machine
        self.units = units = ThresholdUnits()
        self._state = _layer(units, len(machine.states), **_LATCH)
        self._next_state = _layer(units, len(machine.states), **_LATCH)
        self._symbol = _layer(units, len(code), **_LATCH)
        self._next_symbol = _layer(units, len(code), **_LATCH)
        self._reading = _layer(units, len(code), **_LATCH)
        self._control = _layer(units, len(machine.transitions), **_BOTH)
        self._done = units.recruit(1, threshold=4, hold=3)
        # By the move that pushes onto it: a head that goes right leaves its symbol on the left.
        self._stacks = {'R': _Stack(units, len(code)), 'L': _Stack(units, len(code))}
        units.set_output(self._state[machine.states.index(machine.start)])
        units.set_output(self._symbol[cells[head]])
        self._wire_registers()
        self._wire_control(code)
        self._wire_stacks(code[machine.blank])
        self._stacks['R'].fill(cells[:head])
        self._stacks['L'].fill(cells[:head:-1])
        units.wake()

    def _wire_registers(self) -> None:
        """Let state and symbol take what is next, and let it go when they have it."""
        connect = self.units.connect
        for register, following in ((self._state, self._next_state),
                                    (self._symbol, self._next_symbol)):
            for unit, source in zip(register, following):
                connect(source, unit, 1)
                connect(unit, source, -1)
                connect(source, self._done, 1)
        for unit, reading in zip(self._symbol, self._reading):
            connect(unit, reading, 1)
            connect(self._done, reading, -1)
            for held_back in self._symbol:
                connect(reading, held_back, -1)

    def _wire_control(self, code: Mapping[str, int]) -> None:
        """Write the transition table into weights, one unit per transition."""
        connect = self.units.connect
        place = {name: index for index, name in enumerate(self.machine.states)}
        for unit, (key, value) in zip(self._control, self.machine.transitions.items()):
            (old, read), (new, write, move) = key, value
            connect(self._state[place[old]], unit, 1)
            connect(self._reading[code[read]], unit, 1)
            for state in {place[old], place[new]}:
                connect(unit, self._state[state], -1)
            connect(unit, self._next_state[place[new]], 1)
            if move == 'N':  # no push and no pop to wait for: count as both
                connect(unit, self._next_symbol[code[write]], 1)
                connect(unit, self._done, 2)
            else:
                connect(unit, self._stacks[move].push[code[write]], 1)
                source = self._stacks['L' if move == 'R' else 'R']
                for pop in (*source.pop, source.pop_ground):
                    connect(unit, pop, 1)

    def _wire_stacks(self, blank: int) -> None:
        connect = self.units.connect
        for stack in self._stacks.values():
            connect(stack.pushed, self._done, 1)
            for pop, symbol in zip((*stack.pop, stack.pop_ground),
                                   (*self._next_symbol, self._next_symbol[blank])):
                connect(pop, symbol, 1)
                connect(pop, self._done, 1)

    def run(
        self, schedule: Schedule = 'random', seed: int = 0, max_steps: int = 1_000_000,
    ) -> Run:
        """Let the units fire until the machine halts or has made `max_steps` steps.

        The machine halts when no unit is eligible any more. The bound withholds the control
        units and lets the others come to rest, so that the report shows the machine after exactly
        that many steps; a further run goes on from there.

        Args:
            schedule: the order in which eligible units fire; the answer is the same for all.
            seed: of the order.
            max_steps: bound on the steps of the machine in this run.

        Raises:
            ValueError: for an unknown schedule or a negative bound.
            HandshakeError: if the order of firing could matter. This network has no such case.
        """
        if max_steps < 0:
            raise ValueError(f'max_steps is {max_steps}: expected 0 or more')
        units, pick = self.units, picker(schedule, seed)
        fired, touched = units.fired, units.touched
        starts: list[int] = []  # units touched before each step

        def count(rising: int) -> None:
            if rising:
                starts.append(units.touched)
            elif len(starts) == max_steps:
                units.held.update(self._control)

        units.held.clear()
        if max_steps == 0:
            units.held.update(self._control)
        units.on_fire.update(dict.fromkeys(self._control, count))
        units.run(pick)
        starts.append(units.touched)
        return self._report(starts, units.fired - fired, units.touched - touched)

    def _report(self, starts: Sequence[int], fired: int, touched: int) -> Run:
        machine, steps = self.machine, len(starts) - 1
        state, symbol = machine.states[self._read(self._state)], self._read(self._reading)
        halted = not self.units.eligible
        if halted and (state, machine.symbols[symbol]) in machine.transitions:
            raise HandshakeError(f'no unit is eligible although state {state!r} has a transition')
        left = [self._read(cell) for cell in self._stacks['R'].contents()]
        right = [self._read(cell) for cell in self._stacks['L'].contents()]
        tape = [machine.symbols[code] for code in (*left, symbol, *reversed(right))]
        written = [place for place, name in enumerate(tape) if name != machine.blank]
        first, end = (written[0], written[-1] + 1) if written else (len(left), len(left))
        return Run(
            tape=tuple(tape[first:end]), head=len(left) - first, state=state, halted=halted,
            accepted=halted and state in machine.accept, steps=steps, units_fired=fired,
            units_touched=touched, touched_mean=touched / max(1, steps),
            touched_max=max((after - before for before, after in pairwise(starts)), default=0),
            units_alive=self.units.alive,
        )

    def _read(self, code: range) -> int:
        """Return which one of a one-hot layer's units is 1."""
        output = self.units.output[code.start:code.stop]
        if sum(output) != 1:
            raise HandshakeError(f'units {code} hold no single value but {output}')
        return output.index(1)


def _layer(units: ThresholdUnits, count: int, threshold: int, hold: int) -> range:
    first = units.recruit(count, threshold, hold)
    return range(first, first + count)


def _is_words(value: object, count: int) -> bool:
    return (isinstance(value, tuple) and len(value) == count
            and all(isinstance(word, str) for word in value))

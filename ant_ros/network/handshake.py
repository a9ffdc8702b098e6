# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Threshold units that talk by events and wait for each other instead of for a clock.

A unit holds one bit. It fires (flips its bit) when the integer sum of what it hears, with its
own bit weighted by `hold`, says so:

    bit = 1 if sum_j weight_j * bit_j + hold * bit >= threshold else 0

With `hold` 0 that is a Heaviside neuron; with a positive one it has hysteresis, and the C-element
of asynchronous circuits ("wait until both have risen, then until both have fallen") is the unit
with two weights of 1, threshold 2 and hold 1. An inhibitory weight is an acknowledge wire.

A unit that fires tells the units that read it, and nobody else learns of it. A unit that is to
fire is *eligible*; any eligible unit may fire next. If no event ever takes back another unit's
eligibility, the answer is the same whatever the order (Muller and Bartky, "A theory of
asynchronous circuits", 1959). Here that is not assumed but watched at every event.
"""

from collections.abc import Callable
from collections.abc import Sequence
from random import Random
from typing import Literal

__all__ = ['HandshakeError', 'Schedule', 'ThresholdUnits', 'picker']

Schedule = Literal['random', 'fifo', 'lifo', 'ranked']
Wires = tuple[tuple[int, int], ...]

_PRIME = 2_147_483_647  # 2^31 - 1: multiplying by a number below it permutes all ranks


class HandshakeError(RuntimeError):
    """The handshake is broken: the answer would depend on the order, or none will come."""


def picker(schedule: Schedule, seed: int = 0) -> Callable[[list[int]], int]:
    """Return a function that takes the next unit out of the list of eligible ones.

    Args:
        schedule: 'random' draws uniformly, so every unit gets its turn (fair); 'fifo' and 'lifo'
            take the one that has waited longest or shortest; 'ranked' always prefers some units
            to others and lets the least preferred wait as long as there is any other (unfair).
        seed: of the draws, and of the ranks.

    Raises:
        ValueError: for an unknown schedule.
    """
    random = Random(seed)
    draw = random.random
    factor = random.randrange(1, _PRIME)

    def at_random(eligible: list[int]) -> int:
        place = int(draw() * len(eligible))
        last = eligible.pop()
        if place == len(eligible):
            return last
        unit, eligible[place] = eligible[place], last
        return unit

    def ranked(eligible: list[int]) -> int:
        unit = min(eligible, key=lambda unit: (unit + 1) * factor % _PRIME)
        eligible.remove(unit)
        return unit

    pickers: dict[str, Callable[[list[int]], int]] = {
        'random': at_random, 'fifo': lambda eligible: eligible.pop(0),
        'lifo': list.pop, 'ranked': ranked,
    }
    if schedule not in pickers:
        raise ValueError(f'unknown schedule {schedule!r}: choose from {", ".join(pickers)}')
    return pickers[schedule]


class ThresholdUnits:
    """Run units of one bit each, wired by integer weights, without a clock.

    A unit is an index into the lists below. It has no code of its own: what is not wired to it
    cannot reach it.

    Attributes:
        output: each unit's bit.
        potential: each unit's sum of what it hears, with its own bit and less its threshold.
        readers: each unit's outgoing wires as (reader, weight).
        threshold: each unit's threshold.
        hold: each unit's weight on its own bit, at least 0.
        on_fire: what comes with a unit's firing, by unit: called with its new bit just before it
            flips. This is where growth comes in: it may recruit, release and rewire units.
        held: units that must wait although they are eligible.
        fired: updates that flipped a bit, so far.
        touched: updates evaluated so far, one for each event that reached a reader, and units
            recruited or released.
    """

    def __init__(self) -> None:
        self.output: list[int] = []
        self.potential: list[int] = []
        self.readers: list[Wires] = []
        self.threshold: list[int] = []
        self.hold: list[int] = []
        self.on_fire: dict[int, Callable[[int], None]] = {}
        self.held: set[int] = set()
        self.fired = 0
        self.touched = 0
        self._eligible: list[int] = []
        self._is_eligible = bytearray()
        self._free: dict[tuple[int, int, int], list[int]] = {}
        self._released = 0

    @property
    def alive(self) -> int:
        """Units that are in use."""
        return len(self.output) - self._released

    @property
    def eligible(self) -> tuple[int, ...]:
        """Units that are to fire, held ones included."""
        return tuple(self._eligible)

    def recruit(self, count: int, threshold: int, hold: int) -> int:
        """Return the first of `count` units in a row, all 0 and not wired; released ones first.

        Raises:
            ValueError: for no units, a negative hold, or a threshold below 1 (such a unit would
                fire by itself).
        """
        if count < 1 or threshold < 1 or hold < 0:
            raise ValueError(
                f'cannot recruit {count} units of threshold {threshold} and hold {hold}: '
                f'expected at least 1, 1 and 0')
        self.touched += count
        free = self._free.get((count, threshold, hold))
        if free:
            self._released -= count
            return free.pop()
        first = len(self.output)
        self.output.extend([0] * count)
        self.potential.extend([-threshold] * count)
        self.readers.extend([()] * count)
        self.threshold.extend([threshold] * count)
        self.hold.extend([hold] * count)
        self._is_eligible.extend(bytes(count))
        return first

    def release(self, first: int, count: int) -> None:
        """Give back units that were recruited together; whoever did so has unwired them.

        Raises:
            HandshakeError: if one of them is eligible or still wired to a reader.
        """
        block, threshold = slice(first, first + count), self.threshold[first]
        if any(self._is_eligible[block]) or any(self.readers[block]):
            raise HandshakeError(f'unit {first} or one of the {count - 1} after it was released '
                                 f'while it had something to say')
        self.output[block] = [0] * count
        self.potential[block] = [-threshold] * count
        self._free.setdefault((count, threshold, self.hold[first]), []).append(first)
        self._released += count
        self.touched += count

    def set_output(self, unit: int) -> None:
        """Let a unit start as 1, before it is wired."""
        if self.readers[unit] or self.output[unit]:
            raise ValueError(f'unit {unit} has run or is wired: set its output before')
        self.output[unit] = 1
        self.potential[unit] += self.hold[unit]

    def connect(self, source: int, reader: int, weight: int) -> None:
        """Let `reader` hear `source`, before the units run."""
        self.readers[source] += ((reader, weight),)
        self.potential[reader] += weight * self.output[source]

    def wake(self) -> None:
        """Find the units that are to fire, after wiring and before the first run."""
        for unit in range(len(self.output)):
            if self._is_to_fire(unit) and not self._is_eligible[unit]:
                self._is_eligible[unit] = 1
                self._eligible.append(unit)

    def rewire(self, first: int, wires: Sequence[Wires]) -> None:
        """Replace all wires out of unit `first` and those after it, while the units run.

        Args:
            first: the first of the units in a row.
            wires: the new wires of each.

        Raises:
            HandshakeError: if that makes a reader eligible, or takes its eligibility back: wires
                change only where nobody is waiting for them.
        """
        block = slice(first, first + len(wires))
        before, self.readers[block] = self.readers[block], wires
        for bit, old, new in zip(self.output[block], before, wires):
            if bit:
                self._move_wires(old, new)

    def _move_wires(self, old: Wires, new: Wires) -> None:
        """Let the readers of a unit that is 1 know that they hear it, or no longer do."""
        for reader, weight in old:
            self.potential[reader] -= weight
        for reader, weight in new:
            self.potential[reader] += weight
        for reader, _ in old + new:
            if self._is_to_fire(reader) != self._is_eligible[reader]:
                raise HandshakeError(f'unit {reader} was waiting for a wire that was changed')
        self.touched += len(old) + len(new)

    def run(self, pick: Callable[[list[int]], int]) -> None:
        """Let units fire, one after the other, until none is eligible or all that are are held.

        Args:
            pick: takes the next unit out of two or more eligible ones (see `picker`).

        Raises:
            HandshakeError: if an event took back the eligibility of another unit.
        """
        # Local names: this loop is where all the time goes.
        eligible, is_eligible, held, waiting = self._eligible, self._is_eligible, self.held, []
        output, potential, readers, hold = self.output, self.potential, self.readers, self.hold
        on_fire = self.on_fire
        while eligible:
            unit = pick(eligible) if len(eligible) > 1 else eligible.pop()
            if unit in held:
                waiting.append(unit)
                continue
            change = -1 if output[unit] else 1
            if unit in on_fire:
                on_fire[unit](output[unit] + change)
            is_eligible[unit] = 0
            output[unit] += change
            potential[unit] += change * hold[unit]
            self.fired += 1
            self.touched += len(readers[unit])
            for reader, weight in readers[unit]:
                charge = potential[reader] + weight * change
                potential[reader] = charge
                if (charge >= 0) != output[reader]:
                    if not is_eligible[reader]:
                        is_eligible[reader] = 1
                        eligible.append(reader)
                elif is_eligible[reader]:
                    raise HandshakeError(
                        f'unit {reader} was to fire and was then told otherwise: the answer would '
                        f'depend on the order; let its sources wait for its acknowledge')
        eligible.extend(waiting)

    def _is_to_fire(self, unit: int) -> bool:
        return (self.potential[unit] >= 0) != self.output[unit]

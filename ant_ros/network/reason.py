# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why a unit was woken: the way back through the event log to a tile of the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ant_ros.network.event_record import EventRecord
from ant_ros.network.graph import footprint

__all__ = ['Reason', 'Step', 'find_reason']


@dataclass(frozen=True)
class Step:
    """One tile on the way from the image to a unit.

    Attributes:
        node: Index of the node; 0 is the input.
        name: Its name.
        row, column: The tile.
        change: Largest change of its output, in units of the node's scale (input: of the spread).
        threshold: What the change had to exceed to be passed on.
    """

    node: int
    name: str
    row: int
    column: int
    change: float
    threshold: float


@dataclass(frozen=True)
class Reason:
    """Why a unit was woken, or that it was not.

    Attributes:
        woken: Whether the unit computed at all.
        steps: The chain of largest changes, from the tile of the image to the unit itself;
            empty where it was not woken. It begins within the network where an earlier run,
            cut short, had left a unit waiting.
        text: The same as a sentence.
    """

    woken: bool
    steps: tuple[Step, ...]
    text: str

    def __str__(self) -> str:
        return self.text


def find_reason(log: EventRecord, node: int, row: int, column: int) -> Reason:
    """Walk from a unit's last computation back to the image.

    Each step goes to the largest change among all that the unit had been told by then.
    """
    unit = log.first[node] + row * log.grids[node][1] + column
    found = np.flatnonzero(log.units == unit)
    if not len(found):
        return Reason(False, (), _say_asleep(log, node, row, column))
    positions = [int(found[-1])]
    while log.units[positions[-1]] >= log.first[1]:
        told = _told(log, positions[-1])
        if not len(told):
            break
        positions.append(int(told[np.argmax(log.change[told])]))
    steps = tuple(_step(log, position) for position in reversed(positions))
    return Reason(True, steps, _say(log, steps))


def _told(log: EventRecord, position: int) -> np.ndarray:
    """Return the positions at which something was sent that the unit there then read."""
    # What is computed in one batch reads what was sent before the batch.
    stop = int(log.ends[np.searchsorted(log.ends, position, side='right') - 1])
    node, row, column = log.place(int(log.units[position]))
    reads = np.zeros(stop, bool)
    for edge, source in enumerate(log.graph.nodes[node].inputs):
        top, bottom = _tiles_read(log, node, edge, 0, row)
        left, right = _tiles_read(log, node, edge, 1, column)
        local = log.units[:stop] - log.first[source]
        rows, columns = log.grids[source]
        down, across = np.divmod(local, columns)
        reads |= ((local >= 0) & (local < rows * columns) & (down >= top) & (down < bottom)
                  & (across >= left) & (across < right))
    return np.flatnonzero(reads & log.sent[:stop])


def _tiles_read(log: EventRecord, node: int, edge: int, axis: int, place: int) -> tuple[int, int]:
    tile, size = log.tile[node], log.graph.nodes[node].shape[1 + axis]
    low, high = footprint(log.graph, node, edge, axis, place * tile,
                          min((place + 1) * tile, size))
    source = log.tile[log.graph.nodes[node].inputs[edge]]
    return (low // source, (high - 1) // source + 1) if low < high else (0, 0)


def _step(log: EventRecord, position: int) -> Step:
    node, row, column = log.place(int(log.units[position]))
    threshold = float(log.passing[node]) if node else log.threshold
    return Step(node, log.graph.nodes[node].name, row, column, float(log.change[position]),
                threshold)


def _say(log: EventRecord, steps: tuple[Step, ...]) -> str:
    unit = steps[-1]
    if unit.node == 0:
        return f'{_named(log, 0, unit.row, unit.column)} {_excess(unit)}'
    text = f'{_named(log, unit.node, unit.row, unit.column)} was woken by '
    cause = steps[0]
    if cause.node:
        text += 'what an earlier run, cut short, had left waiting'
        way = steps[:-1]
    else:
        text += f'{_named(log, 0, cause.row, cause.column)}, which {_excess(cause)}'
        way = steps[1:-1]
    if way:
        text += '; by way of ' + ' > '.join(
            f'{step.name} ({step.row}, {step.column}) changed by {step.change:.3g}'
            for step in way)
    return text


def _excess(step: Step) -> str:
    return (f'differs by {step.change:.3g}, {step.change - step.threshold:.3g} above the '
            f'threshold of {step.threshold:.3g}')


def _say_asleep(log: EventRecord, node: int, row: int, column: int) -> str:
    named = _named(log, node, row, column)
    if node == 0:
        return f'{named} was no event: it differs by no more than {log.threshold:.3g}'
    return f'{named} was not woken: nothing that it reads changed enough'


def _named(log: EventRecord, node: int, row: int, column: int) -> str:
    if node:
        return f'tile ({row}, {column}) of {log.graph.nodes[node].name}'
    tile, (_, height, width) = log.tile[0], log.graph.nodes[0].shape
    bottom, right = min((row + 1) * tile, height), min((column + 1) * tile, width)
    return (f'image tile ({row}, {column}) at rows {row * tile} to {bottom - 1}, columns '
            f'{column * tile} to {right - 1}')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Do what an event log says once more, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError
from ant_ros.network.event_log import network_hash
from ant_ros.network.event_log import state_hash
from ant_ros.network.schedules import Count
from ant_ros.network.schedules import Course

if TYPE_CHECKING:
    from ant_ros.network.program import Backend
    from ant_ros.network.program import Program

__all__ = ['replay']


def replay(program: Program, backend: Backend, log: EventLog, *, follow: bool = False) -> Course:
    """Compute the same batches of units in the same order.

    On the same machine and backend the program then holds the same values, bit for bit.

    Args:
        program: The network that the log was recorded on, restored, in the state that it began
            in.
        backend: Computes the units.
        log: What to repeat.
        follow: As in `Program.load`.

    Raises:
        EventLogError: the log is of another network, expected input or state (nothing has
            changed then), or the units change in another way than they did when it was recorded.
    """
    if network_hash(program) != log.network:
        raise EventLogError(
            'the event log belongs to another network: graph, weights, tiles, thresholds and '
            'expected input have to be those it was recorded with')
    if state_hash(program) != log.start:
        raise EventLogError(
            'the event log began in another state: reset the network and run the images that '
            'came before it, or replay on the same machine and backend')
    program.load(_image(program, log), 0.0, follow=follow)
    count = Count(program)
    for node, tiles, sent in log.batches():
        again = program.send(node, tiles, backend.compute(node, tiles))
        if not np.array_equal(again, sent):
            raise EventLogError(
                f'the replay went another way at {program.graph.nodes[node].name}: replay on '
                'the machine and backend that recorded the log')
        count.add(node, tiles)
    return count.course(log.cut, log.settled)


def _image(program: Program, log: EventLog) -> np.ndarray:
    """Return the image that causes the log's events, [C, H, W]."""
    image = program.value(0).transpose(2, 0, 1).copy()
    side, columns = program.tile[0], program.grid[0][1]
    for tile, pixels in zip(log.events.tolist(), log.pixels):
        row, column = divmod(tile, columns)
        place = image[:, row * side:(row + 1) * side, column * side:(column + 1) * side]
        place[:] = pixels.transpose(2, 0, 1)[:, :place.shape[1], :place.shape[2]]
    return image

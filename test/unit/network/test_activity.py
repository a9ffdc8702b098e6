# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of the activity: sleeping tiles are grey, tiles that passed on are filled."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ant_ros.network.activity import draw_activity
from ant_ros.network.activity import save_activity
from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node

_ASLEEP = (223, 226, 230)


def _log(sent: bool = True, change: float = 2.0, nodes: int = 1) -> EventLog:
    """One image tile of 4 changed, and one unit of 4 computed in each node."""
    graph = Graph((Node('image', 'input', (), (3, 8, 8)),
                   *(Node(f'a.rather.long.name.of.a.node.{index}', 'conv', (index,), (2, 8, 8))
                     for index in range(nodes))), (1,), ((1, 2, 8, 8),), {})
    units = np.array([1, *(4 * index + 7 for index in range(nodes))])
    return EventLog(
        graph=graph, tile=(4,) * (nodes + 1), network='', start='', threshold=0.5,
        passing=np.zeros(nodes + 1, np.float32), units=units, ends=np.arange(nodes + 2),
        sent=np.array([True] + [sent] * nodes), change=np.full(nodes + 1, change, np.float32),
        pixels=np.zeros((1, 4, 4, 3), np.float32))


def _tile(picture: np.ndarray, row: int, column: int) -> np.ndarray:
    """Return the pixels of a tile of the second panel."""
    line = np.flatnonzero((picture == _ASLEEP).all(2).any(1))[0]
    x = np.flatnonzero((picture[line] == _ASLEEP).all(1))
    left = x[np.flatnonzero(np.diff(x) > 50)[0] + 1]
    top, left = line + 30 * row, left + 30 * column
    return picture[top:top + 29, left:left + 29]


def test_tiles_lie_where_the_units_are():
    picture = draw_activity(_log())

    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    for row, column in ((0, 0), (0, 1), (1, 0)):
        assert (_tile(picture, row, column) == _ASLEEP).all()
    assert (_tile(picture, 1, 1) != _ASLEEP).any(2).all()


def test_what_is_not_passed_on_is_a_dot():
    tile = _tile(draw_activity(_log(sent=False)), 1, 1)

    assert (tile[0] == _ASLEEP).all() and (tile[:, 0] == _ASLEEP).all()
    assert (tile[14, 14] != _ASLEEP).any()


def test_larger_changes_are_darker():
    log = _log(nodes=2)
    small = EventLog(**{**vars(log), 'change': np.array([1, 0.02, 2.0], np.float32)})

    assert _tile(draw_activity(small), 1, 1).mean() > _tile(draw_activity(log), 1, 1).mean() + 50


def test_networks_of_any_size_fit():
    wide = draw_activity(_log(nodes=20))
    assert wide.shape[1] <= 1280
    assert wide.shape[0] > draw_activity(_log()).shape[0]


def test_a_run_without_events_can_be_drawn():
    log = _log()
    nothing = EventLog(**{**vars(log), 'units': log.units[:0], 'sent': log.sent[:0],
                          'change': log.change[:0], 'ends': np.zeros(2, np.int64),
                          'pixels': log.pixels[:0]})
    assert (_tile(draw_activity(nothing), 1, 1) == _ASLEEP).all()


def test_the_picture_is_saved_as_it_is_drawn(tmp_path: Path):
    save_activity(_log(), tmp_path / 'activity.png')
    saved = cv2.cvtColor(cv2.imread(str(tmp_path / 'activity.png')), cv2.COLOR_BGR2RGB)

    np.testing.assert_array_equal(saved, draw_activity(_log()))
    with pytest.raises(EventLogError, match='cannot write the picture'):
        save_activity(_log(), tmp_path / 'none' / 'activity.png')

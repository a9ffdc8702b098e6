# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import dataclasses
from types import SimpleNamespace

import pytest

from ant_ros.bench.learning import exactness

_FIGURES = ('streaming_against_batch', 'shuffled_orders', 'undo', 'forget',
            'merge_against_joint')


def test_learning_is_exact(space, draw_words):
    figures = exactness.compare(
        draw_words(40, 2), [part for part, _ in draw_words(20, 3)], space, orders=2)
    assert figures['labels'] == 40
    assert figures['accepted'] >= 30
    assert figures['merging_twice_changes_nothing']
    assert [figures[name] for name in _FIGURES] == [pytest.approx(0, abs=1e-6)] * 5
    assert all(goal['reached'] for goal in figures['goals'].values())


def test_a_batch_that_differs_is_noticed(space, draw_words, monkeypatch):
    right = exactness.RobotState.of

    def wrong(version, labels, space):
        state = right(version, labels, space)
        return dataclasses.replace(state, defects=state.defects * 1.001)
    monkeypatch.setattr(exactness, 'RobotState', SimpleNamespace(of=wrong))
    figures = exactness.compare(
        draw_words(12, 2), [part for part, _ in draw_words(8, 3)], space, orders=1)
    assert not figures['goals']['streaming_against_batch']['reached']

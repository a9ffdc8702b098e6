# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Losses are counted by cause."""

import pytest

from ant_ros.nodes.losses import LOSS_CAUSES
from ant_ros.nodes.losses import Losses


def test_counts_by_cause() -> None:
    losses = Losses()
    losses.add('bad')
    losses.add('transport', 3)
    losses.add('unmatched', 0)
    assert losses.counts() == {**dict.fromkeys(LOSS_CAUSES, 0), 'bad': 1, 'transport': 3}
    assert losses.recent() == {'bad', 'transport'}


def test_old_losses_are_not_recent(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr('ant_ros.nodes.losses.time.monotonic', lambda: now_s)
    losses = Losses()
    losses.add('bad')
    now_s = 111.0
    assert losses.recent() == frozenset()
    assert losses.counts()['bad'] == 1


def test_unknown_cause_is_refused() -> None:
    with pytest.raises(ValueError, match='expected one of transport'):
        Losses().add('fate')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from ant_ros.bench.learning.outcomes import inspect_all
from ant_ros.bench.learning.outcomes import inspect_by_all
from ant_ros.bench.learning.taught import snapshot
from ant_ros.inspection import Inspector


def test_a_snapshot_judges_as_then_whatever_is_learned_later(
        new_small_inspector, small_parts, small):
    inspector = new_small_inspector()
    before, first = snapshot(inspector, small), inspect_all(inspector, small_parts)
    for part in small_parts:
        inspector.learn(inspector.judge(part.image, part.part), part.word, create=True)
    after, then = snapshot(inspector, small), inspect_all(inspector, small_parts)
    assert first != then
    assert inspect_by_all([before, after], small_parts) == [first, then]


def test_snapshots_look_once_at_an_image(new_small_inspector, small_parts, small, monkeypatch):
    looks, look = [], Inspector.look
    monkeypatch.setattr(
        Inspector, 'look', lambda self, image: looks.append(image) or look(self, image))
    one, other = (snapshot(new_small_inspector(), small) for _ in range(2))
    inspect_by_all([one, other], small_parts)
    assert len(looks) == len(small_parts)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Memories of good features."""

import numpy as np
import pytest

from ant_ros.inspection.feature_maps import learn_projection
from ant_ros.inspection.normality import learn_anywhere
from ant_ros.inspection.normality import learn_placed
from ant_ros.inspection.normality import top_mean

SHAPE = (12, 16, 12)
ALL = np.ones(SHAPE[:2], bool)


def _parts(count, seed=0, restless=3.0):
    """Return parts alike but for noise, and a corner that differs on each."""
    rng = np.random.default_rng(seed)
    usual = np.random.default_rng(99).normal(0, 1, SHAPE)
    parts = []
    for _ in range(count):
        noise = rng.normal(0, 0.1, SHAPE)
        noise[:4, :4] *= 10 * restless
        parts.append((usual + noise).astype(np.float32))
    return parts


@pytest.fixture
def placed():
    parts = _parts(8)
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))
    nothing = [np.zeros(SHAPE[:2], np.float32)] * len(parts)
    return learn_placed(projection, parts, ALL, nothing, [])


def test_good_parts_are_scored_without_themselves(placed):
    memory, scores, _ = placed
    new = [memory.score(memory.measure(one, np.ones(SHAPE[:2], bool)))
           for one in _parts(20, seed=5)]

    assert np.median(scores) == pytest.approx(np.median(new), rel=0.5)
    assert min(scores) > 0


def test_a_change_counts_more_where_good_parts_agree(placed):
    memory, *_ = placed
    everywhere = np.ones(SHAPE[:2], bool)
    part = _parts(1, seed=6)[0]
    changed = part.copy()
    changed[9, 12] += 2
    changed[1, 1] += 2

    more = memory.measure(changed, everywhere) - memory.measure(part, everywhere)
    assert more[9, 12] > 1.5 * more[1, 1] > 0


def test_a_shift_by_one_position_is_forgiven(placed):
    memory, *_ = placed
    everywhere = np.ones(SHAPE[:2], bool)
    part = _parts(1, seed=7)[0]
    near, far = np.roll(part, 1, axis=1)[6:, 6:], np.roll(part, 3, axis=1)[6:, 6:]
    moved = [part.copy(), part.copy()]
    moved[0][6:, 6:], moved[1][6:, 6:] = near, far

    inner = (slice(7, 11), slice(9, 15))
    close, away = (memory.measure(one, everywhere)[inner].mean() for one in moved)
    assert close < 0.3 * away


def test_what_is_seen_through_a_gate_is_good_too():
    parts, other = _parts(6), [one + 3 for one in _parts(6, seed=4)]
    projection = learn_projection(
        np.concatenate([one.reshape(-1, 12) for one in parts + other]), (12,))
    nothing = [np.zeros(SHAPE[:2], np.float32)] * 6
    memories = [learn_placed(projection, parts, ALL, nothing, gated)[0] for gated in ([], other)]

    shown = _parts(1, seed=9)[0] + 3
    far, near = (memory.measure(shown, ALL).mean() for memory in memories)
    assert memories[1].memory.shape[2] == 12
    assert near < 0.2 * far


def test_what_the_gate_holds_back_is_usual(placed):
    memory, *_ = placed
    part = _parts(1, seed=8)[0] + 5
    chosen = np.zeros(SHAPE[:2], bool)
    chosen[8, 8] = True

    unusual = memory.measure(part, chosen)

    assert unusual[8, 8] > 0
    assert np.count_nonzero(unusual) == 1


def test_what_the_gate_held_back_does_not_say_how_far_good_parts_stray():
    parts = _parts(8, restless=0.1)
    still = parts[0].copy()
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))
    chosen = [np.zeros(SHAPE[:2], bool) for _ in parts]
    for part in (0, 1, 2):
        chosen[part][4:8, 4:12] = True
    seen = [np.where(one[..., None], part, still) for one, part in zip(chosen, parts)]
    nothing = [np.zeros(SHAPE[:2], np.float32)] * len(parts)

    memory, *_ = learn_placed(projection, parts, ALL, nothing, seen)
    new = memory.measure(_parts(1, seed=8, restless=0.1)[0], ALL)

    assert new[5:7, 5:11].mean() < 2
    assert new[:2].mean() < 4


def test_anywhere_forgives_another_place_but_not_another_feature():
    parts = _parts(6, restless=0.1)
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))
    memory, scores, _ = learn_anywhere(projection, parts, list(range(6)), [ALL] * 6)

    moved = np.roll(_parts(1, seed=9, restless=0.1)[0], (5, 7), axis=(0, 1))
    strange = moved.copy()
    strange[3:8, 3:8] += 3

    assert memory.score(memory.measure(moved, ALL)) < 1.5 * max(scores)
    assert memory.score(memory.measure(strange, ALL)) > 3 * max(scores)


def test_what_is_far_from_the_part_does_not_count():
    parts = _parts(4, restless=0.1)
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))
    near = np.zeros(SHAPE[:2], bool)
    near[:, :8] = True
    memory, *_ = learn_anywhere(projection, parts, list(range(4)), [near] * 4)
    strange = parts[0].copy()
    strange[5, 12] += 9

    assert memory.measure(strange, near).max() == pytest.approx(
        memory.measure(parts[0], near).max())
    assert memory.measure(strange, ALL)[5, 12] > 1


def test_a_part_is_not_compared_with_its_own_turned_views():
    parts = _parts(4, restless=0.1)
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))
    views = [view for one in parts for view in (one, one[::-1])]

    _, scores, _ = learn_anywhere(projection, views, [0, 0, 1, 1, 2, 2, 3, 3], [ALL] * 4)

    assert min(scores) > 1e-3


def test_large_banks_are_thinned_out_the_same_way_each_time(monkeypatch):
    monkeypatch.setattr('ant_ros.inspection.normality._MOST_FEATURES', 100)
    parts = _parts(3)
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))

    first, second = (learn_anywhere(projection, parts, [0, 1, 2], [ALL] * 3)[0].bank
                     for _ in range(2))

    assert len(first.features) == 100
    assert np.array_equal(first.features, second.features)


def test_top_mean():
    values = np.array([[1.0, 5.0], [3.0, 2.0]])

    assert top_mean(values, 2) == 4.0
    assert top_mean(values, 9) == 2.75

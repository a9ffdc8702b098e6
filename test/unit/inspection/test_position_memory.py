# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A Gaussian of features at each position."""

import numpy as np
import pytest

from ant_ros.inspection.feature_maps import learn_projection
from ant_ros.inspection.position_memory import learn_positions

SHAPE = (6, 8, 12)
ALL = np.ones(SHAPE[:2], bool)


def _parts(count: int, seed: int = 0) -> list[np.ndarray]:
    """Draw parts alike but for noise, of which the left half has more."""
    rng = np.random.default_rng(seed)
    usual = np.random.default_rng(99).normal(0, 1, SHAPE)
    noise = rng.normal(0, 0.2, (count, *SHAPE))
    noise[:, :, :4] *= 5
    return list((usual + noise).astype(np.float32))


def _learn(parts, owners=None, on_part=ALL):
    owners = list(range(len(parts))) if owners is None else owners
    projection = learn_projection(np.concatenate([one.reshape(-1, 12) for one in parts]), (12,))
    return learn_positions(projection, parts, owners, [on_part] * (max(owners) + 1))


def test_a_change_counts_more_where_good_parts_agree():
    memory, *_ = _learn(_parts(40))
    changed = _parts(1, seed=1)[0]
    before = memory.measure(changed, ALL)
    changed[2, 1] += 2
    changed[2, 6] += 2

    more = memory.measure(changed, ALL) - before

    assert more[2, 6] > 2 * more[2, 1] > 0


def test_what_is_good_in_one_place_is_not_in_another():
    parts = _parts(40)
    memory, scores, _ = _learn(parts)
    part = _parts(1, seed=2)[0]

    assert memory.score(memory.measure(part, ALL)) < 1.5 * max(scores)
    assert memory.score(memory.measure(np.roll(part, 3, axis=0), ALL)) > 2 * max(scores)


def test_each_part_is_scored_by_the_others():
    parts = _parts(12)
    parts[4] = parts[4] + np.float32(2)
    memory, scores, by_fewer = _learn(parts)

    others = learn_positions(memory.projection, parts[:4] + parts[5:], list(range(11)),
                             [ALL] * 11)[0]
    assert int(np.argmax(scores)) == 4
    assert scores[4] == pytest.approx(others.score(others.measure(parts[4], ALL)), rel=0.1)
    assert scores[4] > 1.2 * memory.score(memory.measure(parts[4], ALL))
    assert np.median(by_fewer) > np.median(scores)


def test_a_part_is_not_compared_with_its_own_turned_views():
    parts = _parts(12)
    parts[4] = parts[4] + np.float32(2)
    views = [one for part in parts for one in (part, part)]
    owners = np.repeat(np.arange(12), 2).tolist()

    _, alone, _ = _learn(parts)
    _, twice, _ = _learn(views, owners)

    assert twice[4] == pytest.approx(alone[4], rel=0.2)


def test_what_does_not_count_is_left_out():
    near = ALL.copy()
    near[:, 4:] = False
    parts = _parts(8)
    parts[3][2, 6] += 50
    memory, scores, _ = _learn(parts, on_part=near)

    unusual = memory.measure(parts[3], near)

    assert not unusual[~near].any()
    assert (unusual[near] > 0).all()
    assert scores[3] < 2 * np.median(scores)


def test_features_that_never_change_do_no_harm():
    parts = [np.concatenate([one, np.ones((*SHAPE[:2], 3), np.float32)], axis=2)
             for one in _parts(5)]
    projection = learn_projection(np.concatenate([one.reshape(-1, 15) for one in parts]), (15,))
    memory, scores, by_fewer = learn_positions(projection, parts, list(range(5)), [ALL] * 5)

    assert np.isfinite([scores, by_fewer]).all()
    assert np.isfinite(memory.measure(parts[0], ALL)).all()

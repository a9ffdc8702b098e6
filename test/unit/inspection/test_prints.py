# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A print beside its place is put back as a whole; the part that carries it stays."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.prints import find_prints
from ant_ros.inspection.pyramid import shrunk

_MIX = np.full(3, 1 / 3, np.float32)
_MASK = np.ones((96, 128), bool)


def _part(x: float = 0.0, y: float = 0.0, *, hole: float = 8.0, word: str = 'AR7') -> np.ndarray:
    """Return a grey part with a hole, and a word that lies so far beside its place."""
    fine = np.full((96 * 8, 128 * 8), 180, np.uint8)
    cv2.circle(fine, (100 * 8, 60 * 8), int(hole * 8), 40, -1)
    cv2.putText(fine, word, (int((25 + x) * 8), int((45 + y) * 8)), cv2.FONT_HERSHEY_SIMPLEX, 6,
                50, 20, cv2.LINE_AA)
    return cv2.resize(fine, (128, 96), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope='module')
def prints():
    shifts = np.random.default_rng(0).uniform(-1.5, 1.5, (10, 2))
    return find_prints(np.stack([_part(*one) for one in shifts]).astype(np.float32), _MASK)


def _put_back(prints, part: np.ndarray) -> np.ndarray:
    canvas = cv2.merge([part] * 3)
    return prints.put_back(canvas, shrunk(canvas, 0), np.eye(3)[:2], _MIX)[..., 0]


def test_what_moves_is_found_and_what_does_not_is_not(prints):
    cover = prints.cover((96, 128))

    assert cover[38, 35]
    assert not cover[60, 100]


@pytest.mark.parametrize('shift', [(1.4, -1.1), (-0.6, 0.45)])
def test_it_is_put_back(prints, shift):
    expected = _put_back(prints, _part()).astype(float)
    before = np.abs(_part(*shift) - expected).max()
    after = np.abs(_put_back(prints, _part(*shift)) - expected).max()

    assert after < 0.4 * before


def test_damage_in_it_stays(prints):
    whole = _put_back(prints, _part(1.0, 0.5)).astype(float)
    damaged = _put_back(prints, _part(1.0, 0.5, word='AR ')).astype(float)

    assert np.abs(whole - damaged).max() > 80


def test_the_rest_is_left_alone(prints):
    part = _part(1.0, 1.0, hole=7.5)

    assert np.array_equal(_put_back(prints, part)[50:, 85:], part[50:, 85:])


def test_a_print_far_away_is_not_fetched(prints):
    expected = _part().astype(float)

    assert np.abs(_put_back(prints, _part(9.0, 0.0)) - expected).max() > 80


def test_nothing_moves_on_parts_that_are_alike():
    rng = np.random.default_rng(1)
    views = np.stack([_part() + rng.normal(0, 2, (96, 128)) for _ in range(8)])

    assert not find_prints(views.astype(np.float32), _MASK).prints


def test_a_trace_of_grain_does_not_join_a_print_to_the_rim():
    shifts = np.random.default_rng(0).uniform(-1.5, 1.5, (10, 2))
    views = np.stack([_part(*one) for one in shifts]).astype(np.float32)
    rows, columns = np.indices((96, 128))
    views -= 31 * np.exp(-((columns - 40) / 4) ** 2 / 2 - ((rows - 21) / 1.5) ** 2 / 2)
    views[:, :16] = 60
    mask = _MASK & (rows >= 10)

    assert find_prints(views.astype(np.float32), mask).prints

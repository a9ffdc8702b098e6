# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What wakes the pretrained features."""

import numpy as np
import pytest

from ant_ros.inspection.gate import Gate
from ant_ros.inspection.gate import learn_gate

MASK = np.ones((64, 80), bool)


def _surprises(count, seed=0, usual=4.0):
    """Return evidence at half the size with its peak in one pixel of each tile."""
    rng = np.random.default_rng(seed)
    surprises = np.zeros((count, 64, 80), np.float32)
    surprises[:, 5::8, 3::8] = rng.gamma(4, usual / 4, (count, 8, 10))
    return list(surprises)


def _surprise(*peaks):
    """Return evidence with these peaks in the first tiles of the first row."""
    surprise = np.zeros((48, 48), np.float32)
    surprise[3, 2::8][:len(peaks)] = peaks
    return surprise


def test_a_tile_in_twenty_of_good_parts_wakes():
    gate = learn_gate('learned', _surprises(30), MASK)
    woken = np.array([one[5::8, 3::8] >= gate.wake for one in _surprises(30, seed=1)])

    assert 0.03 < woken.mean() < 0.07


def test_nothing_below_the_usual_limit_wakes():
    calm = learn_gate('learned', _surprises(10, usual=0.5), MASK)
    loud = learn_gate('learned', _surprises(10, usual=9.0), MASK)

    assert (calm.wake, calm.doubt) == (3.5, 3.5)
    assert not calm.news(np.full((64, 80), 3.4, np.float32)).any()
    assert loud.wake > loud.doubt == 5.5


def test_tiles_without_a_part_do_not_count():
    mask = MASK.copy()
    mask[:32] = False
    surprises = [one * mask for one in _surprises(20)]

    assert learn_gate('learned', surprises, mask).wake == pytest.approx(
        np.quantile(np.stack(surprises)[:, 37::8, 3::8], 0.95))


def test_the_most_surprising_tiles_wake_where_there_is_doubt():
    gate = Gate(False, 10.0, 5.0)
    surprise = _surprise(6, 7, 8, 9, 5.5, 5.2)

    assert np.argwhere(gate.news(surprise)).tolist() == [[3, column] for column in (2, 10, 18, 26)]
    surprise[28, 7::8] = 11
    assert gate.news(surprise)[28].sum() == 6
    assert gate.news(surprise).sum() == 6


def test_in_a_woken_tile_what_surprises_is_news():
    surprise = _surprise(11)
    surprise[4, 2:5] = 3.3, 3.1, 7.0

    assert np.argwhere(Gate(False, 10.0, 5.0).news(surprise)).tolist() == [[3, 2], [4, 2], [4, 4]]


def test_a_part_of_a_few_tiles_wakes_too():
    surprise = np.zeros((8, 16), np.float32)
    surprise[2, 3] = 11

    assert Gate(False, 10.0, 5.0).news(surprise).sum() == 1


def test_the_open_gate_wakes_everything():
    gate = learn_gate('open', _surprises(5), MASK)

    assert gate.news(np.zeros((64, 80), np.float32)).all()


def test_drowsiness_is_a_share_of_what_wakes():
    drowsy = Gate(False, 10.0, 5.0).drowsiness(_surprise(0, 5, 30))

    assert drowsy[0, :3].tolist() == [0, 0.5, 1]
    assert (drowsy.shape, drowsy.dtype) == ((6, 6), np.float32)

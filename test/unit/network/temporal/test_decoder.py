# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from ant_ros.network.temporal.column import NO_WINNER
from ant_ros.network.temporal.decoder import TallyDecoder


def test_winners_stand_for_the_label_they_came_with_most():
    decoder = TallyDecoder()
    for winner, label in ((0, 'dent'), (0, 'dent'), (0, 'scratch'), (1, 'scratch')):
        decoder.learn([winner], label)
    assert decoder.decide([0]) == 'dent'
    assert decoder.decide([1]) == 'scratch'
    assert decoder.labels == ('dent', 'scratch')


def test_nothing_known_is_no_label():
    decoder = TallyDecoder()
    assert decoder.decide([0]) is None
    decoder.learn([0], 'dent')
    assert decoder.decide([5]) is None
    assert decoder.decide([NO_WINNER]) is None


def test_columns_vote_and_sure_ones_count_more():
    decoder = TallyDecoder(columns=3)
    for _ in range(5):
        decoder.learn([0, 0, 0], 'dent')
        decoder.learn([1, 0, 1], 'scratch')
    assert decoder.decide([0, 0, 0]) == 'dent'
    assert decoder.decide([1, 0, NO_WINNER]) == 'scratch'


def test_spike_times_tell_labels_apart():
    decoder = TallyDecoder(ticks=8)
    decoder.learn([0], 'near', [2])
    decoder.learn([0], 'far', [6])
    assert decoder.decide([0], [2]) == 'near'
    assert decoder.decide([0], [6]) == 'far'


def test_a_label_never_seen_before_may_come_at_any_time():
    decoder = TallyDecoder()
    decoder.learn([0], 'dent')
    decoder.learn([1], 7)
    assert decoder.decide([1]) == 7


@pytest.mark.parametrize(('winners', 'times', 'message'), [
    ([0], None, 'expected one each for 2 columns'), ([0, -2], None, 'winner -2'),
    ([0, 1], [0, 8], 'outside the cycle of 8 ticks'), ([0, 1], [0], 'expected one each'),
])
def test_bad_winners_and_times_are_refused(winners, times, message):
    decoder = TallyDecoder(columns=2, ticks=8)
    with pytest.raises(ValueError, match=message):
        decoder.learn(winners, 'dent', times)
    assert decoder.labels == ()


def test_no_columns_are_refused():
    with pytest.raises(ValueError, match='0 columns'):
        TallyDecoder(0)

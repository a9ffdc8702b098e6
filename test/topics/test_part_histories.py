# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The score does not depend on the order in which the topics speak."""

from itertools import permutations

import pytest

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.part_histories import PartHistories
from ant_ros.nodes.trigger_book import Outcome
from ant_ros.nodes.truth_message import PartEnd
from ant_ros.nodes.verdict_message import PartVerdict


def verdict(part_id: str, decision: Decision = Decision.PASS, cause: str = '') -> PartVerdict:
    return PartVerdict(part_id=part_id, stamp_ns=0, frame_id='', inspector='', decision=decision,
                       reason='', units=3, units_total=12, cause=cause)


def end(part_id: str, role: str = 'inspect', **changes) -> PartEnd:
    return PartEnd(**{
        'part_id': part_id, 'role': role, 'defect': None, 'severity': 0.0, 'visible': False,
        'visible_pixels': 0, 'contrast_sigmas': 0.0, 'bin': 'accept',
        'published_monotonic_s': 10.0, 'ended_time_s': 3.0, **changes})


def tell(histories: PartHistories, what: str, part_id: str) -> None:
    {'trigger': lambda: histories.trigger(part_id),
     'verdict': lambda: histories.verdict(verdict(part_id), 10.025),
     'outcome': lambda: histories.outcome(Outcome(part_id, 0, 'pass', '')),
     'end': lambda: histories.end(end(part_id))}[what]()


ALL = ('trigger', 'verdict', 'outcome', 'end')


@pytest.mark.parametrize('order', permutations(ALL))
def test_any_order_closes_the_part_with_the_same_figures(order: tuple[str, ...]) -> None:
    histories = PartHistories()
    for number, what in enumerate(order):
        assert histories.unfinished == (number > 0)
        tell(histories, what, 'a')
    assert histories.unfinished == 0
    figures = histories.figures()
    assert {key: figures[key] for key in (
        'parts', 'triggers', 'verdicts', 'outcomes', 'pass', 'false_rejects', 'gate_errors')} == {
        'parts': 1, 'triggers': 1, 'verdicts': 1, 'outcomes': 1, 'pass': 1, 'false_rejects': 0,
        'gate_errors': 0}
    assert figures['latency_ms_p50'] == pytest.approx(25.0)
    assert figures['wake_rate_good_tiles'] == 0.25


@pytest.mark.parametrize('again', ALL)
def test_what_is_told_twice_counts_once(again: str) -> None:
    histories = PartHistories()
    tell(histories, again, 'a')
    tell(histories, again, 'a')
    for what in ALL:
        if what != again:
            tell(histories, what, 'a')
    expected = histories.figures()
    tell(histories, again, 'a')
    assert histories.figures() == expected
    assert expected['triggers'] == expected['parts'] == 1
    assert sum(histories.repeated.values()) == 2


def test_parts_on_their_way_count_as_far_as_they_are_known() -> None:
    histories = PartHistories()
    histories.trigger('a')
    histories.verdict(verdict('a', Decision.REJECT), 1.0)
    figures = histories.figures()
    assert (figures['triggers'], figures['reject'], figures['outcomes'], figures['parts']) == (
        1, 1, 0, 0)


@pytest.mark.parametrize('told', ['role', 'cause'])
def test_parts_to_teach_from_are_counted_apart(told: str) -> None:
    histories = PartHistories()
    histories.trigger('a')
    histories.verdict(verdict('a', Decision.UNINSPECTED, 'teaching' * (told == 'cause')), 1.0)
    if told == 'role':
        histories.end(end('a', role='teach', bin='reject'))
    figures = histories.figures()
    assert (figures['teach_parts'], figures['triggers'], figures['uninspected']) == (1, 0, 0)


def test_latency_needs_one_clock() -> None:
    histories = PartHistories()
    for part_id, published_s in [('unknown', None), ('other computer', 99.0)]:
        histories.verdict(verdict(part_id), 10.0)
        histories.end(end(part_id, published_monotonic_s=published_s))
    assert histories.figures()['latency_ms_p50'] is None


def test_memory_is_bounded_and_nothing_is_counted_twice() -> None:
    histories = PartHistories()
    for number in range(2500):
        histories.trigger(f'part-{number}')
    assert histories.unfinished == 1000
    assert histories.abandoned == 1500
    histories.verdict(verdict('part-3'), 1.0)
    assert histories.repeated['verdicts'] == 1
    assert histories.figures()['triggers'] == 2500

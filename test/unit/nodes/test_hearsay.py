# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What others say of a recipe waits until it is in use, within bounds."""

from ant_ros.inspection.learning.message import pack
from ant_ros.nodes import hearsay as module
from ant_ros.nodes.hearsay import Hearsay


def said(space: str, sender: str, text: str = '') -> bytes:
    return pack('fleet state', {'space': space, 'sender': sender, 'text': text}, {})


def test_the_last_message_of_each_robot_on_each_recipe_is_kept() -> None:
    hearsay = Hearsay(10, 10_000)
    for message in (said('a', 'one', 'old'), said('b', 'one'), said('a', 'two'),
                    said('a', 'one', 'new'), b'noise'):
        hearsay.add(message)
    assert hearsay.on('a') == [said('a', 'two'), said('a', 'one', 'new')]
    assert hearsay.on('b') == [said('b', 'one')]
    assert hearsay.on('c') == []


def test_the_oldest_go_and_what_is_too_large_does_not_come() -> None:
    few = Hearsay(2, 10_000)
    small = Hearsay(10, 2 * len(said('a', '0')))
    for number in range(4):
        for hearsay in (few, small):
            hearsay.add(said('a', str(number)))
    assert few.on('a') == small.on('a') == [said('a', '2'), said('a', '3')]
    small.add(said('a', '2', 'x' * 1000))
    assert small.on('a') == [said('a', '2'), said('a', '3')]


def test_robots_that_do_not_say_who_speaks_are_told_apart_by_the_names_in_it() -> None:
    hearsay = Hearsay(10, 10_000)
    one, two, newer = (
        pack('fleet state', {'space': 'a', 'robots': [{'robot': robot, 'version': version}]}, {})
        for robot, version in (('one', 1), ('two', 1), ('one', 2)))
    odd = pack('fleet state', {'space': 'a', 'robots': 7}, {})
    for message in (one, two, newer, odd):
        hearsay.add(message)
    assert hearsay.on('a') == [two, newer, odd]


def test_what_is_too_large_is_not_even_read(monkeypatch) -> None:
    read = []
    monkeypatch.setattr(module, 'origin_of', read.append)
    Hearsay(10, 100).add(said('a', 'one', 'x' * 1000))
    assert read == []

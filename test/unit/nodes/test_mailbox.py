# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A mailbox never piles up and never loses anything in silence."""

import threading

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from ant_ros.nodes.mailbox import Mailbox


@settings(deadline=None)
@given(capacity=st.integers(1, 5), newest_wins=st.booleans(),
       steps=st.lists(st.booleans(), max_size=40))
def test_every_item_comes_out_or_back_in_order(capacity, newest_wins, steps) -> None:
    mailbox: Mailbox[int] = Mailbox(capacity, newest_wins=newest_wins)
    came_out, came_back = [], []
    for number, take in enumerate(steps):
        if take and len(mailbox):
            came_out.append(mailbox.get())
        elif not take:
            back = mailbox.put(number)
            came_back += [] if back is None else [back]
        assert len(mailbox) <= capacity
    came_out += mailbox.drain()
    given_in = [number for number, take in enumerate(steps) if not take]
    assert sorted(came_out + came_back) == given_in
    assert came_out == sorted(came_out)


def test_full_mailbox_returns_the_oldest_or_the_new_item() -> None:
    live: Mailbox[str] = Mailbox(1, newest_wins=True)
    every: Mailbox[str] = Mailbox(1, newest_wins=False)
    assert (live.put('a'), live.put('b'), live.get()) == (None, 'a', 'b')
    assert (every.put('a'), every.put('b'), every.get()) == (None, 'b', 'a')


def test_urgent_items_come_first_and_need_no_place() -> None:
    mailbox: Mailbox[str] = Mailbox(1, newest_wins=False)
    mailbox.put('waits')
    assert mailbox.put_urgent('first') and mailbox.put_urgent('second')
    assert [mailbox.get() for _ in range(3)] == ['first', 'second', 'waits']


def test_drain_leaves_what_is_urgent() -> None:
    mailbox: Mailbox[str] = Mailbox(2, newest_wins=False)
    mailbox.put('waits')
    mailbox.put_urgent('urgent')
    assert mailbox.drain() == ['waits']
    assert mailbox.get() == 'urgent'


def test_get_waits_for_an_item_or_the_end() -> None:
    mailbox: Mailbox[str] = Mailbox(1, newest_wins=False)
    got: list[str | None] = []
    reader = threading.Thread(target=lambda: got.extend([mailbox.get(), mailbox.get()]))
    reader.start()
    mailbox.put('item')
    while len(mailbox):
        pass
    mailbox.close()
    reader.join(10)
    assert got == ['item', None]


def test_closed_mailbox_returns_everything() -> None:
    mailbox: Mailbox[str] = Mailbox(2, newest_wins=True)
    mailbox.put('a')
    mailbox.put_urgent('u')
    assert mailbox.close() == ['u', 'a']
    assert mailbox.put('b') == 'b'
    assert not mailbox.put_urgent('v')
    assert mailbox.get() is None


def test_mailbox_without_capacity_is_refused() -> None:
    with pytest.raises(ValueError, match='at least 1'):
        Mailbox(0, newest_wins=True)

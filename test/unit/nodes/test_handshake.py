# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Waiting for a peer ends with its answer, its silence, or the end of the line."""

import threading

from ant_ros.nodes.handshake import Handshake


def test_nothing_open_is_nothing_to_wait_for() -> None:
    assert Handshake().wait(timeout_s=0.0)


def test_wait_ends_when_every_answer_is_there() -> None:
    peer = Handshake()
    for what in 'aab':
        peer.expect(what)
    answers = iter('baa')

    def answer() -> None:
        for what in answers:
            peer.answer(what)
    threading.Thread(target=answer).start()
    assert peer.wait(timeout_s=20.0)
    assert next(answers, None) is None
    assert (peer.answers, peer.timeouts) == (3, 0)


def test_silent_peer_is_absent_and_not_waited_for_until_it_is_heard() -> None:
    peer = Handshake()
    peer.expect('a')
    assert not peer.wait(timeout_s=0.01)
    assert (peer.present, peer.timeouts) == (False, 1)
    peer.expect('b')
    assert not peer.wait(timeout_s=60.0)   # at once, or the test would time out
    assert peer.timeouts == 1
    peer.answer('anything')
    assert peer.present
    assert peer.wait(timeout_s=0.0), 'what was asked while it was absent is not waited for'
    peer.expect('c')
    assert not peer.wait(timeout_s=0.01)
    assert peer.timeouts == 2


def test_answer_nobody_asked_for_is_not_saved_up() -> None:
    peer = Handshake()
    peer.answer('a')
    peer.expect('a')
    assert not peer.wait(timeout_s=0.01)


def test_close_lets_a_wait_return() -> None:
    peer = Handshake()
    peer.expect('a')
    threading.Thread(target=peer.close).start()
    assert not peer.wait(timeout_s=20.0)
    assert peer.timeouts == 0

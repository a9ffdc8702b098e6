# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import signal

import pytest

from ant_ros.cli.interruption import Interruption


class Swallowing:
    """What a library's destructor does to an exception."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_raised_where_it_is_asked_for(number):
    with Interruption() as interruption:
        interruption.check()
        signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            interruption.check()


def test_a_signal_inside_a_destructor_is_not_lost():
    with Interruption() as interruption:
        Swallowing()
        with pytest.raises(KeyboardInterrupt):
            interruption.check()


def test_the_former_handlers_come_back():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Interruption():
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before

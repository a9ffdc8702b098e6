# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes that cannot be damaged unnoticed."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
import numpy as np
import pytest

from ant_ros.inspection.learning.message import kind_of
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import unpack

DATA = pack('note', {'robot': 'a'}, {'x': np.arange(6.0).reshape(2, 3), 'y': np.zeros(0, bool)})


def test_what_is_packed_is_unpacked():
    header, tensors = unpack(DATA, 'note', 10_000)
    assert header['robot'] == 'a'
    assert np.array_equal(tensors['x'], np.arange(6.0).reshape(2, 3))
    assert tensors['y'].dtype == bool


def test_the_same_content_gives_the_same_bytes():
    numbers = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert pack('note', {'robot': 'a'}, {'y': np.zeros(0, bool), 'x': numbers}) == DATA


@settings(max_examples=200, deadline=None, derandomize=True)
@given(strategies.integers(0, len(DATA) - 1), strategies.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(place, change):
    damaged = bytearray(DATA)
    damaged[place] ^= change
    with pytest.raises(MessageError):
        unpack(bytes(damaged), 'note', 10_000)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(strategies.integers(0, len(DATA) - 1))
def test_what_is_cut_is_refused(length):
    with pytest.raises(MessageError):
        unpack(DATA[:length], 'note', 10_000)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(strategies.binary(max_size=200))
def test_other_bytes_are_refused(data):
    with pytest.raises(MessageError, match='are no note'):
        unpack(data, 'note', 10_000)


def test_another_kind_and_a_longer_one_are_refused():
    with pytest.raises(MessageError, match='this is no letter'):
        unpack(DATA, 'letter', 10_000)
    with pytest.raises(MessageError, match='at most 20'):
        unpack(DATA, 'note', 20)


def test_bytes_say_what_they_are():
    assert kind_of(pack('state', {}, {})) == 'state'
    for other in (b'', b'12', pack('state', {}, {})[:45], bytes(60)):
        assert kind_of(other) == ''

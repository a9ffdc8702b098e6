# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Features of the latest parts."""

import numpy as np

from ant_ros.inspection.learning.features import MOST_ANSWERS
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.part_store import PartStore


def part(name, value=0.0):
    return PartFeatures(
        name, np.full((8, 16), value), [True] * 8, np.zeros(MOST_ANSWERS, np.int8))


def test_the_oldest_goes_first():
    store = PartStore(3)
    for name in 'abcd':
        store.add(part(name))
    assert store.get('a') is None
    assert [store.get(name).part for name in 'bcd'] == ['b', 'c', 'd']
    assert len(store) == 3


def test_a_part_seen_again_is_the_latest():
    store = PartStore(2)
    for name, value in (('a', 1.0), ('b', 1.0), ('a', 2.0), ('c', 1.0)):
        store.add(part(name, value))
    assert store.get('b') is None
    assert store.get('a').vectors[0, 0] == 2


def test_memory_is_bounded_as_stated():
    limits = Limits(parts=10)
    store = PartStore(limits.parts)
    for number in range(100):
        store.add(part(str(number)))
    assert store.bytes == limits.store_bytes(16)


def test_parts_that_were_seen_before_the_recipe_has_changed_are_stale_until_seen_again():
    store = PartStore(2)
    for part in 'ab':
        store.add(PartFeatures(part, np.zeros((1, 3)), [False]))
    store.age()
    store.add(PartFeatures('b', np.zeros((1, 3)), [False]))
    assert (store.is_stale('a'), store.is_stale('b')) == (True, False)
    store.add(PartFeatures('c', np.zeros((1, 3)), [False]), stale=True)
    store.add(PartFeatures('a', np.zeros((1, 3)), [False]))
    assert [store.is_stale(part) for part in 'abc'] == [False, False, True]

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.bench.learning.disposition_task import mm_per_px
from ant_ros.bench.learning.symbols import Perception
from ant_ros.bench.learning.symbols import predicates
from ant_ros.bench.learning.symbols import Seen
from ant_ros.bench.learning.symbols import Symbols
from ant_ros.bench.learning.symbols import Tree
from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import Measured


@pytest.fixture(scope='module')
def perception(small):
    from ant_ros.bench.learning.taught import new_inspector
    return Perception(new_inspector(small), mm_per_px(small))


def region(length, breadth, colour):
    return Measured(length_px=length, breadth_px=breadth, area_px=length * breadth,
                    colour_shift=colour, mm_per_px=0.5)


@pytest.fixture(scope='module')
def labelled():
    """Long marks are scrap, short ones rework; a coloured spot may stay."""
    rng = np.random.default_rng(0)
    seen, words = [], []
    for number in range(36):
        length, breadth, colour, word = (
            (40, 2, 1, Disposition.SCRAP), (10, 2, 1, Disposition.REWORK),
            (6, 5, 30, Disposition.ACCEPT))[number % 3]
        seen.append(Seen([region(length * rng.uniform(0.8, 1.2), breadth,
                                 colour * rng.uniform(0.8, 1.2))], None))
        words.append(word)
    return seen, words


def test_rules_and_network_learn_what_is_done(perception, labelled):
    seen, words = labelled
    symbols = Symbols(perception)
    symbols.learn(seen[:24], words[:24])
    assert symbols.book.learned
    groups = symbols.groups_for(perception)
    told = [symbols.decide(one, groups) for one in seen[24:]]
    assert told == words[24:]
    assert symbols.decide(Seen((), None), groups) is Disposition.ACCEPT
    # What no rule speaks of is for the network, which always has an answer.
    assert symbols.decide(Seen([region(300, 200, 0)], None), groups) in set(Disposition)


def test_the_tree_learns_the_same(labelled):
    seen, words = labelled
    tree = Tree()
    tree.learn(seen[:24], words[:24])
    assert [tree.decide(one) for one in seen[24:]] == words[24:]
    assert tree.decide(Seen((), None)) is Disposition.ACCEPT


def test_predicates_are_those_of_the_largest_region():
    small_one, large_one = region(3, 2, 0), region(30, 20, 5)
    assert np.array_equal(predicates([large_one, small_one])[:-1], predicates([large_one])[:-1])
    assert predicates([large_one, small_one])[-1] == pytest.approx(np.log(2))


def test_regions_of_a_stopped_part_are_measured_in_millimetres(perception, small_parts):
    seen = [perception.look(part) for part in small_parts]
    stopped = [one for one, part in zip(seen, small_parts) if one.regions and part.word != 'good']
    assert stopped
    for one in stopped:
        assert one.features is not None
        # A plate is 60 mm long.
        assert all(0 < region.value('length_mm') < 90 for region in one.regions)
    assert any(not one.regions for one in seen[:6])

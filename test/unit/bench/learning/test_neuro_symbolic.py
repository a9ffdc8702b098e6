# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace

import pytest

from ant_ros.bench.learning import neuro_symbolic
from ant_ros.bench.learning.disposition_task import draw_task
from ant_ros.bench.learning.disposition_task import mm_per_px
from ant_ros.bench.learning.symbols import Perception
from ant_ros.bench.learning.symbols import Symbols
from ant_ros.bench.learning.symbols import Tree
from ant_ros.inspection.rules import Disposition

_ACCEPT, _SCRAP = Disposition.ACCEPT, Disposition.SCRAP


def test_accuracy_comes_with_its_interval():
    figures = neuro_symbolic.accuracy([_ACCEPT] * 10, [_ACCEPT] * 9 + [_SCRAP])
    assert (figures['right'], figures['parts'], figures['accuracy']) == (9, 10, 0.9)
    assert figures['interval_95'] == [pytest.approx(0.555, abs=1e-3),
                                      pytest.approx(0.9975, abs=1e-3)]


def test_all_are_tested_on_the_same_parts(small, new_small_inspector):
    task = draw_task(small, 5, 24, 4)
    perception = Perception(new_small_inspector(), mm_per_px(small))
    seen = [perception.look(part) for part in task.parts]
    symbols, tree = Symbols(perception), Tree()
    symbols.learn(seen, task.truth)
    tree.learn(seen, task.truth)
    network = SimpleNamespace(decide=lambda image: [sum(range(1000)), _SCRAP][1])
    figures = neuro_symbolic._test(symbols, tree, network, perception, task)
    assert figures['network']['right'] == sum(word is _SCRAP for word in task.truth)
    assert figures['always_accept']['right'] == sum(word is _ACCEPT for word in task.truth)
    # On what was learned from they must be better than one answer for all.
    assert figures['symbols']['right'] > figures['network']['right']
    assert figures['tree']['right'] > figures['network']['right']
    assert figures['stopped'] > 10
    shares, seconds = figures['run_share'], figures['cpu_ms_per_part']
    for mix in ('here', 'at_1_percent_stopped'):
        assert shares['symbols'][mix] > shares['symbols_beyond_inspection'][mix] > 0
        assert shares['inspection'][mix] == pytest.approx(
            seconds['inspection'][mix] / seconds['network'][mix])
    # What comes on top is next to nothing where a part passes.
    beyond = shares['symbols_beyond_inspection']
    assert beyond['at_1_percent_stopped'] < beyond['here']
    goals = neuro_symbolic._goals({
        'labels': 24, 'training_share': 0.02, 'seen_product': figures, 'variant': figures})
    assert not goals['training_share']['reached']
    for name in ('symbols', 'symbols_beyond_inspection'):
        assert goals['variant'][f'run_share_of_{name}_at_1_percent_stopped']['measured'] == (
            shares[name]['at_1_percent_stopped'])

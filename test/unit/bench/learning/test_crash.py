# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ProcessPoolExecutor
import multiprocessing

import pytest

from ant_ros.bench.learning import crash_rounds
from ant_ros.bench.learning.crash_rounds import Acknowledged
from ant_ros.bench.learning.crash_rounds import kill_rounds


@pytest.fixture(scope='module')
def folder(small, small_parts, tmp_path_factory):
    from ant_ros.bench.learning.taught import new_inspector
    folder = tmp_path_factory.mktemp('crash')
    new_inspector(small).save(folder / 'recipe')
    return folder


def test_killed_processes_lose_nothing_that_they_acknowledged(folder, small_parts):
    parts = [(part.image, part.word) for part in small_parts]
    with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:
        figures = pool.submit(kill_rounds, folder, parts, 3, 1).result()
    assert (figures['kills'], figures['not_opened'], figures['acknowledged_and_lost']) == (3, 0, 0)
    assert figures['faults'] == []
    assert figures['acknowledged'] >= 1
    assert figures['recipe_version'] > 1


def test_a_label_that_is_not_there_is_noticed(folder):
    found = crash_rounds._Found([Acknowledged(4711, 'nowhere', 'scratch', 'applied')])
    crash_rounds._look(folder, found)
    assert (found.lost, found.not_opened) == (1, 0)
    assert 'nowhere' in found.faults[0]


def test_a_ledger_that_does_not_open_is_noticed(folder, tmp_path):
    (tmp_path / 'ledger').write_bytes(b'no database at all' * 100)
    found = crash_rounds._Found()
    crash_rounds._look(tmp_path, found)
    assert found.not_opened == 1

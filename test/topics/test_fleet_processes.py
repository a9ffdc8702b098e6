# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What one inspector process has learned reaches another one."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe_history import versions_of


@pytest.fixture
def start() -> Iterator[Callable[[str, Path], subprocess.Popen]]:
    started = []

    def start(robot: str, recipe: Path) -> subprocess.Popen:
        started.append(subprocess.Popen(
            [sys.executable, '-m', 'ant_ros.nodes.inspector', '--ros-args',
             '-r', f'__ns:=/{robot}', '-r', 'learned:=/learned', '-p', 'autostart:=true',
             '-p', f'recipe:={recipe}', '-p', f'robot:={robot}'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]
    yield start
    for process in started:
        process.kill()
        process.wait()


def test_what_one_was_told_another_process_knows(
        start: Callable[[str, Path], subprocess.Popen], ros: Any, tmp_path: Path,
        draw_plate: Callable[..., np.ndarray]) -> None:
    taught = OnlineInspector.teach(
        [draw_plate(seed) for seed in range(8)], name='plate', backbone='sampled')
    taught.save(tmp_path / 'teacher' / 'plate')
    shutil.copytree(tmp_path / 'teacher', tmp_path / 'pupil')
    recipes = {robot: tmp_path / robot / 'plate' for robot in ('teacher', 'pupil')}
    inspector = OnlineInspector.load(recipes['teacher'], robot='teacher')
    with Ledger(ledger_path(recipes['teacher'])) as ledger, LabelDesk(
            inspector, recipes['teacher'], ledger) as desk:
        inspector.inspect(draw_plate(100, 'spot'), 'a')
        assert desk.label('a', 'spot', create=True).state is LabelState.APPLIED

    processes = [start(robot, recipe) for robot, recipe in recipes.items()]

    ros.wait_for(lambda: len(versions_of(recipes['pupil'])) == 2, 60.0, 'the second version')
    assert [process.poll() for process in processes] == [None, None]
    pupil = OnlineInspector.load(recipes['pupil'])
    assert pupil.learner.classes == ('spot',)
    assert pupil.inspect(draw_plate(101, 'spot')).classes == ('spot',)
    assert not pupil.learner.labels

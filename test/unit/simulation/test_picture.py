# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from ant_ros.simulation import InspectionLine
from ant_ros.simulation import load_scenario


def test_the_picture_shows_the_parts_and_the_gate():
    with InspectionLine(load_scenario('demo'), parts=3) as line:
        empty = line.picture()
        for _ in range(80):
            line.command_gate(True)
            line.step()
        running = line.picture()
    assert empty.shape == running.shape == (720, 1280, 3)
    assert empty.dtype == np.uint8
    assert empty.std() > 20
    changed = np.abs(running.astype(int) - empty).max(axis=2) > 20
    assert 1_000 < np.count_nonzero(changed) < 0.1 * changed.size

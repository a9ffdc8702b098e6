# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace

import numpy as np
import pytest

from ant_ros.bench.learning.disposition_task import draw_task
from ant_ros.bench.learning.disposition_task import true_disposition
from ant_ros.inspection.rules import Disposition


def part(kind, rows, columns):
    mask = np.zeros((100, 100), bool)
    mask[10:10 + rows, 10:10 + columns] = True
    return SimpleNamespace(truth=SimpleNamespace(defect=kind, mask=None if kind is None else mask))


@pytest.mark.parametrize('kind, rows, columns, wanted', [
    (None, 0, 0, Disposition.ACCEPT), ('contamination', 3, 3, Disposition.ACCEPT),
    ('contamination', 10, 10, Disposition.REWORK), ('scratch', 2, 30, Disposition.REWORK),
    ('scratch', 2, 60, Disposition.SCRAP), ('deformation', 30, 30, Disposition.REWORK),
    ('wrong_colour', 9, 9, Disposition.SCRAP), ('missing_feature', 9, 9, Disposition.SCRAP)])
def test_the_instruction_goes_by_class_and_size(kind, rows, columns, wanted):
    assert true_disposition(part(kind, rows, columns), 0.5) is wanted


def test_the_size_is_that_in_millimetres():
    assert true_disposition(part('scratch', 2, 60), 0.1) is Disposition.REWORK


def test_a_task_has_good_and_bad_parts_and_all_dispositions(small):
    task = draw_task(small, 3, 30, 5)
    assert len(task.parts) == len(task.truth)
    assert sum(one.word == 'good' for one in task.parts) == 5
    assert set(task.truth) == {Disposition.ACCEPT, Disposition.REWORK, Disposition.SCRAP}

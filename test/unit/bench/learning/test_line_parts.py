# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import new_supplier
from ant_ros.bench.learning.line_parts import teach_images


def test_parts_are_photographed_once_and_are_what_they_are_called(small):
    good, bad = good_parts(small, 1, 6), defects(small, 2, 10)
    assert good_parts(small, 1, 6) is good
    assert [part.word for part in good] == ['good'] * 6
    assert bad
    assert all(part.truth.visible and part.word != 'good' for part in bad)
    assert len({part.part for part in (*good, *bad)}) == len(good) + len(bad)
    assert len(teach_images(small, 3)) == small.teach_parts


def test_a_new_suppliers_parts_are_good_and_look_unlike_the_usual_ones(small):
    usual, new = good_parts(small, 4, 2), good_parts(new_supplier(small), 4, 2)
    assert [part.word for part in new] == ['good', 'good']
    difference = np.abs(usual[0].image.astype(float) - new[0].image)
    assert difference.max() > 4 * small.noise.sigma

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the good parts that were shown suffice."""

import numpy as np
import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection.enough import measure_enough


def test_few_varied_parts_are_not_enough(inspector):
    enough = inspector.recipe.enough

    assert not enough.seen_enough
    assert enough.parts == 10
    assert enough.gain > 0.02
    assert 1 <= enough.wanted <= 60
    assert enough.text.startswith('not yet: the last third of 10 good parts lowered')
    assert enough.text.endswith(f'show about {enough.wanted} more')


def test_many_alike_parts_are_enough(plate):
    taught = Inspector.teach([plate(seed, yaw_deg=2.0, gain=1.0) for seed in range(40)])
    enough = taught.recipe.enough

    assert enough.seen_enough
    assert enough.wanted == 0
    assert enough.reach < 1
    assert enough.text.startswith('seen enough: the last third of 40 good parts')


def test_what_the_last_third_lowered_is_measured():
    enough = measure_enough([0.8, 0.9, 0.7], [1.0, 1.125, 0.875], 2.0, 0.005)

    assert enough.gain == pytest.approx(0.2)
    assert enough.reach == pytest.approx(0.45)
    assert not enough.seen_enough
    assert enough.wanted == 27


def test_a_part_that_would_be_stopped_is_not_enough_seen():
    scores = [1.0] * 19 + [3.0]
    enough = measure_enough(scores, scores, 2.0, 0.005)

    assert enough.gain == pytest.approx(0)
    assert enough.reach == pytest.approx(1.5)
    assert not enough.seen_enough
    assert enough.wanted > 0


def test_the_share_that_may_be_stopped_does_not_count():
    scores = [*np.linspace(0.5, 1.0, 299), 3.0]

    assert measure_enough(scores, scores, 2.0, 0.005).seen_enough


def test_scores_of_nothing_are_no_trouble():
    assert measure_enough([0.0] * 6, [0.0] * 6, 1.0, 0.005).seen_enough

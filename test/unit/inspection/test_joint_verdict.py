# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One verdict on several parts: the worst decides, and nothing that was found is left out."""

from dataclasses import replace

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Region
from ant_ros.inspection import Verdict
from ant_ros.inspection import Work
from ant_ros.inspection.joint_verdict import join_verdicts
from ant_ros.inspection.joint_verdict import mention_others
from ant_ros.inspection.verdict import PartBox

BOXES = [(0, 0, 10, 10), (20, 0, 10, 10), (40, 0, 10, 10)]


def verdict(decision: Decision, score: float, *, joules: float | None = None) -> Verdict:
    stopped = decision is not Decision.PASS
    heat = np.zeros((10, 50), np.float32)
    heat[0, round(10 * score)] = score
    return Verdict(
        decision, score, 1.0, 2.0,
        (Region(round(10 * score), 0, 1, 1, 1, score, 1),) if stopped else (),
        f'it scores {score}', Work(1, 10, 2, 20, 3, 0.5, joules), int(stopped), 'plate', 3,
        (50, 10), lambda: heat)


def test_the_worst_decides_and_all_are_named():
    fine, odd, bad = (verdict(Decision.PASS, 0.3), verdict(Decision.REVIEW, 1.9),
                      verdict(Decision.REJECT, 1.4))
    joined = join_verdicts([odd, fine, bad], BOXES)

    # A rule may reject what scores little.
    assert (joined.decision, joined.score) == (Decision.REJECT, 1.4)
    assert joined.parts == (
        PartBox(BOXES[0], Decision.REVIEW), PartBox(BOXES[1], Decision.PASS),
        PartBox(BOXES[2], Decision.REJECT))
    assert joined.regions == bad.regions + odd.regions
    assert joined.reason == '2 of 3 parts are stopped; part 3 from the left: it scores 1.4'
    assert joined.stage == 1
    assert np.argwhere(joined.anomaly_map).tolist() == [[0, 3], [0, 14], [0, 19]]


def test_of_two_equal_verdicts_the_first_is_named():
    joined = join_verdicts([verdict(Decision.REJECT, 3.0)] * 2, BOXES[:2])

    assert 'part 1 from the left' in joined.reason
    assert len(joined.regions) == 2


def test_if_all_pass_it_says_how_many():
    joined = join_verdicts([verdict(Decision.PASS, 0.2), verdict(Decision.PASS, 0.8)], BOXES[:2])

    assert (joined.decision, joined.score) == (Decision.PASS, 0.8)
    assert joined.reason == '2 parts, all pass (the worst: it scores 0.8)'


def test_work_adds_up_and_energy_only_where_all_of_it_is_known():
    known, unknown = verdict(Decision.PASS, 0.2, joules=4.0), verdict(Decision.PASS, 0.2)

    assert join_verdicts([known] * 3, BOXES).work == Work(3, 30, 6, 60, 9, 1.5, 12.0)
    assert join_verdicts([known, unknown], BOXES[:2]).work.joules is None


@pytest.mark.parametrize(('box', 'parts'), [
    (BOXES[0], (PartBox(BOXES[0], Decision.PASS),)), (None, ())])
def test_one_verdict_stays_what_it_is(box, parts):
    only = verdict(Decision.PASS, 0.2)

    assert join_verdicts([only], [box]) == replace(only, parts=parts)


@pytest.mark.parametrize(('others', 'said'), [
    (1, '; another part in the image was not looked at'),
    (4, '; 4 other parts in the image were not looked at'), (0, '')])
def test_parts_that_were_not_looked_at_are_mentioned_once(others, said):
    once = mention_others(replace(verdict(Decision.PASS, 0.2), others=others))

    assert once.reason == f'it scores 0.2{said}'
    assert mention_others(once) == once

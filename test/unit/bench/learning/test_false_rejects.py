# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import copy
from types import SimpleNamespace

from ant_ros.bench.learning.false_rejects import relabel
from ant_ros.inspection import Decision
from ant_ros.inspection.learning import LabelState


class Strict:
    """Stops all parts whose number is not below what it was told so far."""

    def __init__(self):
        self.known = 2
        self.asked = []

    def judge(self, image, part):
        passes = image < self.known
        return SimpleNamespace(part=part, classes=() if passes else ('unknown',), score=1.0,
                               decision=Decision.PASS if passes else Decision.REJECT)

    def learn(self, verdict, word, by, create):
        self.asked.append((verdict.part, word))
        self.known += 1
        return SimpleNamespace(state=LabelState.APPLIED)


def parts(*numbers, word='good'):
    return [SimpleNamespace(part=f'{number}', image=number, word=word) for number in numbers]


def test_stopped_parts_are_called_good_until_enough_are_labelled():
    inspector = Strict()
    rows, answers = relabel(
        inspector, parts(0, 9, 1, 9, 9, 9), [*parts(1, 2, 3, 4), *parts(3, 9, word='dent')],
        parts(0, 1), (0, 1, 3), keep=copy.copy)
    assert [row['labels'] for row in rows] == [0, 1, 3]
    assert [row['false_rejects'] for row in rows] == [3, 2, 0]
    assert [row['escapes'] for row in rows] == [0, 0, 1]
    assert [row['usual_frr'] for row in rows] == [0.0, 0.0, 0.0]
    assert inspector.asked == [('9', 'good')] * 3
    assert answers == {'applied': 3}
    assert rows[-1]['parts_seen'] == 5


def test_where_parts_run_out_the_last_look_says_after_how_many_labels():
    rows, _ = relabel(Strict(), parts(9, 9), parts(1), parts(0), (0, 1, 5), keep=copy.copy)
    assert [row['labels'] for row in rows] == [0, 1, 2]

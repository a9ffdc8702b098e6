#!/usr/bin/env python3
# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn from an operator's words: what is good after all, a new class, a wrong word, an undo.

Run: python examples/learn_on_the_line.py
"""

import numpy as np

from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import PartFeatures

WIDTH = 32
RNG = np.random.default_rng(0)
DIRECTIONS = {kind: 12.0 * row / np.linalg.norm(row) for kind, row in zip(
    ('new texture', 'scratch', 'hole'), RNG.normal(size=(3, WIDTH)))}


def draw(kind: str, count: int, *, flagged: bool = True) -> list[PartFeatures]:
    """Return parts with one place each; the score found it unusual if it is flagged."""
    rows = RNG.normal(size=(count, WIDTH)) + DIRECTIONS.get(kind, 0.0)
    return [PartFeatures(f'{kind} {RNG.integers(10**9)}', row[None], [flagged]) for row in rows]


def stopped(learner: Learner, kind: str, *, flagged: bool = True) -> str:
    """Return the share of new parts that would not pass."""
    return f'{1 - learner.model.passes(draw(kind, 500, flagged=flagged)).mean():.1%}'


def main() -> None:
    """Tell the learner things, and print its answers and what they change."""
    learner = Learner(FeatureSpace.of(RNG.normal(size=(40, WIDTH)), 'made-up features'))
    for part in draw('good', 100, flagged=False):
        learner.add_challenge(part, 'good')
    for part in draw('scratch', 20):
        learner.add_challenge(part, 'scratch', create=True)

    print(f'a harmless new texture is stopped: {stopped(learner, "new texture")}')
    for part in draw('new texture', 10):
        learner.remember(part)
        learner.label(part.part, 'good')
    print(f'after 10 times good after all:     {stopped(learner, "new texture")}; '
          f'scratches stopped {stopped(learner, "scratch")}')

    print(f'holes that the score does not see are stopped: '
          f'{stopped(learner, "hole", flagged=False)}')
    for part in draw('hole', 10, flagged=False):
        learner.remember(part)
        learner.label(part.part, 'hole', create=True)
    print(f'after 10 labels:                               '
          f'{stopped(learner, "hole", flagged=False)}; '
          f'good parts stopped {stopped(learner, "good", flagged=False)}')

    known = next(one.features for one in learner.challenge if one.word == 'scratch')
    wrong = PartFeatures('mixed up', known.vectors, [True])
    learner.remember(wrong)
    for answer in (learner.label('mixed up', 'good'), learner.label('mixed up', 'scratch'),
                   learner.undo()):
        print(f'{answer.state.value}: {answer.text} (version {answer.version})')


if __name__ == '__main__':
    main()

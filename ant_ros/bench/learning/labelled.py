# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A shift's labels: parts as the inspector saw them, with what a person says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.inspection import Decision
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online import OnlineVerdict

__all__ = ['add_challenges', 'described', 'features_of', 'hand_in', 'label',
           'stopped_good_parts']


def features_of(
    inspector: OnlineInspector, parts: Sequence[LinePart],
) -> list[tuple[PartFeatures, str]]:
    """Return what the learner gets to see of parts, and what each is."""
    found = []
    for part in parts:
        features = inspector.describe(inspector.judge(part.image, part.part))
        if features is not None:
            found.append((features, part.word))
    return found


def described(inspector: OnlineInspector, part: LinePart) -> OnlineVerdict:
    """Inspect a part and keep no more than what any learner of the recipe gets to see of it."""
    verdict = inspector.judge(part.image, part.part)
    return replace(
        verdict, features=inspector.describe(verdict), evidence=None, image=None)


def add_challenges(inspector: OnlineInspector, parts: Sequence[LinePart]) -> None:
    """Add parts to the challenge set as what they are."""
    for part in parts:
        inspector.add_challenge(
            inspector.judge(part.image, part.part), part.word, create=True)


def label(inspector: OnlineInspector, part: LinePart, word: str | None = None) -> str:
    """Inspect a part, say what it is or another word, and return what became of that."""
    verdict = inspector.judge(part.image, part.part)
    return inspector.learn(
        verdict, word or part.word, by='operator', create=True).state.value


def hand_in(desk: LabelDesk, part: str, word: str) -> Answer:
    """Label a part at the desk; what is refused, as a new class is at first, is said again."""
    answer = desk.label(part, word, by='operator')
    if answer.state is LabelState.REFUSED:
        answer = desk.label(part, word, by='operator')
    return answer


def stopped_good_parts(
    inspector: OnlineInspector, parts: Sequence[LinePart],
) -> list[LinePart]:
    """Return the good parts that do not pass now."""
    return [part for part in parts if part.word == GOOD and inspector.judge(
        part.image, part.part).decision is not Decision.PASS]

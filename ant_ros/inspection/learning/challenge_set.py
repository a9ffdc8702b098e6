# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts that the inspector must get right, and the trial of a change on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import math

from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.model import Model

__all__ = ['ChallengePart', 'Trial', 'choose', 'try_out']


@dataclass(frozen=True, eq=False)
class ChallengePart:
    """A part with what it is.

    Attributes:
        features: The part.
        word: 'good' or a defect class.
    """

    features: PartFeatures
    word: str


@dataclass(frozen=True)
class Trial:
    """What a change does to the challenge set.

    Attributes:
        defects: Known defects.
        good: Known good parts.
        escapes: Known defects that would pass.
        new_escapes: Those whose like did not pass before and would now: each is asked about as if
            it were not known itself, since parts to come are not.
        false_rejects: Known good parts that would not pass.
        new_false_rejects: How many more they are than before.
        refused: Why the change must not be made; None if it may.
    """

    defects: int
    good: int
    escapes: tuple[str, ...]
    new_escapes: tuple[str, ...]
    false_rejects: tuple[str, ...]
    new_false_rejects: int
    refused: str | None


def choose(
    by_hand: Mapping[str, ChallengePart], labels: Iterable[Label], most: int,
) -> list[ChallengePart]:
    """Return the challenge set: parts added by hand, and confirmed labels while there is room.

    No class takes the room of a rarer one, and of a class the latest labels stay. Parts added by
    hand stand for themselves, whatever labels say of them.
    """
    by_class: dict[str, list[Label]] = defaultdict(list)
    for label in sorted(labels, key=lambda label: -label.number):
        if label.features.part not in by_hand:
            by_class[label.word].append(label)
    room = max(most - len(by_hand), 0)
    chosen = list(by_hand.values())
    left = len(by_class)
    for word in sorted(by_class, key=lambda word: (len(by_class[word]), word)):
        share = by_class[word][:room // left]
        chosen.extend(ChallengePart(label.features, word) for label in share)
        room -= len(share)
        left -= 1
    return sorted(chosen, key=lambda one: one.features.part)


def try_out(
    before: Model, after: Model, challenge: Sequence[ChallengePart], most_frr_rise: float,
) -> Trial:
    """Compare what two models say of the challenge set.

    Args:
        before: The model in force.
        after: The model after the change.
        challenge: The challenge set.
        most_frr_rise: By how much FRR may rise on it, as a share of the known good parts.
    """
    parts = [one.features for one in challenge]
    passed, passes = before.passes(parts), after.passes(parts)
    bad = [one.word != GOOD for one in challenge]
    escapes = tuple(part.part for part, is_bad, now in zip(parts, bad, passes) if is_bad and now)
    known = [part for part, is_bad in zip(parts, bad) if is_bad]
    new_escapes = tuple(part.part for part, was, now in zip(
        known, before.passes(known, held_out=True), after.passes(known, held_out=True))
        if now and not was)
    rejects = tuple(
        part.part for part, is_bad, now in zip(parts, bad, passes) if not is_bad and not now)
    had = sum(not is_bad and not was for is_bad, was in zip(bad, passed))
    good = len(bad) - sum(bad)
    return Trial(sum(bad), good, escapes, new_escapes, rejects, len(rejects) - had,
                 _objection(challenge, new_escapes, len(rejects) - had, good, most_frr_rise))


def _objection(
    challenge: Sequence[ChallengePart], new_escapes: Sequence[str], more: int, good: int,
    most_frr_rise: float,
) -> str | None:
    if new_escapes:
        words = {one.features.part: one.word for one in challenge}
        named = ', '.join(f'{part} ({words[part]})' for part in new_escapes[:3])
        others = f' and {len(new_escapes) - 3} more' if len(new_escapes) > 3 else ''
        return f'known defects would pass: {named}{others}'
    if more > math.floor(most_frr_rise * good):
        return (f'{more} more of {good} known good parts would be stopped, which is above the '
                f'{most_frr_rise:.1%} allowed')
    return None

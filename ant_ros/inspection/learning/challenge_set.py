# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts that the inspector must get right, and the trial of a change on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
import math

import numpy as np

from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.model import Model
from ant_ros.inspection.learning.some_of import some_of

__all__ = ['ChallengePart', 'Trial', 'choose', 'newly_passing', 'not_looked_at', 'seen_anew',
           'try_looks', 'try_out']

_MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class ChallengePart:
    """A part with what it is.

    Attributes:
        features: The part.
        word: 'good' or a defect class.
        stale: It was last looked at by a recipe that has changed since.
    """

    features: PartFeatures
    word: str
    stale: bool = False


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
        newly_stopped: Those of them that passed before.
        refused: Why the change must not be made; None if it may.
        unseen: Known parts that the recipe as it is now has not looked at; they count for nothing.
    """

    defects: int
    good: int
    escapes: tuple[str, ...]
    new_escapes: tuple[str, ...]
    false_rejects: tuple[str, ...]
    new_false_rejects: int
    newly_stopped: tuple[str, ...]
    refused: str | None
    unseen: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """How the known parts fare, in a sentence."""
        text = (f'{self.defects - len(self.escapes)} of {self.defects} known defects are stopped, '
                f'{self.good - len(self.false_rejects)} of {self.good} known good parts pass')
        if self.unseen:
            text += f'; {not_looked_at(self.unseen, self.defects + self.good + len(self.unseen))}'
        return text


def choose(
    by_hand: Mapping[str, ChallengePart], labels: Iterable[Label], most: int,
    look: Callable[[Label], ChallengePart] | None = None,
) -> list[ChallengePart]:
    """Return the challenge set: parts added by hand, and confirmed labels while there is room.

    No class takes the room of a rarer one, and of a class the latest labels stay. Parts added by
    hand stand for themselves, whatever labels say of them.

    Args:
        by_hand: Parts added by hand, by ID.
        labels: Accepted labels.
        most: Parts of the set.
        look: What the latest look at a labelled part showed; None: what its label is about.
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
        chosen.extend(look(label) if look else ChallengePart(label.features, word)
                      for label in share)
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
    stopped = tuple(part.part for part, is_bad, was, now in zip(parts, bad, passed, passes)
                    if not is_bad and was and not now)
    had = sum(not is_bad and not was for is_bad, was in zip(bad, passed))
    good, more = len(bad) - sum(bad), len(rejects) - had
    return Trial(sum(bad), good, escapes, new_escapes, rejects, more, stopped,
                 _objection(challenge, new_escapes, stopped, more, good, most_frr_rise))


def newly_passing(
    model: Model, before: Sequence[PartFeatures], after: Sequence[PartFeatures],
) -> list[bool]:
    """Say which parts, or their like, pass by one look and did not by the look before.

    Args:
        model: What was learned from labels.
        before: The parts as they looked.
        after: The same parts as they look now.
    """
    passing = np.zeros(len(before), bool)
    for held_out in (False, True):
        passing |= (model.passes(after, held_out=held_out)
                    & ~model.passes(before, held_out=held_out))
    return passing.tolist()


def try_looks(
    model: Model, challenge: Sequence[ChallengePart], looks: Mapping[str, PartFeatures],
    most_frr_rise: float,
) -> str | None:
    """Say why a recipe must not change so that known parts look otherwise; None if it may.

    Args:
        model: What was learned from labels.
        challenge: The challenge set, as it looked.
        looks: What its parts look like with the recipe changed, by ID; of some of them.
        most_frr_rise: By how much FRR may rise, as a share of the known good parts.
    """
    seen = [one for one in challenge if one.features.part in looks]
    bad = [one for one in seen if one.word != GOOD]
    good = [one for one in seen if one.word == GOOD]
    was, now = ([one.features for one in bad], [looks[one.features.part] for one in bad])
    escapes = [one.part for one, passes in zip(now, newly_passing(model, was, now)) if passes]
    passed = model.passes([one.features for one in good])
    passes = model.passes([looks[one.features.part] for one in good])
    stopped = [one.features.part for one, was, now in zip(good, passed, passes) if was and not now]
    more = int(passed.sum()) - int(passes.sum())
    return _objection(seen, escapes, stopped, more, len(good), most_frr_rise)


def seen_anew(
    challenge: Sequence[ChallengePart], looks: Mapping[str, PartFeatures],
) -> list[ChallengePart]:
    """Return the challenge set with other looks at some of its parts, by ID."""
    return [replace(one, features=looks[one.features.part], stale=False)
            if one.features.part in looks else one for one in challenge]


def not_looked_at(parts: Sequence[str], total: int) -> str:
    """Say that known parts could not be looked at again, and what to do."""
    return (f'{len(parts)} of {total} known parts could not be looked at again since the recipe '
            'has changed, without a picture in which they are found: '
            f'{some_of(parts, _MOST_NAMED)}; inspect them once more and label or add them again')


def _objection(
    challenge: Sequence[ChallengePart], new_escapes: Sequence[str], stopped: Sequence[str],
    more: int, good: int, most_frr_rise: float,
) -> str | None:
    if new_escapes:
        words = {one.features.part: one.word for one in challenge}
        named = [f'{part} ({words[part]})' for part in new_escapes]
        return f'known defects would pass: {some_of(named, _MOST_NAMED)}'
    if more > math.floor(most_frr_rise * good):
        return (f'{more} more of {good} known good parts would be stopped '
                f'({some_of(stopped, _MOST_NAMED)}), which is above the {most_frr_rise:.1%} '
                'allowed')
    return None

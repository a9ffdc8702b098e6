# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""All that a learner keeps of what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from ant_ros.inspection.learning.challenge_set import ChallengePart
from ant_ros.inspection.learning.challenge_set import choose
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.robot_state import RobotState

__all__ = ['Change', 'Knowledge', 'Waiting']


@dataclass(frozen=True, eq=False)
class Change:
    """A change of what is known of one part; None stands for no label.

    Attributes:
        before: Its label before.
        after: Its label after.
        with_next: It came with the next change, and is undone with it.
    """

    before: Label | None
    after: Label | None
    with_next: bool = False

    @property
    def part(self) -> str:
        """ID of the part."""
        label = self.after or self.before
        assert label is not None
        return label.features.part


@dataclass(frozen=True, eq=False)
class Waiting:
    """A label that was refused on trial and is tried again.

    Attributes:
        label: The label.
        reason: Why it was refused.
    """

    label: Label
    reason: str


@dataclass(eq=False)
class Knowledge:
    """Labels, what waits, the challenge set's own parts, and what other robots have learned.

    Attributes:
        own: What follows from the labels.
        version: Counts the changes.
        next_number: Number of the next label.
        labels: Accepted labels by part.
        pending: Labels that wait, by part, the next to be tried first.
        by_hand: Parts of the challenge set added by hand.
        history: Latest changes, the last one last.
        foreign: What other robots have learned.
        unmerged: The same with what came since and was refused on trial; empty if nothing was.
        looks: How parts look whose label is older than the recipe, by the label's number.
        changed_at: Number of the first label that is newer than the recipe.
    """

    own: RobotState
    version: int = 0
    next_number: int = 1
    labels: dict[str, Label] = field(default_factory=dict)
    pending: dict[str, Waiting] = field(default_factory=dict)
    by_hand: dict[str, ChallengePart] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    foreign: dict[str, RobotState] = field(default_factory=dict)
    unmerged: dict[str, RobotState] = field(default_factory=dict)
    looks: dict[int, ChallengePart] = field(default_factory=dict)
    changed_at: int = 0

    def labels_with(self, part: str, label: Label | None) -> dict[str, Label]:
        """Return the accepted labels if a part had another one, or none."""
        labels = {one: kept for one, kept in self.labels.items() if one != part}
        if label is not None:
            labels[part] = label
        return labels

    def own_with(self, part: str, label: Label | None, space: FeatureSpace) -> RobotState:
        """Return what follows if a part had another label, or none.

        One more label is added to the sums; otherwise they are computed anew, not subtracted.
        """
        if label is not None and part not in self.labels:
            return self.own.with_label(self.version + 1, label, space)
        return RobotState.of(self.version + 1, self.labels_with(part, label), space)

    def challenge(self, labels: dict[str, Label], most: int) -> list[ChallengePart]:
        """Return the challenge set if these labels were accepted."""
        return choose(self.by_hand, labels.values(), most, self._look)

    def all_labels(self) -> list[Label]:
        """Return every label that something refers to; some come more than once."""
        labels = [*self.labels.values(), *(one.label for one in self.pending.values())]
        for change in self.history:
            labels += [label for label in (change.before, change.after) if label is not None]
        return labels

    def renew(self, looks: Mapping[str, PartFeatures]) -> None:
        """Take what parts look like to a recipe that has changed; all others are stale.

        Args:
            looks: Parts of the challenge set, by ID.
        """
        labels = self.all_labels()
        if not labels and not self.by_hand:
            return
        renewed = {}
        for label in labels:
            features = looks.get(label.features.part)
            if features is not None and label is self.labels.get(features.part):
                renewed[label.number] = ChallengePart(features, label.word)
            elif label.number in self.looks:
                renewed[label.number] = replace(self.looks[label.number], stale=True)
        self.looks, self.changed_at = renewed, self.next_number
        self.by_hand = {
            part: ChallengePart(looks.get(part, one.features), one.word, part not in looks)
            for part, one in self.by_hand.items()}

    def is_stale(self, label: Label) -> bool:
        """Tell whether the recipe has changed since the part of a label was looked at last."""
        return self._look(label).stale

    def is_about_an_old_look(self, label: Label) -> bool:
        """Tell whether the recipe has changed since what a label is about was seen."""
        return label.number < self.changed_at or label.number in self.looks

    def age(self, label: Label) -> None:
        """Know that a label is about a look that was taken before the recipe has changed."""
        self.looks[label.number] = ChallengePart(label.features, label.word, stale=True)

    def see_again(self, looks: Mapping[str, PartFeatures]) -> None:
        """Take what stale parts of the challenge set look like to the recipe as it is now.

        Args:
            looks: By ID.
        """
        for part, features in looks.items():
            if part in self.by_hand:
                self.by_hand[part] = ChallengePart(features, self.by_hand[part].word)
            elif part in self.labels:
                self.seen_again(self.labels[part], features)

    def seen_again(self, label: Label, features: PartFeatures) -> bool:
        """Take another look at the part of a label that is in force; return if one was due."""
        due = self.is_stale(label)
        if due:
            self.looks[label.number] = ChallengePart(features, label.word)
        return due

    def _look(self, label: Label) -> ChallengePart:
        return self.looks.get(label.number) or ChallengePart(
            label.features, label.word, label.number < self.changed_at)

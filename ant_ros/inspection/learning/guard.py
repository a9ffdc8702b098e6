# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What speaks against a label, or against taking one back."""

from __future__ import annotations

from ant_ros.inspection.learning.challenge_set import try_out
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import MOST_TEMPLATES
from ant_ros.inspection.learning.knowledge import Knowledge
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.model import Model
from ant_ros.inspection.learning.robot_state import RobotState
from ant_ros.inspection.learning.votes import Votes

__all__ = ['Guard']


class Guard:
    """Ask of a change whether it can be learned, what the challenge set and other labels say.

    Args:
        space: How features are made comparable.
        limits: What bounds the learning.
    """

    def __init__(self, space: FeatureSpace, limits: Limits) -> None:
        self._space = space
        self._limits = limits

    def objection(
        self, known: Knowledge, before: Model, after: tuple[RobotState, Model], part: str,
        label: Label | None,
    ) -> str | None:
        """Say why a part must not have another label; None if it may.

        Args:
            known: What is known without the change.
            before: The model in force.
            after: What this robot would have learned, and the model.
            part: ID of the part.
            label: Its label; None: none any more.
        """
        own, model = after
        refused = self._not_told_apart(known, before, model, label) if label else None
        refused = refused or self._too_much(known, own)
        if refused is None:
            challenge = known.challenge(known.labels_with(part, label), self._limits.challenge)
            refused = try_out(before, model, challenge, self._limits.frr_rise).refused
        if refused is None and label is not None:
            refused = self.votes(known, label).against(label)
        return refused

    def votes(self, known: Knowledge, label: Label) -> Votes:
        """Return all that was said, with this label as the word on its part."""
        said = {part: one.label for part, one in known.pending.items()} | known.labels
        said[label.features.part] = label
        return Votes(self._space, said.values(), known.by_hand.values(), self._limits.outvoted)

    def _not_told_apart(
        self, known: Knowledge, before: Model, after: Model, label: Label,
    ) -> str | None:
        """Say whether a label calls two parts differently that nothing tells apart."""
        if _looks_good(label, before):
            what = 'known good parts'
        elif _looks_bad(label, after):
            what = 'a known defect'
        else:
            return None
        # Taught parts have no name, nor have those that other robots were told of.
        named = Votes(self._space, known.labels.values(), known.by_hand.values(),
                      self._limits.outvoted).most_alike(label)
        alike = f': {named} looks like it' if named else ''
        return f'nothing that is measured tells it from {what}{alike}'

    def _too_much(self, known: Knowledge, own: RobotState) -> str | None:
        """Say whether more would be learned than there is room for."""
        if len(own.templates.words) > MOST_TEMPLATES:
            return (f'{MOST_TEMPLATES} classes without an unusual place are learned at most: say '
                    'which region is meant, or use one of '
                    f'{", ".join(known.own.templates.words)}')
        places = len(own.centres) + len(own.spared) + len(own.defects)
        if max(places, len(own.spots.rows)) > self._limits.vectors:
            return (f'{self._limits.vectors} labelled places are learned from at most: forget '
                    'labels, or teach again')
        return None


def _looks_good(label: Label, model: Model) -> bool:
    """Say whether a defect class is given to what neither score nor features find unusual."""
    unseen = ~label.flagged & model.looks_good(label.vectors)
    return label.word != GOOD and len(unseen) > 0 and bool(unseen.all())


def _looks_bad(label: Label, model: Model) -> bool:
    """Say whether what is called good can hardly be told from a known defect."""
    flagged = label.vectors[label.flagged]
    return label.word == GOOD and len(flagged) > 0 and bool(model.looks_bad(flagged).all())

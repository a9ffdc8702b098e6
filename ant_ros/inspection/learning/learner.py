# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The learner of one recipe: takes an operator's words, guards against wrong ones, forgets."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses

import numpy as np

from ant_ros.inspection.learning.challenge_set import ChallengePart
from ant_ros.inspection.learning.challenge_set import seen_anew
from ant_ros.inspection.learning.challenge_set import Trial
from ant_ros.inspection.learning.challenge_set import try_looks
from ant_ros.inspection.learning.challenge_set import try_out
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.fleet import decode_states
from ant_ros.inspection.learning.fleet import encode_states
from ant_ros.inspection.learning.guard import Guard
from ant_ros.inspection.learning.knowledge import Change
from ant_ros.inspection.learning.knowledge import Knowledge
from ant_ros.inspection.learning.knowledge import Waiting
from ant_ros.inspection.learning.label import Answer
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.label import LabelState
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.model import Model
from ant_ros.inspection.learning.part_store import PartStore
from ant_ros.inspection.learning.robot_state import merge_states
from ant_ros.inspection.learning.robot_state import RobotState
from ant_ros.inspection.learning.saving import decode_knowledge
from ant_ros.inspection.learning.saving import encode_knowledge
from ant_ros.inspection.learning.spots import stands_out
from ant_ros.inspection.learning.templates import GoodAnswers
from ant_ros.inspection.learning.words import fault_of
from ant_ros.inspection.learning.words import is_word

__all__ = ['Learner']

_RETRIES = 8
"""Labels that wait and are tried again after a change: an answer must not take long."""


class Learner:
    """Learn from labels, in any order, and take any of them back.

    What it knows is the same function of the accepted labels in whichever order they came. Every
    change is tried on the challenge set before it is made. Not for several threads at once;
    `model.judge` may be asked from any thread: the model is replaced and never changed.

    Args:
        space: How features are made comparable.
        robot: Name of this robot in its fleet.
        limits: What bounds it.

    Raises:
        ValueError: a robot name of other signs than letters, digits, space, _, - and .
    """

    def __init__(
        self, space: FeatureSpace, *, robot: str = 'robot', limits: Limits | None = None,
    ) -> None:
        if not is_word(robot):
            raise ValueError(f'robot name {robot!r}: use letters, digits, space, _, - and .')
        self.space = space
        self.robot = robot
        self.limits = limits or Limits()
        self.parts = PartStore(self.limits.parts)
        self._guard = Guard(space, self.limits)
        self._known = Knowledge(RobotState.none(space.width))
        self._good = GoodAnswers(space.faint)
        self._model = self._fit(self._known.own, {})
        self._said: tuple[object, dict[bytes, str]] = (None, {})

    @classmethod
    def from_bytes(
        cls, data: bytes, space: FeatureSpace, *, limits: Limits | None = None,
    ) -> Learner:
        """Return the learner that `to_bytes` was asked of; the latest parts are not kept.

        Raises:
            MessageError: damaged, or of other features.
        """
        limits = limits or Limits()
        robot, known = decode_knowledge(data, space, limits)
        learner = cls(space, robot=robot, limits=limits)
        learner._known = known
        learner._fit_again()
        return learner

    def to_bytes(self) -> bytes:
        """Return all that was learned; at most `limits.learner_bytes`."""
        return encode_knowledge(self.robot, self._known, self.space.digest)

    @property
    def model(self) -> Model:
        """What was learned, to be asked."""
        return self._model

    @property
    def version(self) -> int:
        """Counts the changes."""
        return self._known.version

    def count_on_from(self, version: int) -> None:
        """Let the version be above another one, so that other robots see that this is newer.

        Args:
            version: What was reached before going back to what was known earlier.
        """
        known = self._known
        known.version = max(known.version, version) + 1
        known.own = dataclasses.replace(known.own, version=known.version)

    @property
    def labels(self) -> dict[str, Label]:
        """The accepted labels by part."""
        return dict(self._known.labels)

    @property
    def words(self) -> dict[str, str]:
        """What parts were called; of labels that wait, defect classes only."""
        waiting = {part: one.label.word for part, one in self._known.pending.items()
                   if one.label.word != GOOD}
        return {**{part: label.word for part, label in self.labels.items()}, **waiting}

    @property
    def pending(self) -> dict[str, Waiting]:
        """The labels that wait, by part."""
        return dict(self._known.pending)

    @property
    def history(self) -> tuple[Change, ...]:
        """The latest changes, the last one last; they can be undone in this order."""
        return tuple(self._known.history)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the defect classes there are, those of the challenge set included."""
        by_hand = {one.word for one in tuple(self._known.by_hand.values())} - {GOOD}
        return tuple(sorted({*self._model.classes, *by_hand}))

    @property
    def challenge(self) -> list[ChallengePart]:
        """The challenge set: parts added by hand and confirmed labels."""
        return self._known.challenge(self._known.labels, self.limits.challenge)

    @property
    def pictures(self) -> set[str]:
        """Names of the pictures of parts that are labelled or in the challenge set."""
        known = self._known
        features = [label.features for label in known.all_labels()]
        numbers = {label.number for label in known.all_labels()}
        features += [one.features for one in known.by_hand.values()]
        features += [one.features for number, one in known.looks.items() if number in numbers]
        return {one.picture for one in features if one.picture}

    def excuse(self, vector: np.ndarray) -> str:
        """Return the words that let a place [F] pass, as `PART is good`; empty if none do."""
        found = self._model.excuse(vector)
        if found is None:
            return ''
        robot, place = found
        if robot != self.robot:
            return f'a label of robot {robot}'
        labels = self._known.labels
        if self._said[0] is not labels:
            self._said = labels, {
                row.tobytes(): f'{part} is {GOOD}' for part, label in labels.items()
                if label.word == GOOD for row in label.vectors}
        return self._said[1].get(place.tobytes(), '')

    def remember(self, features: PartFeatures, *, stale: bool = False) -> None:
        """Keep the features of an inspected part for labels that come later.

        Args:
            features: The part.
            stale: It was looked at by a recipe that has changed since.

        Raises:
            ValueError: another number of features.
        """
        self.space.check(features.vectors)
        self.parts.add(features, stale=stale)

    def label(
        self, part: str, word: str, *, by: str = '', region: int | None = None,
        create: bool = False, picture: str = '',
    ) -> Answer:
        """Take an operator's word on a part.

        Args:
            part: Its ID.
            word: 'good' or a defect class.
            by: Who says so.
            region: Which of its places is meant. None: with 'good' all, with a class the worst;
                none of them where none is unusual, and something faint stands out, is known as
                this class, or the worst place is like those of good parts.
            create: The class may be new; else a class that is not known is refused, since it may
                be misspelt.
            picture: Name of the picture that the part can be looked at again from; empty without.
        """
        word = word.strip()
        fault = self._fault(word, create)
        if fault:
            return self._answer(LabelState.REFUSED, fault)
        features, stale = self._find(part)
        if features is None:
            return self._answer(
                LabelState.UNKNOWN_PART, f'no features of part {part!r}: those of the latest '
                f'{self.limits.parts} parts are kept as long as the recipe is loaded, '
                f'{len(self.parts)} now')
        if picture:
            features = dataclasses.replace(features, picture=picture)
        count = len(features.vectors)
        if region is not None and not 0 <= region < count:
            return self._answer(LabelState.REFUSED, f'part {part} has no place {region}: there '
                                f'are {count}, numbered from 0')
        rows = tuple(range(count)) if word == GOOD else (0,)
        if word != GOOD and self._is_faint(features, word):
            rows = ()
        if region is not None:
            rows = (region,)
        return self._take(Label(self._known.next_number, word, by, features, rows), stale)

    def undo(self) -> Answer:
        """Take the last change back, without a trial; what waits is tried again."""
        known = self._known
        if not known.history:
            return self._answer(LabelState.REFUSED, 'there is nothing to undo')
        before, change = self._model, known.history.pop()
        self._take_back(change)
        while known.history and known.history[-1].with_next:
            self._take_back(known.history.pop())
        objection = try_out(before, self._model, self.challenge, self.limits.frr_rise).refused
        text = f'{_told(change)} is undone' + (f'; now {objection}' if objection else '')
        number = change.after.number if change.after else None
        return self._answer(LabelState.APPLIED, text, number, self._retry())

    def _take_back(self, change: Change) -> None:
        waiting = self._known.pending.get(change.part)
        if waiting is not None and waiting.label is change.before:
            del self._known.pending[change.part]
        self._set(change.part, change.before, self._fit_with(change.part, change.before))

    def forget(self, number: int) -> Answer:
        """Take back any label by its number; refused if another known defect would then pass."""
        for part, waiting in self._known.pending.items():
            if waiting.label.number == number:
                del self._known.pending[part]
                return self._answer(
                    LabelState.APPLIED, f'{_named(waiting.label)} waits no more', number)
        label = next((one for one in self._known.labels.values() if one.number == number), None)
        if label is None:
            return self._answer(LabelState.REFUSED, f'no label {number} is in force', number)
        refused = self._change(label.features.part, None)
        if refused:
            return self._answer(LabelState.REFUSED, refused, number)
        return self._answer(
            LabelState.APPLIED, f'{_named(label)} is forgotten', number, self._retry())

    def add_challenge(
        self, features: PartFeatures, word: str, *, create: bool = False,
    ) -> Trial:
        """Add a part to the challenge set by hand; one with the same ID is replaced.

        Args:
            features: The part.
            word: 'good' or a defect class.
            create: The class may be new.

        Returns:
            What that does to the challenge set, which holds the part now.

        Raises:
            ValueError: the set is full, the word is no name or no class that is known, or
                another number of features.
        """
        fault = self._fault(word, create)
        if fault:
            raise ValueError(fault)
        self.space.check(features.vectors)
        by_hand = self._known.by_hand
        if features.part not in by_hand and len(by_hand) >= self.limits.challenge:
            raise ValueError(f'the challenge set holds {len(by_hand)} parts added by hand: take '
                             'one out first, with challenge remove')
        before = self._model
        by_hand[features.part] = ChallengePart(features, word)
        self._fit_again()
        return try_out(before, self._model, self.challenge, self.limits.frr_rise)

    def remove_challenge(self, part: str) -> tuple[int, ...]:
        """Take out a part that was added by hand; return the labels that could now be applied.

        Raises:
            ValueError: it was not added by hand.
        """
        if part not in self._known.by_hand:
            raise ValueError(
                f'part {part!r} was not added by hand; challenge list says which were')
        del self._known.by_hand[part]
        self._fit_again()
        return self._retry()

    def run_challenge(self, looks: Mapping[str, PartFeatures] | None = None) -> Trial:
        """Say how the challenge set fares now.

        Args:
            looks: What parts look like to the recipe as it is now, by ID.
        """
        challenge = seen_anew(self.challenge, looks or {})
        fresh = [one for one in challenge if not one.stale]
        trial = try_out(self._model, self._model, fresh, self.limits.frr_rise)
        return dataclasses.replace(
            trial, unseen=tuple(one.features.part for one in challenge if one.stale))

    def try_looks(self, looks: Mapping[str, PartFeatures]) -> str | None:
        """Say why the recipe must not change so that known parts look otherwise.

        Args:
            looks: What parts would look like, by ID.

        Returns:
            The reason; None if it may change.
        """
        return try_looks(self._model, self.challenge, looks, self.limits.frr_rise)

    def renew(self, looks: Mapping[str, PartFeatures]) -> None:
        """Know that the recipe has changed, and what parts of the challenge set look like now.

        Args:
            looks: By ID; parts that are not among them are stale until they are seen again.
        """
        self._known.renew(looks)
        self.parts.age()
        self._fit_again()

    def see_again(self, looks: Mapping[str, PartFeatures]) -> None:
        """Know what stale parts of the challenge set look like to the recipe as it is now.

        Args:
            looks: By ID.
        """
        if looks:
            self._known.see_again(looks)
            self._fit_again()

    def export(self) -> bytes:
        """Return what this robot and those it has heard of have learned, as a message."""
        states = {**self._known.foreign, self.robot: self._known.own}
        return encode_states(states, self.space.digest, self.robot)

    def merge(self, message: bytes) -> Answer:
        """Learn what other robots have learned; merging again changes nothing.

        What a message says of this robot itself is passed over.

        Raises:
            MessageError: it is damaged, too large, or of robots with other features.
        """
        states = decode_states(message, self.space, self.limits)
        states.pop(self.robot, None)
        known = self._known
        wanted = merge_states(merge_states(known.foreign, known.unmerged), states)
        if len(wanted) >= self.limits.robots:
            return self._answer(LabelState.REFUSED, f'{len(wanted) + 1} robots: at most '
                                f'{self.limits.robots} can learn from each other')
        if _ranks(wanted) == _ranks(known.foreign):
            return self._answer(LabelState.APPLIED, 'nothing new')
        known.unmerged = wanted
        refused = self._adopt()
        if refused:
            return self._answer(LabelState.PENDING, f'not merged yet: {refused}')
        heard = '; '.join(f'{robot}: {state.text}' for robot, state in known.foreign.items())
        return self._answer(
            LabelState.APPLIED, f'learned from {", ".join(states)} (the fleet so far: {heard})',
            also_applied=self._retry())

    def _take(self, label: Label, stale: bool) -> Answer:
        known, part = self._known, label.features.part
        current, waiting = known.labels.get(part), known.pending.pop(part, None)
        if current is not None and label.says_the_same_as(current):
            if not stale and known.seen_again(current, label.features):
                return self._answer(LabelState.APPLIED, f'{_named(current)} is known already, and '
                                    'so is how it looks now', current.number)
            return self._answer(LabelState.APPLIED, f'{_named(current)} is known already',
                                current.number)
        if waiting is not None and label.says_the_same_as(waiting.label):
            label = waiting.label
        else:
            known.next_number += 1
            if stale:
                known.age(label)
        stepped_back = self._let_wait(label)
        refused = self._change(part, label)
        if refused is None:
            waits = f'; {", ".join(stepped_back)} waits, for others contradict it'
            return self._answer(LabelState.APPLIED,
                                self._effect(label) + (waits if stepped_back else ''),
                                label.number, self._retry())
        for number in range(len(stepped_back)):  # they stay without it
            known.history[~number] = dataclasses.replace(
                known.history[~number], with_next=False)
        if len(known.pending) >= self.limits.pending:
            return self._answer(
                LabelState.REFUSED, f'{refused}; and {len(known.pending)} labels wait already',
                label.number)
        known.pending[part] = Waiting(label, refused)
        return self._answer(LabelState.PENDING, refused, label.number)

    def _let_wait(self, label: Label) -> list[str]:
        """Let labels wait that this one and others contradict; return which."""
        known, told = self._known, []
        votes = self._guard.votes(known, label)
        for part in votes.near(label):
            other = known.labels.get(part)
            if other is None or (other.word == GOOD) == (label.word == GOOD):
                continue
            reason = votes.against(other, clearly=True)
            if reason and len(known.pending) < self.limits.pending and (
                    self._change(part, None) is None):
                known.history[-1] = dataclasses.replace(known.history[-1], with_next=True)
                known.pending[part] = Waiting(other, reason)
                told.append(_named(other))
        return told

    def _change(self, part: str, label: Label | None) -> str | None:
        """Give a part another label if nothing speaks against it; else say what does."""
        known = self._known
        after = self._fit_with(part, label)
        refused = self._guard.objection(known, self._model, after, part, label)
        if refused is None:
            known.history.append(Change(known.labels.get(part), label))
            del known.history[:-self.limits.history]
            self._set(part, label, after)
        return refused

    def _set(
        self, part: str, label: Label | None, fitted: tuple[RobotState, Model],
    ) -> None:
        self._known.labels = self._known.labels_with(part, label)
        self._known.own, self._model = fitted
        self._known.version += 1

    def _retry(self) -> tuple[int, ...]:
        """Try again what waits, and return the numbers of the labels that were applied."""
        applied = []
        self._adopt()
        for part in list(self._known.pending)[:_RETRIES]:
            waiting = self._known.pending.pop(part)
            refused = self._change(part, waiting.label)
            if refused is None:
                applied.append(waiting.label.number)
            else:  # the others come first next time
                self._known.pending[part] = Waiting(waiting.label, refused)
        return tuple(applied)

    def _adopt(self) -> str | None:
        """Take over what other robots have learned if the challenge set allows it."""
        known = self._known
        if not known.unmerged:
            return None
        model = self._fit(known.own, known.unmerged)
        refused = try_out(self._model, model, self.challenge, self.limits.frr_rise).refused
        if refused is None:
            known.foreign, known.unmerged = known.unmerged, {}
            known.version += 1
            self._model = model
        return refused

    def _fit_with(self, part: str, label: Label | None) -> tuple[RobotState, Model]:
        own = self._known.own_with(part, label, self.space)
        return own, self._fit(own, self._known.foreign)

    def _fit(self, own: RobotState, foreign: Mapping[str, RobotState]) -> Model:
        by_hand = [one.features.vectors[:1] for one in self._known.by_hand.values()
                   if one.word != GOOD]
        return Model(self.space, {**foreign, self.robot: own},
                     np.concatenate(by_hand) if by_hand else None, self._good)

    def _fit_again(self) -> None:
        """Know of the parts added by hand."""
        faint = [one.features.faint[None] for one in self._known.by_hand.values()
                 if one.word == GOOD and one.features.faint is not None
                 and one.features.faint.shape == self.space.faint.shape[1:]]
        self._good = GoodAnswers(np.concatenate([self.space.faint, *faint]))
        self._model = self._fit(self._known.own, self._known.foreign)

    def _find(self, part: str) -> tuple[PartFeatures | None, bool]:
        """Return a part's features, and whether the recipe has changed since they were seen.

        They are from the latest parts, or from an earlier label.
        """
        features = self.parts.get(part)
        if features is not None:
            return features, self.parts.is_stale(part)
        waiting = self._known.pending.get(part)
        label = waiting.label if waiting else self._known.labels.get(part)
        if label is None:
            return None, False
        return label.features, self._known.is_about_an_old_look(label)

    def _fault(self, word: str, create: bool) -> str | None:
        """Say what is wrong with a word; None if nothing is."""
        return fault_of(word, self.classes, most=self.limits.classes, create=create)

    def _is_faint(self, features: PartFeatures, word: str) -> bool:
        """Say whether a defect of a part is in none of its places, as far as can be seen."""
        if features.faint is None or features.flagged.any():
            return False
        taught = bool(len(self.space.faint)) and bool(
            self._model.looks_taught(features.vectors[:1])[0])
        known = self._model.spot(features)
        return taught or stands_out(features.faint) or (known is not None and known.label == word)

    def _effect(self, label: Label) -> str:
        """Say what a label that was applied changes for such a part."""
        passes = bool(self._model.passes([label.features])[0])
        fate = 'passes now' if passes else 'is stopped now'
        told = f'{_named(label)} is learned, such a part {fate}'
        if passes != (label.word == GOOD):
            told += (': a known defect is too near' if label.word == GOOD
                     else ': it is too much like known good parts')
        return told

    def _answer(
        self, state: LabelState, text: str, label: int | None = None,
        also_applied: tuple[int, ...] = (),
    ) -> Answer:
        return Answer(state, self.version, text, label, also_applied)


def _named(label: Label) -> str:
    return f'"{label.features.part} is {label.word}"'


def _told(change: Change) -> str:
    if change.after is not None:
        return _named(change.after)
    assert change.before is not None
    return f'the forgetting of {_named(change.before)}'


def _ranks(states: Mapping[str, RobotState]) -> dict[str, tuple[int, str]]:
    return {robot: state.rank for robot, state in states.items()}

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where labels are handed in: nothing is answered before it is on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np

from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import Label
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import Trial
from ant_ros.inspection.learning.features import MOST_PART_ID
from ant_ros.inspection.learning.some_of import some_of
from ant_ros.inspection.ledger import LabelState as LedgerState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger.archive import archive_folder
from ant_ros.inspection.online.archived_image import archived_image
from ant_ros.inspection.online.kept_recipe import KeptRecipe
from ant_ros.inspection.online.kept_recipe import LabelChange
from ant_ros.inspection.online.learning_error import LearningError
from ant_ros.inspection.online.online_inspector import OnlineInspector
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.recipe_versions import ALL_SEEN
from ant_ros.inspection.online.recipe_versions import CONFIRMED
from ant_ros.inspection.online.recipe_versions import KNOWN_LESS
from ant_ros.inspection.online.recipe_versions import KNOWN_MORE
from ant_ros.inspection.online.recipe_versions import last_change
from ant_ros.inspection.online.recipe_versions import MERGED
from ant_ros.inspection.online.recipe_versions import one_before
from ant_ros.inspection.online.recipe_versions import SEEN
from ant_ros.inspection.online.recipe_versions import SHARPENED
from ant_ros.inspection.online.recipe_versions import UNDO
from ant_ros.inspection.online.recipe_versions import WAITS
from ant_ros.inspection.online.recipe_versions import WHOLE
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history import SELF_UPDATE
from ant_ros.inspection.teaching import TeachError

__all__ = ['LabelDesk', 'ledger_path']

_ASKS = 'confirm that it is new to create it'
_LONGEST = 200
_MOST_ALIKE = 5
_MOST_ASKED = 1000


def ledger_path(recipe: Path) -> Path:
    """Return where the ledger of a recipe lies unless another place is given: beside it."""
    recipe = Path(recipe).absolute()
    return recipe.with_name(f'{recipe.name}.ledger')


class LabelDesk:
    """Take labels to one recipe, and keep inspector, recipe folder and ledger in step.

    A label is written into the ledger, tried, saved with the recipe as a new version, and that
    is written into the ledger; only then is it answered. If the disk refuses at any of these
    steps, the inspector is as it was, and the answer says why. For one thread at a time; the
    inspector may judge in another one meanwhile.

    Args:
        inspector: What learns.
        path: Folder of the recipe; it may be missing, then `save` makes it.
        ledger: Where all is written down.
        who: Who holds the recipe, for those who come too late.
        archive: Folder of the images that the ledger knows of; None: beside the ledger.
        each: Whether every part in an archived image was judged.

    Raises:
        RecipeLockedError: somebody else writes this recipe.
        RecipeError: it cannot be written; names the cure.
        LedgerError: the ledger cannot be written.
    """

    def __init__(
        self, inspector: OnlineInspector, path: Path, ledger: Ledger, *, who: str = 'ant_ros',
        archive: Path | None = None, each: bool = False,
    ) -> None:
        self._ledger = ledger
        self._archive = archive or archive_folder(ledger.path)
        self._each = each
        self._recipe = KeptRecipe(inspector, path, ledger, who)
        self._asked: dict[tuple[str, str, str], int] = {}

    def __enter__(self) -> LabelDesk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def inspector(self) -> OnlineInspector:
        """What learns."""
        return self._recipe.inspector

    @property
    def path(self) -> Path:
        """Folder of the recipe."""
        return self._recipe.path

    @property
    def fault(self) -> str:
        """Why pictures of known parts are not on the disk, and the cure; empty if they are."""
        return self.inspector.pictures.fault

    def close(self) -> None:
        """Let others write the recipe."""
        self._recipe.close()

    def adopt(self, inspector: OnlineInspector) -> None:
        """Go on with an inspector that was taught anew; it learns from when it is saved."""
        self._recipe.adopt(inspector)

    def why_not(self) -> str:
        """Return why no label can be taken now, and what to do; empty if it can."""
        if self.inspector.why_not:
            return self.inspector.why_not
        if not self._recipe.is_saved:
            return f'the recipe is not saved yet: save it to {self.path} first'
        return ''

    def label(self, part: str, word: str, *, by: str = '', create: bool = False) -> Answer:
        """Take an operator's word on a part.

        A class that is not known is refused at first, since it may be misspelt; the same label
        once more confirms it, and is one with the first in the ledger.

        Args:
            part: ID of the part; or a pattern, for the latest parts that look like it.
            word: `good` or a defect class.
            by: Who says so.
            create: The class may be new, without being asked about.

        Returns:
            The answer; `label` is the number in the ledger, `version` that of the recipe.
        """
        part, word, by = part.strip()[:_LONGEST], word.strip()[:_LONGEST], by.strip()[:_LONGEST]
        if not self.why_not() and self.inspector.learner.parts.get(part) is None:
            alike = self.inspector.parts_like(part)
            if alike:
                return self._label_pattern(part, alike, word, by, create)
        return self._label(part, word, by, create)

    def _label_pattern(
        self, pattern: str, parts: Sequence[str], word: str, by: str, create: bool,
    ) -> Answer:
        """Take a word on the latest parts that look alike; one that was asked about is first."""
        asked = [part for part in parts if (part, word, by) in self._asked]
        chosen = [*asked, *(part for part in parts if part not in asked)][:_MOST_ALIKE]
        create = create or bool(asked)
        answers: list[Answer] = []
        for part in chosen:
            answers.append(self._label(part, word, by, create))
            if part in self._asked_parts(word, by):
                return answers[-1]
        applied = [answer for answer in answers if answer.state is LabelState.APPLIED]
        others = ''.join(f'; {answer.state.value}: {answer.text}' for answer in answers
                         if answer.state is not LabelState.APPLIED)
        if not applied:
            return replace(answers[-1], text=others[2:])
        return replace(applied[-1], text=f'{len(applied)} of {len(chosen)} parts that look like '
                       f'{pattern} are {word}; undo takes them back one by one{others}')

    def _asked_parts(self, word: str, by: str) -> set[str]:
        return {part for part, *label in self._asked if label == [word, by]}

    def _label(self, part: str, word: str, by: str, create: bool) -> Answer:
        what = f'{part} is {word}'
        if not part or not word:
            missing = 'part ID' if not part else "word ('good' or a defect class)"
            return self._recipe.refuse(
                f'a label without {missing}', f'label {word!r} on {part!r}', by)
        asked = self._asked.pop((part, word, by), None)
        try:
            number = asked or self._ledger.record_label(
                part=part, label=word, by=by, recipe=self.inspector.name).result()
        except LedgerError as error:
            return self._recipe.stamped(Answer(LabelState.REFUSED, 0, f'not taken: {error}'))
        if why_not := self.why_not():
            return self._recipe.keep(Answer(LabelState.REFUSED, 0, why_not), number, by, what)
        self._look_up(part)
        learner = self.inspector.learner
        replaced, history = learner.labels.get(part), learner.history[-1:]
        answer = self.inspector.label(part, word, by=by, create=create or asked is not None)
        if answer.state is LabelState.REFUSED and answer.text.endswith(_ASKS):
            answer = self._ask_back(answer, (part, word, by), number)
        if answer.state is LabelState.UNKNOWN_PART:
            answer = replace(answer, text=f'{answer.text}; nor is its image in the archive')
        if answer.label is not None:
            self._recipe.numbers.add(answer.label, number)
        if answer.state is LabelState.PENDING:
            return self._recipe.keep(answer, number, by, WAITS)
        if answer.state is not LabelState.APPLIED:
            return self._recipe.keep(answer, number, by, what)
        if replaced is not None and replaced.number != answer.label:
            answer = replace(
                answer, text=f'{answer.text}; "{part} is {replaced.word}" counts no longer')
            return self._recipe.keep(answer, number, by, what, [
                (replaced.number, LedgerState.SUPERSEDED, f'now {what}')])
        return self._recipe.keep(
            answer, number, by, SEEN if learner.history[-1:] == history else what)

    def follow(self, verdict: OnlineVerdict) -> Answer | None:
        """Let what is expected follow a part that nobody has labelled, where that is switched on.

        Returns:
            The answer where something was changed; else None.
        """
        if self.why_not():
            return None
        try:
            text = self.inspector.follow(verdict)
        except LearningError as error:
            return self._recipe.refuse(str(error), SELF_UPDATE, SELF_UPDATE)
        if not text:
            return None
        return self._recipe.keep(
            Answer(LabelState.APPLIED, 0, text), None, SELF_UPDATE, SELF_UPDATE)

    def confirm(self, *, by: str = '') -> Answer:
        """Take the parts inspected since the last time as good; see `OnlineInspector.confirm`."""
        if off := self._off('confirm', by):
            return off
        answer = self.inspector.confirm()
        if answer.state is not LabelState.APPLIED:
            return self._recipe.refuse(answer.text, 'confirm', by)
        return self._recipe.keep(answer, None, by, CONFIRMED)

    def sharpen(
        self, images: Sequence[np.ndarray], *, by: str = '', names: Sequence[str] = (),
    ) -> Answer:
        """Learn from further good parts what is expected; see `OnlineInspector.sharpen`.

        It is tried on the challenge set, and refused if a known defect would then pass.
        """
        if off := self._off('sharpen', by):
            return off
        try:
            sharpened = self.inspector.sharpen(images)
        except TeachError as error:
            return self._recipe.refuse(str(error), 'sharpen', by)
        text = '; '.join(filter(None, (sharpened.told(names), self.inspector.unseen)))
        return self._recipe.keep(Answer(LabelState.APPLIED, 0, text), None, by, SHARPENED)

    def undo(self, *, by: str = '') -> Answer:
        """Take the last change back."""
        if off := self._off('undo', by):
            return off
        last = last_change(self._recipe.versions)
        if last is not None and last.why in WHOLE:
            answer = self.roll_back(last.number - 1, by=by)
            if answer.state is not LabelState.APPLIED:
                return answer
            return replace(answer, text=f'{WHOLE[last.why]} is undone: {answer.text}')
        history = self.inspector.learner.history
        return self._take_back(
            self.inspector.undo(), by, UNDO, history[-1].after if history else None,
            history[-1].before if history else None)

    def forget(self, number: int, *, by: str = '') -> Answer:
        """Take back any label by its number in the ledger."""
        if off := self._off(f'forget label {number}', by):
            return off
        own = self._recipe.numbers.own(number)
        learner = self.inspector.learner
        labels = [*learner.labels.values(), *(one.label for one in learner.pending.values())]
        label = next((one for one in labels if one.number == own), None)
        if own is None or label is None:
            return self._recipe.refuse(
                f'no label {number} is in force', f'forget label {number}', by)
        return self._take_back(
            self.inspector.forget(own), by, f'forget label {number}', label, None)

    def add_challenge(
        self, verdict: OnlineVerdict, word: str, *, by: str = '', create: bool = False,
    ) -> Answer:
        """Add a part to the challenge set by hand.

        Args:
            verdict: The part, as it was judged.
            word: `good` or a defect class.
            by: Who says so.
            create: The class may be new; else one that is not known is refused.
        """
        if off := self._off(f'challenge part {verdict.part}', by):
            return off
        try:
            trial = self.inspector.add_challenge(verdict, word.strip(), create=create)
        except (LearningError, ValueError) as error:
            return self._recipe.refuse(str(error), f'challenge part {verdict.part}', by)
        text = f'{verdict.part} is in the challenge set as {word.strip()}'
        text += _effect(trial, verdict.part[:MOST_PART_ID])
        return self._recipe.keep(Answer(LabelState.APPLIED, 0, text), None, by, KNOWN_MORE)

    def remove_challenge(self, part: str, *, by: str = '') -> Answer:
        """Take a part that was added by hand out of the challenge set."""
        if off := self._off(f'challenge part {part}', by):
            return off
        try:
            applied = self.inspector.learner.remove_challenge(part)
        except ValueError as error:
            return self._recipe.refuse(str(error), f'challenge part {part}', by)
        text = f'{part} is in the challenge set no more'
        return self._recipe.keep(
            Answer(LabelState.APPLIED, 0, text, also_applied=applied), None, by, KNOWN_LESS)

    def run_challenge(self, *, by: str = '') -> Trial:
        """Say how the challenge set fares; see `OnlineInspector.run_challenge`.

        What known parts look like now is kept. Where the disk refuses that, they are looked at
        again next time.

        Raises:
            LearningError: the recipe cannot learn.
        """
        trial = self.inspector.run_challenge()
        if self._recipe.is_saved:
            self._recipe.keep(Answer(LabelState.APPLIED, 0, trial.text), None, by, ALL_SEEN)
        return trial

    def merge(self, message: bytes, *, by: str = '') -> Answer:
        """Learn what other robots have learned."""
        if off := self._off('merge', by):
            return off
        try:
            answer = self.inspector.merge(message)
        except MessageError as error:
            return self._recipe.refuse(str(error), 'merge', by)
        return self._recipe.keep(answer, None, by, MERGED)

    def save(self, *, by: str = '', why: str = 'saved') -> Answer:
        """Save the recipe with what was learned as a new version.

        Raises:
            RecipeError: it cannot be written.
            LedgerError: the ledger cannot be written.
        """
        self._recipe.save(by=by, why=why)
        return self._recipe.stamped(Answer(
            LabelState.APPLIED, 0,
            f'recipe {self.inspector.name!r} version {self.inspector.version} saved to '
            f'{self.path}'))

    def roll_back(self, number: int | None = None, *, by: str = '') -> Answer:
        """Bring a version back, as a new one.

        Args:
            number: The version; None: the one before the newest.
            by: Who wants it.

        Raises:
            LedgerError: the ledger cannot be written; the version is back nevertheless.
        """
        before = self.inspector.known
        try:
            source = one_before(self._recipe.versions) if number is None else number
            version = self._recipe.bring_back(source, by=by)
        except (MessageError, RecipeError) as error:
            return self._recipe.refuse(str(error), 'rollback', by)
        told = f'version {source} is back, as version {version}'
        return self._recipe.stamped(Answer(LabelState.APPLIED, 0, '; '.join(
            filter(None, (told, self.inspector.now_passing(before))))))

    def _look_up(self, part: str) -> None:
        """Find the image of a part in the archive, if it is gone from memory.

        A part of which nothing else is known any more is looked at once more.
        """
        inspector = self.inspector
        if inspector.pictures.latest(part) is not None:
            return
        with suppress(ImageError, LedgerError):
            image = archived_image(self._ledger.path, self._archive, inspector.name, part)
            if image is not None:
                inspector.recall(part, image, each=self._each)

    def _ask_back(self, answer: Answer, label: tuple[str, str, str], number: int) -> Answer:
        """Ask whether a class is really new; the same label once more is the answer."""
        while len(self._asked) >= _MOST_ASKED:
            del self._asked[next(iter(self._asked))]
        self._asked[label] = number
        return replace(answer, text=f'{answer.text}: send the same label again')

    def _take_back(
        self, answer: Answer, by: str, what: str, gone: Label | None, back: Label | None,
    ) -> Answer:
        """Write down that a label is gone, and that the one before it counts again."""
        if answer.state is not LabelState.APPLIED:
            return self._recipe.refuse(answer.text, what, by)
        changes: list[LabelChange] = []
        if gone is not None:
            changes.append((gone.number, LedgerState.UNDONE, answer.text))
        if back is not None:
            changes.append((back.number, LedgerState.APPLIED, 'counts again'))
        kept = self._recipe.keep(answer, None, by, what, changes)
        numbers = self._recipe.numbers.of(gone.number) if gone is not None else ()
        return replace(kept, label=numbers[-1] if numbers else None)

    def _off(self, what: str, by: str) -> Answer | None:
        """Refuse what is wanted where nothing can be taken now."""
        why_not = self.why_not()
        return self._recipe.refuse(why_not, what, by) if why_not else None


def _effect(trial: Trial, part: str) -> str:
    """Say which parts are not as they should be once a part is known; empty if it changes none."""
    text = ''
    if part in trial.escapes:
        text += '; it would pass: label it'
    if part in trial.false_rejects:
        text += '; it would be stopped: label it'
    for what, named in (('known defects would pass', trial.new_escapes),
                        ('known good parts would be stopped', trial.newly_stopped)):
        others = [one for one in named if one != part]
        text += f'; {what}: {some_of(others)}' if others else ''
    return text

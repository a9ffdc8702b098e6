# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where labels are handed in: nothing is answered before it is on the disk."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.image_files import read_image
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import Label
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import Trial
from ant_ros.inspection.ledger import image_digest
from ant_ros.inspection.ledger import LabelState as LedgerState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import VerdictFilter
from ant_ros.inspection.ledger.archive import archive_folder
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.ledger_numbers import LedgerNumbers
from ant_ros.inspection.online.online_inspector import LearningError
from ant_ros.inspection.online.online_inspector import OnlineInspector
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.pictures import pictures_folder
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.recipe_history import RecipeVersion
from ant_ros.inspection.recipe_history import SELF_UPDATE
from ant_ros.inspection.teaching import TeachError

__all__ = ['FLEET', 'LabelDesk', 'ledger_path']

_ASKS = 'confirm that it is new to create it'
_CONFIRMED = 'a run confirmed as good'
_SHARPENED = 'sharpened by further good parts'
_MERGED = 'merge'
_KNOWN_MORE = 'a part added to the challenge set'
_KNOWN_LESS = 'a part taken out of the challenge set'
_SEEN = 'a further look at a known part'
_WAITS = 'a label that waits'
_ALL_SEEN = 'known parts looked at again'
_WHOLE = {_CONFIRMED: 'the last confirmed run', SELF_UPDATE: 'the last self-update',
          _SHARPENED: 'the last sharpening', _MERGED: 'the last merge',
          _KNOWN_MORE: 'the last addition to the challenge set',
          _KNOWN_LESS: 'the last removal from the challenge set',
          _SEEN: 'the last further look at a known part', _WAITS: 'the label that waits'}
"""Changes of the recipe that are undone as a whole, by the version before."""

FLEET = 'the fleet'
"""Who merges what robots tell each other by themselves: it would be merged again at once."""

_UNDO = 'undo'
_LONGEST = 200
_MOST_ALIKE = 5
_MOST_ASKED = 1000


def ledger_path(recipe: Path) -> Path:
    """Return where the ledger of a recipe lies unless another place is given: beside it."""
    recipe = Path(recipe).absolute()
    return recipe.with_name(f'{recipe.name}.ledger')


@dataclass(frozen=True, eq=False)
class _Kept:
    """What the recipe's folder holds, as which version."""

    recipe: Recipe
    attached: dict[str, bytes]
    version: int
    run: Run

    @classmethod
    def of(cls, inspector: OnlineInspector) -> _Kept:
        return cls(inspector.recipe, inspector.attachments(), inspector.version, inspector.run)

    def is_like(self, other: _Kept) -> bool:
        return self.recipe is other.recipe and self.attached == other.attached

    def bring_back(self, inspector: OnlineInspector) -> None:
        inspector.restore(self.attached, self.recipe, self.run)


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
        self.inspector = inspector
        self._ledger = ledger
        self._archive = archive or archive_folder(ledger.path)
        self._each = each
        self._history = RecipeHistory(path, who=who)
        self._numbers = LedgerNumbers()
        self._asked: dict[tuple[str, str, str], int] = {}
        try:
            self._saved = self._begin()
        except BaseException:
            self.close()
            raise
        if self._saved:
            self._keep_pictures()
        self._kept = _Kept.of(inspector)

    def __enter__(self) -> LabelDesk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Folder of the recipe."""
        return self._history.path

    @property
    def fault(self) -> str:
        """Why pictures of known parts are not on the disk, and the cure; empty if they are."""
        return self.inspector.pictures.fault

    def close(self) -> None:
        """Let others write the recipe."""
        self.inspector.pictures.close()
        self._history.close()

    def adopt(self, inspector: OnlineInspector) -> None:
        """Go on with an inspector that was taught anew; it learns from when it is saved."""
        self.inspector.pictures.close()
        self.inspector = inspector
        self._saved = False
        self._kept = _Kept.of(inspector)
        self._numbers = LedgerNumbers()

    def why_not(self) -> str:
        """Return why no label can be taken now, and what to do; empty if it can."""
        if self.inspector.why_not:
            return self.inspector.why_not
        if not self._saved:
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
        if not part or not word:
            missing = 'part ID' if not part else "word ('good' or a defect class)"
            return self._refused(f'a label without {missing}', f'label {word!r} on {part!r}', by)
        asked = self._asked.pop((part, word, by), None)
        try:
            number = asked or self._ledger.record_label(
                part=part, label=word, by=by, recipe=self.inspector.name).result()
        except LedgerError as error:
            return self._answer(Answer(LabelState.REFUSED, 0, f'not taken: {error}'))
        why_not = self.why_not()
        if why_not:
            answer = Answer(LabelState.REFUSED, 0, why_not)
        else:
            self._look_up(part)
            learner = self.inspector.learner
            replaced, history = learner.labels.get(part), learner.history[-1:]
            answer = self.inspector.label(
                part, word, by=by, create=create or asked is not None)
            if answer.state is LabelState.REFUSED and answer.text.endswith(_ASKS):
                answer = self._ask_back(answer, (part, word, by), number)
            if answer.state is LabelState.UNKNOWN_PART:
                answer = replace(answer, text=f'{answer.text}; nor is its image in the archive')
            if answer.label is not None:
                self._numbers.add(answer.label, number)
                if answer.state is LabelState.APPLIED and replaced is not None and (
                        replaced.number != answer.label):
                    gone = f'; "{part} is {replaced.word}" counts no longer'
                    answer = replace(answer, text=answer.text + gone)
                    return self._keep(answer, number, by, f'{part} is {word}', replaced)
            if answer.state is LabelState.APPLIED and learner.history[-1:] == history:
                return self._keep(answer, number, by, _SEEN)
            if answer.state is LabelState.PENDING:
                return self._keep(answer, number, by, _WAITS)
        return self._keep(answer, number, by, f'{part} is {word}')

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
            return self._refused(str(error), SELF_UPDATE, SELF_UPDATE)
        if not text:
            return None
        return self._keep(Answer(LabelState.APPLIED, 0, text), None, SELF_UPDATE, SELF_UPDATE)

    def confirm(self, *, by: str = '') -> Answer:
        """Take the parts inspected since the last time as good; see `OnlineInspector.confirm`."""
        if off := self._off('confirm', by):
            return off
        answer = self.inspector.confirm()
        if answer.state is not LabelState.APPLIED:
            return self._refused(answer.text, 'confirm', by)
        return self._keep(answer, None, by, _CONFIRMED)

    def sharpen(self, images: Sequence[np.ndarray], *, by: str = '') -> Answer:
        """Learn from further good parts what is expected; see `OnlineInspector.sharpen`.

        It is tried on the challenge set, and refused if a known defect would then pass.
        """
        if off := self._off('sharpen', by):
            return off
        try:
            sharpened = self.inspector.sharpen(images)
        except TeachError as error:
            return self._refused(str(error), 'sharpen', by)
        text = '; '.join(filter(None, (sharpened.text, self.inspector.unseen)))
        return self._keep(Answer(LabelState.APPLIED, 0, text), None, by, _SHARPENED)

    def undo(self, *, by: str = '') -> Answer:
        """Take the last change back."""
        if off := self._off('undo', by):
            return off
        last = self._last_change()
        if last is not None and last.why in _WHOLE:
            answer = self.roll_back(last.number - 1, by=by)
            if answer.state is not LabelState.APPLIED:
                return answer
            return replace(answer, text=f'{_WHOLE[last.why]} is undone: {answer.text}')
        history = self.inspector.learner.history
        return self._take_back(
            self.inspector.undo(), by, _UNDO, history[-1].after if history else None,
            history[-1].before if history else None)

    def forget(self, number: int, *, by: str = '') -> Answer:
        """Take back any label by its number in the ledger."""
        if off := self._off(f'forget label {number}', by):
            return off
        own = self._numbers.own(number)
        learner = self.inspector.learner
        labels = [*learner.labels.values(), *(one.label for one in learner.pending.values())]
        label = next((one for one in labels if one.number == own), None)
        if own is None or label is None:
            return self._refused(f'no label {number} is in force', f'forget label {number}', by)
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
            self.inspector.add_challenge(verdict, word.strip(), create=create)
        except (LearningError, ValueError) as error:
            return self._refused(str(error), f'challenge part {verdict.part}', by)
        text = f'{verdict.part} is in the challenge set as {word.strip()}'
        return self._keep(Answer(LabelState.APPLIED, 0, text), None, by, _KNOWN_MORE)

    def remove_challenge(self, part: str, *, by: str = '') -> Answer:
        """Take a part that was added by hand out of the challenge set."""
        if off := self._off(f'challenge part {part}', by):
            return off
        try:
            applied = self.inspector.learner.remove_challenge(part)
        except ValueError as error:
            return self._refused(str(error), f'challenge part {part}', by)
        text = f'{part} is in the challenge set no more'
        return self._keep(Answer(LabelState.APPLIED, 0, text, also_applied=applied), None, by,
                          _KNOWN_LESS)

    def run_challenge(self, *, by: str = '') -> Trial:
        """Say how the challenge set fares; see `OnlineInspector.run_challenge`.

        What known parts look like now is kept. Where the disk refuses that, they are looked at
        again next time.

        Raises:
            LearningError: the recipe cannot learn.
        """
        trial = self.inspector.run_challenge()
        if self._saved:
            self._keep(Answer(LabelState.APPLIED, 0, trial.text), None, by, _ALL_SEEN)
        return trial

    def merge(self, message: bytes, *, by: str = '') -> Answer:
        """Learn what other robots have learned."""
        if off := self._off('merge', by):
            return off
        try:
            answer = self.inspector.merge(message)
        except MessageError as error:
            return self._refused(str(error), 'merge', by)
        return self._keep(answer, None, by, _MERGED)

    def save(self, *, by: str = '', why: str = 'saved') -> Answer:
        """Save the recipe with what was learned as a new version.

        Raises:
            RecipeError: it cannot be written.
            LedgerError: the ledger cannot be written.
        """
        inspector = self.inspector
        version = self._history.commit(
            inspector.recipe, who=by, why=why, attachments=inspector.attachments())
        self._saved = True
        inspector.version = version.number
        self._kept = _Kept.of(inspector)
        self._keep_pictures()
        self._record_version().result()
        return self._answer(Answer(
            LabelState.APPLIED, 0,
            f'recipe {inspector.name!r} version {version.number} saved to {self.path}'))

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
            source = self._one_before() if number is None else number
            version = self._history.roll_back(source, who=by)
            recipe = self._history.load()
            self.inspector.restore(
                self._history.attachments(),
                None if self._same_files(version.number) else recipe)
        except (MessageError, RecipeError) as error:
            return self._refused(str(error), 'rollback', by)
        self._saved = True
        self.inspector.version = version.number
        self._kept = _Kept.of(self.inspector)
        self._find_numbers()
        self._record_version().result()
        told = f'version {source} is back, as version {version.number}'
        return self._answer(Answer(LabelState.APPLIED, 0, '; '.join(
            filter(None, (told, self.inspector.now_passing(before))))))

    def _keep_pictures(self) -> None:
        """Keep pictures of known parts with the recipe; what the disk refuses stays in memory."""
        pictures = self.inspector.pictures
        try:
            pictures.write_to(pictures_folder(self.path))
        except OSError as error:
            pictures.fault = (f'pictures of known parts are not on the disk: {error}; free space '
                              'there, and save')

    def _look_up(self, part: str) -> None:
        """Find the image of a part in the archive, if it is gone from memory.

        A part of which nothing else is known any more is looked at once more.
        """
        inspector = self.inspector
        if inspector.pictures.latest(part) is not None:
            return
        with suppress(ImageError, LedgerError):
            image = self._archived(part)
            if image is not None:
                inspector.recall(part, image, each=self._each)

    def _archived(self, part: str) -> np.ndarray | None:
        """Return the image of a part that its latest verdict was about; None if it is not kept.

        Raises:
            ImageError: it cannot be read.
            LedgerError: the ledger cannot be read.
        """
        wanted = VerdictFilter(part=part, recipe=self.inspector.name, last=1)
        with LedgerReader(self._ledger.path) as reader:
            entry = next(iter(reader.verdicts(wanted)), None)
            kept = [image for image in reader.images(part) if image.removed_ns is None]
        if entry is None or not kept or kept[-1].image_hash != entry.record.image_hash:
            return None
        image = read_image(self._archive / kept[-1].file)
        return image if image_digest(image) == kept[-1].image_hash else None

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
            return self._refused(answer.text, what, by)
        states = []
        if gone is not None:
            states.append((gone.number, LedgerState.UNDONE, answer.text))
        if back is not None:
            states.append((back.number, LedgerState.APPLIED, 'counts again'))
        kept = self._keep(answer, None, by, what, states=states)
        numbers = self._numbers.of(gone.number) if gone is not None else ()
        return replace(kept, label=numbers[-1] if numbers else None)

    def _keep(
        self, answer: Answer, number: int | None, by: str, what: str,
        replaced: Label | None = None,
        states: list[tuple[int, LedgerState, str]] | None = None,
    ) -> Answer:
        """Save what has changed, write it down, and return the answer when that is on the disk."""
        kept = _Kept.of(self.inspector)
        changed = self._saved and not kept.is_like(self._kept)
        try:
            if changed:
                version = self._history.commit(
                    kept.recipe, who=by, why=what, attachments=kept.attached)
                self.inspector.version = version.number
            self._write_down(answer, number, by, what, changed, [
                *([(replaced.number, LedgerState.SUPERSEDED, f'now {what}')] if replaced else []),
                *(states or []),
                *((own, LedgerState.APPLIED, 'tried again') for own in answer.also_applied)])
        except (LedgerError, RecipeError) as error:
            return self._put_back(error, number, changed)
        self._kept = replace(kept, version=self.inspector.version)
        return self._answer(replace(answer, label=number))

    def _write_down(
        self, answer: Answer, number: int | None, by: str, what: str, changed: bool,
        states: list[tuple[int, LedgerState, str]],
    ) -> None:
        ledger, version = self._ledger, self.inspector.version if changed else None
        waiting: list[Future[Any]] = []
        if number is not None:
            waiting.append(ledger.resolve_label(
                number, LedgerState(answer.state.value), reason=answer.text,
                model_version=version))
        waiting.extend(
            ledger.resolve_label(entry, state, reason=reason, model_version=version)
            for own, state, reason in states for entry in self._numbers.of(own))
        if version is not None:
            waiting.append(ledger.record_update(
                recipe=self.inspector.name, model_version=version, who=by, why=what,
                what=answer.text if answer.state is LabelState.APPLIED else
                f'{answer.state.value}: {answer.text}'))
            waiting.append(self._record_version())
        for one in waiting:
            one.result()

    def _put_back(self, error: Exception, number: int | None, changed: bool) -> Answer:
        """Know what was known before a change that could not be kept."""
        self._kept.bring_back(self.inspector)
        self._kept = replace(_Kept.of(self.inspector), version=self._kept.version)
        text = f'nothing was learned: {error}'
        later: list[Callable[[], Any]] = []
        if changed and self._history.current is not None:
            later.append(lambda: self._commit_before(str(error)))
        if number is not None:
            later.append(lambda: self._ledger.resolve_label(
                number, LedgerState.REFUSED, reason=text).result())
        for step in later:
            try:
                step()
            except (LedgerError, RecipeError) as also:
                text = f'{text}; and {also}'
        return self._answer(Answer(LabelState.REFUSED, 0, text, number))

    def _commit_before(self, why: str) -> None:
        before = self._kept
        assert self._history.current is not None
        if self._history.current.number != before.version:
            self._history.commit(before.recipe, who='ant_ros',
                                 why=f'taken back: {why}', attachments=before.attached)
        assert self._history.current is not None
        self.inspector.version = self._history.current.number
        self._kept = replace(before, version=self.inspector.version)

    def _off(self, what: str, by: str) -> Answer | None:
        """Refuse what is wanted where nothing can be taken now."""
        why_not = self.why_not()
        return self._refused(why_not, what, by) if why_not else None

    def _refused(self, text: str, what: str, by: str) -> Answer:
        try:
            self._ledger.record_refusal(
                recipe=self.inspector.name, who=by, what=what, reason=text,
                model_version=self.inspector.version).result()
        except LedgerError as error:
            text = f'{text}; and {error}'
        return self._answer(Answer(LabelState.REFUSED, 0, text))

    def _answer(self, answer: Answer) -> Answer:
        return replace(answer, version=self.inspector.version)

    def _record_version(self, version: RecipeVersion | None = None) -> Future[None]:
        version = version or self._history.current
        assert version is not None
        return self._ledger.record_recipe_version(
            recipe=self.inspector.name, version=version.number, who=version.who,
            why=version.why, restored_from=version.restored_from, digest=version.digest,
            made_ns=version.wall_ns)

    def _one_before(self) -> int:
        """Return the version before the newest; before the one it restored, if it did."""
        versions = self._history.versions
        if len(versions) < 2:
            raise RecipeError('nothing to roll back to: there is no version before this one')
        reached = self._in_force()
        number = reached.number if reached.restored_from is None else reached.restored_from
        earlier = [version.number for version in versions if version.number < number]
        if not earlier:
            raise RecipeError(f'nothing to roll back to: no version before {number} is kept')
        return max(earlier)

    def _in_force(self) -> RecipeVersion:
        """Return the version whose content the newest one has brought back, as far as kept."""
        versions = {version.number: version for version in self._history.versions}
        reached = versions[max(versions)]
        while reached.restored_from in versions:
            reached = versions[reached.restored_from]
        return reached

    def _last_change(self) -> RecipeVersion | None:
        """Return the version that made the last change that counts; None if it is not kept."""
        versions = {version.number: version for version in self._history.versions}
        number, undone = max(versions), 0
        while number in versions:
            version = versions[number]
            if version.restored_from is not None:
                number = version.restored_from
                continue
            if version.why == _ALL_SEEN or (version.why == _MERGED and version.who == FLEET):
                number -= 1
                continue
            if version.why != _UNDO and not undone:
                return version
            undone += 1 if version.why == _UNDO else -1
            number -= 1
        return None

    def _same_files(self, number: int) -> bool:
        """Tell whether the version before one has the same recipe beside what was learned."""
        versions = {version.number: version for version in self._history.versions}
        return number - 1 in versions and (
            versions[number - 1].files == versions[number].files)

    def _begin(self) -> bool:
        """Bring inspector and ledger in step with the recipe; tell whether it is the inspector's.

        Versions that were made without the ledger, by teaching or bringing one back on the
        command line, are written down now: what a version knows follows from those before it.
        """
        current, inspector = self._history.current, self.inspector
        recipe = None if current is None else self._history.load()
        if current is None or recipe is None or (
                features_hash(recipe) != features_hash(inspector.recipe)):
            return False
        if current.number != inspector.version:  # written by somebody else since it was read
            self._read_again(recipe)
        inspector.version = current.number
        with LedgerReader(self._ledger.path) as reader:
            known = {entry.version for entry in reader.versions(inspector.name)}
        missing = [self._record_version(version) for version in self._history.versions
                   if version.number not in known]
        for one in missing:
            one.result()
        self._find_numbers()
        return True

    def _read_again(self, recipe: Recipe) -> None:
        try:
            self.inspector.restore(self._history.attachments(), recipe)
        except MessageError as error:
            raise RecipeError(f'what the recipe {self.path} has learned cannot be used: {error}; '
                              'go back to an earlier version') from error

    def _find_numbers(self) -> None:
        """Find the ledger's numbers of the labels that the recipe knows, and close open ends.

        A label that was saved with the recipe but not yet called so in the ledger is, now; one
        that an earlier version took out is called rolled back.
        """
        if self.inspector.why_not:
            return
        with LedgerReader(self._ledger.path) as reader:
            open_ends, gone = self._numbers.find(
                self.inspector.learner, reader.labels(recipe=self.inspector.name))
        for number in open_ends:
            self._ledger.resolve_label(
                number, LedgerState.APPLIED, reason='found in the saved recipe',
                model_version=self.inspector.version).result()
        current = self._history.current
        if current is None or current.restored_from is None:
            return
        for number in gone:
            self._ledger.resolve_label(
                number, LedgerState.ROLLED_BACK, model_version=current.number,
                reason=f'version {current.restored_from} is back, as version {current.number}',
            ).result()

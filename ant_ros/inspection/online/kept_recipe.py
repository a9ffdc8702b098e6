# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An inspector, the folder of its recipe and the ledger, kept in step."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.ledger import LabelState as LedgerState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.ledger_numbers import LedgerNumbers
from ant_ros.inspection.online.online_inspector import OnlineInspector
from ant_ros.inspection.online.pictures import pictures_folder
from ant_ros.inspection.online.recipe_versions import same_recipe
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.recipe_history import RecipeVersion

__all__ = ['KeptRecipe', 'LabelChange']

LabelChange = tuple[int, LedgerState, str]
"""The learner's number of a label, what becomes of it in the ledger, and why."""


@dataclass(frozen=True, eq=False)
class _Content:
    """What the recipe's folder holds, as which version."""

    recipe: Recipe
    attached: dict[str, bytes]
    version: int
    run: Run

    @classmethod
    def of(cls, inspector: OnlineInspector) -> _Content:
        return cls(inspector.recipe, inspector.attachments(), inspector.version, inspector.run)

    def is_like(self, other: _Content) -> bool:
        return self.recipe is other.recipe and self.attached == other.attached

    def bring_back(self, inspector: OnlineInspector) -> None:
        inspector.restore(self.attached, self.recipe, self.run)


class KeptRecipe:
    """Save what an inspector has learned, and write it down, before anybody is answered.

    If the disk refuses at any step, the inspector is as it was, and the answer says why. For one
    thread.

    Args:
        inspector: What learns.
        path: Folder of the recipe; it may be missing, then `save` makes it.
        ledger: Where all is written down.
        who: Who holds the recipe, for those who come too late.

    Attributes:
        inspector: What learns.
        numbers: Which entries of the ledger speak of which label.
        is_saved: Whether the folder holds the inspector's recipe.

    Raises:
        RecipeLockedError: somebody else writes this recipe.
        RecipeError: it cannot be written; names the cure.
        LedgerError: the ledger cannot be written.
    """

    def __init__(
        self, inspector: OnlineInspector, path: Path, ledger: Ledger, who: str,
    ) -> None:
        self.inspector = inspector
        self.numbers = LedgerNumbers()
        self._ledger = ledger
        self._history = RecipeHistory(path, who=who)
        try:
            self.is_saved = self._begin()
        except BaseException:
            self.close()
            raise
        if self.is_saved:
            self._keep_pictures()
        self._content = _Content.of(inspector)

    @property
    def path(self) -> Path:
        """Folder of the recipe."""
        return self._history.path

    @property
    def versions(self) -> Sequence[RecipeVersion]:
        """The versions that are kept."""
        return self._history.versions

    def close(self) -> None:
        """Let others write the recipe."""
        self.inspector.pictures.close()
        self._history.close()

    def adopt(self, inspector: OnlineInspector) -> None:
        """Go on with another inspector, which is not saved."""
        self.inspector.pictures.close()
        self.inspector = inspector
        self.is_saved = False
        self._content = _Content.of(inspector)
        self.numbers = LedgerNumbers()

    def save(self, *, by: str, why: str) -> None:
        """Save the recipe with what was learned as a new version.

        Raises:
            RecipeError: it cannot be written.
            LedgerError: the ledger cannot be written.
        """
        inspector = self.inspector
        version = self._history.commit(
            inspector.recipe, who=by, why=why, attachments=inspector.attachments())
        self._is_now(version.number)
        self._keep_pictures()
        self._record_version().result()

    def bring_back(self, number: int, *, by: str) -> int:
        """Bring a version back, as a new one, and return the number of that.

        Raises:
            MessageError: what it has learned is damaged.
            RecipeError: it is not kept, or cannot be written.
            LedgerError: the ledger cannot be written; the version is back nevertheless.
        """
        version = self._history.roll_back(number, who=by)
        recipe = self._history.load()
        self.inspector.restore(
            self._history.attachments(),
            None if same_recipe(self.versions, version.number) else recipe)
        self._is_now(version.number)
        self._find_numbers()
        self._record_version().result()
        return version.number

    def keep(
        self, answer: Answer, number: int | None, by: str, what: str,
        changes: Sequence[LabelChange] = (),
    ) -> Answer:
        """Save what has changed, write it down, and return the answer when that is on the disk.

        Args:
            answer: What is to be answered.
            number: The ledger's number of the label that it is about.
            by: Who wants it.
            what: What the change is.
            changes: What becomes of other labels by it.
        """
        content = _Content.of(self.inspector)
        changed = self.is_saved and not content.is_like(self._content)
        try:
            if changed:
                version = self._history.commit(
                    content.recipe, who=by, why=what, attachments=content.attached)
                self.inspector.version = version.number
            self._write_down(answer, number, by, what, changed, [
                *changes,
                *((own, LedgerState.APPLIED, 'tried again') for own in answer.also_applied)])
        except (LedgerError, RecipeError) as error:
            return self._put_back(error, number, changed)
        self._content = replace(content, version=self.inspector.version)
        return self.stamped(replace(answer, label=number))

    def refuse(self, text: str, what: str, by: str) -> Answer:
        """Write down that something was refused, and return the answer."""
        try:
            self._ledger.record_refusal(
                recipe=self.inspector.name, who=by, what=what, reason=text,
                model_version=self.inspector.version).result()
        except LedgerError as error:
            text = f'{text}; and {error}'
        return self.stamped(Answer(LabelState.REFUSED, 0, text))

    def stamped(self, answer: Answer) -> Answer:
        """Return an answer with the version of the recipe."""
        return replace(answer, version=self.inspector.version)

    def _is_now(self, version: int) -> None:
        """Know that the folder holds what the inspector knows."""
        self.is_saved = True
        self.inspector.version = version
        self._content = _Content.of(self.inspector)

    def _keep_pictures(self) -> None:
        """Keep pictures of known parts with the recipe; what the disk refuses stays in memory."""
        pictures = self.inspector.pictures
        try:
            pictures.write_to(pictures_folder(self.path))
        except OSError as error:
            pictures.fault = (f'pictures of known parts are not on the disk: {error}; free space '
                              'there, and save')

    def _write_down(
        self, answer: Answer, number: int | None, by: str, what: str, changed: bool,
        changes: Sequence[LabelChange],
    ) -> None:
        ledger, version = self._ledger, self.inspector.version if changed else None
        waiting: list[Future[Any]] = []
        if number is not None:
            waiting.append(ledger.resolve_label(
                number, LedgerState(answer.state.value), reason=answer.text,
                model_version=version))
        waiting.extend(
            ledger.resolve_label(entry, state, reason=reason, model_version=version)
            for own, state, reason in changes for entry in self.numbers.of(own))
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
        self._content.bring_back(self.inspector)
        self._content = replace(_Content.of(self.inspector), version=self._content.version)
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
        return self.stamped(Answer(LabelState.REFUSED, 0, text, number))

    def _commit_before(self, why: str) -> None:
        before = self._content
        assert self._history.current is not None
        if self._history.current.number != before.version:
            self._history.commit(before.recipe, who='ant_ros',
                                 why=f'taken back: {why}', attachments=before.attached)
        assert self._history.current is not None
        self.inspector.version = self._history.current.number
        self._content = replace(before, version=self.inspector.version)

    def _record_version(self, version: RecipeVersion | None = None) -> Future[None]:
        version = version or self._history.current
        assert version is not None
        return self._ledger.record_recipe_version(
            recipe=self.inspector.name, version=version.number, who=version.who,
            why=version.why, restored_from=version.restored_from, digest=version.digest,
            made_ns=version.wall_ns)

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
        missing = [self._record_version(version) for version in self.versions
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
            open_ends, gone = self.numbers.find(
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

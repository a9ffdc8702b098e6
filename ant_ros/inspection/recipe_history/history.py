# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The versions of a recipe: one writer, each change kept, any of them brought back."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import hashlib
import os
from pathlib import Path
import shutil
from types import TracebackType

import filelock

from ant_ros.inspection.recipe import load_recipe
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history.version import DESCRIPTION
from ant_ros.inspection.recipe_history.version import history_folder
from ant_ros.inspection.recipe_history.version import read_version
from ant_ros.inspection.recipe_history.version import RECIPE
from ant_ros.inspection.recipe_history.version import RecipeVersion
from ant_ros.inspection.recipe_history.version import SELF_UPDATE
from ant_ros.inspection.recipe_history.version import version_folder
from ant_ros.inspection.recipe_history.version import versions_of
from ant_ros.inspection.recipe_history.version_writer import Draft
from ant_ros.inspection.recipe_history.version_writer import place_version
from ant_ros.inspection.recipe_history.version_writer import TEMPORARY
from ant_ros.inspection.recipe_history.version_writer import write_version
from ant_ros.inspection.synced_files import digest_of

__all__ = ['RecipeHistory', 'RecipeLockedError']

KEEP = 50


class RecipeLockedError(RecipeError):
    """Somebody else writes this recipe; names who."""


class RecipeHistory:
    """Hold a recipe for writing, and keep its versions in the folder `PATH.history` beside it.

    The recipe at `path` is always the newest version, whole. A process killed at any moment
    leaves a recipe and a history that agree when they are opened again. What somebody else has
    put at `path` or changed there meanwhile (by teaching anew, say) becomes a version too. Weights
    that do not change are kept once, so a version then costs some kilobytes and its attachments.

    What is learned on the line belongs into attachments: the recipe itself need not be written
    again, and a version is committed within two syncs of the disk.

    Args:
        path: Folder of the recipe; it may be missing.
        keep: Versions that are kept; the oldest go, those made by `SELF_UPDATE` first.
        who: Who holds it, for those who come too late.

    Raises:
        RecipeLockedError: somebody else holds it.
        RecipeError: recipe or history cannot be read or written; names the cure.
    """

    def __init__(self, path: Path, *, keep: int = KEEP, who: str = 'ant_ros') -> None:
        if keep < 2:
            raise ValueError(f'keep is {keep}, expected at least 2: one to go back to')
        self.path = Path(path).absolute()
        self._keep = keep
        self._folder = history_folder(path)
        self._recipe: Recipe | None = None
        self._lock = self._take_hold(who)
        try:
            self._versions = versions_of(self.path)
            self._tidy()
            self._bring_together()
            self._drop_oldest()
        except OSError as error:
            self.close()
            raise RecipeError(f'cannot use the history {self._folder}: {error}') from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> RecipeHistory:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def versions(self) -> Sequence[RecipeVersion]:
        """The versions that are kept, oldest first."""
        return tuple(self._versions)

    @property
    def current(self) -> RecipeVersion | None:
        """The newest version, None before there is one."""
        return self._versions[-1] if self._versions else None

    def close(self) -> None:
        """Let others write the recipe."""
        self._lock.release()

    def load(self, number: int | None = None) -> Recipe:
        """Read a version, the newest by default.

        Raises:
            RecipeError: it is not kept, or damaged.
        """
        version = self._find(number)
        recipe = load_recipe(version_folder(self.path, version.number))
        if version is self.current:
            self._recipe = recipe
        return recipe

    def attachments(self, number: int | None = None) -> dict[str, bytes]:
        """Read what is attached to a version, by file name; the newest by default.

        Raises:
            RecipeError: it is not kept, or damaged.
        """
        version = self._find(number)
        return {name: self._read(version, name) for name in version.attached}

    def commit(self, recipe: Recipe, *, who: str, why: str,
               attachments: Mapping[str, bytes] | None = None) -> RecipeVersion:
        """Make a version; it is on the disk when this returns.

        Args:
            recipe: What is known now. Its own version number is replaced by the next one. A
                recipe is a value: what changes is a new array, or the change is not seen.
            who: Who made the change.
            why: What for.
            attachments: Files that belong to it, by name; None keeps the newest version's.

        Raises:
            RecipeError: it cannot be written; nothing has changed.
        """
        number = self._next(recipe)
        numbered = dataclasses.replace(recipe, version=number)
        unchanged = self._recipe is not None and _same(recipe, self._recipe)
        version = self._make(Draft(
            number, who, why, None if unchanged else numbered, self._checked(attachments),
            self.current))
        self._recipe = numbered
        return version

    def roll_back(self, number: int, *, who: str, why: str = '') -> RecipeVersion:
        """Bring a version's content back, as a new version.

        Raises:
            RecipeError: it is not kept or damaged, or cannot be written; nothing has changed.
        """
        source = self._find(number)
        recipe = load_recipe(version_folder(self.path, number))
        version = self._make(Draft(
            self._next(recipe), who, why or f'back to version {number}', None,
            self.attachments(number), source, number))
        self._recipe = None
        return version

    def _find(self, number: int | None) -> RecipeVersion:
        if not self._versions:
            raise RecipeError(f'there is no version of {self.path} yet: teach it first')
        if number is None:
            return self._versions[-1]
        for version in self._versions:
            if version.number == number:
                return version
        raise RecipeError(
            f'version {number} of {self.path} is not kept: of '
            f'{self._versions[0].number} to {self._versions[-1].number} there are '
            f'{len(self._versions)}')

    def _read(self, version: RecipeVersion, name: str) -> bytes:
        path = version_folder(self.path, version.number) / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise RecipeError(f'cannot read {path}: {error}; go back to another version') \
                from error
        if hashlib.sha256(content).hexdigest() != version.attached[name]:
            raise RecipeError(f'{path} is damaged: it does not match its hash; go back to '
                              'another version')
        return content

    def _next(self, recipe: Recipe) -> int:
        return self._versions[-1].number + 1 if self._versions else recipe.version

    def _checked(self, attachments: Mapping[str, bytes] | None) -> Mapping[str, bytes]:
        if attachments is None:
            return self.attachments() if self._versions else {}
        taken = {RECIPE, DESCRIPTION, *(self._versions[-1].files if self._versions else ())}
        for name in attachments:
            if not name or name in taken or name[0] == '.' or Path(name).name != name:
                raise RecipeError(f'{name!r} cannot be attached to a recipe: expected a plain '
                                  f'file name other than {", ".join(sorted(taken))}')
        return attachments

    def _make(self, draft: Draft) -> RecipeVersion:
        try:
            version = write_version(self.path, draft)
            try:
                place_version(self.path, version)
            except OSError:
                shutil.rmtree(version_folder(self.path, version.number), ignore_errors=True)
                raise
        except OSError as error:
            raise RecipeError(f'cannot write version {draft.number} of {self.path}: {error}; '
                              'check the space and the rights there') from error
        self._versions.append(version)
        self._drop_oldest()
        return version

    def _drop_oldest(self) -> None:
        while len(self._versions) > self._keep:
            # The newest stays, and so does what people made as long as there is anything else.
            index = next((index for index, version in enumerate(self._versions[:-1])
                          if version.who == SELF_UPDATE), 0)
            gone = self._folder / f'{TEMPORARY}gone'
            os.rename(version_folder(self.path, self._versions.pop(index).number), gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _take_hold(self, who: str) -> filelock.BaseFileLock:
        holder = self._folder / 'holder'
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self._folder / 'lock', thread_local=False)
            lock.acquire(blocking=False)
            holder.write_text(f'{who}, process {os.getpid()}')
        except filelock.Timeout:
            name = holder.read_text() if holder.exists() else 'another process'
            node = name.partition(',')[0].removeprefix('node ')
            ask = (f'ask it by its services {node}/sharpen, {node}/confirm, {node}/undo, or '
                   if node.startswith('/') else '')
            raise RecipeLockedError(
                f'the recipe {self.path} is being written by {name}: {ask}stop it first') \
                from None
        except OSError as error:
            raise RecipeError(f'cannot use the history {self._folder}: {error}; give a place '
                              'that may be written') from error
        return lock

    def _tidy(self) -> None:
        """Remove what a killed process has left."""
        left = [*self._folder.glob(f'{TEMPORARY}*'),
                *(self.path.with_name(f'.{self.path.name}.{kind}') for kind in ('new', 'old'))]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)

    def _bring_together(self) -> None:
        """Let recipe and history agree: the one that is behind follows."""
        if not self.path.exists():
            if self._versions:
                place_version(self.path, self._versions[-1])
            return
        known = self._known()
        if known is None or known not in self._versions[-2:]:
            self._adopt()
        elif known is not self._versions[-1]:  # killed between the history and the place
            place_version(self.path, self._versions[-1])

    def _known(self) -> RecipeVersion | None:
        """Return the version that is at the place of the recipe, None if it is none of ours."""
        names = {path.name for path in self.path.iterdir() if path.is_file()} \
            if self.path.is_dir() else set()
        if DESCRIPTION not in names:
            return None
        there = read_version(self.path)
        for version in self._versions:
            if version == there and {*version.hashes, DESCRIPTION} == names and all(
                    digest_of(self.path / name) == digest
                    for name, digest in version.hashes.items()):
                return version
        return None

    def _adopt(self) -> None:
        """Make a version of what somebody else has put at the place of the recipe."""
        try:
            recipe = load_recipe(self.path)
        except RecipeError as error:
            if not self._versions:
                raise
            raise RecipeError(f'{error}; or move {self.path} away: then its newest version comes '
                              f'back from {self._folder}') from error
        extra = {path.name: path.read_bytes() for path in self.path.iterdir()
                 if path.is_file() and path.name != DESCRIPTION}
        number = self._next(recipe)
        self._make(Draft(
            number, 'unknown', 'found at the place of the recipe',
            dataclasses.replace(recipe, version=number), extra, self.current))


def _same(one: Recipe, other: Recipe) -> bool:
    """Tell whether two recipes are the same but for their number, without comparing tensors."""
    return all(
        getattr(one, field.name) is getattr(other, field.name)
        for field in dataclasses.fields(Recipe) if field.name != 'version')

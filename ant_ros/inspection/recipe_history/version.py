# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A version of a recipe on disk: the recipe, what belongs to it, who made it, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
import re

from ant_ros.inspection.recipe import RecipeError

__all__ = ['DESCRIPTION', 'RECIPE', 'SELF_UPDATE', 'RecipeVersion', 'history_folder',
           'read_version', 'version_folder', 'versions_of']

DESCRIPTION = 'version.json'
RECIPE = 'recipe.json'
SELF_UPDATE = 'self-update'
"""Who made a version where nobody did: what is expected followed good parts by itself."""

_NAME = re.compile(r'\d{6,}')


@dataclass(frozen=True)
class RecipeVersion:
    """Who made a version, when and why.

    Attributes:
        number: Counts the versions of a recipe; a number is never given twice.
        who: Who made it.
        why: What for.
        wall_ns: When, in nanoseconds since 1970.
        restored_from: The version whose content it brings back, None for a new one.
        files: SHA-256 of each file of the recipe itself.
        attached: SHA-256 of each file that is attached to it.
    """

    number: int
    who: str
    why: str
    wall_ns: int
    restored_from: int | None
    files: Mapping[str, str]
    attached: Mapping[str, str]

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of all files."""
        return {**self.files, **self.attached}

    @property
    def digest(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(json.dumps(sorted(self.hashes.items())).encode()).hexdigest()

    def to_json(self) -> bytes:
        """Return the text of `version.json`."""
        return (json.dumps(asdict(self), indent=2) + '\n').encode()


def history_folder(recipe: Path) -> Path:
    """Return the folder of a recipe's versions, which lies beside the recipe."""
    recipe = Path(recipe).absolute()
    return recipe.with_name(f'{recipe.name}.history')


def version_folder(recipe: Path, number: int) -> Path:
    """Return the folder of one version."""
    return history_folder(recipe) / f'{number:06}'


def read_version(folder: Path) -> RecipeVersion:
    """Read who made what lies in a folder, when and why.

    Raises:
        RecipeError: it is missing or damaged.
    """
    try:
        values = json.loads((folder / DESCRIPTION).read_text(encoding='utf-8'))
        version = RecipeVersion(**values)
        int(version.number), dict(version.hashes)
    except (OSError, TypeError, ValueError) as error:
        raise RecipeError(f'cannot read {folder / DESCRIPTION}: {error}; restore it from a '
                          'backup, or remove this version') from error
    return version


def versions_of(recipe: Path) -> list[RecipeVersion]:
    """Return the versions of a recipe that are kept, oldest first; none without a history.

    Raises:
        RecipeError: one of them is damaged.
    """
    folder = history_folder(recipe)
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return [read_version(folder / name)
            for name in sorted(filter(_NAME.fullmatch, names), key=int)]

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write a version of a recipe so that it is there whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shutil
import tempfile
import time

from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import save_recipe
from ant_ros.inspection.recipe_history.version import DESCRIPTION
from ant_ros.inspection.recipe_history.version import history_folder
from ant_ros.inspection.recipe_history.version import RECIPE
from ant_ros.inspection.recipe_history.version import RecipeVersion
from ant_ros.inspection.recipe_history.version import version_folder
from ant_ros.inspection.swap import swap_in
from ant_ros.inspection.synced_files import digest_of
from ant_ros.inspection.synced_files import share_file
from ant_ros.inspection.synced_files import sync_together

__all__ = ['TEMPORARY', 'Draft', 'place_version', 'write_version']

TEMPORARY = '.new-'
_NOT_EDITED = ('.json', '.safetensors')
"""Files that nobody changes by hand."""


@dataclass(frozen=True)
class Draft:
    """A version that is about to be written.

    Attributes:
        number: Its number.
        who: Who makes it.
        why: What for.
        recipe: What is written, under this number; None takes the source's.
        attachments: Files that belong to it, by name; the recipe's own are left out.
        source: The version with which unchanged files are shared.
        restored_from: Number of the version that it brings back.
    """

    number: int
    who: str
    why: str
    recipe: Recipe | None
    attachments: Mapping[str, bytes]
    source: RecipeVersion | None = None
    restored_from: int | None = None


def write_version(path: Path, draft: Draft) -> RecipeVersion:
    """Write a version into the history of the recipe at `path`; it counts once it has its name.

    Raises:
        OSError: it cannot be written; nothing is left of it.
        RecipeError: the same.
    """
    history = history_folder(path)
    temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=history))
    content = temporary / 'content'
    try:
        if draft.recipe is not None:
            save_recipe(draft.recipe, content)
            files = _share_files(path, draft.source, content)
        else:
            assert draft.source is not None, 'there is a version to take the recipe from'
            files = _take_over(path, draft.source, content, draft.number)
        attached = {}
        for name, attachment in draft.attachments.items():
            if name not in files:
                (content / name).write_bytes(attachment)
                attached[name] = digest_of(content / name)
        version = RecipeVersion(draft.number, draft.who, draft.why, time.time_ns(),
                                draft.restored_from, files, attached)
        (content / DESCRIPTION).write_bytes(version.to_json())
        sync_together([content, *content.iterdir()])
        os.rename(content, version_folder(path, draft.number))
        sync_together([history])
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return version


def place_version(path: Path, version: RecipeVersion) -> None:
    """Make the recipe at `path` what a version is.

    Nothing of it needs to be on the disk at once: the files are in the history already, and a
    place that is behind follows when the history is opened.

    Raises:
        OSError: it cannot be written; the recipe is as it was.
    """
    new = path.with_name(f'.{path.name}.new')
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    folder = version_folder(path, version.number)
    for name in (*version.hashes, DESCRIPTION):
        if name.endswith(_NOT_EDITED):
            share_file(folder / name, new / name)
        else:  # a copy, lest somebody who edits it in place edits the history
            shutil.copyfile(folder / name, new / name)
            sync_together([new / name])
    swap_in(new, path)


def _share_files(path: Path, source: RecipeVersion | None, content: Path) -> dict[str, str]:
    """Keep files once that are those of the source; return the hashes of all."""
    files = {file.name: digest_of(file) for file in sorted(content.iterdir())}
    for name, digest in files.items():
        if source is not None and source.files.get(name) == digest:
            (content / name).unlink()
            share_file(version_folder(path, source.number) / name, content / name)
    return files


def _take_over(path: Path, source: RecipeVersion, content: Path, number: int) -> dict[str, str]:
    """Make a recipe from another version's, under a new number; return the files' hashes."""
    folder = version_folder(path, source.number)
    content.mkdir()
    for name in source.files:
        if name != RECIPE:
            share_file(folder / name, content / name)
    description = json.loads((folder / RECIPE).read_text(encoding='utf-8'))
    description['version'] = number
    (content / RECIPE).write_text(json.dumps(description, indent=2) + '\n', encoding='utf-8')
    return {**source.files, RECIPE: digest_of(content / RECIPE)}

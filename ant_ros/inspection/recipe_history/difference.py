# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What differs between two versions of a recipe, in words and figures."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
import difflib
import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from ant_ros.inspection.learning.learned_words import learned_words
from ant_ros.inspection.learning.message import kind_of
from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.learning.saving import LEARNER
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history.version import DESCRIPTION
from ant_ros.inspection.recipe_history.version import version_folder

__all__ = ['Difference', 'compare_folders', 'compare_versions']

_OWN = ('recipe.json', 'weights.safetensors')
_OF_COURSE = ('version', 'weights_sha256')
"""Values that differ between any two versions, or follow from others."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs.

    Attributes:
        name: Its name, with its file's where it is not the recipe's own.
        before: The value, or the form of the tensor; empty where it is new.
        after: The same afterwards; empty where it is gone.
        amount: By how much, in words.
    """

    name: str
    before: str
    after: str
    amount: str


def compare_versions(recipe: Path, before: int, after: int) -> list[Difference]:
    """Compare two versions of a recipe.

    Raises:
        RecipeError: one is not kept, or is damaged.
    """
    folders = [version_folder(recipe, number) for number in (before, after)]
    for number, folder in zip((before, after), folders):
        if not folder.is_dir():
            raise RecipeError(f'version {number} of {recipe} is not kept: ask for the versions '
                              'that are')
    return compare_folders(*folders)


def compare_folders(before: Path, after: Path) -> list[Difference]:
    """Compare two recipe folders.

    Raises:
        RecipeError: a file is damaged.
    """
    names = sorted({path.name for folder in (before, after) for path in folder.iterdir()})
    return [difference for name in names if name != DESCRIPTION
            for difference in _compare_files(before / name, after / name)]


def _compare_files(before: Path, after: Path) -> Iterator[Difference]:
    old, new = (path.read_bytes() if path.exists() else b'' for path in (before, after))
    if old == new:
        return
    prefix = '' if before.name in _OWN else f'{before.name}: '
    try:
        if before.suffix == '.json':
            yield from _compare_values(_flat(json.loads(old or b'{}')),
                                       _flat(json.loads(new or b'{}')), prefix)
        elif before.suffix == '.safetensors':
            yield from _compare_safetensors(old, new, prefix)
        else:
            yield _compare_text(before.name, old, new)
    except (ValueError, safetensors.SafetensorError) as error:
        raise RecipeError(f'{before.name} of {before.parent} or {after.parent} is damaged: '
                          f'{error}; restore it from a backup') from error


def _flat(value: Any, name: str = '') -> dict[str, Any]:
    """Return the values of nested mappings under names with dots."""
    if not isinstance(value, dict):
        return {name: value}
    return {key: inner for entry, content in value.items()
            for key, inner in _flat(content, f'{name}.{entry}' if name else entry).items()}


def _compare_values(before: Mapping[str, Any], after: Mapping[str, Any],
                    prefix: str) -> Iterator[Difference]:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if name in _OF_COURSE or (old == new and (name in before) == (name in after)):
            continue
        yield Difference(
            prefix + name, _text(old) if name in before else '',
            _text(new) if name in after else '', _amount(old, new))


def _text(value: Any) -> str:
    return f'{value:.6g}' if isinstance(value, float) else json.dumps(value)


def _amount(old: Any, new: Any) -> str:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool)
                  for value in (old, new))
    if not numbers:
        return 'changed'
    share = f' ({(new - old) / abs(old):+.2%})' if old else ''
    return f'{new - old:+.6g}{share}'


def _compare_safetensors(old: bytes, new: bytes, prefix: str) -> Iterator[Difference]:
    kind = kind_of(old) or kind_of(new)
    if kind == LEARNER:
        return _compare_words(learned_words(old), learned_words(new))
    return _compare_tensors(_tensors(old, kind), _tensors(new, kind), prefix)


def _compare_words(
    before: Mapping[str, str], after: Mapping[str, str],
) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, ''), after.get(name, '')
        if old != new:
            yield Difference(name, old, new, 'changed' if old and new else
                             'new' if new else 'gone')


def _tensors(content: bytes, kind: str) -> dict[str, np.ndarray]:
    """Return the tensors of a file, or of an attachment of some kind."""
    if not content:
        return {}
    return unpack(content, kind, len(content))[1] if kind else safetensors.numpy.load(content)


def _compare_tensors(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray],
                     prefix: str) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        old_form, new_form = _form(old), _form(new)
        if old is None or new is None:
            amount = 'new' if old is None else 'gone'
        elif old_form != new_form:
            amount = 'of another form'
        elif old.tobytes() != new.tobytes():
            amount = _change(old, new)
        else:
            continue
        yield Difference(prefix + name, old_form, new_form, amount)


def _form(tensor: np.ndarray | None) -> str:
    return '' if tensor is None else f'{tensor.dtype} {list(tensor.shape)}'


def _change(old: np.ndarray, new: np.ndarray) -> str:
    """Say how many elements of a tensor changed, and how far."""
    changed = int(np.count_nonzero(old != new))
    text = f'{changed} of {old.size} elements'
    if old.dtype == bool:
        return text
    step = new.astype(np.float64) - old.astype(np.float64)
    text += f', by {np.abs(step).max():.3g} at most'
    size = float(np.linalg.norm(old.astype(np.float64)))
    return text + (f', {float(np.linalg.norm(step)) / size:.2%} of its size' if size else '')


def _compare_text(name: str, old: bytes, new: bytes) -> Difference:
    old_size, new_size = (f'{len(content)} bytes' if content else '' for content in (old, new))
    try:
        old_lines, new_lines = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        return Difference(name, old_size, new_size, 'changed')
    marks = [line[0] for line in difflib.unified_diff(old_lines, new_lines, lineterm='', n=0)
             if not line.startswith(('---', '+++', '@@'))]
    return Difference(name, old_size, new_size,
                      f'{marks.count("+")} lines added, {marks.count("-")} removed')

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that people edit while the line runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ant_ros.inspection.rules.rule_book import load_rules
from ant_ros.inspection.rules.rule_book import RuleBook
from ant_ros.inspection.rules.rule_book import RuleError

__all__ = ['Reload', 'RuleFile', 'rules_path']


def rules_path(recipe: Path) -> Path:
    """Return where the rules of a recipe lie: beside its folder, as `RECIPE.rules.yaml`."""
    recipe = Path(recipe).absolute()
    return recipe.with_name(f'{recipe.name}.rules.yaml')


@dataclass(frozen=True)
class Reload:
    """What came of looking at a rule file again.

    Attributes:
        changed: New rules are in force, or those in force are what the file says again.
        error: Why the file as it is now cannot be used; the rules before it stay in force.
    """

    changed: bool
    error: str | None = None


class RuleFile:
    """A rule file and the rules in force.

    Whoever uses it asks now and then with `reload_if_changed`, which costs one look at the
    file's date. Editors that replace the file are noticed too.

    Args:
        path: The YAML file.

    Raises:
        RuleError: the rules cannot be used at the start.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        # The date is taken before the content: what is written in between is read again.
        self._stamp = self._look()
        self._book = load_rules(self._path)
        self._faulty = False

    @property
    def book(self) -> RuleBook:
        """The rules in force."""
        return self._book

    def reload_if_changed(self) -> Reload:
        """Read the file again if it is not as it was when it was last looked at.

        Rules that cannot be used leave the old ones in force, and each such state of the file is
        told once.
        """
        stamp = self._look()
        if stamp == self._stamp:
            return Reload(False)
        self._stamp = stamp
        try:
            book = load_rules(self._path)
        except RuleError as error:
            self._faulty = True
            return Reload(False, f'{error}\nthe rules read before stay in force')
        changed = book != self._book or self._faulty
        self._book, self._faulty = book, False
        return Reload(changed)

    def _look(self) -> tuple[int, int, int] | None:
        """Return what tells one state of the file from another; None: it is not there."""
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Classes that rules ask for and nothing is ever called by."""

from __future__ import annotations

from collections.abc import Collection
import difflib

from ant_ros.inspection.rules.predicates import UNKNOWN_CLASS
from ant_ros.inspection.rules.rule_book import RuleBook

__all__ = ['say_unknown_classes']


def say_unknown_classes(book: RuleBook, classes: Collection[str]) -> str:
    """Say which classes rules ask for that a recipe does not know; empty if it knows them all.

    It is no error: a class may be named later. But a rule on a misspelt one never fires.

    Args:
        book: The rules.
        classes: Names of the classes that the recipe knows.
    """
    known = sorted({*classes, UNKNOWN_CLASS})
    asked: dict[str, list[str]] = {}
    for rule in book.in_order:
        for word in rule.when.kind or ():
            if word not in known:
                asked.setdefault(word, []).append(repr(rule.name))
    return '; '.join(
        f'class {word!r} (rule {", ".join(rules)}) is not known to the recipe'
        f'{_did_you_mean(word, known)}; known are {", ".join(known)}'
        for word, rules in asked.items())


def _did_you_mean(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f' (did you mean {close[0]!r}?)' if close else ''

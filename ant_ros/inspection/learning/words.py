# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which words parts, classes and robots can be called by."""

from __future__ import annotations

from collections.abc import Sequence
import difflib
import re

from ant_ros.inspection.learning.class_head import UNKNOWN
from ant_ros.inspection.learning.label import GOOD

__all__ = ['fault_of', 'is_word']

_WORD = re.compile(r'\w[\w .-]{0,63}')


def is_word(text: str) -> bool:
    """Tell whether a text is up to 64 letters, digits, spaces, _, - and ."""
    return _WORD.fullmatch(text) is not None


def fault_of(word: str, classes: Sequence[str], *, most: int, create: bool) -> str | None:
    """Say what is wrong with what a part is called; None if nothing is.

    Args:
        word: 'good' or a defect class.
        classes: The defect classes there are.
        most: How many there may be.
        create: The class may be new; else one that is not known may be misspelt.
    """
    if not is_word(word) or word == UNKNOWN:
        return (f'{word[:80]!r} is no label: give {GOOD!r} or the name of a defect class, up '
                'to 64 letters, digits, spaces, _, - and .')
    if word == GOOD or word in classes:
        return None
    if word.lower() == GOOD:
        return f'no class can be called {word!r}, which is too like {GOOD!r}: give {GOOD!r}'
    if len(classes) >= most:
        return f'no class {word!r}, and there are {len(classes)} classes already'
    if create:
        return None
    known = {one.lower(): one for one in (GOOD, *classes)}
    close = difflib.get_close_matches(word.lower(), known, n=1)
    hint = f' (did you mean {known[close[0]]!r}?)' if close else ''
    there = f'there are {", ".join(classes)}' if classes else 'there are none yet'
    return f'no class {word!r}{hint}: {there}; confirm that it is new to create it'

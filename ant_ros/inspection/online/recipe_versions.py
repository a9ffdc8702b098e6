# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which change each version of a recipe made, and which of them is taken back next."""

from __future__ import annotations

from collections.abc import Sequence

from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history import RecipeVersion
from ant_ros.inspection.recipe_history import SELF_UPDATE

__all__ = ['ALL_SEEN', 'CONFIRMED', 'FLEET', 'KNOWN_LESS', 'KNOWN_MORE', 'MERGED', 'SEEN',
           'SHARPENED', 'UNDO', 'WAITS', 'WHOLE', 'last_change', 'one_before', 'same_recipe']

CONFIRMED = 'a run confirmed as good'
SHARPENED = 'sharpened by further good parts'
MERGED = 'merge'
KNOWN_MORE = 'a part added to the challenge set'
KNOWN_LESS = 'a part taken out of the challenge set'
SEEN = 'a further look at a known part'
WAITS = 'a label that waits'
ALL_SEEN = 'known parts looked at again'
UNDO = 'undo'

WHOLE = {CONFIRMED: 'the last confirmed run', SELF_UPDATE: 'the last self-update',
         SHARPENED: 'the last sharpening', MERGED: 'the last merge',
         KNOWN_MORE: 'the last addition to the challenge set',
         KNOWN_LESS: 'the last removal from the challenge set',
         SEEN: 'the last further look at a known part', WAITS: 'the label that waits'}
"""Changes of the recipe that are undone as a whole, by the version before."""

FLEET = 'the fleet'
"""Who merges what robots tell each other by themselves: it would be merged again at once."""


def last_change(versions: Sequence[RecipeVersion]) -> RecipeVersion | None:
    """Return the version that made the last change that counts; None if it is not kept."""
    by_number = {version.number: version for version in versions}
    number, undone = max(by_number), 0
    while number in by_number:
        version = by_number[number]
        if version.restored_from is not None:
            number = version.restored_from
            continue
        if version.why == ALL_SEEN or (version.why == MERGED and version.who == FLEET):
            number -= 1
            continue
        if version.why != UNDO and not undone:
            return version
        undone += 1 if version.why == UNDO else -1
        number -= 1
    return None


def one_before(versions: Sequence[RecipeVersion]) -> int:
    """Return the version before the newest; before the one it restored, if it did.

    Raises:
        RecipeError: there is none, or it is not kept.
    """
    if len(versions) < 2:
        raise RecipeError('nothing to roll back to: there is no version before this one')
    reached = _in_force(versions)
    number = reached.number if reached.restored_from is None else reached.restored_from
    earlier = [version.number for version in versions if version.number < number]
    if not earlier:
        raise RecipeError(f'nothing to roll back to: no version before {number} is kept')
    return max(earlier)


def same_recipe(versions: Sequence[RecipeVersion], number: int) -> bool:
    """Tell whether the version before one has the same recipe beside what was learned."""
    by_number = {version.number: version for version in versions}
    return number - 1 in by_number and by_number[number - 1].files == by_number[number].files


def _in_force(versions: Sequence[RecipeVersion]) -> RecipeVersion:
    """Return the version whose content the newest one has brought back, as far as kept."""
    by_number = {version.number: version for version in versions}
    reached = by_number[max(by_number)]
    while reached.restored_from in by_number:
        reached = by_number[reached.restored_from]
    return reached

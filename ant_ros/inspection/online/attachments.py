# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What belongs to a recipe beside itself, as files: all that is needed to learn, and was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.forms import Forms
from ant_ros.inspection.online.forms import usual_from_bytes
from ant_ros.inspection.online.forms import usual_to_bytes
from ant_ros.inspection.online.patterns import Patterns
from ant_ros.inspection.online.places import good_from_bytes
from ant_ros.inspection.online.places import good_to_bytes
from ant_ros.inspection.online.readiness import LearnerMaker
from ant_ros.inspection.online.self_update import shift_from_bytes
from ant_ros.inspection.online.self_update import shift_to_bytes
from ant_ros.inspection.online.self_update import shifted
from ant_ros.inspection.online.state import State
from ant_ros.inspection.recipe import Recipe

__all__ = ['FORMS', 'GOOD_PLACES', 'LEARNED', 'SHIFT', 'attachments_in', 'attachments_of',
           'restored']

GOOD_PLACES = 'good_places.safetensors'
"""Attachment of a recipe: what good parts look like to the learner."""

FORMS = 'good_forms.safetensors'
"""Attachment of a recipe: what good parts answer to what is too faint to be a place."""

SHIFT = 'self_update.safetensors'
"""Attachment of a recipe: how what is expected followed good parts by itself."""

LEARNED = 'learning.safetensors'
"""Attachment of a recipe: what was learned from labels."""


def attachments_in(folder: Path) -> dict[str, bytes]:
    """Return the attachments in a recipe's folder, by file name.

    Raises:
        OSError: one of them cannot be read.
    """
    return {name: (folder / name).read_bytes() for name in (FORMS, GOOD_PLACES, LEARNED, SHIFT)
            if (folder / name).is_file()}


def attachments_of(state: State) -> dict[str, bytes]:
    """Return what belongs to the recipe beside itself, by file name."""
    if state.learner is None or state.good is None:
        return {}
    source = features_hash(state.recipe)
    attached = {GOOD_PLACES: good_to_bytes(state.good, source),
                LEARNED: state.learner.to_bytes()}
    if state.usual is not None:
        attached[FORMS] = usual_to_bytes(state.usual, source)
    if state.shift is not None:
        attached[SHIFT] = shift_to_bytes(state.shift, source)
    return attached


def restored(
    before: State, attached: Mapping[str, bytes], recipe: Recipe, run: Run | None,
    maker: LearnerMaker,
) -> State:
    """Return what was known when `attachments_of` was asked; the parts remembered stay.

    Versions go on counting, so that other robots see that it is newer.

    Args:
        before: What is known now.
        attached: What belongs to the recipe, by file name.
        recipe: The recipe itself, which may be the one in use.
        run: Parts that it has judged and that may be confirmed; None: those of the recipe in use,
            if it is the same.
        maker: What makes learners.

    Raises:
        MessageError: damaged, or of another recipe; nothing has changed.
    """
    shift = None
    if SHIFT in attached:
        shift = shift_from_bytes(attached[SHIFT], features_hash(recipe), recipe)
    same = recipe is before.recipe and _same_shift(shift, before.shift)
    state = State(before.inspector, shift=shift, base=None if shift is None else recipe,
                  run=run or (before.run if same else Run()))
    if GOOD_PLACES in attached:
        state = _with_learner(state, before, attached, recipe, maker)
    if not same:
        inspector = before.inspector.like(shifted(recipe, shift))
        inspector.warm_up()
        state = replace(state, inspector=inspector)
        if state.learner is not None:
            state.learner.parts.age()
    return state


def _with_learner(
    state: State, before: State, attached: Mapping[str, bytes], recipe: Recipe,
    maker: LearnerMaker,
) -> State:
    """Return a state that can learn, and remembers the parts that it did before."""
    source = features_hash(recipe)
    good = good_from_bytes(attached[GOOD_PLACES], source)
    forms = usual = patterns = None
    if FORMS in attached:
        forms = (before.forms if recipe is before.recipe else None) or Forms(recipe)
        usual = usual_from_bytes(attached[FORMS], source, forms.count)
    learner = maker.make(recipe, good, usual, attached.get(LEARNED))
    if before.learner is not None and before.learner.space.digest == learner.space.digest:
        learner.parts = before.learner.parts
        learner.count_on_from(before.learner.version)
        patterns = before.patterns
    return replace(state, learner=learner, good=good, forms=forms, usual=usual,
                   patterns=patterns or Patterns(learner.space))


def _same_shift(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool((one == other).all())

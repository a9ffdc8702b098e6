# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Changes of what is expected and of the limits, which known parts must allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import ChallengePart
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning.challenge_set import seen_anew
from ant_ros.inspection.learning.some_of import some_of
from ant_ros.inspection.online.confirmed_run import PEAK
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.confirmed_run import would_pass
from ant_ros.inspection.online.forms import Forms
from ant_ros.inspection.online.known_parts import KnownParts
from ant_ros.inspection.online.learning_error import LearningError
from ant_ros.inspection.online.self_update import SelfUpdate
from ant_ros.inspection.online.self_update import shifted
from ant_ros.inspection.online.state import State
from ant_ros.inspection.sharpening import Sharpened
from ant_ros.inspection.teaching import TeachError

__all__ = ['confirmed', 'followed', 'sharpened']

_LEAST_STEP = 0.02
"""Grey levels below which a self-update is not worth one of the versions kept."""

_MOST_LOOKS = 24
"""Known defects that are looked at before a step of the self-update: it must not take long."""


def sharpened(
    state: State, images: Sequence[np.ndarray], known: KnownParts,
) -> tuple[State, Sharpened]:
    """Return what is known after more good parts; see `OnlineInspector.sharpen`.

    Raises:
        TeachError: there are images, and none of them can be used; or it is refused.
    """
    # One of its own: meanwhile the other one judges, and its network has a state.
    inspector, told = state.inspector.like(state.recipe).sharpened(images)
    inspector.warm_up()
    forms = None if state.forms is None else Forms(inspector.recipe)
    after = replace(state, inspector=inspector, shift=None, base=None, forms=forms, run=Run())
    refused = known.try_on(after, [] if state.learner is None else state.learner.challenge)
    if refused:
        raise TeachError(
            f'after these {told.taken} more good parts {refused}; leave out images that '
            'show such a mark, or take the known parts back if they were none')
    return after, told


def followed(state: State, update: SelfUpdate, known: KnownParts) -> tuple[State, str]:
    """Return what is known after a step of the self-update, and what it did in a sentence.

    The sentence is empty, and the state the same, where the step would be too small.

    Raises:
        LearningError: a known defect would pass.
    """
    shift = update.step(state.shift)
    before = 0 if state.shift is None else state.shift.astype(np.float32)
    if np.abs(shift - before).max() < _LEAST_STEP:
        return state, ''
    inspector = state.inspector.like(shifted(state.recipe, shift))
    inspector.warm_up()
    after = replace(state, inspector=inspector, shift=shift, base=state.recipe)
    refused = known.try_on(
        after, [] if state.learner is None else _nearest_to_passing(state.learner))
    if refused:
        raise LearningError(f'what is expected did not follow {update.every} parts far inside '
                            f'the pass region: {refused}')
    return after, (f'what is expected followed {update.every} parts far inside the pass region: '
                   f'by {float(np.abs(shift).max()):.2g} grey levels at most from what was taught')


def confirmed(state: State, known: KnownParts) -> tuple[State, Answer]:
    """Return what is known after a run is taken as good; see `OnlineInspector.confirm`.

    The state is the same where that is refused.
    """
    learner = state.learner
    version = 0 if learner is None else learner.version
    run = state.run.without_defects({} if learner is None else learner.words)

    def refuse(text: str) -> tuple[State, Answer]:
        return state, Answer(LabelState.REFUSED, version, text)

    if not run.scores:
        return refuse('no part was inspected since a run was confirmed last')
    if not state.run.told.issuperset(run.stopped):
        state.run.told = frozenset(run.stopped)
        return refuse(run.question)
    recipe = state.recipe.with_confirmed(run.scores)
    if len(recipe.confirmed) == len(state.recipe.confirmed):
        return refuse('all these images were confirmed before: give others')
    if learner is not None:
        looks = known.look_apart(state, [one for one in learner.challenge if one.stale])
        blind = would_pass(
            seen_anew(learner.challenge, looks), learner.model, recipe.limits.review)
        if blind:
            return refuse(
                f'the limit would be {recipe.limits.review:.3g}, and known defects would '
                f'pass: {some_of(blind)}; call the harmless marks of this run good instead')
        learner.see_again(looks)
    before, limit = state.recipe.limits.review, recipe.limits.review
    moved = '' if limit == before else f'; limit {before:.3g} -> {limit:.3g}'
    after = replace(state, inspector=state.inspector.confirmed(run.scores),
                    base=None if state.base is None else recipe, run=Run())
    return after, Answer(LabelState.APPLIED, version, f'{run.text}: {recipe.guarantee}{moved}')


def _nearest_to_passing(learner: Learner) -> list[ChallengePart]:
    """Return the known defects that are stopped and least unusual."""
    known = [one for one in learner.challenge if one.word != GOOD and one.features.picture]
    passes = learner.model.passes([one.features for one in known])
    stopped = [one for one, passing in zip(known, passes) if not passing]
    stopped.sort(key=lambda one: float(one.features.vectors[:, PEAK].max()))
    return stopped[:_MOST_LOOKS]

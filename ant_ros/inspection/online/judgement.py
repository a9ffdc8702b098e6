# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The verdict on an image, with what was learned and with the rules."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.frame import without_alpha
from ant_ros.inspection.joint_verdict import mention_others
from ant_ros.inspection.learning import Model
from ant_ros.inspection.learning import Opinion
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.features import MOST_PART_ID
from ant_ros.inspection.online.online_verdict import join_online
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.places import describe_part
from ant_ros.inspection.online.places import find_places
from ant_ros.inspection.online.second_thought import apply_learned
from ant_ros.inspection.online.second_thought import apply_rules
from ant_ros.inspection.online.second_thought import apply_spot
from ant_ros.inspection.online.second_thought import measure_regions
from ant_ros.inspection.online.second_thought import Stopping
from ant_ros.inspection.online.second_thought import unnamed_place
from ant_ros.inspection.online.state import State
from ant_ros.inspection.rules import Measured
from ant_ros.inspection.rules import RuleFile
from ant_ros.inspection.rules import Zone
from ant_ros.inspection.verdict import Verdict

__all__ = ['RulesInForce', 'describe', 'judge', 'measure']

_FAINT = 0.25
"""Share of the limit below which nothing is unusual enough to be like a defect."""


class RulesInForce(NamedTuple):
    """Rules, and how large a pixel is to them.

    Attributes:
        file: The rules; read again when their file changes.
        mm_per_px: Millimetres per pixel of the image; None where that is not known.
    """

    file: RuleFile
    mm_per_px: float | None = None


def judge(
    state: State, image: np.ndarray, part: str, *, each: bool = False,
    rules: RulesInForce | None = None,
) -> OnlineVerdict:
    """Judge a part; nothing is changed by it.

    Args:
        state: All that is known.
        image: As for `Inspector.inspect`.
        part: ID of the part.
        each: Judge every part in the image; the worst decides.
        rules: What decides on regions; None: nothing does.

    Raises:
        ImageError: it cannot be inspected; names the cause.
    """
    if not each:
        return _decide(state, rules, image, *state.inspector.look(image), part)
    looks = state.inspector.look_each(image)
    joined = join_online([_decide(state, rules, image, one.verdict, one.evidence, part)
                          for one in looks], [one.box for one in looks])
    return replace(joined, each=True)


def measure(
    state: State, image: np.ndarray, part: str, zones: Mapping[str, Zone],
    mm_per_px: float | None,
) -> tuple[Measured, ...]:
    """Measure the regions for which a part would be stopped, as rules see them.

    Args:
        state: All that is known.
        image: As for `Inspector.inspect`.
        part: ID of the part.
        zones: Named places of the product.
        mm_per_px: Millimetres per pixel of the image, if known.

    Raises:
        ImageError: it cannot be inspected; names the cause.
    """
    seen, evidence = state.inspector.look(image)
    if evidence is None:
        return ()
    _, stopping = _think_again(state, image, seen, evidence, part, ruled=True)
    return measure_regions(evidence, stopping, zones, mm_per_px)


def describe(state: State, verdict: OnlineVerdict) -> PartFeatures | None:
    """Return what the learner gets to see of a part; None where no part was found."""
    if verdict.features is not None or verdict.evidence is None:
        return verdict.features
    return describe_part(
        verdict.part[:MOST_PART_ID], verdict.evidence, find_places(verdict.evidence),
        _faint(state, verdict))


def _decide(
    state: State, rules: RulesInForce | None, image: np.ndarray, seen: Verdict,
    evidence: Evidence | None, part: str,
) -> OnlineVerdict:
    """Return the verdict with all that was learned and with the rules."""
    verdict, stopping = _think_again(
        state, image, seen, evidence, part, ruled=rules is not None)
    if rules is not None and stopping and evidence is not None:
        verdict = apply_rules(verdict, evidence, stopping, rules.file.book, rules.mm_per_px)
    return mention_others(verdict)


def _think_again(
    state: State, image: np.ndarray, seen: Verdict, evidence: Evidence | None, part: str, *,
    ruled: bool,
) -> tuple[OnlineVerdict, list[Stopping]]:
    """Return the verdict before the rules, and the places for which the part is stopped."""
    verdict, learner = _online(state, image, seen, evidence, part), state.learner
    if evidence is None or (learner is None and not ruled):
        return verdict, []
    model = learner.model if learner is not None and learner.version else None
    if not evidence.flagged and not _asks(model, evidence):
        return verdict, []
    places = find_places(evidence)
    opinions: tuple[Opinion, ...] = ()
    if learner is not None:
        features = describe_part(part[:MOST_PART_ID], evidence, places, _faint(state, verdict))
        opinions = learner.model.judge(features)
        verdict = replace(verdict, features=features)
    verdict, stopping = apply_learned(
        verdict, evidence, places, opinions, None if learner is None else learner.excuse)
    if not stopping and model is not None and verdict.features is not None:
        spot = model.spot(verdict.features)
        if spot is not None and state.forms is not None:
            return apply_spot(verdict, evidence, spot, state.forms.place(spot.answer))
    return _look_alike(verdict, state, opinions), stopping


def _online(
    state: State, image: np.ndarray, seen: Verdict, evidence: Evidence | None, part: str,
) -> OnlineVerdict:
    """Return what the inspector said, as it can be labelled."""
    learnable = evidence is not None and state.learner is not None
    return OnlineVerdict(
        **vars(seen), part=part, evidence=evidence, classes=('unknown',) * len(seen.regions),
        run=state.run, image=without_alpha(image) if learnable else None)


def _asks(model: Model | None, evidence: Evidence) -> bool:
    """Tell whether what was learned may change the verdict on a part."""
    if model is None or evidence.flagged:
        return model is not None
    return model.knows_spots or (
        bool(model.classes) and float(evidence.score.max()) >= _FAINT * evidence.limit)


def _faint(state: State, verdict: OnlineVerdict) -> np.ndarray | None:
    """Return a part's answers to what is too faint to be a place of its own."""
    forms, usual = state.forms, state.usual
    if forms is None or usual is None or verdict.image is None or verdict.evidence is None:
        return None
    brightness = forms.brightness(verdict.image, verdict.evidence)
    if brightness is None:
        return None
    return forms.faint(forms.answers(brightness, verdict.evidence.difference), usual)


def _look_alike(
    verdict: OnlineVerdict, state: State, opinions: Sequence[Opinion],
) -> OnlineVerdict:
    """Say which pattern the worst region without a class looks like."""
    if verdict.features is None or not verdict.regions:
        return verdict
    unnamed = unnamed_place(opinions)
    if unnamed is None or state.patterns is None or state.learner is None:
        return verdict
    pattern = state.patterns.say(verdict.features.vectors[unnamed], state.learner.classes)
    reason = f'like {pattern}: {verdict.reason}' if pattern else verdict.reason
    return replace(verdict, unnamed=unnamed, pattern=pattern, reason=reason)

# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The latest parts, for labels that come later."""

from __future__ import annotations

import numpy as np

from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning.features import MOST_PART_ID
from ant_ros.inspection.online.judgement import describe
from ant_ros.inspection.online.judgement import judge
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.pictures import Picture
from ant_ros.inspection.online.pictures import Pictures
from ant_ros.inspection.online.state import State
from ant_ros.inspection.verdict import Decision

__all__ = ['PartMemory']


class PartMemory:
    """Remember what parts looked like, and keep the pictures of those that people speak of.

    Args:
        pictures: Where the pictures are.
    """

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def remember(self, state: State, verdict: OnlineVerdict) -> None:
        """Keep what the learner gets to see of a part."""
        of_this_recipe, score = verdict.run is state.run, verdict.seen_score
        if of_this_recipe and score is not None:
            state.run.add(verdict.part, score, passed=verdict.decision is Decision.PASS)
        features = None if state.learner is None else describe(state, verdict)
        if state.learner is None or features is None:
            return
        state.learner.remember(features, stale=not of_this_recipe)
        self._pictures.see(features.part, verdict.picture)
        if verdict.unnamed is not None and state.patterns is not None:
            state.patterns.learn(features.part, features.vectors[verdict.unnamed])

    def recall(
        self, state: State, learner: Learner, part: str, image: np.ndarray, *, each: bool,
    ) -> None:
        """Know the image of a part again that was inspected too long ago to be remembered.

        What the learner gets to see of it is taken from the image where it is gone, too.

        Args:
            state: All that is known.
            learner: What learns.
            part: ID of the part.
            image: What was inspected.
            each: Whether every part in it was judged.

        Raises:
            ImageError: it cannot be inspected any more; names the cause.
        """
        part = part[:MOST_PART_ID]
        if learner.parts.get(part) is None:
            apart = state.apart()
            features = describe(apart, judge(apart, image, part, each=each))
            if features is None:
                return
            learner.remember(features)
        self._pictures.see(part, Picture(image, each))

    def label(
        self, state: State, learner: Learner, part: str, word: str, *, by: str,
        region: int | None, create: bool,
    ) -> Answer:
        """Take an operator's word on a part; see `OnlineInspector.label`."""
        part = part[:MOST_PART_ID]
        picture = self._pictures.latest(part)
        answer = learner.label(part, word, by=by, region=region, create=create,
                               picture='' if picture is None else picture.name)
        if picture is not None and answer.state in (LabelState.APPLIED, LabelState.PENDING):
            self._pictures.keep(picture)
        if answer.state is LabelState.APPLIED and word != GOOD and state.patterns is not None:
            state.patterns.call(part, word)
        return answer

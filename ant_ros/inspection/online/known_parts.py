# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts whose truth is known, looked at again by a recipe that changes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.learning import ChallengePart
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning import Trial
from ant_ros.inspection.learning.challenge_set import not_looked_at
from ant_ros.inspection.learning.some_of import some_of
from ant_ros.inspection.online.judgement import describe
from ant_ros.inspection.online.judgement import judge
from ant_ros.inspection.online.learning_error import LearningError
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.pictures import Pictures
from ant_ros.inspection.online.state import State

__all__ = ['KnownParts']


class KnownParts:
    """Look at the challenge set again, by a recipe that changes or has changed.

    Args:
        pictures: Where the pictures are.
    """

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def add(
        self, state: State, learner: Learner, verdict: OnlineVerdict, word: str, *, create: bool,
    ) -> Trial:
        """Add a part to the challenge set; see `OnlineInspector.add_challenge`.

        Raises:
            LearningError: no part was found in the image.
            ValueError: the set is full, or the word is no name, or no class that is known.
        """
        features, picture = describe(state, verdict), verdict.picture
        if features is None:
            raise LearningError(f'no part was found in the image of {verdict.part}: give '
                                'another one')
        if picture is not None:
            features = replace(features, picture=picture.name)
        trial = learner.add_challenge(features, word, create=create)
        if picture is not None:
            self._pictures.keep(picture)
        return trial

    def run(self, state: State, learner: Learner) -> Trial:
        """Say how the challenge set fares; stale parts are looked at again."""
        stale = [one for one in learner.challenge if one.stale]
        learner.see_again(self.look_apart(state, stale))
        return learner.run_challenge()

    def try_on(self, after: State, parts: Sequence[ChallengePart]) -> str | None:
        """Say why known parts forbid a change of the recipe; else take what they look like now.

        Args:
            after: What would be known.
            parts: Those that are looked at.

        Returns:
            The reason; None if it may be made, or where nothing can be known.
        """
        if after.learner is None:
            return None
        looks = self.look_again(after, parts)
        refused = after.learner.try_looks(looks)
        if refused is None:
            after.learner.renew(looks)
        return refused

    def look_apart(self, state: State, parts: Sequence[ChallengePart]) -> dict[str, PartFeatures]:
        """Look at known parts again while the inspector may judge others; see `look_again`."""
        if not any(one.features.picture for one in parts):
            return {}
        return self.look_again(state.apart(), parts)

    def look_again(self, state: State, parts: Sequence[ChallengePart]) -> dict[str, PartFeatures]:
        """Return what known parts look like, by ID; of those that are found in a picture."""
        looks = {}
        for one in parts:
            known = one.features
            picture = self._pictures.find(known.picture)
            if picture is None:
                continue
            with suppress(ImageError):
                features = describe(
                    state, judge(state, picture.image, known.part, each=picture.each))
                if features is not None:
                    looks[known.part] = replace(features, picture=known.picture)
        return looks

    def unseen(self, challenge: Sequence[ChallengePart]) -> str:
        """Say which known parts have not been looked at since the recipe has changed.

        It is empty if all have, and else names the cure.
        """
        stale = [one.features for one in challenge if one.stale]
        gone = [one.part for one in stale if not self._pictures.has(one.picture)]
        there = len(stale) - len(gone)
        return '; '.join(filter(None, (
            not_looked_at(gone, len(challenge)) if gone else '',
            f'{there} of {len(challenge)} known parts have not been looked at again since the '
            'recipe has changed: run the challenge set' if there else '')))

    def now_passing(self, before: State, now: State) -> str:
        """Say which known defects were stopped before and would pass now; empty if none."""
        if before.learner is None or now.learner is None:
            return ''
        bad = [one for one in before.learner.challenge if one.word != GOOD]
        looks = {one.features.part: one.features for one in bad}
        if now.inspector is not before.inspector:
            looks = self.look_apart(now, bad)
        seen = [one.features for one in bad if one.features.part in looks]
        lost = (now.learner.model.passes([looks[one.part] for one in seen])
                & ~before.learner.model.passes(seen))
        told = []
        if lost.any():
            told.append('known defects would pass: ' + some_of(
                [one.part for one, passes in zip(seen, lost) if passes]))
        if len(seen) < len(bad):
            told.append(not_looked_at(
                [one.features.part for one in bad if one.features.part not in looks], len(bad)))
        return '; '.join(told)

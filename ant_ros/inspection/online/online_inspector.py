# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector that learns from labels while it inspects."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
import hashlib
from pathlib import Path
import re
import socket
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.frame import without_alpha
from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.joint_verdict import mention_others
from ant_ros.inspection.learning import ALIKE
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import ChallengePart
from ant_ros.inspection.learning import FeatureSpace
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.learning import Group
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import Model
from ant_ros.inspection.learning import Opinion
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning import Trial
from ant_ros.inspection.learning.challenge_set import not_looked_at
from ant_ros.inspection.learning.challenge_set import seen_anew
from ant_ros.inspection.learning.features import MOST_PART_ID
from ant_ros.inspection.online.confirmed_run import PEAK
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.confirmed_run import some_of
from ant_ros.inspection.online.confirmed_run import would_pass
from ant_ros.inspection.online.forms import Forms
from ant_ros.inspection.online.forms import Usual
from ant_ros.inspection.online.forms import usual_from_bytes
from ant_ros.inspection.online.forms import usual_to_bytes
from ant_ros.inspection.online.good_looks import look_at
from ant_ros.inspection.online.good_looks import look_at_taught
from ant_ros.inspection.online.online_verdict import join_online
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.patterns import Patterns
from ant_ros.inspection.online.pictures import Picture
from ant_ros.inspection.online.pictures import Pictures
from ant_ros.inspection.online.pictures import pictures_folder
from ant_ros.inspection.online.places import describe_part
from ant_ros.inspection.online.places import find_places
from ant_ros.inspection.online.places import good_from_bytes
from ant_ros.inspection.online.places import good_places
from ant_ros.inspection.online.places import good_to_bytes
from ant_ros.inspection.online.second_thought import apply_learned
from ant_ros.inspection.online.second_thought import apply_rules
from ant_ros.inspection.online.second_thought import apply_spot
from ant_ros.inspection.online.second_thought import measure_regions
from ant_ros.inspection.online.second_thought import Stopping
from ant_ros.inspection.online.second_thought import unnamed_place
from ant_ros.inspection.online.self_update import SelfUpdate
from ant_ros.inspection.online.self_update import shift_from_bytes
from ant_ros.inspection.online.self_update import shift_to_bytes
from ant_ros.inspection.online.self_update import shifted
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.rules import Measured
from ant_ros.inspection.rules import Reload
from ant_ros.inspection.rules import RuleFile
from ant_ros.inspection.rules import say_unknown_classes
from ant_ros.inspection.rules import Zone
from ant_ros.inspection.shape_kind import AUTO
from ant_ros.inspection.sharpening import Sharpened
from ant_ros.inspection.teaching import TeachError
from ant_ros.inspection.verdict import Verdict

if TYPE_CHECKING:
    import torch

__all__ = ['FORMS', 'GOOD_PLACES', 'LEARNED', 'LearningError', 'OnlineInspector']

GOOD_PLACES = 'good_places.safetensors'
"""Attachment of a recipe: what good parts look like to the learner."""

FORMS = 'good_forms.safetensors'
"""Attachment of a recipe: what good parts answer to what is too faint to be a place."""

SHIFT = 'self_update.safetensors'
"""Attachment of a recipe: how what is expected followed good parts by itself."""

LEARNED = 'learning.safetensors'
"""Attachment of a recipe: what was learned from labels."""

_ATTACHMENTS = (FORMS, GOOD_PLACES, LEARNED, SHIFT)
_FAINT = 0.25
"""Share of the limit below which nothing is unusual enough to be like a defect."""

_MOST_FORMS = 200
"""Good parts from which it is learned what they answer."""

_LEAST_STEP = 0.02
"""Grey levels below which a self-update is not worth one of the versions kept."""

_MOST_LOOKS = 24
"""Known defects that are looked at before a step of the self-update: it must not take long."""

_CANNOT_LEARN = ('this recipe does not know what good parts look like to the learner: teach it '
                 'again from 6 or more, or show it others (OnlineInspector.get_ready)')


class LearningError(RuntimeError):
    """The recipe cannot learn; the text says what is missing and what to do."""


@dataclass(frozen=True, eq=False)
class _State:
    """What a verdict needs, replaced as a whole."""

    inspector: Inspector
    learner: Learner | None = None
    good: np.ndarray | None = None
    patterns: Patterns | None = None
    shift: np.ndarray | None = None
    base: Recipe | None = None
    forms: Forms | None = None
    usual: Usual | None = None
    run: Run = field(default_factory=Run)

    @property
    def recipe(self) -> Recipe:
        """All that is known of the product, without what it followed by itself."""
        return self.base or self.inspector.recipe


class OnlineInspector:
    """Inspect parts, take people's words on them, and know better with the next part.

    `judge` may run in one thread while all other methods run in another: it reads what was
    learned and changes nothing. A part costs no more than without learning until something was
    learned.

    Args:
        inspector: What sees.
        good: Features of the worst places of good parts [G, F]; without them it inspects, and
            refuses to learn.
        robot: Name of this robot in its fleet, empty: the computer's; a recipe that has learned
            keeps the name of the robot that learned it.
        limits: What bounds the learning.

    Attributes:
        pictures: Images of the latest parts, and of those that are labelled or known.
    """

    def __init__(
        self, inspector: Inspector, good: np.ndarray | None = None, *,
        robot: str = '', limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._robot = robot or _host_name()
        self._state = _State(inspector)
        if good is not None:
            self._begin(inspector, good)
        self._rules: RuleFile | None = None
        self._mm_per_px: float | None = None
        self._version = inspector.version
        self._self_update: SelfUpdate | None = None
        self._count = 0
        self.pictures = Pictures(self._pictures_needed)

    @classmethod
    def teach(
        cls, images: Sequence[np.ndarray], *, name: str = 'recipe', kind: str = AUTO,
        backbone: str | torch.nn.Module = 'auto', target_frr: float = 0.005, robot: str = '',
        limits: Limits | None = None,
    ) -> OnlineInspector:
        """Learn from good parts; see `Inspector.teach`.

        Raises:
            TeachError: names the cause and the cure.
        """
        inspector = Inspector.teach(
            images, name=name, kind=kind, backbone=backbone, target_frr=target_frr)
        online = cls(inspector, robot=robot, limits=limits)
        online._get_ready(look_at_taught(inspector, images, backbone),
                          _taught_forms(inspector, images))
        return online

    @classmethod
    def load(
        cls, path: Path, *, network: torch.nn.Module | None = None, robot: str = '',
        limits: Limits | None = None,
    ) -> OnlineInspector:
        """Read a recipe folder with what was learned.

        Raises:
            RecipeError: it is missing, damaged or foreign, or what was learned is.
        """
        path = Path(path)
        inspector = Inspector.load(path, network=network)
        online = cls(inspector, robot=robot, limits=limits)
        try:
            attached = {name: (path / name).read_bytes() for name in _ATTACHMENTS
                        if (path / name).is_file()}
            online.restore(attached)
            online.pictures.read_from(pictures_folder(path))
        except (OSError, MessageError) as error:
            raise RecipeError(f'what the recipe {path} has learned cannot be used: {error}; go '
                              'back to an earlier version') from error
        return online

    def save(self, path: Path, *, who: str = 'ant_ros', why: str = 'saved') -> None:
        """Write the recipe and what was learned as a new version at a place.

        Raises:
            RecipeError: the place cannot be written, or somebody else writes there.
        """
        with RecipeHistory(path, who=who) as history:
            version = history.commit(
                self.recipe, who=who, why=why, attachments=self.attachments())
            self._version = version.number
            try:
                self.pictures.write_to(pictures_folder(path))
                self.pictures.close()
            except OSError as error:
                raise RecipeError(f'the recipe is saved, but not all pictures of known parts '
                                  f'are: {error}; free space there, and save again') from error

    def sharpen(self, images: Sequence[np.ndarray]) -> Sharpened:
        """Learn from more good parts without starting over; see `Inspector.sharpened`.

        Labels, classes and the challenge set stay, and so do the features that they are about.
        What was followed by itself is learned from the parts instead, and a run that was
        inspected before can no longer be confirmed. Known parts are looked at again: it is
        refused if a known defect would then pass, or too many known good parts would not.

        Args:
            images: One further good part each.

        Raises:
            TeachError: there are images, and none of them can be used; or it is refused.
        """
        state = self._state
        # One of its own: meanwhile the other one judges, and its network has a state.
        inspector, told = state.inspector.like(state.recipe).sharpened(images)
        inspector.warm_up()
        forms = None if state.forms is None else Forms(inspector.recipe)
        after = replace(state, inspector=inspector, shift=None, base=None, forms=forms, run=Run())
        if state.learner is not None:
            refused = self._try_on_known(state.learner, after, state.learner.challenge)
            if refused:
                raise TeachError(
                    f'after these {told.taken} more good parts {refused}; leave out images that '
                    'show such a mark, or take the known parts back if they were none')
        self._state = after
        if self._self_update is not None:
            self.set_self_update(self._self_update.every)
        return told

    def get_ready(self, images: Sequence[np.ndarray]) -> None:
        """Look at good parts, so that learning can begin; what was learned before is forgotten.

        Args:
            images: Good parts that it was not taught from; at least 2 that a part is found in,
                better 10.

        Raises:
            ImageError: one of them cannot be inspected.
            LearningError: there are too few.
        """
        self._state = _State(_unshifted(self._state))
        inspector = self._state.inspector
        evidences = look_at(inspector, images)
        if not self._get_ready(evidences, _forms_of(inspector, images)):
            raise LearningError(f'a part was found in {len(evidences)} of {len(images)} images: '
                                'give at least 2 images of good parts')

    def _get_ready(self, evidences: Sequence[Evidence], usual: Usual | None) -> bool:
        if len(evidences) < 2:
            return False
        self._begin(self._state.inspector, good_places(evidences), usual)
        return True

    def _begin(
        self, inspector: Inspector, good: np.ndarray, usual: Usual | None = None,
    ) -> None:
        """Know nothing yet but what good parts look like."""
        learner = self._learner(inspector.recipe, good, usual, None)
        forms = None if usual is None else Forms(inspector.recipe)
        self._state = _State(inspector, learner, good, Patterns(learner.space), forms=forms,
                             usual=usual)

    @property
    def name(self) -> str:
        """Name of the recipe."""
        return self.recipe.name

    @property
    def recipe(self) -> Recipe:
        """All that is known of the product, but for what was learned from labels."""
        return self._state.recipe

    @property
    def version(self) -> int:
        """Version of the recipe, counted on by each change that is kept."""
        return self._version

    @version.setter
    def version(self, number: int) -> None:
        self._version = number

    @property
    def why_not(self) -> str:
        """Why it cannot learn, and what to do; empty if it can."""
        return _CANNOT_LEARN if self._state.learner is None else ''

    @property
    def learner(self) -> Learner:
        """What learns.

        Raises:
            LearningError: the recipe cannot learn.
        """
        learner = self._state.learner
        if learner is None:
            raise LearningError(_CANNOT_LEARN)
        return learner

    def warm_up(self) -> None:
        """Import and run once what the first unusual part would otherwise wait for."""
        self._state.inspector.warm_up()

    def set_rules(self, path: Path | None, *, mm_per_px: float | None = None) -> None:
        """Let rules decide on regions; None: no rules.

        Args:
            path: The YAML file. It is read again when it changes.
            mm_per_px: Millimetres per pixel of the image, if known.

        Raises:
            RuleError: the rules cannot be used; those before stay in force.
        """
        rules = None if path is None else RuleFile(path)
        self._rules, self._mm_per_px = rules, mm_per_px

    @property
    def rules_doubt(self) -> str:
        """Which classes the rules ask for that the recipe does not know; empty if none."""
        rules, learner = self._rules, self._state.learner
        if rules is None:
            return ''
        return say_unknown_classes(rules.book, () if learner is None else learner.classes)

    def reload_rules(self) -> Reload:
        """Read the rules again if their file has changed."""
        return self._rules.reload_if_changed() if self._rules else Reload(False)

    def inspect(
        self, image: np.ndarray, part: str = '', *, each: bool = False
    ) -> OnlineVerdict:
        """Judge a part and remember it for labels that come later.

        Args:
            image: [H, W] or [H, W, 3] RGB, of the size and type that was taught.
            part: ID of the part; numbered where there is none.
            each: Judge every part in the image; the worst decides, and the verdict names all.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        self._count += 1
        verdict = self.judge(image, part or f'part-{self._count}', each=each)
        self.remember(verdict)
        self.reload_rules()
        return verdict

    def judge(self, image: np.ndarray, part: str, *, each: bool = False) -> OnlineVerdict:
        """Judge a part without remembering it; see `inspect`.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        return self._judge(self._state, self._rules, image, part, each)

    def _judge(
        self, state: _State, rules: RuleFile | None, image: np.ndarray, part: str, each: bool,
    ) -> OnlineVerdict:
        if not each:
            return self._decide(state, rules, image, *state.inspector.look(image), part)
        looks = state.inspector.look_each(image)
        joined = join_online([self._decide(state, rules, image, one.verdict, one.evidence, part)
                              for one in looks], [one.box for one in looks])
        return replace(joined, each=True)

    def _decide(
        self, state: _State, rules: RuleFile | None, image: np.ndarray, seen: Verdict,
        evidence: Evidence | None, part: str,
    ) -> OnlineVerdict:
        """Return the verdict with all that was learned and with the rules."""
        verdict, stopping = self._think_again(
            state, image, seen, evidence, part, ruled=rules is not None)
        if rules is not None and stopping and evidence is not None:
            verdict = apply_rules(
                verdict, evidence, stopping, rules.book, self._mm_per_px)
        return mention_others(verdict)

    def measure(
        self, image: np.ndarray, part: str = 'part', *, zones: Mapping[str, Zone] | None = None,
        mm_per_px: float | None = None,
    ) -> tuple[Measured, ...]:
        """Measure the regions for which a part would be stopped, as rules see them.

        Args:
            image: Of the size and type that was taught.
            part: ID of the part.
            zones: Named places of the product.
            mm_per_px: Millimetres per pixel of the image, if known.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        state = self._state
        seen, evidence = state.inspector.look(image)
        if evidence is None:
            return ()
        _, stopping = self._think_again(state, image, seen, evidence, part, ruled=True)
        return measure_regions(evidence, stopping, zones or {}, mm_per_px)

    def _think_again(
        self, state: _State, image: np.ndarray, seen: Verdict, evidence: Evidence | None,
        part: str, *, ruled: bool,
    ) -> tuple[OnlineVerdict, list[Stopping]]:
        """Return the verdict before the rules, and the places for which the part is stopped."""
        verdict = replace(_online(seen, part, evidence, self._version), run=state.run)
        learner = state.learner
        if evidence is None or (learner is None and not ruled):
            return verdict, []
        model = learner.model if learner is not None and learner.version else None
        if learner is not None:
            verdict = replace(verdict, image=without_alpha(image))
        if not evidence.flagged and not _asks(model, evidence):
            return verdict, []
        places = find_places(evidence)
        opinions: tuple[Opinion, ...] = ()
        if learner is not None:
            features = describe_part(
                part[:MOST_PART_ID], evidence, places, _faint(state, verdict))
            opinions = learner.model.judge(features)
            verdict = replace(verdict, features=features)
        verdict, stopping = apply_learned(
            verdict, evidence, places, opinions, None if learner is None else learner.excuse)
        if not stopping and model is not None and verdict.features is not None:
            spot = model.spot(verdict.features)
            if spot is not None and state.forms is not None:
                return apply_spot(verdict, evidence, spot, state.forms.place(spot.answer))
        return _look_alike(verdict, state, opinions), stopping

    def describe(self, verdict: OnlineVerdict) -> PartFeatures | None:
        """Return what the learner gets to see of a part; None where no part was found."""
        return _described(self._state, verdict)

    def remember(self, verdict: OnlineVerdict) -> None:
        """Keep what the learner gets to see of a part, for labels that come later."""
        if verdict.run is self._state.run:  # else another recipe has judged it
            self._state.run.add(verdict)
        learner, patterns = self._state.learner, self._state.patterns
        if learner is not None:
            features = self.describe(verdict)
            if features is not None:
                learner.remember(features, stale=verdict.run is not self._state.run)
                self.pictures.see(features.part, _picture(verdict))
            if features is not None and verdict.unnamed is not None and patterns is not None:
                patterns.learn(features.part, features.vectors[verdict.unnamed])

    def recall(self, part: str, image: np.ndarray, *, each: bool = False) -> None:
        """Know the image of a part again that was inspected too long ago to be remembered.

        What the learner gets to see of it is taken from the image where it is gone, too.

        Args:
            part: ID of the part.
            image: What was inspected.
            each: Whether every part in it was judged.

        Raises:
            ImageError: it cannot be inspected any more; names the cause.
        """
        picture = Picture(image, each)
        learner, part = self.learner, part[:MOST_PART_ID]
        if learner.parts.get(part) is None:
            state = self._state
            apart = replace(state, inspector=state.inspector.like(state.inspector.recipe))
            features = _described(
                apart, self._judge(apart, None, image, part, picture.each))
            if features is None:
                return
            learner.remember(features)
        self.pictures.see(part, picture)

    def learn(
        self, verdict: OnlineVerdict, word: str, *, by: str = '', create: bool = False,
    ) -> Answer:
        """Take a word on a part that was just inspected; see `label`."""
        self.remember(verdict)
        return self.label(verdict.part, word, by=by, create=create)

    def label(
        self, part: str, word: str, *, by: str = '', region: int | None = None,
        create: bool = False,
    ) -> Answer:
        """Take an operator's word on a part; it counts from the next part on.

        Args:
            part: ID of the part.
            word: `good` or a defect class.
            by: Who says so.
            region: Which of its regions is meant; see `Learner.label`.
            create: The class may be new.
        """
        part = part[:MOST_PART_ID]
        picture = self.pictures.latest(part)
        answer = self._answer(lambda learner: learner.label(
            part, word, by=by, region=region, create=create,
            picture='' if picture is None else picture.name))
        if picture is not None and answer.state in (LabelState.APPLIED, LabelState.PENDING):
            self.pictures.keep(picture)
        patterns = self._state.patterns
        if answer.state is LabelState.APPLIED and word != GOOD and patterns is not None:
            patterns.call(part, word)
        return answer

    def confirm(self) -> Answer:
        """Take all parts remembered since the last time as good, but for those called defects.

        It must be all parts of a run, since the false reject rate that the recipe then states is
        theirs. Where some of them were stopped, and nobody has labelled them, it is refused at
        first and says which; once more confirms these, too. Parts that were stopped for marks
        called good since do not count. It is refused if a known defect would then pass; known
        parts that were last seen before the recipe has changed are looked at again for that.
        """
        state = self._state
        learner = state.learner
        run = state.run.without_defects({} if learner is None else learner.words)
        version = 0 if learner is None else learner.version
        if not run.scores:
            return Answer(LabelState.REFUSED, version,
                          'no part was inspected since a run was confirmed last')
        if not state.run.told.issuperset(run.stopped):
            state.run.told = frozenset(run.stopped)
            return Answer(LabelState.REFUSED, version, run.question)
        recipe = state.recipe.with_confirmed(run.scores)
        if len(recipe.confirmed) == len(state.recipe.confirmed):
            return Answer(LabelState.REFUSED, version,
                          'all these images were confirmed before: give others')
        if learner is not None:
            looks = self._look_apart(state, [one for one in learner.challenge if one.stale])
            known = seen_anew(learner.challenge, looks)
            blind = would_pass(known, learner.model, recipe.limits.review)
            if blind:
                return Answer(LabelState.REFUSED, version, (
                    f'the limit would be {recipe.limits.review:.3g}, and known defects would '
                    f'pass: {some_of(blind)}; call the harmless marks of this run good instead'))
            learner.see_again(looks)
        self._state = replace(
            state, inspector=state.inspector.confirmed(run.scores),
            base=None if state.base is None else recipe, run=Run())
        before, limit = state.recipe.limits.review, recipe.limits.review
        moved = '' if limit == before else f'; limit {before:.3g} -> {limit:.3g}'
        return Answer(LabelState.APPLIED, version, f'{run.text}: {recipe.guarantee}{moved}')

    @property
    def patterns(self) -> tuple[Group, ...]:
        """Anomalies that look alike and that nobody has named yet."""
        state = self._state
        if state.learner is None or state.patterns is None:
            return ()
        return state.patterns.found(state.learner.classes)

    def parts_like(self, pattern: str) -> tuple[str, ...]:
        """Return the latest parts that look like a pattern and can be labelled, latest first.

        Args:
            pattern: Its name in the verdicts: `pattern` and a number.
        """
        state = self._state
        if state.learner is None or state.patterns is None:
            return ()
        return tuple(part for part in state.patterns.members(pattern)
                     if state.learner.parts.get(part) is not None)

    def undo(self) -> Answer:
        """Take the last change back exactly."""
        return self._answer(Learner.undo)

    def forget(self, number: int) -> Answer:
        """Take back any label by its number."""
        return self._answer(lambda learner: learner.forget(number))

    def add_challenge(
        self, verdict: OnlineVerdict, word: str, *, create: bool = False,
    ) -> None:
        """Add a part to the challenge set: what it is, it must be called from now on.

        Args:
            verdict: The part, as it was judged.
            word: `good` or a defect class.
            create: The class may be new.

        Raises:
            LearningError: the recipe cannot learn, or no part was found in the image.
            ValueError: the set is full, or the word is no name, or no class that is known.
        """
        features = self.describe(verdict)
        if features is None:
            raise LearningError(f'no part was found in the image of {verdict.part}: give '
                                'another one')
        picture = _picture(verdict)
        if picture is not None:
            features = replace(features, picture=picture.name)
        self.learner.add_challenge(features, word, create=create)
        if picture is not None:
            self.pictures.keep(picture)

    def run_challenge(self) -> Trial:
        """Say how the challenge set fares.

        Parts that were last seen before the recipe has changed are looked at again.

        Raises:
            LearningError: the recipe cannot learn.
        """
        learner = self.learner
        stale = [one for one in learner.challenge if one.stale]
        learner.see_again(self._look_apart(self._state, stale))
        return learner.run_challenge()

    @property
    def unseen(self) -> str:
        """Which known parts have not been looked at since the recipe has changed, and the cure.

        It is empty if all have.

        Raises:
            LearningError: the recipe cannot learn.
        """
        challenge = self.learner.challenge
        stale = [one.features for one in challenge if one.stale]
        gone = [one.part for one in stale if not self.pictures.has(one.picture)]
        there = len(stale) - len(gone)
        return '; '.join(filter(None, (
            not_looked_at(gone, len(challenge)) if gone else '',
            f'{there} of {len(challenge)} known parts have not been looked at again since the '
            'recipe has changed: run the challenge set' if there else '')))

    @property
    def known(self) -> _State:
        """All that is known now, to be given to `now_passing` later."""
        return self._state

    def now_passing(self, before: _State) -> str:
        """Say which known defects were stopped before and would pass now; empty if none.

        Args:
            before: What `known` was before something was taken back.
        """
        now = self._state
        if before.learner is None or now.learner is None:
            return ''
        bad = [one for one in before.learner.challenge if one.word != GOOD]
        looks = {one.features.part: one.features for one in bad}
        if now.inspector is not before.inspector:
            looks = self._look_apart(now, bad)
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

    def _pictures_needed(self) -> set[str]:
        learner = self._state.learner
        return set() if learner is None else learner.pictures

    def _try_on_known(
        self, learner: Learner, after: _State, parts: Sequence[ChallengePart],
    ) -> str | None:
        """Say why known parts forbid a change of the recipe; else take what they look like now."""
        looks = self._look_again(after, parts)
        refused = learner.try_looks(looks)
        if refused is None:
            learner.renew(looks)
        return refused

    def _look_apart(
        self, state: _State, parts: Sequence[ChallengePart],
    ) -> dict[str, PartFeatures]:
        """Look at known parts again while the inspector may judge others."""
        if not any(one.features.picture for one in parts):
            return {}
        apart = replace(state, inspector=state.inspector.like(state.inspector.recipe))
        return self._look_again(apart, parts)

    def _look_again(
        self, state: _State, parts: Sequence[ChallengePart],
    ) -> dict[str, PartFeatures]:
        """Return what known parts look like, by ID; of those that are found in a picture."""
        looks = {}
        for one in parts:
            known = one.features
            picture = self.pictures.find(known.picture)
            if picture is None:
                continue
            with suppress(ImageError):
                features = _described(
                    state, self._judge(state, None, picture.image, known.part, picture.each))
                if features is not None:
                    looks[known.part] = replace(features, picture=known.picture)
        return looks

    def export(self) -> bytes:
        """Return what was learned as a message to other robots with this recipe.

        Raises:
            LearningError: the recipe cannot learn.
        """
        return self.learner.export()

    def merge(self, message: bytes) -> Answer:
        """Learn what other robots have learned; merging again changes nothing.

        Raises:
            MessageError: it is damaged, or of robots with another recipe.
        """
        return self._answer(lambda learner: learner.merge(message))

    def join_fleet(self, robot: str) -> None:
        """Take a name of its own among the robots that learn from each other.

        Raises:
            LearningError: the recipe cannot learn, or has learned under another name.
            ValueError: this is no name.
        """
        learner = self.learner
        Learner(learner.space, robot=robot)
        if learner.robot != robot and learner.labels:
            raise LearningError(
                f'this recipe has learned as {learner.robot!r}, not as {robot!r}: copy a recipe '
                'to other robots before it is labelled, or start it under its name')
        learner.robot = robot

    @property
    def run(self) -> Run:
        """Parts judged by this recipe that may be confirmed as good."""
        return self._state.run

    def attachments(self) -> dict[str, bytes]:
        """Return what belongs to the recipe beside itself, by file name."""
        state = self._state
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

    def restore(
        self, attached: Mapping[str, bytes], recipe: Recipe | None = None,
        run: Run | None = None,
    ) -> None:
        """Know what was known when `attachments` was asked; the parts remembered stay.

        Versions go on counting, so that other robots see that it is newer.

        Args:
            attached: What belongs to the recipe, by file name.
            recipe: The recipe itself; None: the same.
            run: Parts that it has judged and that may be confirmed; None: those of the recipe in
                use, if it is the same.

        Raises:
            MessageError: damaged, or of another recipe; nothing has changed.
        """
        before = self._state
        recipe = recipe or before.recipe
        learner = good = patterns = shift = forms = usual = None
        source = features_hash(recipe)
        if GOOD_PLACES in attached:
            good = good_from_bytes(attached[GOOD_PLACES], source)
            if FORMS in attached:
                forms = before.forms if recipe is before.recipe else None
                forms = forms or Forms(recipe)
                usual = usual_from_bytes(attached[FORMS], source, forms.count)
            learner = self._learner(recipe, good, usual, attached.get(LEARNED))
            if before.learner is not None and (
                    before.learner.space.digest == learner.space.digest):
                learner.parts = before.learner.parts
                learner.count_on_from(before.learner.version)
                patterns = before.patterns
            patterns = patterns or Patterns(learner.space)
        if SHIFT in attached:
            shift = shift_from_bytes(attached[SHIFT], source, recipe)
        same = recipe is before.recipe and _same_shift(shift, before.shift)
        inspector = before.inspector if same else before.inspector.like(shifted(recipe, shift))
        if not same:
            inspector.warm_up()
            if learner is not None:
                learner.parts.age()
        self._state = _State(inspector, learner, good, patterns, shift,
                             None if shift is None else recipe, forms, usual,
                             run or (before.run if same else Run()))

    def set_self_update(self, every: int) -> None:
        """Let what is expected follow good parts that change slowly; see `SelfUpdate`.

        Args:
            every: Parts far inside the pass region between two steps; 0: never, as at first.

        Raises:
            LearningError: this recipe cannot.
        """
        recipe = self.recipe
        if every and (recipe.pretrained is not None or self._state.learner is None):
            raise LearningError('what is expected can only follow good parts by itself for '
                                'registered parts with sampled features: set self_update to 0')
        self._self_update = SelfUpdate(every, recipe) if every else None

    def follow(self, verdict: OnlineVerdict) -> str:
        """Take a part that nobody has labelled, where that is switched on.

        The known defects that are nearest to passing are looked at again first, at most 24.

        Returns:
            What was changed by it, in a sentence; empty if nothing was.

        Raises:
            LearningError: a known defect would pass; nothing was changed.
        """
        update, state = self._self_update, self._state
        if update is None or not update.add(verdict):
            return ''
        shift = update.step(state.shift)
        before = 0 if state.shift is None else state.shift.astype(np.float32)
        if np.abs(shift - before).max() < _LEAST_STEP:
            return ''
        inspector = state.inspector.like(shifted(state.recipe, shift))
        inspector.warm_up()
        after = replace(state, inspector=inspector, shift=shift, base=state.recipe)
        refused = None if state.learner is None else self._try_on_known(
            state.learner, after, _nearest_to_passing(state.learner))
        if refused:
            raise LearningError(f'what is expected did not follow {update.every} parts far inside '
                                f'the pass region: {refused}')
        self._state = after
        return (f'what is expected followed {update.every} parts far inside the pass region: by '
                f'{float(np.abs(shift).max()):.2g} grey levels at most from what was taught')

    def _learner(
        self, recipe: Recipe, good: np.ndarray, usual: Usual | None, learned: bytes | None,
    ) -> Learner:
        source = features_hash(recipe)
        if usual is not None:
            source += hashlib.sha256(usual_to_bytes(usual, source)).hexdigest()
        space = FeatureSpace.of(good, source, ALIKE, None if usual is None else usual.looks)
        if learned is not None:
            learner = Learner.from_bytes(learned, space, limits=self._limits)
            # A recipe that was copied before anybody labelled belongs to nobody yet.
            if learner.version or learner.challenge or learner.pending:
                return learner
        return Learner(space, robot=self._robot, limits=self._limits)

    def _answer(self, ask: Callable[[Learner], Answer]) -> Answer:
        learner = self._state.learner
        if learner is None:
            return Answer(LabelState.REFUSED, 0, _CANNOT_LEARN)
        return ask(learner)


def _described(state: _State, verdict: OnlineVerdict) -> PartFeatures | None:
    """Return what the learner gets to see of a part; None where no part was found."""
    if verdict.features is not None or verdict.evidence is None:
        return verdict.features
    return describe_part(
        verdict.part[:MOST_PART_ID], verdict.evidence, find_places(verdict.evidence),
        _faint(state, verdict))


def _picture(verdict: OnlineVerdict) -> Picture | None:
    return None if verdict.image is None else Picture(verdict.image, verdict.each)


def _nearest_to_passing(learner: Learner) -> list[ChallengePart]:
    """Return the known defects that are stopped and least unusual."""
    known = [one for one in learner.challenge if one.word != GOOD and one.features.picture]
    passes = learner.model.passes([one.features for one in known])
    stopped = [one for one, passing in zip(known, passes) if not passing]
    stopped.sort(key=lambda one: float(one.features.vectors[:, PEAK].max()))
    return stopped[:_MOST_LOOKS]


def _asks(model: Model | None, evidence: Evidence) -> bool:
    """Tell whether what was learned may change the verdict on a part."""
    if model is None or evidence.flagged:
        return model is not None
    return model.knows_spots or (
        bool(model.classes) and float(evidence.score.max()) >= _FAINT * evidence.limit)


def _faint(state: _State, verdict: OnlineVerdict) -> np.ndarray | None:
    """Return a part's answers to what is too faint to be a place of its own."""
    forms, usual = state.forms, state.usual
    if forms is None or usual is None or verdict.image is None or verdict.evidence is None:
        return None
    brightness = forms.brightness(verdict.image, verdict.evidence)
    if brightness is None:
        return None
    return forms.faint(forms.answers(brightness, verdict.evidence.difference), usual)


def _taught_forms(inspector: Inspector, images: Sequence[np.ndarray]) -> Usual | None:
    """Return what good parts answer, from those that what is expected is the mean of."""
    count = len(images)
    return _forms_of(inspector, images, count / (count - 1))


def _forms_of(
    inspector: Inspector, images: Sequence[np.ndarray], factor: float = 1.0,
) -> Usual | None:
    forms = Forms(inspector.recipe)
    found = []
    for image in images[:_MOST_FORMS]:
        _, evidence = inspector.look(image)
        seen = None if evidence is None else forms.brightness(image, evidence)
        if evidence is not None and seen is not None and any(
                plane.any() for plane in evidence.difference):
            found.append(factor * forms.answers(seen, evidence.difference))
    return forms.learn_usual(found)


def _same_shift(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool((one == other).all())


def _unshifted(state: _State) -> Inspector:
    return state.inspector if state.base is None else state.inspector.like(state.base)


def _look_alike(
    verdict: OnlineVerdict, state: _State, opinions: Sequence[Opinion],
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


def _host_name() -> str:
    return re.sub(r'[^A-Za-z0-9_.-]', '-', socket.gethostname())[:64] or 'robot'


def _online(
    seen: Verdict, part: str, evidence: Evidence | None, version: int,
) -> OnlineVerdict:
    values = vars(seen) | {'recipe_version': version}
    return OnlineVerdict(**values, part=part, evidence=evidence,
                         classes=('unknown',) * len(seen.regions))

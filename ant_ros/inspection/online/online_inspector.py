# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector that learns from labels while it inspects."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import re
import socket
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import Group
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning import Trial
from ant_ros.inspection.online.attachments import attachments_in
from ant_ros.inspection.online.attachments import attachments_of
from ant_ros.inspection.online.attachments import restored
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.good_looks import look_at
from ant_ros.inspection.online.good_looks import look_at_taught
from ant_ros.inspection.online.judgement import describe
from ant_ros.inspection.online.judgement import judge
from ant_ros.inspection.online.judgement import measure
from ant_ros.inspection.online.judgement import RulesInForce
from ant_ros.inspection.online.known_parts import KnownParts
from ant_ros.inspection.online.learning_error import LearningError
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.online.part_memory import PartMemory
from ant_ros.inspection.online.pictures import Pictures
from ant_ros.inspection.online.pictures import pictures_folder
from ant_ros.inspection.online.places import good_places
from ant_ros.inspection.online.readiness import LearnerMaker
from ant_ros.inspection.online.readiness import usual_of
from ant_ros.inspection.online.readiness import usual_of_taught
from ant_ros.inspection.online.recipe_changes import confirmed
from ant_ros.inspection.online.recipe_changes import followed
from ant_ros.inspection.online.recipe_changes import sharpened
from ant_ros.inspection.online.self_update import SelfUpdate
from ant_ros.inspection.online.state import State
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

if TYPE_CHECKING:
    import torch

__all__ = ['OnlineInspector']

_CANNOT_LEARN = ('this recipe does not know what good parts look like to the learner: teach it '
                 'again from 6 or more, or show it others (OnlineInspector.get_ready)')


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
        version: Version of the recipe, counted on by each change that is kept.
    """

    def __init__(
        self, inspector: Inspector, good: np.ndarray | None = None, *,
        robot: str = '', limits: Limits | None = None,
    ) -> None:
        self._maker = LearnerMaker(robot or _host_name(), limits or Limits())
        self._state = State(inspector) if good is None else self._maker.begin(inspector, good)
        self._rules: RulesInForce | None = None
        self._self_update: SelfUpdate | None = None
        self._count = 0
        self.version = inspector.version
        self.pictures = Pictures(self._pictures_needed)
        self._memory = PartMemory(self.pictures)
        self._known_parts = KnownParts(self.pictures)

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
        evidences = look_at_taught(inspector, images, backbone)
        if len(evidences) > 1:
            online._state = online._maker.begin(
                inspector, good_places(evidences), usual_of_taught(inspector, images))
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
        online = cls(Inspector.load(path, network=network), robot=robot, limits=limits)
        try:
            online.restore(attachments_in(path))
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
            self.version = version.number
            try:
                self.pictures.write_to(pictures_folder(path))
                self.pictures.close()
            except OSError as error:
                raise RecipeError(f'the recipe is saved, but not all pictures of known parts '
                                  f'are: {error}; free space there, and save again') from error

    def get_ready(self, images: Sequence[np.ndarray]) -> None:
        """Look at good parts, so that learning can begin; what was learned before is forgotten.

        Args:
            images: Good parts that it was not taught from; at least 2 that a part is found in,
                better 10.

        Raises:
            ImageError: one of them cannot be inspected.
            LearningError: there are too few.
        """
        inspector = self._state.unshifted
        self._state = State(inspector)
        evidences = look_at(inspector, images)
        if len(evidences) < 2:
            raise LearningError(f'a part was found in {len(evidences)} of {len(images)} images: '
                                'give at least 2 images of good parts')
        self._state = self._maker.begin(
            inspector, good_places(evidences), usual_of(inspector, images))

    @property
    def name(self) -> str:
        """Name of the recipe."""
        return self.recipe.name

    @property
    def recipe(self) -> Recipe:
        """All that is known of the product, but for what was learned from labels."""
        return self._state.recipe

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

    # Inspecting

    def warm_up(self) -> None:
        """Import and run once what the first unusual part would otherwise wait for."""
        self._state.inspector.warm_up()

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
        state, version = self._state, self.version  # before another thread changes them
        verdict = judge(state, image, part, each=each, rules=self._rules)
        return replace(verdict, recipe_version=version)

    def measure(
        self, image: np.ndarray, part: str = 'part', *, zones: Mapping[str, Zone] | None = None,
        mm_per_px: float | None = None,
    ) -> tuple[Measured, ...]:
        """Measure the regions for which a part would be stopped; see `judgement.measure`."""
        return measure(self._state, image, part, zones or {}, mm_per_px)

    def set_rules(self, path: Path | None, *, mm_per_px: float | None = None) -> None:
        """Let rules decide on regions; None: no rules.

        Args:
            path: The YAML file. It is read again when it changes.
            mm_per_px: Millimetres per pixel of the image, if known.

        Raises:
            RuleError: the rules cannot be used; those before stay in force.
        """
        self._rules = None if path is None else RulesInForce(RuleFile(path), mm_per_px)

    @property
    def rules_doubt(self) -> str:
        """Which classes the rules ask for that the recipe does not know; empty if none."""
        if self._rules is None:
            return ''
        learner = self._state.learner
        return say_unknown_classes(
            self._rules.file.book, () if learner is None else learner.classes)

    def reload_rules(self) -> Reload:
        """Read the rules again if their file has changed."""
        return self._rules.file.reload_if_changed() if self._rules else Reload(False)

    # Remembering parts

    def describe(self, verdict: OnlineVerdict) -> PartFeatures | None:
        """Return what the learner gets to see of a part; None where no part was found."""
        return describe(self._state, verdict)

    def remember(self, verdict: OnlineVerdict) -> None:
        """Keep what the learner gets to see of a part, for labels that come later."""
        self._memory.remember(self._state, verdict)

    def recall(self, part: str, image: np.ndarray, *, each: bool = False) -> None:
        """Know the image of a part again that was inspected long ago; see `PartMemory.recall`."""
        self._memory.recall(self._state, self.learner, part, image, each=each)

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

    # Labels

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
        return self._answer(lambda learner: self._memory.label(
            self._state, learner, part, word, by=by, region=region, create=create))

    def undo(self) -> Answer:
        """Take the last change back exactly."""
        return self._answer(Learner.undo)

    def forget(self, number: int) -> Answer:
        """Take back any label by its number."""
        return self._answer(lambda learner: learner.forget(number))

    # Known parts

    def add_challenge(
        self, verdict: OnlineVerdict, word: str, *, create: bool = False,
    ) -> Trial:
        """Add a part to the challenge set: what it is, it must be called from now on.

        Args:
            verdict: The part, as it was judged.
            word: `good` or a defect class.
            create: The class may be new.

        Returns:
            What that does to the challenge set, which holds the part now.

        Raises:
            LearningError: the recipe cannot learn, or no part was found in the image.
            ValueError: the set is full, or the word is no name, or no class that is known.
        """
        return self._known_parts.add(self._state, self.learner, verdict, word, create=create)

    def run_challenge(self) -> Trial:
        """Say how the challenge set fares.

        Parts that were last seen before the recipe has changed are looked at again.

        Raises:
            LearningError: the recipe cannot learn.
        """
        return self._known_parts.run(self._state, self.learner)

    @property
    def unseen(self) -> str:
        """Which known parts were not looked at since the recipe changed; see `KnownParts`.

        Raises:
            LearningError: the recipe cannot learn.
        """
        return self._known_parts.unseen(self.learner.challenge)

    @property
    def known(self) -> State:
        """All that is known now, to be given to `now_passing` later."""
        return self._state

    def now_passing(self, before: State) -> str:
        """Say which known defects were stopped before and would pass now; empty if none.

        Args:
            before: What `known` was before something was taken back.
        """
        return self._known_parts.now_passing(before, self._state)

    # Changes of the recipe

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
        self._state, told = sharpened(self._state, images, self._known_parts)
        if self._self_update is not None:
            self.set_self_update(self._self_update.every)
        return told

    @property
    def run(self) -> Run:
        """Parts judged by this recipe that may be confirmed as good."""
        return self._state.run

    def confirm(self) -> Answer:
        """Take all parts remembered since the last time as good, but for those called defects.

        It must be all parts of a run, since the false reject rate that the recipe then states is
        theirs. Where some of them were stopped, and nobody has labelled them, it is refused at
        first and says which; once more confirms these, too. Parts that were stopped for marks
        called good since do not count. It is refused if a known defect would then pass; known
        parts that were last seen before the recipe has changed are looked at again for that.
        """
        self._state, answer = confirmed(self._state, self._known_parts)
        return answer

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
        update = self._self_update
        if update is None or not update.add(verdict):
            return ''
        self._state, told = followed(self._state, update, self._known_parts)
        return told

    def attachments(self) -> dict[str, bytes]:
        """Return what belongs to the recipe beside itself, by file name."""
        return attachments_of(self._state)

    def restore(
        self, attached: Mapping[str, bytes], recipe: Recipe | None = None,
        run: Run | None = None,
    ) -> None:
        """Know what was known when `attachments` was asked; see `attachments.restored`.

        Raises:
            MessageError: damaged, or of another recipe; nothing has changed.
        """
        self._state = restored(self._state, attached, recipe or self.recipe, run, self._maker)

    # The fleet

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

    def _answer(self, ask: Callable[[Learner], Answer]) -> Answer:
        learner = self._state.learner
        if learner is None:
            return Answer(LabelState.REFUSED, 0, _CANNOT_LEARN)
        return ask(learner)

    def _pictures_needed(self) -> set[str]:
        learner = self._state.learner
        return set() if learner is None else learner.pictures


def _host_name() -> str:
    return re.sub(r'[^A-Za-z0-9_.-]', '-', socket.gethostname())[:64] or 'robot'

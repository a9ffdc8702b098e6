# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector node's worker does with a part: read its image, teach or judge."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path
import time
from typing import Any

import numpy as np

from ant_ros.inspection.frame import check_image
from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.verdict import Verdict
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.image_conversion import ConversionError
from ant_ros.nodes.losses import Losses
from ant_ros.nodes.part_verdict import inspected
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.part_verdict import uninspected
from ant_ros.nodes.pending_part import Frame
from ant_ros.nodes.pending_part import PendingPart
from ant_ros.nodes.presence import Presence

__all__ = ['Judge', 'Judged', 'Lesson']

_DESCRIPTION = 'recipe.json'

LEAST_PARTS = 5
"""Good parts that are needed to teach at all."""


@dataclass(frozen=True)
class Judged:
    """A verdict on a part, with what pictures of it are drawn from (None if uninspected)."""

    report: PartVerdict
    verdict: Verdict | None = None
    pixels: np.ndarray | None = None


@dataclass
class Lesson:
    """The good parts collected so far.

    Attributes:
        wanted: How many are to be collected.
        name: Name of the recipe.
        target_frr: Share of good parts that may be stopped by the recipe that is taught; None:
            they are judged, too, and sharpen the one in use.
        kind: What is taught, as `Inspector.teach` takes it.
        backbone: What sees it, as `Inspector.teach` takes it.
        images: Of the parts.
    """

    wanted: int
    name: str
    target_frr: float | None
    kind: str = 'auto'
    backbone: str = 'auto'
    images: list[np.ndarray] = field(default_factory=list)

    @property
    def sharpens(self) -> bool:
        """Whether no new recipe is taught."""
        return self.target_frr is None


class Judge:
    """Hold the inspector and use it; everything here runs on the worker's thread.

    Diagnostics read the plain attributes from another thread; each is replaced as a whole.

    Args:
        name: who gives the verdicts.
        losses: where unreadable images are counted.
        find_inspector: returns the class with `teach` and `load`; called on the worker's thread,
            so that what it imports does not hold up the executor.

    Attributes:
        inspector: the inspector in use, None without a recipe.
        recipe_path: where it was loaded from or saved to.
        recipe_fault: why the last recipe was refused; empty if it was not.
        missing: path at which a recipe was looked for and nothing was; empty if it was there.
        lesson: the teaching in progress, None if there is none.
        learning_message: what came of the last teaching.
        learning_failed: whether it failed.
        occupied: what keeps it from judging for long: `loading`, `teaching` or nothing.
        read_pixels: how a message becomes an array.
        presence: tells frames of one part together.
        several_parts: whether every part in an image is judged; the worst decides.
        rules: file of rules for one recipe, in place of those beside it; empty without.
        rules_for: folder of that recipe: the first that was in use; empty: it has no place yet;
            None: there was none.
        mm_per_px: millimetres per pixel of the image; 0 where it is not known.
        ruled_by: file of the rules in force; empty if there are none.
        rules_fault: why the rules as they are now are not used; empty if they are.
        on_ruled: told which rules are in force, when there is another recipe or file.
        on_missing: told in a sentence that nothing is at the folder of the recipe.
        on_place: told of the inspector (None without) and of the folder it was loaded from or is
            to be saved to.
        on_taught: told of an inspector that was taught.
        on_teaching_failed: told why.
        on_collected: given the good parts that are to sharpen the recipe.
    """

    def __init__(self, name: str, losses: Losses, find_inspector: Callable[[], Any]):
        self._name = name
        self._losses = losses
        self._find_inspector = find_inspector
        self.inspector: Any = None
        self.recipe_path = ''
        self.recipe_fault = ''
        self.missing = ''
        self.lesson: Lesson | None = None
        self.learning_message = 'nothing taught yet'
        self.learning_failed = False
        self.occupied = ''
        self.read_pixels: Callable[[Any], np.ndarray] = array_from_image
        self.presence = Presence(0.0, 0.0)
        self.several_parts = False
        self.rules = ''
        self.rules_for: str | None = None
        self.mm_per_px = 0.0
        self.ruled_by = ''
        self.rules_fault = ''
        self._home = ''
        self._awaited = ''
        self._tried: int | None = None
        self.on_ruled: Callable[[str], None] = lambda text: None
        self.on_missing: Callable[[str], None] = lambda text: None
        self.on_place: Callable[[Any, str], None] = lambda inspector, path: None
        self.on_taught: Callable[[Any], None] = lambda inspector: None
        self.on_teaching_failed: Callable[[str], None] = lambda reason: None
        self.on_collected: Callable[[list[np.ndarray]], None] = lambda images: None

    def load(self, path: str) -> None:
        """Load a recipe; the one in use stays when it is refused.

        Where nothing is at the path yet, it is where the recipe to be taught will be saved to.

        Raises:
            ValueError: nothing is at the path, and a saved recipe is in use; or its rules cannot
                be used.
        """
        if not Path(path).exists():
            self._await_recipe(path)
            return
        self.occupied = 'loading'
        try:
            inspector = self._find_inspector().load(Path(path))
            ruled_by = self._set_rules(inspector, path)
            inspector.warm_up()
            self._use(inspector, path, ruled_by)
        except Exception as error:
            self.recipe_fault = f'recipe {path!r} refused: {error}'
            if self.inspector is None:
                self.on_place(None, '')
            raise
        finally:
            self.occupied = ''
        self.recipe_path, self.recipe_fault, self.missing = path, '', ''
        if self.lesson is not None and self.lesson.sharpens:
            self.lesson = None
            self.learned('not sharpened: another recipe was loaded meanwhile', failed=True)
        self.on_place(self.inspector, path)

    def _await_recipe(self, path: str) -> None:
        """Take a path at which nothing is yet as the place of what was, or will be, taught."""
        fault, inspector = self.why_not(path), self.inspector
        if fault:
            self.recipe_fault = f'recipe {path!r} refused: {fault}'
            raise ValueError(fault)
        self.missing, self.recipe_fault = path, ''
        self._give_place(path)
        if inspector is not None:
            self._use(inspector, path, self._set_rules(inspector, path))
        self.on_missing(f'there is nothing at {path} yet: a recipe that is taught (~/teach) is '
                        'saved there (~/save)')
        self.on_place(inspector, path)

    def why_not(self, path: str) -> str:
        """Say at a glance why no recipe can be used from a path; empty if it may be tried.

        A path at which nothing is yet is for the recipe to be taught. As long as one is in use
        that has a place already, its parts and their labels must not be torn apart.
        """
        place = Path(path)
        if place.exists():
            if (place / _DESCRIPTION).is_file():
                return ''
            return f'{path} is not a recipe: a folder with a {_DESCRIPTION} is expected'
        if not self.recipe_path:
            return ''
        return (f'there is nothing at {path}. To save another recipe there, teach it first '
                '(~/teach), then set this and call ~/save')

    def _use(self, inspector: Any, home: str, ruled_by: str) -> None:
        """Go on with another inspector, and say which rules count from now on."""
        self.inspector = inspector
        self._settle(home)
        self.ruled_by, self.rules_fault = ruled_by, ''
        self.on_ruled(f'recipe {inspector.name!r}: {self.rules_in_words}')

    def _settle(self, home: str) -> None:
        """Note where the recipe in use lies, and so where its rules may be laid."""
        if self.rules_for is None:
            self.rules_for = home
        self._home, self._awaited, self._tried = home, self._place_of_rules(home), None

    def _give_place(self, path: str) -> None:
        """Let the parameter's rules go with a first recipe that was taught without a place."""
        if self.rules_for == self._home == '':
            self.rules_for = path

    @property
    def rules_left_out(self) -> str:
        """Say that the parameter's rules do not count for the recipe in use; empty if they do."""
        if not self.rules or self.inspector is None or self.ruled_by == self.rules:
            return ''
        counts = self.ruled_by or f'none (lay some in {self._awaited or "RECIPE.rules.yaml"})'
        return (f'the rules {self.rules} are for {self.rules_for or "another recipe"}, here '
                f'count {counts}')

    @property
    def rules_in_words(self) -> str:
        """Which rules are in force, and whether the parameter's are not."""
        if self.ruled_by:
            return f'rules {self.ruled_by}'
        if self.rules:
            return f'no rules (those of the parameter are for {self.rules_for or "another one"})'
        return 'no rules'

    def _rules_of(self, home: str) -> str:
        """Return the file of a recipe's rules, empty if there is none.

        Rules never follow to another recipe: zones and classes of one say nothing of the other.
        """
        path = self._place_of_rules(home)
        return path if path == self.rules or os.path.exists(path) else ''

    def _place_of_rules(self, home: str) -> str:
        """Return where the rules of a recipe are expected; empty where it has no place."""
        from ant_ros.inspection.rules import rules_path
        if self.rules and (self.rules_for is None
                           or os.path.realpath(home) == os.path.realpath(self.rules_for)):
            return self.rules
        return str(rules_path(Path(home))) if home else ''

    def _set_rules(self, inspector: Any, home: str) -> str:
        """Give an inspector the rules of its recipe, and return their file."""
        path = self._rules_of(home)
        if path:
            inspector.set_rules(Path(path), mm_per_px=self.mm_per_px or None)
        elif self.ruled_by:   # by the rules of the place before
            inspector.set_rules(None)
        return path

    def _follow_rules(self) -> None:
        """Read the rules again if their file has changed, which costs one look at its date."""
        if not self.ruled_by:
            self._look_for_rules()
            return
        reload = self.inspector.reload_rules()
        if reload.error:
            self.rules_fault = reload.error
        elif reload.changed:
            self.rules_fault = ''

    def _look_for_rules(self) -> None:
        """Take the rules that somebody has laid beside the recipe meanwhile."""
        try:
            date = os.stat(self._awaited).st_mtime_ns
        except OSError:  # there is none, or not any more
            self.rules_fault, self._tried = '', None
            return
        if date == self._tried:
            return
        self._tried = date
        try:
            ruled_by = self._set_rules(self.inspector, self._home)
        except ValueError as error:
            self.rules_fault = f'{error}\nno rules are in force'
        else:
            self._use(self.inspector, self._home, ruled_by)

    def saved(self, path: str) -> None:
        """Note that the inspector was saved."""
        self.recipe_path, self.recipe_fault, self.missing = path, '', ''
        self._give_place(path)
        self._settle(path)

    def save(self, path: str) -> str:
        """Save the recipe in use; return what to tell the caller."""
        if self.inspector is None:
            raise RuntimeError('there is no recipe to save: teach one first (~/teach)')
        self.inspector.save(Path(path))
        self.saved(path)
        return f'recipe {self.inspector.name!r} version {self.inspector.version} saved to {path}'

    def start_teaching(self, lesson: Lesson) -> str:
        """Take the next parts as good ones; return what to tell the caller."""
        return self._begin(lesson)

    def start_sharpening(self, wanted: int) -> str:
        """Take the next parts as further good ones, which are judged all the same."""
        if self.inspector is None:
            raise RuntimeError(self.why_no_recipe())
        return self._begin(Lesson(wanted, self.inspector.name, None))

    def _begin(self, lesson: Lesson) -> str:
        if self.lesson is not None and self.lesson.sharpens != lesson.sharpens:
            name = 'sharpen' if self.lesson.sharpens else 'teach'
            raise RuntimeError(f'~/{name} collects good parts: end it first (data: false)')
        if self.lesson is not None:
            return (f'already teaching: {len(self.lesson.images)} of {self.lesson.wanted} good '
                    'parts collected')
        self.lesson = lesson
        self.learning_message = f'collecting {lesson.wanted} good parts'
        self.learning_failed = False
        return f'the next {lesson.wanted} parts are taken as good ones'

    def finish_sharpening(self) -> str:
        """Hand over what has been collected; what comes of it is told by `learned`."""
        lesson = self.lesson
        if lesson is None or not lesson.sharpens:
            raise RuntimeError('not sharpening: call with data: true first')
        if not lesson.images:
            raise RuntimeError('no good part collected yet: still collecting')
        self.lesson = None
        self.learning_message = f'sharpening from {len(lesson.images)} good parts'
        self.on_collected(lesson.images)
        return self.learning_message

    def learned(self, message: str, *, failed: bool) -> None:
        """Note what came of sharpening; from any thread."""
        self.learning_message, self.learning_failed = message, failed

    def finish_teaching(self) -> str:
        """Teach from what has been collected; the inspector in use stays when it fails."""
        lesson = self.lesson
        if lesson is None or lesson.sharpens:
            raise RuntimeError('not teaching: call with data: true first')
        if len(lesson.images) < LEAST_PARTS:
            raise RuntimeError(f'{len(lesson.images)} good parts collected, at least '
                               f'{LEAST_PARTS} are needed: still collecting')
        self.lesson = None
        self.occupied = 'teaching'
        try:
            inspector = self._find_inspector().teach(
                lesson.images, name=lesson.name, kind=lesson.kind, backbone=lesson.backbone,
                target_frr=lesson.target_frr)
            home = self.missing or self._home
            self._use(inspector, home, self._set_rules(inspector, home))
        except Exception as error:
            self.learning_failed = True
            self.learning_message = f'teaching failed: {error}'
            if isinstance(error, ModuleNotFoundError):
                self.learning_message += f'; install {error.name}'
            self.on_teaching_failed(self.learning_message)
            raise
        finally:
            self.occupied = ''
        self.recipe_path, self.recipe_fault = '', ''
        self.learning_message = (f'taught recipe {lesson.name!r} version {self.inspector.version} '
                                 f'from {len(lesson.images)} good parts')
        if recipe := getattr(self.inspector, 'recipe', None):
            self.learning_message += f'; {recipe.enough.text}'
        self.on_taught(self.inspector)
        return self.learning_message

    def judge(self, part: PendingPart) -> Judged | None:
        """Return the verdict on a part with its image; None if it continues the last part."""
        frame = part.frame
        assert frame is not None, 'a part comes here with its image'
        try:
            pixels = self.read_pixels(frame.message)
        except ConversionError as error:
            return self._bad(part, frame, str(error))
        if self.presence.continues(pixels, frame.stamp_ns):
            return None
        if self.lesson is not None and not self.lesson.sharpens:
            return self._collect(part, frame, pixels, self.lesson)
        if self.inspector is None:
            return Judged(uninspected(
                'no_recipe', self.why_no_recipe(), **part.fields(self._name)))
        judged = self._inspect(part, frame, pixels)
        if self.lesson is not None and judged.verdict is not None:
            self._collect_too(pixels, self.lesson)
        return judged

    def _collect_too(self, pixels: np.ndarray, lesson: Lesson) -> None:
        lesson.images.append(pixels)
        self.learning_message = (f'good part {len(lesson.images)} of {lesson.wanted} for '
                                 'sharpening')
        if len(lesson.images) >= lesson.wanted:
            self.finish_sharpening()

    def _inspect(self, part: PendingPart, frame: Frame, pixels: np.ndarray) -> Judged:
        start_s = time.monotonic()
        try:
            verdict = self._look(part, pixels)
        except ImageError as error:
            return self._bad(part, frame, str(error))
        now_s = time.monotonic()
        return Judged(
            inspected(verdict, compute_ms=1e3 * (now_s - start_s),
                      latency_ms=1e3 * (now_s - frame.received_s), **part.fields(self._name)),
            verdict, pixels)

    def _look(self, part: PendingPart, pixels: np.ndarray) -> Verdict:
        """Judge an image; an inspector that learns wants to know whose it is."""
        self._follow_rules()
        judge = getattr(self.inspector, 'judge', None)
        if judge is None:
            return self.inspector.inspect(pixels)
        return judge(pixels, part.part_id, each=self.several_parts)

    def _collect(self, part: PendingPart, frame: Frame, pixels: np.ndarray,
                 lesson: Lesson) -> Judged:
        try:
            check_image(pixels)
        except ImageError as error:
            return self._bad(part, frame, str(error))
        first = lesson.images[0] if lesson.images else pixels
        if (pixels.shape, pixels.dtype) != (first.shape, first.dtype):
            return self._bad(part, frame, f'the image is {_shape(pixels)}, the first good part '
                                          f'was {_shape(first)}')
        lesson.images.append(pixels)
        reason = f'good part {len(lesson.images)} of {lesson.wanted} for teaching'
        if len(lesson.images) >= lesson.wanted:
            reason += ': ' + self._try_to_finish()
        return Judged(uninspected('teaching', reason, **part.fields(self._name)))

    def _try_to_finish(self) -> str:
        try:
            return self.finish_teaching()
        except Exception:
            return self.learning_message

    def _bad(self, part: PendingPart, frame: Frame, reason: str) -> Judged:
        self._losses.add('bad')
        return Judged(uninspected('bad_image', f'bad image: {reason}', **part.fields(self._name)))

    def why_no_recipe(self) -> str:
        """Say why there is no recipe, and what to do."""
        if self.recipe_fault:
            return self.recipe_fault
        if self.learning_failed:
            return f'no recipe ({self.learning_message})'
        found = f'there is nothing at {self.missing}' if self.missing else 'none is set'
        return (f'no recipe ({found}): set the parameter recipe, or teach one with the service '
                '~/teach')


def _shape(pixels: np.ndarray) -> str:
    return f'{pixels.dtype} {list(pixels.shape)}'
